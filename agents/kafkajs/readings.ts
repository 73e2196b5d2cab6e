/**
 * What is read of the messages of a batch before its handler runs, packed: when they are counted, the
 * messages themselves have left the processor's cache, and reaching for each again costs as much as
 * counting it.
 */
import { ID_WORDS, type IdWords } from '../../src/message/id.ts'

export class Readings {
  readonly #words: Uint32Array
  readonly #offsets: Float64Array
  readonly #times: Float64Array

  constructor(count: number) {
    this.#words = new Uint32Array(ID_WORDS * count)
    this.#offsets = new Float64Array(count)
    this.#times = new Float64Array(count)
  }

  /**
   * @param words null: the message has no id
   * @param time ms, of the record; or `NEVER`
   */
  set(index: number, words: IdWords | null, offset: number, time: number): void {
    this.#offsets[index] = offset
    this.#times[index] = time
    // No id is all zeros: its variant is not.
    if (words === null) return
    const at = ID_WORDS * index
    this.#words[at] = words[0]
    this.#words[at + 1] = words[1]
    this.#words[at + 2] = words[2]
    this.#words[at + 3] = words[3]
  }

  wordsAt(index: number): IdWords | null {
    const at = ID_WORDS * index
    const words = this.#words
    const w2 = words[at + 2] as number
    if (w2 === 0) return null
    return [words[at] as number, words[at + 1] as number, w2, words[at + 3] as number]
  }

  offsetAt(index: number): number {
    return this.#offsets[index] as number
  }

  timeAt(index: number): number {
    return this.#times[index] as number
  }
}
