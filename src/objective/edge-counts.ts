/**
 * What one window of one edge says of completeness, uniqueness and integrity.
 *
 * `blind`: nobody knows how many messages there were besides those that are known. Such a window weighs
 * as much as what is known of it: all that is not proven bad is unknown then.
 */
import type { Finding, FindingCode } from '../finding/finding.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { EventPart } from './events.ts'
import { clumpsOf } from './sampling.ts'

/** The three that wait until a window is settled. */
export type SettledIndicator = 'completeness' | 'uniqueness' | 'integrity'

export interface EdgeCounts {
  readonly all: number
  readonly part: EventPart
  readonly blind: boolean
}

/** @param refundLate what came after its deadline counts as if it had come in time */
export function countsOf(
  indicator: SettledIndicator,
  verdict: EdgeVerdict,
  refundLate: boolean,
): EdgeCounts {
  switch (indicator) {
    case 'completeness':
      return completeness(verdict, refundLate)
    case 'uniqueness':
      return uniqueness(verdict)
    case 'integrity':
      return integrity(verdict)
  }
}

/** Of those expected and neither dropped nor dead-lettered, the lost ones, and those that were lost. */
function completeness(v: EdgeVerdict, refundLate: boolean): EdgeCounts {
  const { expected, filtered, dead_lettered, lost, recovered, undetermined, in_flight } = v.counts
  const bad = lost + (refundLate ? 0 : recovered)
  // What came late as a dead letter, or to a filter, was lost at its deadline all the same.
  const all = Math.max(expected - filtered - dead_lettered, bad)
  const codes: FindingCode[] = refundLate ? ['lost'] : ['lost', 'recovered']
  const unknown = undetermined + in_flight
  return { all, part: partOf(v, bad, unknown, codes), blind: isFromBlind(v) }
}

/** Of all that was delivered, the copies. What may be a copy is not known to be one. */
function uniqueness(v: EdgeVerdict): EdgeCounts {
  const { delivered, altered, dead_lettered, duplicated, extra, undetermined, in_flight } = v.counts
  const arrived = delivered + altered + dead_lettered
  const doubtful = extra + countIn(v, 'undetermined_extra')
  const beyond = nameless(v)
  // What a commit alone speaks for nobody saw: once or twice, who knows.
  const untold = Math.min(arrived, countIn(v, 'committed'))
  const all = arrived + duplicated + doubtful
  const unknown = doubtful + untold + Math.max(0, beyond - duplicated - doubtful)
  const isSeen = v.to.every((p) => p.passage === 'passed')
  const blind =
    has(v, 'repetition_unknown') ||
    has(v, 'params_differ') ||
    !Number.isFinite(beyond) ||
    (!isSeen && (all > 0 || undetermined + in_flight > 0))
  const part = partOf(v, duplicated, Math.min(unknown, all), ['duplicated'])
  return { all, part, blind }
}

/** Of those that arrived, the altered ones. What came unknown to the sender cannot be compared. */
function integrity(v: EdgeVerdict): EdgeCounts {
  const { delivered, altered, unverified, undetermined } = v.counts
  const strangers = countIn(v, 'undetermined_extra')
  const unlike = has(v, 'params_differ') ? undetermined : 0
  const all = delivered + altered + strangers + unlike
  const unknown = unverified + strangers + unlike
  return { all, part: partOf(v, altered, unknown, ['altered']), blind: false }
}

function partOf(
  { oneIn, findings }: EdgeVerdict,
  bad: number,
  unknown: number,
  codes: readonly FindingCode[],
): EventPart {
  const clumps = clumpsOf(oneIn === 1 ? [] : findings.filter((f) => codes.includes(f.code)))
  return { oneIn, bad, unknown, clumps }
}

/** The sender has not told all: more may have been sent than is expected, and be missing. */
function isFromBlind(v: EdgeVerdict): boolean {
  if (v.from.some((p) => p.passage === 'behind' || p.passage === 'hole')) return true
  if (v.findings.some(isFromOpen)) return true
  // Something else keeps the window open. What it is was told of another indicator, or of the receiver.
  const { in_flight, undetermined } = v.counts
  const isExplained =
    in_flight + undetermined > 0 ||
    v.to.some((p) => p.passage !== 'passed') ||
    v.findings.some(({ code }) => code === 'integrity_unknown' || code === 'repetition_unknown')
  return v.verdict === 'indeterminate' && !isExplained
}

const isFromOpen = ({ code, args }: Finding): boolean =>
  code === 'minted_not_here' ||
  code === 'undetermined_extra' ||
  (code === 'unconfirmed' && args.unheard === true)

/** Copies and strangers at most, where not all have names; 0: all have; infinite: nobody can say. */
function nameless({ findings, oneIn }: EdgeVerdict): number {
  const found = findings.find((f) => f.code === 'undecodable')
  if (found === undefined) return 0
  const { extraHigh } = found.args
  return typeof extraHigh === 'number' ? extraHigh * oneIn : Number.POSITIVE_INFINITY
}

const has = ({ findings }: EdgeVerdict, code: FindingCode): boolean =>
  findings.some((f) => f.code === code)

export const countIn = ({ findings }: EdgeVerdict, code: FindingCode): number =>
  findings.reduce((n, f) => (f.code === code ? n + f.count : n), 0)
