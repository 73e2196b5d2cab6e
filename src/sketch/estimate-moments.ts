/**
 * The second moment of what is in a table, Q = Σ times² over its ids, from the counts of its cells.
 *
 * A cell that an id enters with probability r counts, on average, r · net, with variance r(1 − r) · Q.
 * So each cell gives an unbiased (count − r · net)² / r(1 − r) of Q; this is the F2 sketch of Alon, Matias
 * and Szegedy (1996), with the known mean taken off in the place of random signs. The squares of a cell
 * scatter by 2 + M/(r·Q) relative to Q², where M = Σ times⁴ / Σ times²; cells are weighted by the
 * inverse. The base alone gives √(2/876) = 4.8%; the full levels of the ladder make it 4.4%.
 */
import { BASE_CELLS, CELLS, LEVEL_CELLS, SUB_TABLE_CELLS, SUB_TABLES } from './shape.ts'

export interface SecondMoment {
  readonly value: number
  /** It scatters about Q as Q · χ²(freedom) / freedom does. */
  readonly freedom: number
}

export const LEVELS: number = (CELLS - BASE_CELLS) / LEVEL_CELLS
const BASE_RATE: number = 1 / SUB_TABLE_CELLS
/** In a sub-table the counts sum up to net, which leaves one freedom less than it has cells. */
const BASE_FREEDOM: number = SUB_TABLES * (SUB_TABLE_CELLS - 1)

/** The probability that an id enters a given cell of a level. */
export function rateOfLevel(level: number): number {
  const stops = level === LEVELS - 1 ? 1 : 3 / 4
  return stops / 4 ** level / 16 / LEVEL_CELLS
}

export function secondMomentOf(
  counts: Float64Array,
  net: number,
  fourthPerSecond: number,
): SecondMoment {
  const base = meanSquare(counts, 0, BASE_CELLS, net, BASE_RATE)
  const baseWeight = BASE_FREEDOM / (2 + fourthPerSecond / (BASE_RATE * base))
  let weights = baseWeight
  let sum = baseWeight * base
  for (let level = 0; level < LEVELS; level++) {
    const from = BASE_CELLS + level * LEVEL_CELLS
    const rate = rateOfLevel(level)
    const weight = LEVEL_CELLS / (2 + fourthPerSecond / (rate * base))
    weights += weight
    sum += weight * meanSquare(counts, from, from + LEVEL_CELLS, net, rate)
  }
  return { value: sum / weights, freedom: 2 * weights }
}

function meanSquare(
  counts: Float64Array,
  from: number,
  to: number,
  net: number,
  rate: number,
): number {
  const mean = rate * net
  let squares = 0
  for (let cell = from; cell < to; cell++) squares += (counts[cell]! - mean) ** 2
  return squares / (to - from) / (rate * (1 - rate))
}
