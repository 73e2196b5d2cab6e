/**
 * How many messages are missing at the least, without any estimate. (Extra: as many, less net.)
 *
 * - No less than 0, and no less than net.
 * - What is peeled is in it: the missing ids with their copies, and as many as the extra ones plus net.
 * - Each id is once in each sub-table, so what its cells count above 0 was all missing, and what they
 *   count below 0 was all extra: in a cell only what cancels out is unseen.
 */
import type { PeeledId } from './peel.ts'
import { SUB_TABLE_CELLS, SUB_TABLES } from './shape.ts'

export function provenMissing(counts: Float64Array, net: number, ids: readonly PeeledId[]): number {
  const sampled = sumsOf(ids.map(({ times }) => times))
  let proven = Math.max(0, net, sampled.positive, net + sampled.negative)
  for (let part = 0; part < SUB_TABLES; part++) {
    const cells = counts.subarray(part * SUB_TABLE_CELLS, (part + 1) * SUB_TABLE_CELLS)
    const { positive, negative } = sumsOf(cells)
    proven = Math.max(proven, positive, net + negative)
  }
  return proven
}

interface Sums {
  positive: number
  negative: number
}

function sumsOf(values: Iterable<number>): Sums {
  const sums: Sums = { positive: 0, negative: 0 }
  for (const value of values) {
    if (value > 0) sums.positive += value
    else sums.negative -= value
  }
  return sums
}
