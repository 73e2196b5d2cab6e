/** A tally: what one hop saw of one window. Fixed size whatever the volume; tallies add and subtract. */
import type { OffsetRange } from '../base/intervals.ts'
import { Sketch } from '../sketch/sketch.ts'

/** No partition or no offset is known for a message. */
export const NOWHERE = -1

export class Tally {
  readonly window: number
  readonly sketch: Sketch
  #placeless = 0
  readonly #ranges = new Map<number, { low: number; high: number }>()

  constructor(window: number, seed: number) {
    this.window = window
    this.sketch = new Sketch(seed)
  }

  add(w0: number, w1: number, w2: number, w3: number, partition: number, offset: number): void {
    this.sketch.add(w0, w1, w2, w3)
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
