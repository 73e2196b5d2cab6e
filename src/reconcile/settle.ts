/**
 * Settling: when a judgement counts, and what becomes of it later.
 *
 * A window whose hops have all passed it and agree is settled at once, but not before one flush
 * interval after its end: an agent that has only begun may still speak. At its deadline every window
 * settles. What differs after that is a revision, shown as such.
 */
import { FINDING_IDS_MAX, type Finding, type FoundId } from '../finding/finding.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { Judgement } from './judge-edge.ts'

export interface SettleTimes {
  /** ms */
  readonly now: number
  /** ms: window end + lateness */
  readonly deadline: number
  /** ms: the longest flush interval that an agent announced */
  readonly flushMs: number
}

/** The next verdict after `previous`; the same object where nothing changed. */
export function settle(
  judgement: Judgement,
  previous: EdgeVerdict | undefined,
  { now, deadline, flushMs }: SettleTimes,
): EdgeVerdict {
  const {
    final,
    copies: _,
    copiesUnnamed: __,
    handled: ___,
    handledMore: ____,
    onward: _____,
    ...judged
  } = judgement
  const agreed = judged.verdict === 'met' || judged.verdict === 'no_data'
  const quiet = now >= judged.window.end + flushMs
  const settled = now >= deadline || (final && agreed && quiet)
  if (previous === undefined || previous.state === 'open') {
    const next = { ...judged, state: settled ? 'settled' : 'open', revision: 0 } as const
    return previous !== undefined && same(previous, next) ? previous : next
  }
  const { recovered, onceLost } = sinceLost(previous, judged.findings)
  const findings = [...judged.findings, ...recovered]
  const count = recovered.reduce((n, f) => n + f.count, 0)
  const next: EdgeVerdict = {
    ...judged,
    counts: { ...judged.counts, recovered: count },
    findings,
    ...(onceLost.length === 0 ? {} : { onceLost }),
    state: 'revised',
    revision: previous.revision + 1,
  }
  if (!sameJudgement(previous, next)) return next
  // It says the same for another reason: what is told must be true, and is no other verdict.
  const { state, revision } = previous
  return holesOf(previous) === holesOf(next) ? previous : { ...next, state, revision }
}

interface SinceLost {
  readonly recovered: readonly Finding[]
  readonly onceLost: readonly FoundId[]
}

/**
 * Ids that any earlier revision called lost: those that are missing no more, and those of which that
 * cannot be told now. What is lost still is in its finding.
 */
function sinceLost(previous: EdgeVerdict, findings: readonly Finding[]): SinceLost {
  const ids = (list: readonly Finding[], code: Finding['code']): readonly FoundId[] =>
    list.filter((f) => f.code === code).flatMap((f) => f.ids)
  const once = new Map<string, FoundId>()
  for (const found of [
    ...(previous.onceLost ?? []),
    ...ids(previous.findings, 'recovered'),
    ...ids(previous.findings, 'lost'),
  ])
    once.set(found.id, found)
  for (const { id } of ids(findings, 'lost')) once.delete(id)
  const missing = new Set(MISSING.flatMap((code) => ids(findings, code).map(({ id }) => id)))
  // Where not everybody missing is named, nobody can be called recovered by name.
  const isNameless = (f: Finding): boolean =>
    NAMELESS.has(f.code) ||
    (NAMING.has(f.code) && f.ids.reduce((n, { times }) => n + times, 0) < f.count)
  const isUntold = findings.some(isNameless)
  const [found, untold]: [FoundId[], FoundId[]] = [[], []]
  for (const one of once.values()) (isUntold || missing.has(one.id) ? untold : found).push(one)
  return { recovered: recoveredOf(previous, found), onceLost: untold.slice(0, FINDING_IDS_MAX) }
}

function recoveredOf(
  { pipeline, edge, window, oneIn }: EdgeVerdict,
  found: readonly FoundId[],
): readonly Finding[] {
  if (found.length === 0) return []
  const named = found.reduce((n, { times }) => n + times, 0)
  return [
    {
      ...{ code: 'recovered', pipeline, edge, window },
      count: named * oneIn,
      ids: found,
      evidence: oneIn === 1 ? 'exact' : 'sampled',
      args: oneIn === 1 ? {} : { sampled: named, oneIn },
    },
  ]
}

const MISSING = [
  'lost',
  'in_flight',
  'undetermined',
  'filtered_undeclared',
  'copy_removed',
  'compacted',
] as const
/** Where one of these counts more than it names, who is missing and who is not cannot be told. */
const NAMING: ReadonlySet<Finding['code']> = new Set([...MISSING, 'committed'])
const NAMELESS: ReadonlySet<Finding['code']> = new Set([
  'undecodable',
  'params_differ',
  'identity_not_carried',
])

/** To the last word. A store gives the parts of a verdict back in an order of its own. */
function same(a: EdgeVerdict, b: EdgeVerdict): boolean {
  const words = ({ state, revision, oneIn, from, to, findings, ...rest }: EdgeVerdict): string =>
    JSON.stringify([
      state,
      revision,
      oneIn,
      rest.verdict,
      rest.evidence,
      rest.counts,
      from,
      to,
      findings,
    ])
  return words(a) === words(b)
}

/** Why there is a hole. What is behind says so with other words at every frame: those may be old. */
function holesOf({ from, to }: EdgeVerdict): string {
  return JSON.stringify([...from, ...to].map(({ passage, why }) => passage === 'hole' && why))
}

/** Equal but for state, revision, and the words about lag that change with every frame. */
function sameJudgement(a: EdgeVerdict, b: EdgeVerdict): boolean {
  const essence = ({ verdict, evidence, counts, findings, from, to }: EdgeVerdict): string =>
    JSON.stringify([
      verdict,
      evidence,
      counts,
      findings.map(({ code, count, ids }) => [code, count, ids]),
      [...from, ...to].map(({ hop, count, passage }) => [hop, count, passage]),
    ])
  return essence(a) === essence(b)
}
