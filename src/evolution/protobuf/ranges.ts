/** Reserved numbers and extension ranges; both ends belong to a range. */
import type { Range } from './model.ts'

export function isReserved(number: number, ranges: readonly Range[]): boolean {
  return ranges.some(([from, to]) => number >= from && number <= to)
}

/** What of one range several others do not cover, in order. */
export function missingOf([from, to]: Range, covers: readonly Range[]): Range[] {
  const missing: Range[] = []
  let next = from
  for (const [start, end] of [...covers].sort((a, b) => a[0] - b[0])) {
    if (end < next) continue
    if (start > to) break
    if (start > next) missing.push([next, start - 1])
    next = end + 1
  }
  if (next <= to) missing.push([next, to])
  return missing
}

export function rangeText([from, to]: Range): string {
  return from === to ? `${from}` : `${from} to ${to}`
}
