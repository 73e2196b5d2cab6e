/**
 * The sketch: what one hop saw of one window, in bounded size, as a value that adds and subtracts.
 *
 * While it is small it keeps the ids themselves and names every one of them; after that it is a table,
 * which names differences of up to about 650 ids and counts any number. Which of the two it is shows in
 * its size only, never in its value.
 *
 * What is folded is an element: an id (4 limbs), or an id with a 32-bit digest of its message (5). With
 * the digest, an altered message is one element less and another one more, of the same id.
 *
 * Sketches of one seed and width form a commutative group under `merge`:
 * - it is commutative and associative, and the empty sketch is its identity;
 * - a sketch minus itself is empty, and `count` of a difference is the difference of the counts;
 * - shards merged in any order and split equal one pass over all ids;
 * - `fromBytes(toBytes(s))` equals s.
 *
 * Not decodable is a result (`complete: false`), never an exception.
 */
import assert from 'node:assert/strict'
import { decode, encode } from './codec.ts'
import { type Estimate, estimateOf } from './estimate.ts'
import { IdList, LIST_LIMIT } from './list.ts'
import { type Named, peelTable } from './peel.ts'
import { COUNT_MAX, COUNT_MIN, DEFAULT_SEED, ID_LIMBS, type Limbs, WIDE_LIMBS } from './shape.ts'
import { Table } from './table.ts'

export { SketchFormatError } from './codec.ts'
export { LIST_LIMIT } from './list.ts'
export type { PeeledId } from './peel.ts'
export { DEFAULT_SEED } from './shape.ts'

export interface Peeled extends Named {
  /** How many are missing and extra in a difference of which not all are named; else null. */
  readonly estimate: Estimate | null
}

export class Sketch {
  readonly seed: number
  readonly limbs: Limbs
  private list: IdList
  /** Once there, it takes the place of the list. */
  private table: Table | null = null

  constructor(seed: number = DEFAULT_SEED, limbs: Limbs = ID_LIMBS) {
    assert(seed >>> 0 === seed, `expected the seed to be a uint32, got ${seed}`)
    assert(limbs === ID_LIMBS || limbs === WIDE_LIMBS, `expected 4 or 5 limbs, got ${limbs}`)
    this.seed = seed
    this.limbs = limbs
    this.list = new IdList(limbs)
  }

  /** The exact net number of adds. */
  get count(): number {
    return this.table === null ? this.list.count : this.table.count
  }

  /** Whether this is the sketch of nothing. */
  isEmpty(): boolean {
    if (this.table !== null) return this.table.isEmpty()
    this.list.net()
    return this.list.length === 0
  }

  /**
   * Words and digest as uint32 or int32, words high first; `times` is any int32, negative to take out.
   * Without a limb for it, a digest other than 0 is refused.
   */
  add(w0: number, w1: number, w2: number, w3: number, times = 1, digest = 0): void {
    if (times !== 1 && !isInt32(times)) assert.fail(`expected times to be an int32, got ${times}`)
    if (digest !== 0 && this.limbs === ID_LIMBS) assert.fail('expected no digest, with 4 limbs')
    this.fold(w0, w1, w2, w3, times, digest)
  }

  private fold(
    w0: number,
    w1: number,
    w2: number,
    w3: number,
    times: number,
    digest: number,
  ): void {
    if (this.table === null) this.addToList(w0, w1, w2, w3, times, digest)
    else this.table.add(w0, w1, w2, w3, times, digest)
  }

  /**
   * An id, the first 16 bytes; with 4 limbs only. Read by shifts: `readInt32BE` costs more than the rest
   * of the add.
   */
  addBytes(id: Uint8Array, times = 1): void {
    if (this.limbs !== ID_LIMBS) assert.fail('expected a digest as well, with 5 limbs')
    if (id.length < 16) assert.fail(`expected an id of 16 bytes, got ${id.length}`)
    if (times !== 1 && !isInt32(times)) assert.fail(`expected times to be an int32, got ${times}`)
    this.fold(
      (id[0]! << 24) | (id[1]! << 16) | (id[2]! << 8) | id[3]!,
      (id[4]! << 24) | (id[5]! << 16) | (id[6]! << 8) | id[7]!,
      (id[8]! << 24) | (id[9]! << 16) | (id[10]! << 8) | id[11]!,
      (id[12]! << 24) | (id[13]! << 16) | (id[14]! << 8) | id[15]!,
      times,
      0,
    )
  }

  /**
   * Adds or subtracts all of `other`, which keeps its value. Seeds and limbs are for the caller to
   * compare.
   */
  merge(other: Sketch, sign: 1 | -1 = 1): void {
    assert(other.seed === this.seed, 'sketches of different seeds do not add')
    assert(other.limbs === this.limbs, 'sketches of different limbs do not add')
    if (other.table !== null) {
      this.becomeTable().merge(other.table, sign)
    } else if (this.table !== null) {
      other.list.addTo(this.table, sign)
    } else {
      this.list.merge(other.list, sign)
      if (this.list.length > LIST_LIMIT) this.list.net()
      if (this.list.length > LIST_LIMIT) this.becomeTable()
    }
  }

  clone(): Sketch {
    const copy = new Sketch(this.seed, this.limbs)
    copy.list = this.list.clone()
    copy.table = this.table === null ? null : this.table.clone()
    return copy
  }

  /** The ids in it, all of them if it is a list. */
  names(): Named {
    return this.table === null ? this.list.peel() : peelTable(this.table)
  }

  /** The same and, where they are not all, how many there are: that takes several times as long. */
  peel(): Peeled {
    const named = this.names()
    if (this.table === null || named.complete) return { ...named, estimate: null }
    return { ...named, estimate: estimateOf(this.table.counts(), named) }
  }

  toBytes(): Uint8Array {
    return encode(this.table ?? this.list)
  }

  /** Throws `SketchFormatError` unless the bytes are exactly one sketch of so many limbs. */
  static fromBytes(bytes: Uint8Array, seed: number, limbs: Limbs = ID_LIMBS): Sketch {
    const sketch = new Sketch(seed, limbs)
    const form = decode(bytes, seed, limbs)
    if (form instanceof Table) sketch.table = form
    else sketch.list = form
    return sketch
  }

  get bytesInMemory(): number {
    return this.table === null ? this.list.bytesInMemory : this.table.sums.byteLength
  }

  private addToList(
    w0: number,
    w1: number,
    w2: number,
    w3: number,
    times: number,
    digest: number,
  ): void {
    if (times === 0) return
    if (this.list.length === LIST_LIMIT) this.makeRoom()
    if (this.table === null) this.list.add(w0, w1, w2, w3, times, digest)
    else this.table.add(w0, w1, w2, w3, times, digest)
  }

  /** Repeats may net to little; but what stays half full is soon full again. */
  private makeRoom(): void {
    this.list.net()
    if (this.list.length > LIST_LIMIT / 2) this.becomeTable()
  }

  private becomeTable(): Table {
    if (this.table !== null) return this.table
    const table = new Table(this.seed, this.limbs)
    this.list.addTo(table, 1)
    this.list = new IdList(this.limbs)
    this.table = table
    return table
  }
}

function isInt32(value: number): boolean {
  return Number.isInteger(value) && value >= COUNT_MIN && value <= COUNT_MAX
}
