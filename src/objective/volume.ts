/**
 * Expected amount: windows in which as many messages were sent as the objective says.
 *
 * A window that nobody told of is one without messages only if those who send have told of everything
 * until its end. One whose senders have a hole may have held more, not fewer.
 */
import type { EdgeVerdict } from '../finding/verdict.ts'
import { scaledInterval } from '../sketch/sample.ts'
import { type Books, entryOf } from './books.ts'
import { countsOf } from './edge-counts.ts'
import { type WindowEvents, windowEvent } from './events.ts'
import { keyOf, type Path } from './paths.ts'
import { type Span, spanOf, windowsOf } from './spans.ts'
import type { Tellers } from './told.ts'

export interface VolumeInput {
  readonly books: Books
  readonly path: Path
  readonly bounds: { readonly min: number; readonly max: number | null }
  /** Of the sources of the path. */
  readonly tellers: Tellers
  readonly period: Span
  /** ms */
  readonly now: number
}

export function volumeEvents(input: VolumeInput): WindowEvents[] {
  const { books, path, bounds } = input
  const span = spanOf(input)
  if (span === null) return []
  const { windowMs } = books.pipeline
  return [...windowsOf(span, windowMs)].flatMap((start) => {
    const sent = sentIn(start, input)
    if (sent === null) return []
    const window = { edge: path.last.name, start, end: start + windowMs }
    return [windowEvent(window, kindOf(sent, bounds))]
  })
}

/** At least and at most so many. */
interface Sent {
  readonly low: number
  readonly high: number
}

/** Null where the window is not settled, or not audited. */
function sentIn(start: number, { books, path, tellers, now }: VolumeInput): Sent | null {
  const { pipeline } = books
  const begins = new Set(path.sources.map(keyOf))
  const edges = [...path.before, path.last].filter((e) => e.from.some((d) => begins.has(keyOf(d))))
  const verdicts = edges.flatMap((e) => books.at(e.name, start) ?? [])
  if (verdicts.length === 0) {
    const end = start + pipeline.windowMs
    if (now < end + pipeline.latenessMs) return null
    return tellers.hasTold(start, end) ? { low: 0, high: 0 } : ANY
  }
  const entries = verdicts.map((v) => entryOf(v, pipeline, now))
  if (entries.includes('proven')) return null
  const sums = verdicts.map((v, i) => sentBy(v, entries[i] === 'overdue'))
  const isWhole = verdicts.length === edges.length
  return {
    low: sums.reduce((n, s) => n + s.low, 0),
    high: isWhole ? sums.reduce((n, s) => n + s.high, 0) : ANY.high,
  }
}

const ANY: Sent = { low: 0, high: Number.POSITIVE_INFINITY }

function sentBy(verdict: EdgeVerdict, isOverdue: boolean): Sent {
  const { expected } = verdict.counts
  const { low, high } = scaledInterval(Math.round(expected / verdict.oneIn), verdict.oneIn)
  const isBlind = isOverdue || countsOf('completeness', verdict, true).blind
  return { low, high: isBlind ? Number.POSITIVE_INFINITY : high }
}

function kindOf(
  { low, high }: Sent,
  { min, max }: VolumeInput['bounds'],
): 'good' | 'bad' | 'unknown' {
  const most = max ?? Number.POSITIVE_INFINITY
  if (low > most || high < min) return 'bad'
  return low >= min && high <= most ? 'good' : 'unknown'
}
