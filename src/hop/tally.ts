/**
 * A tally: what one hop saw of one window. Fixed size whatever the volume; tallies add and subtract.
 *
 * The first tally that a hop keeps of a window carries what is kept once beside the sketch: latencies,
 * the dense-sequence witness, membership.
 */
import type { OffsetRange } from '../base/intervals.ts'
import { birthOf, type IdWords } from '../message/id.ts'
import { Membership } from '../sketch/membership.ts'
import { Sketch } from '../sketch/sketch.ts'
import type { TallyDelta } from './frame.ts'
import { LatencyRuns } from './latency-runs.ts'
import { limbsOf } from './params.ts'
import { TagSpans } from './tag-spans.ts'

/** No partition or no offset is known for a message. */
export const NOWHERE = -1
/** No time is known. */
export const NEVER = -1

/** What is kept once for each window, beside the sketch. */
export interface Beside {
  readonly thresholdsMs: readonly number[]
  readonly witness: boolean
  /** Messages a window, as many as a filter can be made for; null: no filter. */
  readonly membership: number | null
}

const EMPTY = new Uint8Array(0)

export class Tally {
  readonly window: number
  readonly element: string
  readonly oneIn: number
  readonly sketch: Sketch
  #placeless = 0
  readonly #ranges = new Map<number, { low: number; high: number }>()

  constructor(window: number, seed: number, element: string, oneIn: number) {
    this.window = window
    this.element = element
    this.oneIn = oneIn
    this.sketch = new Sketch(seed, limbsOf(element))
  }

  /** @param digest uint32; 0 where the element is the id alone */
  add(words: IdWords, partition: number, offset: number, digest: number): void {
    this.sketch.add(words[0], words[1], words[2], words[3], 1, digest)
    if (offset < 0) {
      this.#placeless++
      return
    }
    const range = this.#ranges.get(partition)
    if (range === undefined) this.#ranges.set(partition, { low: offset, high: offset })
    else if (offset > range.high) range.high = offset
    else if (offset < range.low) range.low = offset
  }

  get placeless(): number {
    return this.#placeless
  }

  ranges(): OffsetRange[] {
    return [...this.#ranges]
      .map(([partition, { low, high }]) => ({ partition, low, high }))
      .sort((a, b) => a.partition - b.partition)
  }
}

/** Null where it cannot be made: what its package does is no business of the caller's (law 3). */
function filterOf(seed: number, capacity: number): Membership | null {
  try {
    return new Membership(seed, capacity)
  } catch {
    return null
  }
}

/** What stands beside the first tally of a window. */
export class Aside {
  readonly #beside: Beside
  readonly #tags: TagSpans | null
  readonly #membership: Membership | null
  #birthLatency: LatencyRuns | null = null
  #hopLatency: LatencyRuns | null = null

  /** @param hasRoom whether there is memory for a filter: without, it is not kept, which is said */
  constructor(beside: Beside, seed: number, hasRoom: boolean) {
    this.#beside = beside
    this.#tags = beside.witness ? new TagSpans() : null
    this.#membership =
      beside.membership === null || !hasRoom ? null : filterOf(seed, beside.membership)
  }

  /** @param at ms, when it passed; @param since ms, when it left the hop before; or `NEVER` */
  add(words: IdWords, at: number, since: number): void {
    this.#tags?.add(words)
    this.#membership?.add(words[0], words[1], words[2], words[3])
    if (at === NEVER) return
    this.#birthLatency ??= new LatencyRuns(this.#beside.thresholdsMs)
    this.#birthLatency.record(at - birthOf(words[0], words[1]))
    if (since === NEVER) return
    this.#hopLatency ??= new LatencyRuns(this.#beside.thresholdsMs)
    this.#hopLatency.record(at - since)
  }

  parts(): Pick<TallyDelta, 'birthLatency' | 'hopLatency' | 'membership' | 'tags'> {
    const membership = this.#membership
    return {
      birthLatency: this.#birthLatency?.toBytes() ?? EMPTY,
      hopLatency: this.#hopLatency?.toBytes() ?? EMPTY,
      membership:
        membership === null ? null : { capacity: membership.capacity, bits: membership.toBytes() },
      tags: this.#tags?.list() ?? null,
    }
  }
}

export const NOTHING_ASIDE: ReturnType<Aside['parts']> = {
  birthLatency: EMPTY,
  hopLatency: EMPTY,
  membership: null,
  tags: null,
}
