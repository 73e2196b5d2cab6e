/**
 * Latencies as they come: neighbours mostly have the same one, since they were sent together and are
 * handled together. A run of equal ones is recorded at once, for a third of the time.
 *
 * Law: the bytes are those of a `Latencies` that recorded each by itself.
 */
import { Latencies } from '../sketch/latency.ts'

/** Recording several at once takes about as long as so many by themselves. */
const AT_ONCE_MIN = 5

export class LatencyRuns {
  readonly #latencies: Latencies
  #ms = 0
  #times = 0

  constructor(thresholdsMs: readonly number[]) {
    this.#latencies = new Latencies(thresholdsMs)
  }

  record(ms: number): void {
    if (ms === this.#ms) {
      this.#times++
      return
    }
    this.#end()
    this.#ms = ms
    this.#times = 1
  }

  toBytes(): Uint8Array {
    this.#end()
    return this.#latencies.toBytes()
  }

  #end(): void {
    const times = this.#times
    this.#times = 0
    if (times >= AT_ONCE_MIN) this.#latencies.record(this.#ms, times)
    else for (let i = 0; i < times; i++) this.#latencies.record(this.#ms)
  }
}
