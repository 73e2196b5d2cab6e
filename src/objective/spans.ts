/** The windows of a period, with and without messages: of silence too something is promised. */
import type { Books } from './books.ts'
import type { Path } from './paths.ts'

/**
 * Windows looked at for one objective, the newest ones: a month of windows of 10 s, or a year of those
 * of 2 m. Beyond that nothing is said, and the reasons say so.
 */
export const WINDOWS_MAX = 300_000

/** Half-open, ms. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * From the first window in which the path was audited to the one that runs now, as far as it lies in the
 * period. Null: the audit has not begun.
 */
export function spanOf({ books, path, period, now }: SpanInput): Span | null {
  const { windowMs } = books.pipeline
  const first = books.windows.find((start) => {
    const verdict = books.at(path.last.name, start)
    if (verdict === undefined) return false
    return ![...verdict.from, ...verdict.to].some((p) => p.passage === 'out_of_scope')
  })
  if (first === undefined) return null
  // Windows lie at multiples of their size.
  const aligned = (at: number): number => Math.ceil(at / windowMs) * windowMs
  const end = Math.min(Math.floor(now / windowMs) * windowMs, aligned(period.end))
  const start = Math.max(first, aligned(period.start), end - WINDOWS_MAX * windowMs)
  return { start, end: Math.max(start, end) }
}

export interface SpanInput {
  readonly books: Books
  readonly path: Path
  readonly period: Span
  /** ms */
  readonly now: number
}

/** Starts of windows. */
export function* windowsOf({ start, end }: Span, windowMs: number): Generator<number> {
  for (let at = start; at < end; at += windowMs) yield at
}

/** How many of `sorted` lie in `[from, to)`. */
export function countBetween(sorted: readonly number[], from: number, to: number): number {
  return lowerBound(sorted, to) - lowerBound(sorted, from)
}

/** Index of the first that is not below `value`. */
export function lowerBound(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
