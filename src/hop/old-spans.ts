/**
 * Which part of a partition was in the log before some moment. Where any offset of a span was watched
 * before it, all offsets below were in the log by then, and hold nothing that was born later.
 */
import type { CoverSpan } from './evidence.ts'

/**
 * Index of the first span that may hold births from `before` (ms) on. What lies below is old itself: in a
 * topic that was made again, low offsets are young.
 */
export function firstYoung(spans: readonly CoverSpan[], before: number): number {
  let young = 0
  for (let i = 1; i < spans.length; i++) {
    const [below, span] = [spans[i - 1] as CoverSpan, spans[i] as CoverSpan]
    if (!isEarlier(below.lastAt, before)) break
    if (isEarlier(span.firstAt || span.lastAt, before)) young = i
  }
  return young
}

/** A time that is not known is not early. */
const isEarlier = (at: number, before: number): boolean => at > 0 && at < before
