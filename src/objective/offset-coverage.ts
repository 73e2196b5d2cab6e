/**
 * Offsets of a hop that somebody watched, those between that nobody did, and the time of either. Pure.
 *
 * Times are those at which agents sent their frames, by their own clocks. 0 is a time that is not known.
 */
import type { OffsetRange } from '../base/intervals.ts'
import type { CoverSpan } from '../hop/evidence.ts'
import { isoOf } from './iso.ts'

/** Offsets of one partition, from the first to the last that was watched, both included. */
export interface PartitionSummary extends OffsetRange {
  /** Of these, watched. */
  readonly covered: number
  /** ISO 8601: when it was last said that the newest of them were; null: not known. */
  readonly coveredUntil: string | null
}

/** Offsets between others that were watched. One that somebody watches later is none any more. */
export interface OffsetHole extends OffsetRange {
  /** ISO 8601: when those before it were last watched; null: not known. */
  readonly since: string | null
  /** ISO 8601: when those behind it were first watched, which ended it; null: not known. */
  readonly until: string | null
}

/** The same with its times in ms. */
interface TimedHole {
  readonly hole: OffsetRange
  readonly sinceMs: number | null
  readonly untilMs: number | null
}

interface OffsetCoverage {
  readonly partitions: readonly PartitionSummary[]
  /** Holes of the span of time asked for: open in a part of it. The one that ended last comes first. */
  readonly holes: readonly OffsetHole[]
  /** Start of the first of these, ms; null: there is none, or its start is not known. */
  readonly firstAt: number | null
  /** Holes of which nobody knows when they ended. They are of before times were kept. */
  readonly timeless: readonly OffsetHole[]
  /** How many ended before that span, or began after it. */
  readonly others: number
}

/** @param since ms: asked for is the time `[since, until)` */
export function offsetCoverageOf(
  spans: ReadonlyMap<number, readonly CoverSpan[]>,
  since: number,
  until: number,
): OffsetCoverage {
  const watched = [...spans].filter(([, of]) => of.length > 0)
  const all = watched.flatMap(([partition, of]) => holesOf(partition, of))
  const dated = all.filter(({ untilMs }) => untilMs !== null)
  const asked = dated
    .filter((h) => (h.untilMs ?? 0) >= since && (h.sinceMs ?? 0) < until)
    // What is equally old stays in the order of offsets.
    .sort((a, b) => (b.untilMs ?? 0) - (a.untilMs ?? 0))
  const starts = asked.map(({ sinceMs }) => sinceMs).filter((at) => at !== null)
  return {
    partitions: watched.map(([partition, of]) => partitionOf(partition, of)),
    holes: asked.map(summaryOf),
    firstAt: starts.length === 0 ? null : starts.reduce((a, b) => Math.min(a, b)),
    timeless: all.filter(({ untilMs }) => untilMs === null).map(summaryOf),
    others: dated.length - asked.length,
  }
}

/** @param spans sorted, apart, at least one */
function partitionOf(partition: number, spans: readonly CoverSpan[]): PartitionSummary {
  const [first, last] = [spans[0] as CoverSpan, spans.at(-1) as CoverSpan]
  return {
    ...{ partition, low: first.from, high: last.to - 1 },
    covered: spans.reduce((sum, { from, to }) => sum + to - from, 0),
    coveredUntil: last.lastAt === 0 ? null : isoOf(last.lastAt),
  }
}

function holesOf(partition: number, spans: readonly CoverSpan[]): TimedHole[] {
  return spans.slice(1).map((after, i) => {
    const before = spans[i] as CoverSpan
    // Where the beginning is not known, it was not after the end.
    const untilMs = after.firstAt || after.lastAt || null
    // Somebody may be filling it from below, long after it ended above.
    const lastAt = before.lastAt || null
    const sinceMs = lastAt === null ? null : Math.min(lastAt, untilMs ?? lastAt)
    return { hole: { partition, low: before.to, high: after.from - 1 }, sinceMs, untilMs }
  })
}

function summaryOf({ hole, sinceMs, untilMs }: TimedHole): OffsetHole {
  const iso = (ms: number | null): string | null => (ms === null ? null : isoOf(ms))
  return { ...hole, since: iso(sinceMs), until: iso(untilMs) }
}
