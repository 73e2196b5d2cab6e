/** What an agent reported, added up. */
import { type Intervals, union } from '../../../src/base/intervals.ts'
import type { Channel, Frame, Origin } from '../../../src/hop/frame.ts'
import { decodeFrame } from '../../../src/hop/frame-codec.ts'
import { type HopRef, hopKey } from '../../../src/hop/hop.ts'
import { ID_ELEMENT, limbsOf } from '../../../src/hop/params.ts'
import { Latencies } from '../../../src/sketch/latency.ts'
import { DEFAULT_SEED, Sketch } from '../../../src/sketch/sketch.ts'
import type { FrameSender } from '../../../src/transport/transport.ts'

export interface TallyOf {
  readonly element?: string
  readonly oneIn?: number
  readonly channel?: Channel
}

/** Number, least, most. */
type Span = [number, number | null, number | null]

/** Keeps what it is sent. */
export class FrameLog implements FrameSender {
  readonly frames: Frame[] = []

  async send(_: string, bytes: Uint8Array): Promise<void> {
    this.frames.push(decodeFrame(bytes))
  }

  async close(): Promise<void> {}

  deltas(hop: HopRef, channel: Channel): Frame['deltas'] {
    const key = hopKey(hop)
    return this.frames.flatMap(({ deltas }) =>
      deltas.filter((d) => hopKey(d.hop) === key && d.channel === channel),
    )
  }

  total(hop: HopRef, channel: Channel): number {
    return this.deltas(hop, channel).reduce((sum, { count }) => sum + count, 0)
  }

  placeless(hop: HopRef, channel: Channel): number {
    return this.deltas(hop, channel).reduce((sum, { placeless }) => sum + placeless, 0)
  }

  origins(hop: HopRef): (Origin | null)[] {
    return this.deltas(hop, 'passed').map(({ origin }) => origin)
  }

  /** Ids with their multiplicities, sorted. */
  ids(hop: HopRef, channel: Channel = 'passed'): string[] {
    return this.deltas(hop, channel)
      .filter(({ element, oneIn }) => element === ID_ELEMENT && oneIn === 1)
      .flatMap(({ sketch }) => idsOf(sketch))
      .sort()
  }

  /** What a hop saw of one element, at one rate, in all windows. */
  sum(hop: HopRef, { element = ID_ELEMENT, oneIn = 1, channel = 'passed' }: TallyOf = {}): Sketch {
    const limbs = limbsOf(element)
    const sum = new Sketch(DEFAULT_SEED, limbs)
    for (const delta of this.deltas(hop, channel))
      if (delta.element === element && delta.oneIn === oneIn)
        sum.merge(Sketch.fromBytes(delta.sketch, DEFAULT_SEED, limbs))
    return sum
  }

  /** Element and rate of each tally, once. */
  kinds(hop: HopRef, channel: Channel = 'passed'): string[] {
    return [...new Set(this.deltas(hop, channel).map((d) => `${d.element} 1/${d.oneIn}`))]
  }

  /** Number, least and most in ms: from birth, and from the hop before. */
  latencies(hop: HopRef, origin?: Origin | null): { birth: Span; hop: Span } {
    const deltas = this.deltas(hop, 'passed').filter(
      (d) => origin === undefined || d.origin?.group === origin?.group,
    )
    const span = (which: 'birthLatency' | 'hopLatency'): Span => {
      const all = new Latencies()
      for (const delta of deltas)
        if (delta[which].length > 0) all.merge(Latencies.fromBytes(delta[which]))
      return [all.count, all.min, all.max]
    }
    return { birth: span('birthLatency'), hop: span('hopLatency') }
  }

  covered(hop: HopRef, partition = 0): Intervals {
    const key = hopKey(hop)
    let set: Intervals = []
    for (const { covered } of this.frames)
      for (const c of covered)
        if (hopKey(c.hop) === key && c.partition === partition) set = union(set, c.from, c.to)
    return set
  }

  /** Lowest and highest offset of each partition. */
  ranges(hop: HopRef, channel: Channel = 'passed'): Record<number, [number, number]> {
    const out: Record<number, [number, number]> = {}
    for (const { ranges } of this.deltas(hop, channel))
      for (const { partition, low, high } of ranges) {
        const known = out[partition]
        out[partition] =
          known === undefined ? [low, high] : [Math.min(known[0], low), Math.max(known[1], high)]
      }
    return out
  }

  counted(name: string): number {
    return this.frames
      .flatMap(({ counts }) => counts)
      .filter((c) => c.name === name)
      .reduce((sum, { count }) => sum + count, 0)
  }
}

function idsOf(bytes: Uint8Array): string[] {
  const { ids } = Sketch.fromBytes(bytes, DEFAULT_SEED).peel()
  return ids.flatMap(({ hex, times }) => Array.from({ length: times }, () => hex))
}
