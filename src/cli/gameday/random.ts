/** Chance, drawn from a seed: the same seed, the same day, on every machine. */
import { seeded } from '../demo/plan.ts'

export class Dice {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = seeded(seed)
  }

  /** Uniform in [0, 1). */
  draw(): number {
    return this.#next()
  }

  /** True in so many of all cases. */
  odds(share: number): boolean {
    return this.#next() < share
  }

  /** A whole number from `min` to `max`. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.#next() * (max - min + 1))
  }

  between(min: number, max: number): number {
    return min + this.#next() * (max - min)
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#next() * list.length)] as T
  }
}

/** A number in [0, 1) that belongs to these words: whoever asks, in any process, gets the same. */
export function chance(seed: number, ...words: readonly (string | number)[]): number {
  let hash = 0x811c9dc5 ^ seed
  for (const char of words.join('\n')) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
  return seeded(hash)()
}
