/**
 * Sets of whole numbers as sorted, disjoint, half-open intervals `[from, to)`.
 *
 * Laws: `union` is commutative, associative and idempotent, its identity is `[]`; neighbours that
 * touch are one interval. So evidence may arrive in any order, and twice.
 */
export type Interval = readonly [from: number, to: number]
export type Intervals = readonly Interval[]

/** `set` with `[from, to)` added. An empty interval adds nothing. */
export function union(set: Intervals, from: number, to: number): Intervals {
  if (to <= from) return set
  const last = set[set.length - 1]
  // The common case: coverage grows at its end.
  if (last !== undefined && from >= last[0]) {
    if (to <= last[1]) return set
    if (from <= last[1]) return [...set.slice(0, -1), [last[0], to]]
    return [...set, [from, to]]
  }
  const out: Interval[] = []
  let [low, high] = [from, to]
  let placed = false
  for (const interval of set) {
    if (interval[1] < low) out.push(interval)
    else if (interval[0] > high) {
      if (!placed) out.push([low, high])
      placed = true
      out.push(interval)
    } else {
      low = Math.min(low, interval[0])
      high = Math.max(high, interval[1])
    }
  }
  if (!placed) out.push([low, high])
  return out
}

/** The parts of `[from, to)` that `set` lacks. */
export function gaps(set: Intervals, from: number, to: number): Intervals {
  const out: Interval[] = []
  let at = from
  for (const [low, high] of set) {
    if (high <= at) continue
    if (low >= to) break
    if (low > at) out.push([at, low])
    at = high
  }
  if (at < to) out.push([at, to])
  return out
}

export function includes(set: Intervals, value: number): boolean {
  return set.some(([low, high]) => low <= value && value < high)
}

/** The first number of the set, or undefined if it is empty. */
export function firstOf(set: Intervals): number | undefined {
  return set[0]?.[0]
}

/** One past the last number of the set, or undefined if it is empty. */
export function endOf(set: Intervals): number | undefined {
  return set[set.length - 1]?.[1]
}

/** Half-open span of time `[start, end)`, ms since 1970 UTC. */
export interface Window {
  readonly start: number
  readonly end: number
}

/** Offsets of one partition, both ends included. */
export interface OffsetRange {
  readonly partition: number
  readonly low: number
  readonly high: number
}

/** How many numbers are in it. */
export function sizeOf(set: Intervals): number {
  return set.reduce((sum, [from, to]) => sum + to - from, 0)
}
