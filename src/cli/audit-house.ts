/** Keeps the store small: forgets what is too old, and puts old shapes together, a step at a time. */
import type { Clock } from '../message/mint.ts'
import type { Store } from '../store/store.ts'

/** ms between two looks for what is old. */
const LOOK_MS = 3_600_000
const DAY_MS = 86_400_000
/** From which age on (ms) shapes are told by spans of what size (ms). */
const SPANS = [
  { ageMs: DAY_MS, spanMs: 3_600_000 },
  { ageMs: 7 * DAY_MS, spanMs: 21_600_000 },
] as const

export class House {
  readonly #store: Store
  readonly #retentionMs: number
  readonly #clock: Clock
  /** ms */
  #lookAt = 0
  /** Of `SPANS`, those that are still to be seen to. */
  #left: (typeof SPANS)[number][] = []

  constructor(store: Store, retentionMs: number, clock: Clock = Date.now) {
    this.#store = store
    this.#retentionMs = retentionMs
    this.#clock = clock
  }

  /** One bounded step, so that what is heard meanwhile waits for none of it long. */
  async turn(): Promise<void> {
    const now = this.#clock()
    const [span] = this.#left
    if (span !== undefined) {
      if (!(await this.#store.condenseShapes(now - span.ageMs, span.spanMs))) this.#left.shift()
    } else if (now >= this.#lookAt) {
      await this.#store.prune(now - this.#retentionMs)
      this.#left = [...SPANS]
      this.#lookAt = now + LOOK_MS
    }
  }
}
