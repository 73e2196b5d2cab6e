/**
 * How long messages took: per edge from the hop before, and since birth.
 *
 * Who measured it: a consumer, sink or stream itself. Into a topic its senders, from the send (or from
 * where the handling of the received message began) until it was acknowledged, each edge those of its
 * own `from` end. Since birth, into a topic, the log itself if it notes the time of arrival, else again
 * the senders. Where nobody measured nothing is said: silence is not 0.
 *
 * Law: merging windows first and asking then is the same as asking of all at once.
 */
import type { StoredLatency } from '../hop/evidence.ts'
import { type HopRef, hopKey } from '../hop/hop.ts'
import type { EdgeDeclaration, HopDeclaration } from '../hop/pipeline.ts'
import { topicKeyOf } from '../reconcile/evidence.ts'
import { Latencies } from '../sketch/latency.ts'

/** Quantiles are within this share of the true value; counts, least and most are exact. */
export const QUANTILE_ERROR_RATIO = 0.01

/** Latencies of any number of windows. */
export type HopLatency = Omit<StoredLatency, 'window'>

export interface LatencySummary {
  /** Messages whose latency is known; of samples scaled. */
  readonly count: number
  /** Below 0: clocks disagree. */
  readonly minMs: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly maxMs: number
  /** By threshold, ascending: those that were counted all along. */
  readonly within: readonly WithinSummary[]
}

export interface WithinSummary {
  readonly thresholdMs: number
  readonly count: number
  /** count / all, from 0 to 1 */
  readonly share: number
}

export interface EdgeLatency {
  /** 1: every message was measured; n: as few as one in n. */
  readonly oneIn: number
  /** From the hop before; null: nobody measured it. */
  readonly fromHop: LatencySummary | null
  /** Since birth; null: nobody measured it. */
  readonly fromBirth: LatencySummary | null
}

/** One entry for each hop, origin and rate, whatever the number of windows. */
export function mergeLatencies(list: Iterable<HopLatency>): HopLatency[] {
  const merged = new Map<string, HopLatency>()
  for (const latency of list) {
    const { hop, key, origin, oneIn, fromBirth, fromHop } = latency
    const name = JSON.stringify([key, origin?.topic, origin?.group, oneIn])
    const known = merged.get(name)
    if (known === undefined) {
      const copies = { fromBirth: fromBirth.clone(), fromHop: fromHop.clone() }
      merged.set(name, { hop, key, origin, oneIn, ...copies })
      continue
    }
    known.fromBirth.merge(fromBirth)
    known.fromHop.merge(fromHop)
  }
  return [...merged.values()]
}

/** Null where nothing is known. */
export function latencyOf(edge: EdgeDeclaration, list: readonly HopLatency[]): EdgeLatency | null {
  const { hopped, aged } = measuredOn(edge, list, (l) => !l.fromBirth.isEmpty)
  const fromHop = sumOf(hopped, (l) => l.fromHop)
  const fromBirth = sumOf(aged, (l) => l.fromBirth)
  if (fromHop.isEmpty && fromBirth.isEmpty) return null
  const measured = [
    ...hopped.filter((l) => !l.fromHop.isEmpty),
    ...aged.filter((l) => !l.fromBirth.isEmpty),
  ]
  return {
    oneIn: Math.max(...measured.map((l) => l.oneIn)),
    fromHop: summaryOf(fromHop),
    fromBirth: summaryOf(fromBirth),
  }
}

/** Of all that was measured, what is of this edge: from the hop before, and since birth. */
export function measuredOn<T extends Pick<HopLatency, 'hop' | 'key' | 'origin'>>(
  { from, to }: Pick<EdgeDeclaration, 'from' | 'to'>,
  list: readonly T[],
  knowsBirth: (one: T) => boolean,
): { readonly hopped: readonly T[]; readonly aged: readonly T[] } {
  const hopped: T[] = []
  const aged: T[] = []
  for (const { hop } of to) {
    const key = hopKey(hop)
    const own = list.filter((l) => l.key === key)
    const isTopic = hop.role === 'topic'
    const ends = isTopic ? list.filter((l) => isSentBy(l, from, hop)) : own
    hopped.push(...ends)
    aged.push(...(isTopic && own.some(knowsBirth) ? own : ends))
  }
  return { hopped, aged }
}

/** A producer's, into `topic`: what it minted, and what it forwarded, belong to different edges. */
function isSentBy(
  { hop, origin }: Pick<HopLatency, 'hop' | 'origin'>,
  from: readonly HopDeclaration[],
  topic: HopRef,
): boolean {
  if (hop.role !== 'producer' || topicKeyOf(hop) !== hopKey(topic)) return false
  return from.some((d) =>
    origin === null
      ? d.hop.role === 'producer'
      : d.hop.role === 'consumer' && d.hop.topic === origin.topic && d.hop.group === origin.group,
  )
}

function sumOf(list: readonly HopLatency[], pick: (l: HopLatency) => Latencies): Latencies {
  const sum = new Latencies()
  for (const latency of list) sum.merge(times(pick(latency), latency.oneIn))
  return sum
}

/** Every latency `n` times, by doubling: one of a sample stands for n of all. */
function times(latencies: Latencies, n: number): Latencies {
  if (n === 1) return latencies
  const sum = new Latencies()
  const double = latencies.clone()
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) sum.merge(double)
    if (rest > 1) double.merge(double)
  }
  return sum
}

function summaryOf(latencies: Latencies): LatencySummary | null {
  const { count, min, max } = latencies
  if (min === null || max === null) return null
  // Not empty, so every quantile is known.
  const quantile = (q: number): number => latencies.quantile(q) as number
  return {
    count,
    minMs: min,
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
    maxMs: max,
    within: [...latencies.within].map(([thresholdMs, n]) => ({
      thresholdMs,
      count: n,
      share: n / count,
    })),
  }
}
