/** Sums of counts: what holds for one window holds for many. */
import { type Counts, NO_COUNTS } from '../finding/verdict.ts'

export const COUNT_NAMES: readonly (keyof Counts)[] = Object.keys(NO_COUNTS) as (keyof Counts)[]

/** Dispositions of the sum still add up to its `expected`. */
export function sumCounts(list: readonly Counts[]): Counts {
  const sum: Record<keyof Counts, number> = { ...NO_COUNTS }
  for (const counts of list) for (const name of COUNT_NAMES) sum[name] += counts[name]
  return sum
}
