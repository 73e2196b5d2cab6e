/** What an agent reported, added up. */
import { type Intervals, union } from '../../../src/base/intervals.ts'
import type { Channel, Frame, Origin } from '../../../src/hop/frame.ts'
import { decodeFrame } from '../../../src/hop/frame-codec.ts'
import { type HopRef, hopKey } from '../../../src/hop/hop.ts'
import { DEFAULT_SEED, Sketch } from '../../../src/sketch/sketch.ts'
import type { FrameSender } from '../../../src/transport/transport.ts'

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
      .flatMap(({ sketch }) => idsOf(sketch))
      .sort()
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
