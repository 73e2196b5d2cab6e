/**
 * Offsets watched, with the time in which they were: intervals as in base/intervals.ts, and two times.
 *
 * Laws: adding is commutative, associative and idempotent, since spans that touch become one, of the
 * first and the last time of either. So frames may come in any order, and twice.
 */
import type { Intervals } from '../base/intervals.ts'
import type { CoverSpan } from '../hop/evidence.ts'

/** Adds `span` to `spans`, which are sorted and apart, in place. An empty one adds nothing. */
export function addSpan(spans: CoverSpan[], span: CoverSpan): void {
  if (span.to <= span.from) return
  // Coverage grows at its end: what it touches is found from there.
  let end = spans.length
  while (end > 0 && (spans[end - 1] as CoverSpan).from > span.to) end--
  let start = end
  let { from, to, firstAt, lastAt } = span
  for (; start > 0; start--) {
    const other = spans[start - 1] as CoverSpan
    if (other.to < span.from) break
    from = Math.min(from, other.from)
    to = Math.max(to, other.to)
    firstAt = Math.min(firstAt, other.firstAt)
    lastAt = Math.max(lastAt, other.lastAt)
  }
  spans.splice(start, end - start, { from, to, firstAt, lastAt })
}

export function intervalsOf(spans: readonly CoverSpan[]): Intervals {
  return spans.map(({ from, to }) => [from, to])
}

export function spansText(spans: readonly CoverSpan[]): string {
  return JSON.stringify(spans.map(({ from, to, firstAt, lastAt }) => [from, to, firstAt, lastAt]))
}

export function spansOf(text: string): CoverSpan[] {
  const rows = JSON.parse(text) as [number, number, number, number][]
  return rows.map(([from, to, firstAt, lastAt]) => ({ from, to, firstAt, lastAt }))
}
