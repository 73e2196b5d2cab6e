/**
 * On time: messages that passed within the threshold, of all that were expected, by the clock.
 *
 * On an edge the time runs from the hop before, end to end from birth. A window counts as soon as its
 * last message is older than the threshold and the receiver has told of everything until then, settled or
 * not; a settled one counts whoever has told. Younger ones are no events yet, but for what is proven in
 * them: else a stopped consumer would be noticed late, and a flowing one never be called on time.
 *
 * What is bad: measured and too late; lost; under way for longer than the threshold, if the receiver has
 * told of everything since. What is not known: undetermined, and what arrived and nobody measured.
 *
 * Deliveries are measured, messages are promised: of copies only one need be on time, so as many as came
 * too often are not known to be on time.
 */
import type { EdgeVerdict } from '../finding/verdict.ts'
import { type Books, entryOf } from './books.ts'
import { countIn, countsOf } from './edge-counts.ts'
import { NO_CLUMPS, type WindowEvents } from './events.ts'
import type { Path } from './paths.ts'
import { boundOf, elsewhereOn, messagesOf, missingOf, type Step, stepsOf } from './steps.ts'
import { type TimelinessFold, type Timing, towards } from './timings.ts'
import type { Tellers } from './told.ts'

export interface TimelinessInput {
  readonly books: Books
  readonly path: Path
  readonly isEndToEnd: boolean
  readonly thresholdMs: number
  readonly timings: TimelinessFold
  /** Of the ends of the path. */
  readonly tellers: Tellers
  /** ms */
  readonly now: number
}

/** Null where the window is no event. */
export function timelinessEvents(start: number, input: TimelinessInput): WindowEvents | null {
  const { books, path, thresholdMs, timings, now, isEndToEnd } = input
  const ends = towards(path.last, path.ends)
  const steps = stepsOf(path, books, start)
  const verdicts = steps.map((s) => s.verdict)
  const last = books.at(path.last.name, start)
  const [first] = verdicts
  if (first === undefined) return null

  const { end } = first.window
  const timing = isEndToEnd
    ? timings.aged(ends, start, thresholdMs)
    : timings.hopped(ends, start, thresholdMs)
  const sum = sumOf(path, steps, last)
  const entries = verdicts.map((v) => entryOf(v, books.pipeline, now))
  const isOverdue = entries.includes('overdue')
  const isSettled = entries.every((e) => e === 'counted')
  // On an edge the time begins when the message was at the hop before, which may have been late itself.
  const dueAt = end + thresholdMs
  const lateAt = dueAt + (isEndToEnd ? 0 : reachedMs(path, last, input))
  const isTold = (at: number): boolean =>
    now >= at && input.tellers.hasTold(start, at) && !verdicts.some(isByCommit)

  const { bad, unknown } = eventsOf(sum, timing, !isOverdue && isTold(lateAt))
  const isOutside = verdicts.some(isOutOfScope)
  const counts =
    !isOutside &&
    (isOverdue || (isSettled && (now >= dueAt || sum.inFlight === 0)) || isTold(dueAt))
  if (!counts && bad === 0) return null
  // Those of whom nobody knows may be late as well.
  const isBlind =
    !counts ||
    isOverdue ||
    verdicts.length <= path.before.length ||
    (isSettled && verdicts.some((v) => countsOf('completeness', v, true).blind))
  const all = Math.max(sum.all, isBlind ? 1 : 0)
  const oneIn = Math.max(timing.oneIn, ...verdicts.map((v) => v.oneIn))
  const open = isBlind ? all - bad : unknown
  return {
    ...{ edge: edgeOf(steps, bad) ?? path.last.name, start, end, all },
    parts: [{ oneIn, bad, unknown: open, clumps: NO_CLUMPS }],
  }
}

/** Committed by a group and told by nobody yet: a member without an agent may have handled it in time. */
const isByCommit = ({ state, to }: EdgeVerdict): boolean =>
  state === 'open' && to.some((p) => p.why.some((why) => why.startsWith(COMMITTED)))
const COMMITTED = 'committed by the group'

