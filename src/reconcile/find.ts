/** Makes the findings of one edge and window. */
import {
  FINDING_IDS_MAX,
  type Finding,
  type FindingArg,
  type FindingCode,
  type FoundId,
  findingCodes,
} from '../finding/finding.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'

export type Find = (
  code: FindingCode,
  count: number,
  ids: readonly FoundId[],
  args: Readonly<Record<string, FindingArg>>,
) => Finding

export function finder(pipeline: string, edge: string, window: EdgeVerdict['window']): Find {
  return (code, count, ids, args) => ({
    code,
    pipeline,
    edge,
    window,
    count,
    ids: ids.slice(0, FINDING_IDS_MAX),
    evidence: 'exact',
    args,
  })
}

const CODES = Object.keys(findingCodes)

export function order(finding: Finding): number {
  return CODES.indexOf(finding.code)
}
