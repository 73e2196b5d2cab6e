/**
 * The shape of a table, as data: how many cells, where they lie, what a cell holds.
 *
 * | part   | cells              | an id enters                                                       |
 * | ------ | ------------------ | ------------------------------------------------------------------ |
 * | base   | 4 sub-tables × 220 | one cell in each sub-table                                         |
 * | ladder | 9 levels × 32      | one cell of one level, or none: 1 id in 16 enters the ladder, and a |
 * |        |                    | quarter of those on a level goes on to the next                    |
 *
 * Why these: at 4 cells an id and 880 of them, 650 differences peel with probability above 0.999 (3
 * cells an id have an error floor). Some level of the ladder holds a few dozen of any number of
 * differences up to some ten million, so that true samples remain where the base is overfull.
 *
 * The shape is the same for elements of either width. Cells are numbered through: the base sub-table by sub-table, then the ladder level by level.
 */

/** The seed of a deployment that chooses none: 'quip' in ASCII. uint32. */
export const DEFAULT_SEED = 0x71756970

export const SUB_TABLES = 4
export const SUB_TABLE_CELLS = 220
export const BASE_CELLS: number = SUB_TABLES * SUB_TABLE_CELLS

const LADDER_LEVELS = 9
export const LEVEL_CELLS = 32
export const CELLS: number = BASE_CELLS + LADDER_LEVELS * LEVEL_CELLS

/**
 * What is added is an element of so many uint32 limbs: an id has 4. An id with a digest of its message
 * has 5, the digest last, so that an altered message is one element more and another one less.
 */
export type Limbs = 4 | 5
export const ID_LIMBS = 4
export const WIDE_LIMBS = 5

/** A cell: count, the limbs, two checks. */
export function cellWordsOf(limbs: Limbs): number {
  return 1 + limbs + 2
}

/**
 * 2^32 − 5, the largest prime below 2^32: sums are kept modulo this, so that any multiplicity from the
 * range of the count has an inverse.
 */
export const PRIME = 4294967291

/** A multiplicity, and a cell's count on the wire, is an int32. */
export const COUNT_MIN: number = -(2 ** 31)
export const COUNT_MAX: number = 2 ** 31 - 1
