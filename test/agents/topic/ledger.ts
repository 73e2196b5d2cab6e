/** Takes the frames of agents as the audit topic does, gives them back, and adds them up. */
import { type Intervals, union } from '../../../src/base/intervals.ts'
import type { Channel, Frame } from '../../../src/hop/frame.ts'
import { decodeFrame } from '../../../src/hop/frame-codec.ts'
import { type HopRef, hopKey } from '../../../src/hop/hop.ts'
import { Sketch } from '../../../src/sketch/sketch.ts'
import type {
  FrameReader,
  FrameRecord,
  FrameSender,
  Positions,
} from '../../../src/transport/transport.ts'

export class Ledger implements FrameReader {
  readonly records: Uint8Array[] = []
  #read = 0

  /** A way in that can be cut: then nothing arrives any more. */
  sender(): FrameSender & { cut(): void } {
    let isCut = false
    return {
      send: async (_key, bytes) => {
        if (isCut) throw new Error('the way is cut')
        this.records.push(bytes)
      },
      close: async () => {},
      cut: () => {
        isCut = true
      },
    }
  }

  async open(_positions: Positions): Promise<void> {
    this.#read = 0
  }

  async poll(): Promise<readonly FrameRecord[]> {
    const from = this.#read
    this.#read = this.records.length
    return this.records
      .slice(from)
      .map((bytes, i) => ({ partition: '0', position: from + i, bytes }))
  }

  async ends(): Promise<Positions> {
    return { '0': this.records.length }
  }

  reached(): Positions {
    return { '0': this.#read }
  }

  async close(): Promise<void> {}

  get frames(): Frame[] {
    return this.records.flatMap((bytes) => {
      try {
        return [decodeFrame(bytes)]
      } catch {
        return []
      }
    })
  }

  /** How often each id was counted, by hex; fails where the sum cannot be taken apart. */
  ids(hop: HopRef, channel: Channel = 'passed'): Record<string, number> {
    const windows = new Map<number, Sketch>()
    for (const { deltas, seed } of this.frames)
      for (const delta of deltas) {
        if (hopKey(delta.hop) !== hopKey(hop) || delta.channel !== channel) continue
        if (delta.element !== 'id' || delta.oneIn !== 1) continue
        const sum = windows.get(delta.window) ?? new Sketch(seed)
        sum.merge(Sketch.fromBytes(delta.sketch, seed))
        windows.set(delta.window, sum)
      }
    const out: Record<string, number> = {}
    for (const sum of windows.values()) {
      const { complete, ids } = sum.peel()
      if (!complete) throw new Error('a sum could not be taken apart')
      for (const { hex, times } of ids) out[hex] = times
    }
    return out
  }

  count(hop: HopRef, channel: Channel = 'passed'): number {
    return this.frames
      .flatMap((f) => f.deltas)
      .filter((d) => hopKey(d.hop) === hopKey(hop) && d.channel === channel)
      .reduce((sum, d) => sum + d.count, 0)
  }

  covered(hop: HopRef, partition = 0): Intervals {
    return this.frames
      .flatMap((f) => f.covered)
      .filter((c) => hopKey(c.hop) === hopKey(hop) && c.partition === partition)
      .reduce<Intervals>((set, { from, to }) => union(set, from, to), [])
  }

  /** Sum of a plain count. */
  counted(hop: HopRef, name: string): number {
    return this.frames
      .flatMap((f) => f.counts)
      .filter((c) => hopKey(c.hop) === hopKey(hop) && c.name === name)
      .reduce((sum, c) => sum + c.count, 0)
  }
}
