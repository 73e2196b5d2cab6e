/**
 * The hash: from the words of an element to its cells and its two checks.
 *
 * Two lanes, each five rounds of xor-shift and multiply, absorb the words one by one; the state after
 * the fifth is the lane's check. A sixth round gives the lane's places (16 bits for each of two
 * sub-tables), and one round over the sum of both gives the ladder's. A digest is a fifth word, absorbed
 * by one more round in each lane before the one that makes the check.
 *
 * Every multiplier is a prime between 2^30 and 2^31 (the first at or above 2^30 + d mod 2^30, where d
 * runs through the hexadecimal digits of pi, eight at a time). A uint32 times such a number stays below
 * 2^63, so SQL computes the same in plain 64-bit integers (`schemas/sketch.md`):
 *
 *     xorShift(x) = x + (x >> 16) - 2 * (x & (x >> 16))
 *     round(x, C) = xorShift(x) * C & 4294967295
 *
 * Laws:
 * - The result depends on the words and the seed only.
 * - Each lane is a bijection of any one word while the others stay: ids that differ in one word only,
 *   as sequential ids do, never share a check. Nor do the two elements of an altered message.
 * - It is not linear: without the xor, the check of x + 1 would be the mean of those of x and x + 2, and
 *   their cell would look pure.
 *
 * It is no defence against someone who knows the seed and makes ids to collide. Ids that share cells
 * spoil the peeling (`complete: false`), not the counts. Sums that pass for an id which nobody added take
 * solving both checks at once, 64 bits; nothing cryptographic forbids it.
 */
import { BASE_CELLS, LEVEL_CELLS, SUB_TABLE_CELLS } from './shape.ts'

const A0 = 0x643f6ac3
const A1 = 0x45a308ef
const A2 = 0x53198a3d
const A3 = 0x4370734d
const A4 = 0x64093843
const A5 = 0x699f31d5
const A_DIGEST = 0x497c50e1
const B0 = 0x482efabf
const B1 = 0x6c4e6c95
const B2 = 0x452821f7
const B3 = 0x78d01383
const B4 = 0x7e5466d9
const B5 = 0x74e90c6f
const B_DIGEST = 0x7f84d5cd
const LADDER = 0x40ac29d9

/** Of the rounds of one lane: four words, the check, the places. */
type LaneMultipliers = readonly [number, number, number, number, number, number]

/** For whoever writes the same hash in another language. */
export const MULTIPLIERS: {
  readonly a: LaneMultipliers
  readonly b: LaneMultipliers
  readonly digestA: number
  readonly digestB: number
  readonly ladder: number
} = {
  a: [A0, A1, A2, A3, A4, A5],
  b: [B0, B1, B2, B3, B4, B5],
  digestA: A_DIGEST,
  digestB: B_DIGEST,
  ladder: LADDER,
}

/** What `hash` writes: four base cells, a ladder cell or `NO_CELL`, two checks. */
export const HASH_WORDS = 7
/** Where the ladder cell stands; before it the base cells, after it the checks. */
export const LADDER_CELL = 4
export const CHECK_A = 5
export const CHECK_B = 6
/** In the place of the ladder cell: the id is in no level (cell 0 is of the base). */
export const NO_CELL = 0

/** The start of each lane, int32. */
export interface Lanes {
  readonly a: number
  readonly b: number
}

/** Once per table, not per id. */
export function lanesOfSeed(seed: number): Lanes {
  return { a: round((seed + 1) | 0, A5), b: round((seed + 2) | 0, B5) }
}

/**
 * Of an id. Words and lanes are taken modulo 2^32, so int32 will do. Writes into `out`; allocates
 * nothing.
 */
export function hash(
  w0: number,
  w1: number,
  w2: number,
  w3: number,
  laneA: number,
  laneB: number,
  out: Uint32Array,
): void {
  let a = round((laneA + w0) | 0, A0)
  let b = round((laneB + w0) | 0, B0)
  a = round((a + w1) | 0, A1)
  b = round((b + w1) | 0, B1)
  a = round((a + w2) | 0, A2)
  b = round((b + w2) | 0, B2)
  a = round((a + w3) | 0, A3)
  b = round((b + w3) | 0, B3)
  a = xorShift(round(a, A4))
  b = xorShift(round(b, B4))
  out[CHECK_A] = a
  out[CHECK_B] = b

  // The check is xor-shifted already, so the sixth round is only its multiplication.
  a = xorShift(Math.imul(a, A5))
  b = xorShift(Math.imul(b, B5))
  // 16 bits times 220, high part: no division, and no cell is likelier than another by more than 0.4%.
  out[0] = ((a >>> 16) * SUB_TABLE_CELLS) >>> 16
  out[1] = SUB_TABLE_CELLS + (((a & 0xffff) * SUB_TABLE_CELLS) >>> 16)
  out[2] = 2 * SUB_TABLE_CELLS + (((b >>> 16) * SUB_TABLE_CELLS) >>> 16)
  out[3] = 3 * SUB_TABLE_CELLS + (((b & 0xffff) * SUB_TABLE_CELLS) >>> 16)

  const c = xorShift(round((a + b) | 0, LADDER))
  out[LADDER_CELL] = (c & 15) === 0 ? ladderCell(c) : NO_CELL
}

/**
 * Of an id with a digest: one round more, the rest is the same. Said again, for a branch or a function
 * shared with `hash` costs the add of an id a twentieth.
 */
export function hashWide(
  w0: number,
  w1: number,
  w2: number,
  w3: number,
  digest: number,
  laneA: number,
  laneB: number,
  out: Uint32Array,
): void {
  let a = round((laneA + w0) | 0, A0)
  let b = round((laneB + w0) | 0, B0)
  a = round((a + w1) | 0, A1)
  b = round((b + w1) | 0, B1)
  a = round((a + w2) | 0, A2)
  b = round((b + w2) | 0, B2)
  a = round((a + w3) | 0, A3)
  b = round((b + w3) | 0, B3)
  a = round((a + digest) | 0, A_DIGEST)
  b = round((b + digest) | 0, B_DIGEST)
  a = xorShift(round(a, A4))
  b = xorShift(round(b, B4))
  out[CHECK_A] = a
  out[CHECK_B] = b

  a = xorShift(Math.imul(a, A5))
  b = xorShift(Math.imul(b, B5))
  out[0] = ((a >>> 16) * SUB_TABLE_CELLS) >>> 16
  out[1] = SUB_TABLE_CELLS + (((a & 0xffff) * SUB_TABLE_CELLS) >>> 16)
  out[2] = 2 * SUB_TABLE_CELLS + (((b >>> 16) * SUB_TABLE_CELLS) >>> 16)
  out[3] = 3 * SUB_TABLE_CELLS + (((b & 0xffff) * SUB_TABLE_CELLS) >>> 16)

  const c = xorShift(round((a + b) | 0, LADDER))
  out[LADDER_CELL] = (c & 15) === 0 ? ladderCell(c) : NO_CELL
}

/** The level is the number of zero pairs from bit 4 upwards, at most 8; the cell the five high bits. */
function ladderCell(c: number): number {
  const pairs = ((c >>> 4) & 0xffff) | 0x10000
  const level = (31 - Math.clz32(pairs & -pairs)) >> 1
  return BASE_CELLS + level * LEVEL_CELLS + (c >>> 27)
}

/** The step of every hash here: invertible for an odd multiplier, and not linear. */
export function round(x: number, multiplier: number): number {
  return Math.imul(xorShift(x), multiplier)
}

export function xorShift(x: number): number {
  return x ^ (x >>> 16)
}
