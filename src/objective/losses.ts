/** What is missing or too many, one row per id, with its evidence. Pure. */
import type { Window } from '../base/intervals.ts'
import type { Finding, FindingCode } from '../finding/finding.ts'
import type { EdgeVerdict, WindowState } from '../finding/verdict.ts'
import { type ShownId, shownId } from './findings.ts'

export interface LossRow {
  readonly pipeline: string
  readonly edge: string
  readonly kind: FindingCode
  /** null: `times` messages that cannot be named */
  readonly id: string | null
  readonly times: number
  /** ISO 8601, from the id */
  readonly born: string | null
  readonly copyOf?: string
  readonly window: Window
  readonly state: WindowState
  readonly revision: number
  readonly evidence: Finding['evidence']
  readonly args: Finding['args']
}

/** What is listed if nobody asks for a kind: messages that are proven to be wrong. */
const LISTED_KINDS: readonly FindingCode[] = [
  'lost',
  'altered',
  'filtered_undeclared',
  'unacknowledged',
  'duplicated',
  'unexpected',
  'extra',
  'withdrawn_delivered',
  'landed_though_failed',
]

/** In the order of the verdicts; messages beyond naming are one row with `id: null`. */
export function* lossRows(
  verdicts: Iterable<EdgeVerdict>,
  kinds: readonly FindingCode[] = LISTED_KINDS,
): Generator<LossRow> {
  for (const verdict of verdicts) {
    for (const finding of verdict.findings) {
      if (!kinds.includes(finding.code)) continue
      let named = 0
      for (const found of finding.ids) {
        named += found.times
        yield rowOf(verdict, finding, shownId(found))
      }
      if (finding.count > named) {
        yield rowOf(verdict, finding, { id: null, times: finding.count - named, born: null })
      }
    }
  }
}

type Shown = Omit<ShownId, 'id' | 'born'> & {
  readonly id: string | null
  readonly born: string | null
}

function rowOf(
  { pipeline, edge, window, state, revision }: EdgeVerdict,
  { code, evidence, args }: Finding,
  { id, times, born, copyOf }: Shown,
): LossRow {
  return {
    pipeline,
    edge,
    kind: code,
    id,
    times,
    born,
    ...(copyOf === undefined ? {} : { copyOf }),
    window,
    state,
    revision,
    evidence,
    args,
  }
}
