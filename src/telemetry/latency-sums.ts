/**
 * Latencies as sums that only grow: of each settled window, how many messages took at most so long. The
 * store adds them up, so a histogram survives restarts and what is pruned, and never shrinks.
 *
 * Laws: counts never fall from one bound to the next, of one window nor of the sum of all; at thresholds
 * that agents count they are exact, elsewhere as near as their quantiles (1% of the time).
 *
 * Other bounds are another histogram: a new threshold begins all its buckets at 0, as a restart would. Else
 * a bucket that is new would hold less than the one below it.
 */
import { createHash } from 'node:crypto'
import type { EdgeDeclaration } from '../hop/pipeline.ts'
import { type HopLatency, measuredOn } from '../objective/latency.ts'
import type { Promises } from '../objective/objective.ts'
import type { Latencies } from '../sketch/latency.ts'
import type { Attributes, LatencySample, SumTotal } from './snapshot.ts'

const latencyKinds = ['edge', 'full'] as const

/** ms: from what a broker nearby takes to what somebody waits for. */
const BOUNDS_MS = [
  5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 3_600_000,
] as const
/** Of thresholds; the lowest are taken. */
const THRESHOLDS_MAX = 15

/** Ascending, with every threshold of the file. */
export function boundsOf(promises: readonly Promises[]): readonly number[] {
  const thresholds = promises
    .flatMap((p) => p.objectives)
    .flatMap((o) => (o.indicator === 'timeliness' && o.thresholdMs !== null ? [o.thresholdMs] : []))
    .sort((a, b) => a - b)
  const declared = [...new Set(thresholds)].slice(0, THRESHOLDS_MAX)
  return [...new Set([...BOUNDS_MS, ...declared])].sort((a, b) => a - b)
}

/** `full.1a2b.3`: kind, bounds, place among them. `n` and `ms` are count and sum. */
const nameOf = (kind: string, bounds: string, place: number | 'n' | 'ms'): string =>
  `${kind}.${bounds}.${place}`

const digestOf = (bounds: readonly number[]): string =>
  createHash('sha256').update(bounds.join()).digest('hex').slice(0, 6)

/** What one window gives. @param list all latencies of the window */
export function latencySums(
  edge: EdgeDeclaration,
  list: readonly HopLatency[],
  bounds: readonly number[],
): Record<string, number> {
  const { hopped, aged } = measuredOn(edge, list, (l) => !l.fromBirth.isEmpty)
  const of = {
    edge: hopped.map((l) => ({ latencies: l.fromHop, oneIn: l.oneIn })),
    full: aged.map((l) => ({ latencies: l.fromBirth, oneIn: l.oneIn })),
  }
  const digest = digestOf(bounds)
  const sums: Record<string, number> = {}
  const add = (name: string, value: number): void => {
    if (value > 0) sums[name] = (sums[name] ?? 0) + value
  }
  for (const kind of latencyKinds) {
    for (const { latencies, oneIn } of of[kind]) {
      countsWithin(latencies, bounds).forEach((n, i) => {
        add(nameOf(kind, digest, i), n * oneIn)
      })
      add(nameOf(kind, digest, 'n'), latencies.count * oneIn)
      add(nameOf(kind, digest, 'ms'), Math.round((latencies.mean ?? 0) * latencies.count * oneIn))
    }
  }
  return sums
}

/** How many were at most each bound. */
function countsWithin(latencies: Latencies, bounds: readonly number[]): readonly number[] {
  const exact = latencies.within
  const counts = bounds.map((ms) => exact.get(ms) ?? rankOf(latencies, ms))
  // An estimate gives way to what is exact on both sides of it.
  let least = 0
  const raised = counts.map((n, i) => {
    if (!exact.has(bounds[i] as number)) return Math.max(n, least)
    least = n
    return n
  })
  let most = latencies.count
  return raised
    .reverse()
    .map((n, i) => {
      if (exact.has(bounds[bounds.length - 1 - i] as number)) most = n
      return Math.min(n, most)
    })
    .reverse()
}

/** How many are at most `ms`, by quantiles: they never fall, so halving finds where they pass it. */
function rankOf(latencies: Latencies, ms: number): number {
  const { count, min, max } = latencies
  if (min === null || max === null || min > ms) return 0
  if (max <= ms) return count
  // Rank `low` is at most `ms`, rank `high` is above it.
  let [low, high] = [0, count - 1]
  while (high - low > 1) {
    const rank = Math.floor((low + high) / 2)
    // In the middle of what belongs to the rank, whatever the division rounds.
    const value = latencies.quantile((rank + 0.5) / (count - 1)) as number
    if (value <= ms) low = rank
    else high = rank
  }
  return low + 1
}

/** One series for each kind. @param totals of that edge */
export function latencySamples(
  attributes: Attributes,
  totals: readonly SumTotal[],
  bounds: readonly number[],
): LatencySample[] {
  const digest = digestOf(bounds)
  const values = new Map(totals.map(({ name, value }) => [name, value]))
  const at = (kind: string, place: number | 'n' | 'ms'): number =>
    values.get(nameOf(kind, digest, place)) ?? 0
  return latencyKinds.map((kind) => ({
    attributes: { ...attributes, 'quipu.latency.kind': kind },
    buckets: bounds.map((leMs, i) => ({ leMs, count: at(kind, i) })),
    count: at(kind, 'n'),
    sumMs: at(kind, 'ms'),
  }))
}
