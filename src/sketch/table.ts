/**
 * The additive invertible table: every element is summed into its cells, and sums add and subtract.
 * An element is an id, or an id with a digest (limbs 5).
 *
 * Tables of one seed and width form a commutative group. For all tables a, b, c:
 * - a + b = b + a, and (a + b) + c = a + (b + c);
 * - a + 0 = a, where 0 is the table of nothing;
 * - a − a = 0, and (a + b) − b = a;
 * - adding an element n times, or once with `times: n`, is the same for every n, negative ones included.
 *
 * So it does not matter who folded which ids in what order, and what is left of a difference is exactly
 * what the one side had and the other had not. Equality is that of the group: counts equal, all other
 * words congruent modulo p.
 */
import assert from 'node:assert/strict'
import { CHECK_A, CHECK_B, hash, hashWide, type Lanes, lanesOfSeed } from './hash.ts'
import { multiply, reduce } from './modular.ts'
import { CELLS, cellWordsOf, ID_LIMBS, type Limbs, PRIME, SUB_TABLE_CELLS } from './shape.ts'
import { addTerms, addWideTerms, place, terms } from './terms.ts'

/**
 * A sum is below `load` · 2^32 in size, where a reduced table has load 1 and each id adds its
 * multiplicity; so sums are exact, and small enough for `reduce`, while the load is not above this.
 */
const LOAD_MAX = 2 ** 21 - 2
/** Multiplicities beyond this are multiplied modulo p before they are added. */
const PLAIN_TIMES_MAX = 2 ** 20
/** A list may have netted to more than an int32; far from where doubles stop being exact. */
const TIMES_MAX = 2 ** 52

export class Table {
  readonly seed: number
  readonly limbs: Limbs
  readonly cellWords: number
  /** CELLS × cellWords exact sums; congruent to the residues on the wire. */
  readonly sums: Float64Array
  private readonly laneA: number
  private readonly laneB: number
  private load = 0

  constructor(
    seed: number,
    limbs: Limbs = ID_LIMBS,
    sums: Float64Array = new Float64Array(CELLS * cellWordsOf(limbs)),
    load = 0,
  ) {
    const lanes: Lanes = lanesOfSeed(seed)
    this.seed = seed
    this.limbs = limbs
    this.cellWords = cellWordsOf(limbs)
    this.laneA = lanes.a
    this.laneB = lanes.b
    this.sums = sums
    this.load = load
  }

  /**
   * `times` is an integer, negative to take out; words may come as int32 or uint32. The digest counts in
   * wide tables only. Written for the plain id, the others branch off.
   */
  add(w0: number, w1: number, w2: number, w3: number, times: number, digest = 0): void {
    const weight = times < 0 ? -times : times
    if (!(weight <= PLAIN_TIMES_MAX)) {
      this.addHeavy(w0, w1, w2, w3, times, digest)
      return
    }
    if (this.load + weight > LOAD_MAX) this.reduce()
    this.load += weight
    if (this.limbs !== ID_LIMBS) {
      this.addWide(w0, w1, w2, w3, times, digest)
      return
    }

    hash(w0 | 0, w1 | 0, w2 | 0, w3 | 0, this.laneA, this.laneB, place)
    terms[0] = times
    terms[1] = (w0 >>> 0) * times
    terms[2] = (w1 >>> 0) * times
    terms[3] = (w2 >>> 0) * times
    terms[4] = (w3 >>> 0) * times
    terms[5] = place[CHECK_A]! * times
    terms[6] = place[CHECK_B]! * times
    addTerms(this.sums)
  }

  private addWide(
    w0: number,
    w1: number,
    w2: number,
    w3: number,
    times: number,
    digest: number,
  ): void {
    hashWide(w0 | 0, w1 | 0, w2 | 0, w3 | 0, digest | 0, this.laneA, this.laneB, place)
    terms[0] = times
    terms[1] = (w0 >>> 0) * times
    terms[2] = (w1 >>> 0) * times
    terms[3] = (w2 >>> 0) * times
    terms[4] = (w3 >>> 0) * times
    terms[5] = (digest >>> 0) * times
    terms[6] = place[CHECK_A]! * times
    terms[7] = place[CHECK_B]! * times
    addWideTerms(this.sums)
  }

  /** Times are reduced before they are multiplied, and so are the products. */
  private addHeavy(
    w0: number,
    w1: number,
    w2: number,
    w3: number,
    times: number,
    digest: number,
  ): void {
    if (!Number.isInteger(times) || Math.abs(times) > TIMES_MAX) assert.fail(`times: ${times}`)
    if (this.load + 1 > LOAD_MAX) this.reduce()
    this.load += 1

    this.locate(w0, w1, w2, w3, digest, place)
    const words = [w0, w1, w2, w3, digest].slice(0, this.limbs)
    words.push(place[CHECK_A]!, place[CHECK_B]!)
    const factor = reduce(times)
    terms[0] = times
    words.forEach((word, i) => {
      terms[1 + i] = multiply(factor, word >>> 0)
    })
    if (this.limbs === ID_LIMBS) addTerms(this.sums)
    else addWideTerms(this.sums)
  }

  /** Writes the cells and checks of an element into `out`, as `hash` does. */
  locate(w0: number, w1: number, w2: number, w3: number, digest: number, out: Uint32Array): void {
    const { laneA, laneB } = this
    if (this.limbs === ID_LIMBS) hash(w0 | 0, w1 | 0, w2 | 0, w3 | 0, laneA, laneB, out)
    else hashWide(w0 | 0, w1 | 0, w2 | 0, w3 | 0, digest | 0, laneA, laneB, out)
  }

  /** Adds or subtracts; `other` keeps its value (its sums may be reduced). */
  merge(other: Table, sign: 1 | -1): void {
    assert(other.seed === this.seed, 'tables of different seeds do not add')
    assert(other.limbs === this.limbs, 'tables of ids and of ids with digests do not add')
    if (this.load + other.load > LOAD_MAX) {
      this.reduce()
      other.reduce()
    }
    const { sums } = this
    const added = other.sums
    for (let i = 0; i < sums.length; i++) sums[i]! += sign * added[i]!
    this.load += other.load
  }

  /** Exactly the net number of adds: every element is in one cell of the first sub-table. */
  get count(): number {
    let count = 0
    for (let cell = 0; cell < SUB_TABLE_CELLS; cell++) count += this.sums[cell * this.cellWords]!
    return count
  }

  /** The count words of all cells, by cell number. */
  counts(): Float64Array {
    const { sums, cellWords } = this
    return Float64Array.from({ length: CELLS }, (_, cell) => sums[cell * cellWords]!)
  }

  isEmpty(): boolean {
    this.reduce()
    return this.sums.every((sum) => sum === 0)
  }

  /** Brings all sums but the counts into [0, p); the value of the table stays the same. */
  reduce(): void {
    const { sums, cellWords } = this
    for (let at = 0; at < sums.length; at += cellWords) {
      for (let i = at + 1; i < at + cellWords; i++) {
        const sum = sums[i]!
        if (sum < 0 || sum >= PRIME) sums[i] = reduce(sum)
      }
    }
    this.load = 1
  }

  reset(): void {
    this.sums.fill(0)
    this.load = 0
  }

  clone(): Table {
    return new Table(this.seed, this.limbs, this.sums.slice(), this.load)
  }
}
