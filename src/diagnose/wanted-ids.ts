/**
 * Ids that are looked for, asked of millions of records: the fourth word decides almost all of them, for it
 * holds the lowest 22 bits of the sequence or of the hash, and the third only 2 or 8 that change in a run.
 *
 * An id stands for its copies too, which differ in the ordinal alone; one of an unknown birth for all that
 * were made from the same foreign id.
 */
import { type IdWords, withOrdinal, wordsOfHex } from '../message/id.ts'
import type { Sought } from './search-ranges.ts'

export class WantedIds {
  /** Without the ordinal. */
  readonly #fourths: ReadonlySet<number>
  readonly #exact = new Map<string, string>()
  readonly #anyBirth = new Map<string, string>()
  readonly #missing: Set<string>

  constructor(sought: readonly Sought[]) {
    const words = sought.map(({ id }) => withOrdinal(wordsOfHex(id), 0))
    this.#fourths = new Set(words.map((w) => w[3]))
    this.#missing = new Set(sought.map(({ id }) => id))
    for (const [i, { id, anyBirth }] of sought.entries()) {
      const key = words[i] as IdWords
      if (anyBirth) this.#anyBirth.set(hashKey(key), id)
      else this.#exact.set(key.join(), id)
    }
  }

  /** Whether an id with this fourth word may be one of them; false: it is none. */
  mayHold(fourth: number): boolean {
    return this.#fourths.has((fourth & ~1023) >>> 0)
  }

  /** Whether it is one of them, or of their copies; those are no longer missing. */
  take(words: IdWords): boolean {
    if (!this.mayHold(words[3])) return false
    const key = withOrdinal(words, 0)
    const id = this.#exact.get(key.join()) ?? this.#anyBirth.get(hashKey(key))
    if (id === undefined) return false
    this.#missing.delete(id)
    return true
  }

  /** None was found yet of these. */
  get missing(): ReadonlySet<string> {
    return this.#missing
  }
}

/** All but the birth. */
const hashKey = ([, w1, w2, w3]: IdWords): string => `${w1 & 0xfff},${w2},${w3}`
