/**
 * Which ordinals one handling has given to its outputs on one topic.
 *
 * Law: `lowest` gives the smallest number that is neither taken nor claimed and not given back since.
 */
import { ORDINAL_LIMIT } from '../../src/message/id.ts'

export class Ordinals {
  /** All below were taken once. */
  #next = 0
  /** Given back, below `#next`. */
  #free: number[] = []
  /** Claimed, at or above `#next`. */
  #ahead: Set<number> | null = null

  /** Takes the lowest free ordinal, or -1 when all are taken. */
  lowest(): number {
    if (this.#free.length > 0) {
      let at = 0
      for (let i = 1; i < this.#free.length; i++)
        if ((this.#free[i] as number) < (this.#free[at] as number)) at = i
      return this.#free.splice(at, 1)[0] as number
    }
    this.#skipClaimed()
    return this.#next < ORDINAL_LIMIT ? this.#next++ : -1
  }

  /** A send carries this ordinal already. */
  claim(ordinal: number): void {
    if (ordinal < this.#next) {
      const at = this.#free.indexOf(ordinal)
      if (at >= 0) this.#free.splice(at, 1)
    } else if (ordinal === this.#next) this.#next++
    else {
      this.#ahead ??= new Set()
      this.#ahead.add(ordinal)
    }
  }

  /** The send that took it was rejected. */
  giveBack(ordinal: number): void {
    if (ordinal >= this.#next) this.#ahead?.delete(ordinal)
    else if (!this.#free.includes(ordinal)) this.#free.push(ordinal)
  }

  #skipClaimed(): void {
    while (this.#ahead?.delete(this.#next)) this.#next++
  }
}
