/**
 * The ids themselves, for a window too small for a table: a log of adds, netted when it is read.
 *
 * Laws: the same group laws as the table's; netting changes the entries, never the value.
 */
import { hexOfWords } from './hex.ts'
import type { Peeled } from './peel.ts'
import type { Table } from './table.ts'

/** Beyond about this many ids, 11 bytes each are no longer less than a table. */
export const LIST_LIMIT = 1000
const CAPACITY_MIN = 16
const ENTRY_WORDS = 4

export class IdList {
  /** Entries in the log; after `net()`, of distinct ids. */
  length = 0
  /** Four words an entry. */
  words: Uint32Array = new Uint32Array(0)
  /** Never 0 after `net()`. Doubles, since netting may pass an int32. */
  times: Float64Array = new Float64Array(0)
  private sorted = true

  add(w0: number, w1: number, w2: number, w3: number, times: number): void {
    if (this.length === this.times.length) this.grow(this.length + 1)
    const at = this.length * ENTRY_WORDS
    this.words[at] = w0
    this.words[at + 1] = w1
    this.words[at + 2] = w2
    this.words[at + 3] = w3
    this.times[this.length] = times
    this.length++
    this.sorted = false
  }

  /** Appends the log of `other`, which may be this list itself. */
  merge(other: IdList, sign: 1 | -1): void {
    const added = other.length
    if (added === 0) return
    const start = this.length
    this.grow(start + added)
    this.words.set(other.words.subarray(0, added * ENTRY_WORDS), start * ENTRY_WORDS)
    for (let i = 0; i < added; i++) this.times[start + i] = sign * other.times[i]!
    this.length += added
    this.sorted = false
  }

  addTo(table: Table, sign: 1 | -1): void {
    const { words, times } = this
    for (let i = 0; i < this.length; i++) {
      const at = i * ENTRY_WORDS
      const [w0, w1, w2, w3] = [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!]
      table.add(w0, w1, w2, w3, sign * times[i]!)
    }
  }

  get count(): number {
    let count = 0
    for (let i = 0; i < this.length; i++) count += this.times[i]!
    return count
  }

  /** Sorts by id, adds up the entries of one id, and drops those that come to nothing. */
  net(): void {
    if (this.sorted) return
    this.sorted = true
    if (this.isNet()) return
    const { words, times } = this
    const order = Uint32Array.from({ length: this.length }, (_, i) => i)
    order.sort((i, j) => compareEntries(words, i, j))

    const netWords = new Uint32Array(words.length)
    const netTimes = new Float64Array(times.length)
    let length = 0
    for (let k = 0; k < order.length; ) {
      const entry = order[k]!
      let sum = 0
      for (; k < order.length && compareEntries(words, entry, order[k]!) === 0; k++) {
        sum += times[order[k]!]!
      }
      if (sum === 0) continue
      const at = entry * ENTRY_WORDS
      netWords.set(words.subarray(at, at + ENTRY_WORDS), length * ENTRY_WORDS)
      netTimes[length] = sum
      length++
    }
    this.words = netWords
    this.times = netTimes
    this.length = length
  }

  /** Every list is small enough to name all. */
  peel(): Peeled {
    this.net()
    const ids = Array.from({ length: this.length }, (_, i) => {
      const at = i * ENTRY_WORDS
      const { words } = this
      const hex = hexOfWords(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!)
      return { hex, times: this.times[i]! }
    })
    return { complete: true, ids, net: this.count }
  }

  clone(): IdList {
    const copy = new IdList()
    copy.words = this.words.slice(0, this.length * ENTRY_WORDS)
    copy.times = this.times.slice(0, this.length)
    copy.length = this.length
    copy.sorted = this.sorted
    return copy
  }

  get bytesInMemory(): number {
    return this.words.byteLength + this.times.byteLength
  }

  /** Whether the entry's id is above that of the entry before. */
  ascendsAt(i: number): boolean {
    return compareEntries(this.words, i - 1, i) < 0
  }

  /** In order already, as freshly minted ids are: spares the sort. */
  private isNet(): boolean {
    for (let i = 0; i < this.length; i++) {
      if (this.times[i] === 0) return false
      if (i > 0 && !this.ascendsAt(i)) return false
    }
    return true
  }

  private grow(length: number): void {
    if (length <= this.times.length) return
    const capacity = Math.max(CAPACITY_MIN, 2 * this.times.length, length)
    const words = new Uint32Array(capacity * ENTRY_WORDS)
    const times = new Float64Array(capacity)
    words.set(this.words)
    times.set(this.times)
    this.words = words
    this.times = times
  }
}

function compareEntries(words: Uint32Array, i: number, j: number): number {
  for (let k = 0; k < ENTRY_WORDS; k++) {
    const difference = words[i * ENTRY_WORDS + k]! - words[j * ENTRY_WORDS + k]!
    if (difference !== 0) return difference
  }
  return 0
}
