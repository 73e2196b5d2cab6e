/** What was found, put beside what was injected. */
import { type Finding, findingCodes } from '../../finding/finding.ts'
import type { EdgeVerdict } from '../../finding/verdict.ts'
import { edgeNames, type Tale } from './ledger.ts'

export interface Comparison {
  readonly injected: Tale
  readonly found: Tale
  /** Findings of an error that nobody injected, and messages that were not decided. */
  readonly unexplained: readonly string[]
  readonly match: boolean
}

export function compare(injected: Tale, verdicts: readonly EdgeVerdict[]): Comparison {
  const found = foundIn(verdicts)
  const unexplained = verdicts.flatMap(unexplainedIn)
  const match =
    unexplained.length === 0 &&
    JSON.stringify(canonical(injected)) === JSON.stringify(canonical(found))
  return { injected, found, unexplained, match }
}

function canonical({ lost, doubled, filtered }: Tale): unknown {
  const list = (map: Tale['lost']): unknown =>
    edgeNames.map((edge) => [...(map[edge] ?? [])].sort())
  return [list(lost), list(doubled), filtered]
}

function foundIn(verdicts: readonly EdgeVerdict[]): Tale {
  const ids = (edge: string, codes: readonly Finding['code'][]): string[] =>
    verdicts
      .filter((v) => v.edge === edge)
      .flatMap((v) => v.findings.filter((f) => codes.includes(f.code)))
      .flatMap((f) =>
        f.ids.flatMap(({ id, times, copyOf }) => Array<string>(times).fill(copyOf ?? id)),
      )
      .sort()
  const by = (codes: readonly Finding['code'][]): Record<string, string[]> =>
    Object.fromEntries(edgeNames.map((edge) => [edge, ids(edge, codes)]))
  return {
    lost: by(['lost', 'filtered_undeclared']),
    doubled: by(['duplicated', 'extra']),
    filtered: verdicts.reduce((n, v) => n + v.counts.filtered, 0),
  }
}

function unexplainedIn({ edge, counts, findings, evidence }: EdgeVerdict): string[] {
  const named: readonly Finding['code'][] = ['lost', 'duplicated', 'extra']
  const out = findings
    .filter((f) => findingCodes[f.code] === 'error' && !named.includes(f.code))
    .map((f) => `${edge}: ${f.count} ${f.code}`)
  if (counts.in_flight > 0) out.push(`${edge}: ${counts.in_flight} in flight`)
  if (counts.undetermined > 0) out.push(`${edge}: ${counts.undetermined} undetermined`)
  if (evidence !== 'exact') out.push(`${edge}: evidence is ${evidence}`)
  return out
}
