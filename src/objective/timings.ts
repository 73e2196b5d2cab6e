/**
 * Latencies of many windows, folded as they are read: of each window only a few numbers are kept, and
 * one distribution for all of them together. So a month of them need not be in memory at once.
 *
 * Laws: the order of windows says nothing; of one hop and window the last one added stands. The
 * distribution adds up, so each is added once.
 *
 * Limit: about 300 bytes for each hop and window, only where an objective goes by the clock; the distribution
 * keeps 42 KB for each hop, origin and rate.
 */
import type { StoredLatency } from '../hop/evidence.ts'
import { type HopRef, hopKey } from '../hop/hop.ts'
import type { EdgeDeclaration, HopDeclaration } from '../hop/pipeline.ts'
import type { Latencies } from '../sketch/latency.ts'
import { type HopLatency, measuredOn, mergeLatencies } from './latency.ts'
import type { Promises } from './objective.ts'

/** What is kept of the latencies of one hop and window; counts are of all messages. */
interface Kept {
  readonly count: number
  /** ms; infinite where nothing was measured */
  readonly leastMs: number
  readonly mostMs: number
  /** By threshold in the order of the fold: at least and at most so many were within. */
  readonly within: readonly (readonly [low: number, high: number])[]
}

interface HopTiming extends Pick<HopLatency, 'hop' | 'key' | 'origin' | 'oneIn'> {
  readonly fromHop: Kept
  readonly fromBirth: Kept
}

/** What was measured of one edge and window. */
export interface Timing {
  readonly count: number
  /** ms; infinite where nothing was measured */
  readonly leastMs: number
  readonly mostMs: number
  /** At least and at most so many within the threshold; equal where it was counted all along. */
  readonly withinLow: number
  readonly withinHigh: number
  /** 1: every message was measured; n: as few as one in n. */
  readonly oneIn: number
}

export class TimelinessFold {
  readonly #thresholds: readonly number[]
  readonly #isKept: boolean
  /** ms: windows before are not in the distribution. */
  readonly #since: number
  readonly #windows = new Map<number, Map<string, HopTiming>>()
  #merged: HopLatency[] = []
  #fresh: HopLatency[] = []

  constructor(promises: readonly Promises[], since: number = Number.NEGATIVE_INFINITY) {
    const objectives = promises.flatMap((p) => p.objectives)
    const byClock = objectives.filter((o) => CLOCKED.has(o.indicator))
    this.#isKept = byClock.length > 0
    this.#thresholds = [
      ...new Set(
        byClock.flatMap((o) => (o.indicator === 'timeliness' ? (o.thresholdMs ?? []) : [])),
      ),
    ]
    this.#since = since
  }

  /** Whether any objective goes by the clock. */
  get isNeeded(): boolean {
    return this.#isKept
  }

  add(latency: StoredLatency): void {
    const { hop, key, origin, window, oneIn, fromBirth, fromHop } = latency
    if (window >= this.#since) {
      this.#fresh.push(latency)
      if (this.#fresh.length >= MERGED_AT_ONCE) this.#merge()
    }
    if (!this.#isKept) return
    const list = this.#windows.get(window) ?? new Map<string, HopTiming>()
    this.#windows.set(window, list)
    list.set(JSON.stringify([key, origin?.topic, origin?.group, oneIn]), {
      ...{ hop, key, origin, oneIn },
      fromHop: this.#keep(fromHop, oneIn),
      fromBirth: this.#keep(fromBirth, oneIn),
    })
  }

  /** All windows together, for the summary. */
  latencies(): readonly HopLatency[] {
    this.#merge()
    return this.#merged
  }

  /** From the hop before. */
  hopped(edge: Ends, window: number, thresholdMs: number): Timing {
    const { hopped } = measuredOn(edge, this.#of(window), knowsBirth)
    return this.#sum(hopped, (t) => t.fromHop, thresholdMs)
  }

  /** Since birth. */
  aged(edge: Ends, window: number, thresholdMs: number): Timing {
    const { aged } = measuredOn(edge, this.#of(window), knowsBirth)
    return this.#sum(aged, (t) => t.fromBirth, thresholdMs)
  }

  /** ms from birth until the last of `count` messages was at the hop; infinite if not all were measured. */
  reachedMs({ hop }: HopDeclaration, window: number, count: number): number {
    const all = this.#of(window)
    const key = hopKey(hop)
    const own = all.filter((t) => t.key === key && t.oneIn === 1)
    const sent = all.filter((t) => t.oneIn === 1 && isInto(t, hop))
    const measured = hop.role === 'topic' && !own.some(knowsBirth) ? sent : own
    const { count: n, mostMs } = this.#sum(measured, (t) => t.fromBirth, 0)
    return n >= count ? Math.max(0, mostMs) : Number.POSITIVE_INFINITY
  }

  #of(window: number): readonly HopTiming[] {
    return [...(this.#windows.get(window)?.values() ?? [])]
  }

  #sum(list: readonly HopTiming[], pick: (t: HopTiming) => Kept, thresholdMs: number): Timing {
    const at = this.#thresholds.indexOf(thresholdMs)
    const kept = list.map(pick)
    const total = (of: (k: Kept) => number): number => kept.reduce((n, k) => n + of(k), 0)
    return {
      count: total((k) => k.count),
      leastMs: Math.min(...kept.map((k) => k.leastMs)),
      mostMs: Math.max(...kept.map((k) => k.mostMs)),
      withinLow: total((k) => k.within[at]?.[0] ?? 0),
      withinHigh: total((k) => k.within[at]?.[1] ?? k.count),
      oneIn: Math.max(1, ...list.filter((t) => pick(t).count > 0).map((t) => t.oneIn)),
    }
  }

  #keep(latencies: Latencies, oneIn: number): Kept {
    return {
      count: latencies.count * oneIn,
      leastMs: latencies.min ?? Number.POSITIVE_INFINITY,
      mostMs: latencies.max ?? Number.NEGATIVE_INFINITY,
      within: this.#thresholds.map((ms) => {
        const [low, high] = withinOf(latencies, ms)
        return [low * oneIn, high * oneIn]
      }),
    }
  }

  #merge(): void {
    if (this.#fresh.length === 0) return
    this.#merged = mergeLatencies([...this.#merged, ...this.#fresh])
    this.#fresh = []
  }
}

type Ends = Pick<EdgeDeclaration, 'from' | 'to'>

const CLOCKED: ReadonlySet<string> = new Set(['timeliness', 'freshness'])
/** A merge copies what is merged already: the more at once, the fewer. 42 KB each. */
const MERGED_AT_ONCE = 200

const isInto = ({ hop }: HopTiming, topic: HopRef): boolean =>
  hop.role === 'producer' && hop.cluster === topic.cluster && hop.topic === topic.topic

const knowsBirth = (t: HopTiming): boolean => t.fromBirth.count > 0

/** Exact where the threshold was counted; else those of its neighbours, and of the least and the most. */
function withinOf(latencies: Latencies, ms: number): readonly [low: number, high: number] {
  const { count, min, max, within } = latencies
  if (min === null || max === null) return [0, 0]
  if (max <= ms) return [count, count]
  if (min > ms) return [0, 0]
  let [low, high] = [0, count]
  for (const [threshold, n] of within) {
    if (threshold <= ms) low = Math.max(low, n)
    if (threshold >= ms) high = Math.min(high, n)
  }
  return [low, high]
}

/** The edge with those ends only that count as arrived. */
export function towards(edge: EdgeDeclaration, to: readonly HopDeclaration[]): Ends {
  return { from: edge.from, to }
}
