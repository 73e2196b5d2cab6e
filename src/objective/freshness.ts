/**
 * Still flowing: at the end of each window, and now, the newest message at the end of the path was born
 * no longer ago than the threshold.
 *
 * Nobody keeps the time at which each message came. A message of a window came in time for sure if even
 * one born at the window's very end would have, with the least latency that was measured; it came too late
 * for sure if one born at its start did. Between the two is a doubt of one window, so a threshold of two
 * windows or more, and a latency, are needed to be sure.
 *
 * Not fresh is said only if it is proven: the agents at the end have told of all that they saw by then,
 * without a hole. That nothing was sent is no excuse: silence upstream is not fresh.
 */
import type { Books } from './books.ts'
import { type WindowEvents, windowEvent } from './events.ts'
import type { Path } from './paths.ts'
import { countBetween, lowerBound, type Span, spanOf, windowsOf } from './spans.ts'
import { type TimelinessFold, towards } from './timings.ts'
import type { Tellers } from './told.ts'

export interface FreshnessInput {
  readonly books: Books
  readonly path: Path
  readonly thresholdMs: number
  readonly timings: TimelinessFold
  /** Of the ends of the path. */
  readonly tellers: Tellers
  readonly period: Span
  /** ms */
  readonly now: number
}

type Freshness = 'fresh' | 'stale' | 'unknown'

/** One event per window, and one for now, in the window that runs. */
export function freshnessEvents(input: FreshnessInput): WindowEvents[] {
  const { books, path, tellers } = input
  const { windowMs, latenessMs } = books.pipeline
  const span = spanOf(input)
  if (span === null) return []
  const trail = trailOf(input)
  const events: WindowEvents[] = []
  const add = (start: number, end: number, at: number): void => {
    // Not told yet, but about to be: no event yet.
    if (tellers.until !== null && tellers.until < at && input.now < at + latenessMs) return
    const kind = KINDS[freshAt(trail, at, input)]
    // What was born before the audit began may have come unseen.
    if (kind === 'bad' && at - input.thresholdMs < trail.begins) return
    events.push(windowEvent({ edge: path.last.name, start, end }, kind))
  }
  for (const start of windowsOf(span, windowMs)) add(start, start + windowMs, start + windowMs)
  const { until } = tellers
  if (until !== null && until > span.end && span.end < input.period.end)
    add(span.end, span.end + windowMs, until)
  return events
}

const KINDS = { fresh: 'good', stale: 'bad', unknown: 'unknown' } as const

/** A window of which something arrived. */
interface Arrival {
  readonly start: number
  readonly end: number
  /** ms: when its first message came, at the earliest and at the latest. */
  readonly low: number
  readonly high: number
}

interface Trail {
  readonly begins: number
  readonly arrivals: readonly Arrival[]
  readonly starts: readonly number[]
  /** Starts of settled windows, and of such in which evidence is missing. */
  readonly settled: readonly number[]
  readonly holes: readonly number[]
}

function trailOf({ books, path, timings, now }: FreshnessInput): Trail {
  const ends = towards(path.last, path.ends)
  const names = path.ends.map((d) => d.name)
  const arrivals: Arrival[] = []
  const settled: number[] = []
  const holes: number[] = []
  let begins = Number.POSITIVE_INFINITY
  for (const start of books.windows) {
    const verdict = books.at(path.last.name, start)
    if (verdict === undefined) continue
    const { window, state, to } = verdict
    const here = to.filter((p) => names.includes(p.hop))
    const isOutside = [...verdict.from, ...to].some((p) => p.passage === 'out_of_scope')
    if (!isOutside) begins = Math.min(begins, start)
    if (state !== 'open' && !isOutside) settled.push(start)
    if (here.some((p) => p.passage === 'hole') || isOutside) holes.push(start)
    const { count: measured, leastMs } = timings.aged(ends, start, 0)
    const count = Math.max(
      measured,
      here.reduce((n, p) => n + p.count, 0),
    )
    if (count === 0) continue
    const isMeasured = Number.isFinite(leastMs)
    arrivals.push({
      ...{ start, end: window.end },
      low: start + (isMeasured ? Math.max(0, leastMs) : 0),
      high: isMeasured ? window.end + leastMs : now,
    })
  }
  return { begins, arrivals, starts: arrivals.map((a) => a.start), settled, holes }
}

function freshAt(
  { arrivals, starts, settled, holes }: Trail,
  at: number,
  { thresholdMs, tellers, books: { pipeline }, now }: FreshnessInput,
): Freshness {
  const since = at - thresholdMs
  const { windowMs } = pipeline
  let isDoubtful = false
  // The newest first: where messages flow the first one decides.
  for (let i = lowerBound(starts, at) - 1; i >= 0; i--) {
    const { start, end, low, high } = arrivals[i] as Arrival
    if (end <= since) break
    // What is known now has come by now.
    if (start >= since && (high <= at || tellers.until === at)) return 'fresh'
    if (low <= at) isDoubtful = true
  }
  if (isDoubtful) return 'unknown'
  const from = Math.floor(since / windowMs) * windowMs
  if (countBetween(holes, from, at) > 0) return 'unknown'
  const isJudged = countBetween(settled, from, at) === Math.ceil((at - from) / windowMs)
  return isJudged || (at <= now && tellers.hasTold(since, at)) ? 'stale' : 'unknown'
}
