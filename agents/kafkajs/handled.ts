/**
 * Offsets that consumers of one group have handled in this process, as far as each was one chain: what is
 * handed out again is known by them, whichever of its consumers had it before.
 */
import { type Intervals, union } from '../../src/base/intervals.ts'

/** Of one partition, the newest; every seek leaves one. */
const INTERVALS_MAX = 16
const PARTITIONS_MAX = 10_000

export class Handled {
  readonly #partitions = new Map<number, Intervals>()

  /** `[from, to)` were handled. */
  add(partition: number, from: number, to: number): void {
    const known = this.#partitions.get(partition)
    if (known === undefined && this.#partitions.size >= PARTITIONS_MAX) return
    const all = union(known ?? [], from, to)
    this.#partitions.set(partition, all.slice(-INTERVALS_MAX))
  }

  /** The part of `[from, to)` that was handled before, if there is one: its first. */
  before(partition: number, from: number, to: number): readonly [number, number] | null {
    for (const [low, high] of this.#partitions.get(partition) ?? [])
      if (low < to && from < high) return [Math.max(low, from), Math.min(high, to)]
    return null
  }
}
