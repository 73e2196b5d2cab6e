/**
 * What one element adds to each of its cells, and the adding: written out for either width, which is a
 * tenth faster than a loop, and than one function that is told how wide a cell is.
 */
import { HASH_WORDS, LADDER_CELL, NO_CELL } from './hash.ts'

const ID_CELL_WORDS = 7
const WIDE_CELL_WORDS = 8

/**
 * Where the element goes, as `hash` writes it, and the words to add there in the order of a cell.
 * Written and read within one call of `add`, hence shared by all tables; and not handed on as arguments,
 * for each would be boxed where the call is not inlined.
 */
export const place: Uint32Array = new Uint32Array(HASH_WORDS)
export const terms: Float64Array = new Float64Array(WIDE_CELL_WORDS)

/** Adds the terms to the cells of ids that `place` names. */
export function addTerms(sums: Float64Array): void {
  const times = terms[0]!
  const term1 = terms[1]!
  const term2 = terms[2]!
  const term3 = terms[3]!
  const term4 = terms[4]!
  const term5 = terms[5]!
  const term6 = terms[6]!

  let at = Math.imul(place[0]!, ID_CELL_WORDS)
  sums[at]! += times
  sums[at + 1]! += term1
  sums[at + 2]! += term2
  sums[at + 3]! += term3
  sums[at + 4]! += term4
  sums[at + 5]! += term5
  sums[at + 6]! += term6

  at = Math.imul(place[1]!, ID_CELL_WORDS)
  sums[at]! += times
  sums[at + 1]! += term1
  sums[at + 2]! += term2
  sums[at + 3]! += term3
  sums[at + 4]! += term4
  sums[at + 5]! += term5
  sums[at + 6]! += term6

  at = Math.imul(place[2]!, ID_CELL_WORDS)
  sums[at]! += times
  sums[at + 1]! += term1
  sums[at + 2]! += term2
  sums[at + 3]! += term3
  sums[at + 4]! += term4
  sums[at + 5]! += term5
  sums[at + 6]! += term6

  at = Math.imul(place[3]!, ID_CELL_WORDS)
  sums[at]! += times
  sums[at + 1]! += term1
  sums[at + 2]! += term2
  sums[at + 3]! += term3
  sums[at + 4]! += term4
  sums[at + 5]! += term5
  sums[at + 6]! += term6

  if (place[LADDER_CELL] === NO_CELL) return
  at = Math.imul(place[LADDER_CELL]!, ID_CELL_WORDS)
  sums[at]! += times
  sums[at + 1]! += term1
  sums[at + 2]! += term2
  sums[at + 3]! += term3
  sums[at + 4]! += term4
  sums[at + 5]! += term5
  sums[at + 6]! += term6
}

/** Adds the terms to the cells of ids with digests that `place` names. */
export function addWideTerms(sums: Float64Array): void {
  const times = terms[0]!
  const term1 = terms[1]!
  const term2 = terms[2]!
  const term3 = terms[3]!
  const term4 = terms[4]!
  const term5 = terms[5]!
  const term6 = terms[6]!
  const term7 = terms[7]!

  let at = Math.imul(place[0]!, WIDE_CELL_WORDS)
  sums[at]! += times
  sums[at + 1]! += term1
  sums[at + 2]! += term2
  sums[at + 3]! += term3
  sums[at + 4]! += term4
  sums[at + 5]! += term5
  sums[at + 6]! += term6
  sums[at + 7]! += term7

  at = Math.imul(place[1]!, WIDE_CELL_WORDS)
  sums[at]! += times
  sums[at + 1]! += term1
  sums[at + 2]! += term2
  sums[at + 3]! += term3
  sums[at + 4]! += term4
  sums[at + 5]! += term5
  sums[at + 6]! += term6
  sums[at + 7]! += term7

  at = Math.imul(place[2]!, WIDE_CELL_WORDS)
  sums[at]! += times
  sums[at + 1]! += term1
  sums[at + 2]! += term2
  sums[at + 3]! += term3
  sums[at + 4]! += term4
  sums[at + 5]! += term5
  sums[at + 6]! += term6
  sums[at + 7]! += term7

  at = Math.imul(place[3]!, WIDE_CELL_WORDS)
  sums[at]! += times
  sums[at + 1]! += term1
  sums[at + 2]! += term2
  sums[at + 3]! += term3
  sums[at + 4]! += term4
  sums[at + 5]! += term5
  sums[at + 6]! += term6
  sums[at + 7]! += term7

  if (place[LADDER_CELL] === NO_CELL) return
  at = Math.imul(place[LADDER_CELL]!, WIDE_CELL_WORDS)
  sums[at]! += times
  sums[at + 1]! += term1
  sums[at + 2]! += term2
  sums[at + 3]! += term3
  sums[at + 4]! += term4
  sums[at + 5]! += term5
  sums[at + 6]! += term6
  sums[at + 7]! += term7
}
