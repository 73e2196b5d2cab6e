/**
 * Reads the timestamps of records, which clients give as decimal text.
 *
 * Neighbours in a log mostly have the same one: comparing two texts costs a tenth of reading a number.
 */
import { NEVER } from './tally.ts'

export class RecordTimes {
  #last: unknown = undefined
  #ms = NEVER

  /** ms; `NEVER` where it says no time. */
  msOf(timestamp: unknown): number {
    if (timestamp !== this.#last) {
      const ms = typeof timestamp === 'string' ? Number(timestamp || NEVER) : timestamp
      this.#ms = typeof ms === 'number' && ms >= 0 && ms < Number.POSITIVE_INFINITY ? ms : NEVER
      this.#last = timestamp
    }
    return this.#ms
  }
}
