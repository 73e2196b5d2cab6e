/**
 * The additive invertible table: every id is summed into its cells, and sums add and subtract.
 *
 * Tables of one seed form a commutative group. For all tables a, b, c:
 * - a + b = b + a, and (a + b) + c = a + (b + c);
 * - a + 0 = a, where 0 is the table of nothing;
 * - a − a = 0, and (a + b) − b = a;
 * - adding an id n times, or once with `times: n`, is the same for every n, negative ones included.
 *
 * So it does not matter who folded which ids in what order, and what is left of a difference is exactly
 * what the one side had and the other had not. Equality is that of the group: counts equal, all other
 * words congruent modulo p.
 */
import assert from 'node:assert/strict'
import {
  CHECK_A,
  CHECK_B,
  HASH_WORDS,
  hash,
  LADDER_CELL,
  type Lanes,
  lanesOfSeed,
  NO_CELL,
} from './hash.ts'
import { multiply, reduce } from './modular.ts'
import { CELL_WORDS, CELLS, PRIME, SUB_TABLE_CELLS } from './shape.ts'

/**
 * A sum is below `load` · 2^32 in size, where a reduced table has load 1 and each id adds its
 * multiplicity; so sums are exact, and small enough for `reduce`, while the load is not above this.
 */
const LOAD_MAX = 2 ** 21 - 2
/** Multiplicities beyond this are multiplied modulo p before they are added. */
const PLAIN_TIMES_MAX = 2 ** 20
/** A list may have netted to more than an int32; far from where doubles stop being exact. */
const TIMES_MAX = 2 ** 52

/**
 * Where an id goes and what is added there. Written and read within one call of `add`, hence shared by
 * all tables; and not handed on as arguments, for each would be boxed where the call is not inlined.
 */
const place = new Uint32Array(HASH_WORDS)
const terms = new Float64Array(CELL_WORDS)

export class Table {
  readonly seed: number
  /** CELLS × CELL_WORDS exact sums; congruent to the residues on the wire. */
  readonly sums: Float64Array
  private readonly laneA: number
  private readonly laneB: number
  private load = 0

  constructor(seed: number, sums: Float64Array = new Float64Array(CELLS * CELL_WORDS), load = 0) {
    const lanes: Lanes = lanesOfSeed(seed)
    this.seed = seed
    this.laneA = lanes.a
    this.laneB = lanes.b
    this.sums = sums
    this.load = load
  }

  /** `times` is an integer, negative to take out; words may come as int32 or uint32. */
  add(w0: number, w1: number, w2: number, w3: number, times: number): void {
    const weight = times < 0 ? -times : times
    if (!(weight <= PLAIN_TIMES_MAX)) {
      this.addHeavy(w0, w1, w2, w3, times)
      return
    }
    if (this.load + weight > LOAD_MAX) this.reduce()
    this.load += weight

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

  private addHeavy(w0: number, w1: number, w2: number, w3: number, times: number): void {
    if (!Number.isInteger(times) || Math.abs(times) > TIMES_MAX) assert.fail(`times: ${times}`)
    if (this.load + 1 > LOAD_MAX) this.reduce()
    this.load += 1

    hash(w0 | 0, w1 | 0, w2 | 0, w3 | 0, this.laneA, this.laneB, place)
    const factor = reduce(times)
    terms[0] = times
    terms[1] = multiply(factor, w0 >>> 0)
    terms[2] = multiply(factor, w1 >>> 0)
    terms[3] = multiply(factor, w2 >>> 0)
    terms[4] = multiply(factor, w3 >>> 0)
    terms[5] = multiply(factor, place[CHECK_A]!)
    terms[6] = multiply(factor, place[CHECK_B]!)
    addTerms(this.sums)
  }

  /** Adds or subtracts; `other` keeps its value (its sums may be reduced). */
  merge(other: Table, sign: 1 | -1): void {
    assert(other.seed === this.seed, 'tables of different seeds do not add')
    if (this.load + other.load > LOAD_MAX) {
      this.reduce()
      other.reduce()
    }
    const { sums } = this
    const added = other.sums
    for (let i = 0; i < sums.length; i++) sums[i]! += sign * added[i]!
    this.load += other.load
  }

  /** Exactly the net number of adds: every id is in one cell of the first sub-table. */
  get count(): number {
    let count = 0
    for (let cell = 0; cell < SUB_TABLE_CELLS; cell++) count += this.sums[cell * CELL_WORDS]!
    return count
  }

  isEmpty(): boolean {
    this.reduce()
    return this.sums.every((sum) => sum === 0)
  }

  /** Brings all sums but the counts into [0, p); the value of the table stays the same. */
  reduce(): void {
    const { sums } = this
    for (let at = 0; at < sums.length; at += CELL_WORDS) {
      for (let i = at + 1; i < at + CELL_WORDS; i++) {
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
    return new Table(this.seed, this.sums.slice(), this.load)
  }
}

/** Adds `terms` to the cells that `place` names. Written out, which is a tenth faster than a loop. */
function addTerms(sums: Float64Array): void {
  const times = terms[0]!
  const limb0 = terms[1]!
  const limb1 = terms[2]!
  const limb2 = terms[3]!
  const limb3 = terms[4]!
  const checkA = terms[5]!
  const checkB = terms[6]!

  let at = Math.imul(place[0]!, CELL_WORDS)
  sums[at]! += times
  sums[at + 1]! += limb0
  sums[at + 2]! += limb1
  sums[at + 3]! += limb2
  sums[at + 4]! += limb3
  sums[at + 5]! += checkA
  sums[at + 6]! += checkB

  at = Math.imul(place[1]!, CELL_WORDS)
  sums[at]! += times
  sums[at + 1]! += limb0
  sums[at + 2]! += limb1
  sums[at + 3]! += limb2
  sums[at + 4]! += limb3
  sums[at + 5]! += checkA
  sums[at + 6]! += checkB

  at = Math.imul(place[2]!, CELL_WORDS)
  sums[at]! += times
  sums[at + 1]! += limb0
  sums[at + 2]! += limb1
  sums[at + 3]! += limb2
  sums[at + 4]! += limb3
  sums[at + 5]! += checkA
  sums[at + 6]! += checkB

  at = Math.imul(place[3]!, CELL_WORDS)
  sums[at]! += times
  sums[at + 1]! += limb0
  sums[at + 2]! += limb1
  sums[at + 3]! += limb2
  sums[at + 4]! += limb3
  sums[at + 5]! += checkA
  sums[at + 6]! += checkB

  if (place[LADDER_CELL] === NO_CELL) return
  at = Math.imul(place[LADDER_CELL]!, CELL_WORDS)
  sums[at]! += times
  sums[at + 1]! += limb0
  sums[at + 2]! += limb1
  sums[at + 3]! += limb2
  sums[at + 4]! += limb3
  sums[at + 5]! += checkA
  sums[at + 6]! += checkB
}
