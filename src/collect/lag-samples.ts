/**
 * Samples of how groups stand to their logs, taken from what is polled anyway.
 *
 * The younger, the denser: the next one comes when a tenth of the time since the first has gone by, or a
 * minute; where there are too many, the one goes whose neighbours are nearest for their age. So an auditor
 * that has just begun has samples soon, and one that runs has a day of them.
 */
import {
  type GroupLags,
  LAG_SAMPLES_MAX,
  type LagSample,
  type PartitionLags,
} from '../diagnose/forecast.ts'
import { type HopKey, type HopRef, hopKey } from '../hop/hop.ts'

const APART_MS = 60_000
const APART_SHARE = 0.1
const KEPT_MS = 86_400_000
/** Of all partitions: a few MB in the store, written once a minute. With many, each keeps fewer. */
const ALL_MAX = 60_000
/** So many are enough for a rate; partitions for which there is no room are not sampled. */
const FEWEST = 6

type Positions = ReadonlyMap<number, number>

export class LagSamples {
  #groups = new Map<HopKey, { readonly hop: HopRef; readonly of: Map<number, LagSample[]> }>()
  readonly #compacted = new Set<HopKey>()
  #first = Number.POSITIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY

  constructor(kept: readonly GroupLags[] = []) {
    for (const { group, isCompacted, partitions } of kept) {
      const of = new Map(partitions.map(({ partition, samples }) => [partition, [...samples]]))
      this.#groups.set(hopKey(group), { hop: group, of })
      if (isCompacted) this.#compacted.add(hopKey(group))
      for (const samples of of.values()) {
        for (const { at } of samples) {
          this.#first = Math.min(this.#first, at)
          this.#last = Math.max(this.#last, at)
        }
      }
    }
  }

  /** Also when the clock was set back. */
  isDue(now: number): boolean {
    const apart = Math.min(APART_MS, APART_SHARE * Math.max(0, this.#last - this.#first))
    return now < this.#last || (now > this.#last && now >= this.#last + apart)
  }

  /** Once at the end of a turn in which it was due. */
  taken(now: number): void {
    this.#first = Math.max(Math.min(this.#first, now), now - KEPT_MS)
    this.#last = now
  }

  /** @param commits partitions without one are left out */
  add(
    hop: HopRef,
    now: number,
    { lows, ends, commits }: Readonly<Record<'lows' | 'ends' | 'commits', Positions>>,
    isCompacted: boolean,
  ): void {
    const key = hopKey(hop)
    const group = this.#groups.get(key) ?? { hop, of: new Map<number, LagSample[]>() }
    this.#groups.set(key, group)
    if (isCompacted) this.#compacted.add(key)
    for (const [partition, committed] of commits) {
      const [low, high] = [lows.get(partition), ends.get(partition)]
      if (low === undefined || high === undefined) continue
      const samples = (group.of.get(partition) ?? []).filter(({ at }) => at < now)
      if (samples.length === 0 && this.#partitions >= ALL_MAX / FEWEST) continue
      samples.push({ at: now, low, high, committed })
      group.of.set(partition, samples)
    }
    const most = Math.max(FEWEST, Math.min(LAG_SAMPLES_MAX, Math.floor(ALL_MAX / this.#partitions)))
    for (const samples of group.of.values()) thin(samples, most, now)
  }

  get #partitions(): number {
    let count = 0
    for (const { of } of this.#groups.values()) count += of.size
    return count
  }

  /** Those of `hops` only: who is not audited any more is forgotten. */
  lags(hops: ReadonlySet<HopKey>): readonly GroupLags[] {
    for (const key of [...this.#groups.keys()]) if (!hops.has(key)) this.#groups.delete(key)
    return [...this.#groups].map(([key, { hop, of }]) => ({
      group: hop,
      isCompacted: this.#compacted.has(key),
      partitions: [...of]
        .map(([partition, samples]): PartitionLags => ({ partition, samples }))
        .sort((a, b) => a.partition - b.partition),
    }))
  }
}

/** In place. The newest and the oldest within a day stay. */
function thin(samples: LagSample[], most: number, now: number): void {
  while ((samples[0]?.at ?? now) < now - KEPT_MS) samples.shift()
  while (samples.length > most) {
    let [least, at] = [Number.POSITIVE_INFINITY, 1]
    for (let i = 1; i < samples.length - 1; i++) {
      const [before, after] = [samples[i - 1] as LagSample, samples[i + 1] as LagSample]
      const density = (after.at - before.at) / Math.max(1, now - before.at)
      if (density < least) [least, at] = [density, i]
    }
    samples.splice(at, 1)
  }
}