const isOutOfScope = ({ from, to }: EdgeVerdict): boolean =>
  [...from, ...to].some((p) => p.passage === 'out_of_scope')

/** Where most of the late ones were lost or are under way; null: they came, late, to the end. */
function edgeOf(steps: readonly Step[], bad: number): string | null {
  const stuck = ({ verdict: { counts: c } }: Step): number => c.lost + c.in_flight
  const [worst] = [...steps].sort((a, b) => stuck(b) - stuck(a))
  return worst === undefined || stuck(worst) * 2 < bad ? null : worst.edge.name
}

/** Messages of a window over a path. */
interface PathSum {
  readonly all: number
  readonly lost: number
  readonly inFlight: number
  readonly undetermined: number
  readonly arrived: number
  /** Deliveries beyond one of each message, and of messages that nobody expected. */
  readonly surplus: number
  /** Expected at the sources, less what was dropped or went elsewhere. */
  readonly bound: number
}

function sumOf(path: Path, steps: readonly Step[], last: EdgeVerdict | undefined): PathSum {
  const total = (of: (v: EdgeVerdict) => number): number =>
    steps.reduce((n, { verdict }) => n + of(verdict), 0)
  const aside =
    last === undefined ? 0 : elsewhereOn(path, steps)({ edge: path.last, verdict: last })
  const came = (last?.counts.delivered ?? 0) + (last?.counts.altered ?? 0) - aside
  const missing = total(missingOf)
  const all = Math.max(missing, messagesOf(path, steps, missing + came))
  return {
    all,
    lost: total((v) => v.counts.lost),
    inFlight: total((v) => v.counts.in_flight),
    undetermined: total((v) => v.counts.undetermined),
    arrived: all - missing,
    surplus: total((v) => (v === last ? surplusOf(v) : v.counts.duplicated)),
    bound: total((v) => v.counts.in_flight) === 0 ? 0 : boundOf(path, steps),
  }
}

/** Deliveries beyond one of each message that was expected. */
export function surplusOf(v: EdgeVerdict): number {
  const { duplicated, extra, unexpected, landed_though_failed, withdrawn_delivered } = v.counts
  const unplaced = countIn(v, 'undetermined_extra') + countIn(v, 'unconfirmed')
  return duplicated + extra + unexpected + landed_though_failed + withdrawn_delivered + unplaced
}

/** @param isLate what is under way has been so for longer than the threshold */
function eventsOf(
  { all, lost, inFlight, undetermined, arrived, surplus, bound }: PathSum,
  { count, withinLow, withinHigh, oneIn }: Timing,
  isLate: boolean,
): { readonly bad: number; readonly unknown: number } {
  // Further up something may be under way in the books that has long arrived here.
  const missing = bound - Math.max(arrived, count) - undetermined - lost
  const late = isLate ? Math.min(inFlight, Math.max(0, missing)) : 0
  const pending = inFlight - late
  if (oneIn > 1) {
    const bad = Math.min(all, lost + late + Math.max(0, count - withinHigh - surplus))
    const open = withinHigh - withinLow + surplus + undetermined + pending
    return { bad, unknown: Math.min(all - bad, open) }
  }
  const unmeasured = Math.max(0, arrived - count)
  const most = Math.min(all - lost, withinHigh + unmeasured + undetermined + pending)
  const least = Math.max(0, withinLow - Math.max(surplus, count - all, 0))
  return { bad: all - most, unknown: most - Math.min(most, least) }
}

/** ms after the window's end at which the last message was surely at the hop before. */
function reachedMs(
  { last: { from } }: Path,
  verdict: EdgeVerdict | undefined,
  { timings }: TimelinessInput,
): number {
  const counted = verdict?.from.filter((p) => p.count > 0) ?? []
  return counted.reduce((most, { hop, count }) => {
    const declared = from.find((d) => d.name === hop)
    const ms =
      declared === undefined || verdict === undefined
        ? Number.POSITIVE_INFINITY
        : timings.reachedMs(declared, verdict.window.start, count)
    return Math.max(most, ms)
  }, 0)
}
