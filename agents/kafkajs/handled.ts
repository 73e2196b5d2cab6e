/**
 * Offsets that consumers of one group have handled in this process, as far as each was one chain: what is
 * handed out again is known by them, whichever of its consumers had it before.
 */
import { type Intervals, union } from '../../src/base/intervals.ts'

/** Who was handed messages of a partition last. */
export interface Reader {
  /** Another has handled `[from, to)` meanwhile. */
  handledElsewhere(from: number, to: number): void
}

/** Of one partition, the newest; every seek leaves one. */
const INTERVALS_MAX = 16
const PARTITIONS_MAX = 10_000

export class Handled {
  readonly #partitions = new Map<number, Intervals>()
  readonly #readers = new Map<number, Reader>()

  /** `[from, to)` were handled. */
  add(partition: number, from: number, to: number): void {
    const known = this.#partitions.get(partition)
    if (known === undefined && this.#partitions.size >= PARTITIONS_MAX) return
    const all = union(known ?? [], from, to)
    this.#partitions.set(partition, all.slice(-INTERVALS_MAX))
  }

  /** A batch of the partition begins. */
  begins(partition: number, reader: Reader): void {
    if (this.#readers.has(partition) || this.#readers.size < PARTITIONS_MAX)
      this.#readers.set(partition, reader)
  }

  /** One whose assignment is over has still handled `[from, to)`: somebody else may have it as well. */
  late(partition: number, from: number, to: number, by: Reader): void {
    this.add(partition, from, to)
    const reader = this.#readers.get(partition)
    if (reader !== by) reader?.handledElsewhere(from, to)
  }

  /** The part of `[from, to)` that was handled before, if there is one: its first. */
  before(partition: number, from: number, to: number): readonly [number, number] | null {
    for (const [low, high] of this.#partitions.get(partition) ?? [])
      if (low < to && from < high) return [Math.max(low, from), Math.min(high, to)]
    return null
  }
}
