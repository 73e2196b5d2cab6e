/**
 * The elements themselves (ids, or ids with digests), for a window too small for a table: a log of
 * adds, netted when it is read.
 *
 * Laws: the same group laws as the table's; netting changes the entries, never the value.
 */
import { hexOfWords } from './hex.ts'
import type { Named } from './peel.ts'
import { ID_LIMBS, type Limbs } from './shape.ts'
import type { Table } from './table.ts'

/** Beyond about this many ids, 11 bytes each (15 with a digest) are no longer much less than a table. */
export const LIST_LIMIT = 1000
const CAPACITY_MIN = 16

export class IdList {
  readonly limbs: Limbs
  /** Entries in the log; after `net()`, of distinct elements. */
  length = 0
  /** The limbs of one entry after the other. */
  words: Uint32Array = new Uint32Array(0)
  /** Never 0 after `net()`. Doubles, since netting may pass an int32. */
  times: Float64Array = new Float64Array(0)
  private sorted = true

  constructor(limbs: Limbs) {
    this.limbs = limbs
  }

  /** The digest counts in wide lists only. */
  add(w0: number, w1: number, w2: number, w3: number, times: number, digest = 0): void {
    if (this.length === this.times.length) this.grow(this.length + 1)
    const at = this.length * this.limbs
    this.words[at] = w0
    this.words[at + 1] = w1
    this.words[at + 2] = w2
    this.words[at + 3] = w3
    if (this.limbs !== ID_LIMBS) this.words[at + 4] = digest
    this.times[this.length] = times
    this.length++
    this.sorted = false
  }

  /** Appends the log of `other`, which is as wide and may be this list itself. */
  merge(other: IdList, sign: 1 | -1): void {
    const added = other.length
    if (added === 0) return
    const start = this.length
    this.grow(start + added)
    this.words.set(other.words.subarray(0, added * this.limbs), start * this.limbs)
    for (let i = 0; i < added; i++) this.times[start + i] = sign * other.times[i]!
    this.length += added
    this.sorted = false
  }

  addTo(table: Table, sign: 1 | -1): void {
    const { words, times, limbs } = this
    for (let i = 0; i < this.length; i++) {
      const at = i * limbs
      const [w0, w1, w2, w3] = [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!]
      table.add(w0, w1, w2, w3, sign * times[i]!, limbs === ID_LIMBS ? 0 : words[at + 4]!)
    }
  }

  get count(): number {
    let count = 0
    for (let i = 0; i < this.length; i++) count += this.times[i]!
    return count
  }

  /** Sorts, adds up the entries of one element, and drops those that come to nothing. */
  net(): void {
    if (this.sorted) return
    this.sorted = true
    if (this.isNet()) return
    const { words, times, limbs } = this
    const order = Uint32Array.from({ length: this.length }, (_, i) => i)
    order.sort((i, j) => this.compareEntries(i, j))

    const netWords = new Uint32Array(words.length)
    const netTimes = new Float64Array(times.length)
    let length = 0
    for (let k = 0; k < order.length; ) {
      const entry = order[k]!
      let sum = 0
      for (; k < order.length && this.compareEntries(entry, order[k]!) === 0; k++) {
        sum += times[order[k]!]!
      }
      if (sum === 0) continue
      const at = entry * limbs
      netWords.set(words.subarray(at, at + limbs), length * limbs)
      netTimes[length] = sum
      length++
    }
    this.words = netWords
    this.times = netTimes
    this.length = length
  }

  /** Every list is small enough to name all. */
  peel(): Named {
    this.net()
    const { words, times, limbs } = this
    const ids = Array.from({ length: this.length }, (_, i) => {
      const hex = hexOfWords(words.subarray(i * limbs, (i + 1) * limbs))
      return { hex, times: times[i]! }
    })
    return { complete: true, ids, net: this.count }
  }

  clone(): IdList {
    const copy = new IdList(this.limbs)
    copy.words = this.words.slice(0, this.length * this.limbs)
    copy.times = this.times.slice(0, this.length)
    copy.length = this.length
    copy.sorted = this.sorted
    return copy
  }

  get bytesInMemory(): number {
    return this.words.byteLength + this.times.byteLength
  }

  /** Whether the entry's element is above that of the entry before. */
  ascendsAt(i: number): boolean {
    return this.compareEntries(i - 1, i) < 0
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
    const words = new Uint32Array(capacity * this.limbs)
    const times = new Float64Array(capacity)
    words.set(this.words)
    times.set(this.times)
    this.words = words
    this.times = times
  }

  private compareEntries(i: number, j: number): number {
    const { words, limbs } = this
    for (let k = 0; k < limbs; k++) {
      const difference = words[i * limbs + k]! - words[j * limbs + k]!
      if (difference !== 0) return difference
    }
    return 0
  }
}
