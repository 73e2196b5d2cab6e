/**
 * What can be proven of clocks that disagree, from times that two of them gave to one thing.
 *
 * An agent notes when it sent a frame, the auditor when it heard it. Heard − sent is the **offset**
 * (the auditor's clock − the agent's) plus a delay, and a delay is never below 0. So of all frames the
 * least difference is nearest to the offset, and the offset is at most that:
 * - it is negative: the agent's clock was **ahead** of the auditor's by at least as much, proven;
 * - it is large: the agent's clock is **behind** by at most as much, or all its frames were slow; one
 *   cannot be told from the other, so it is no accusation;
 * - it is neither: `fine`, which is no proof. A clock that is ahead by less than its fastest frame took
 *   looks the same.
 *
 * In the same way a latency below 0 proves that the clock which gave its end was behind the one which
 * gave its beginning.
 *
 * Both clocks are read in whole ms, which may make a difference 1 ms too small or too large; what is said
 * to be proven is proven even so. It was true at some time among the frames: a clock that was set right
 * since shows only in differences that are taken of later frames.
 */

/**
 * Below this nothing is said, though it may be proven: clocks kept by NTP agree within a fraction of it,
 * and a clock that is off by less puts no birth into another window that is not within a second of it.
 */
const TOLERANCE_MS = 1_000

export type ClockSkew =
  | { readonly kind: 'ahead'; readonly atLeastMs: number }
  | { readonly kind: 'behind-or-slow'; readonly atMostMs: number }
  | { readonly kind: 'fine' }

/** What is known of the frames of one agent instance. */
export interface FrameDelays {
  /** ms, the least of heard (by the auditor's clock) − sent (by the agent's) */
  readonly minDelayMs: number
  /** ms between frames, as announced */
  readonly flushMs: number
}

/**
 * Behind is said only beyond one flush interval on top: what the broker did not take is sent again with
 * the next flush, so a young agent may have only such frames.
 */
export function skewOf({ minDelayMs, flushMs }: FrameDelays): ClockSkew {
  const aheadMs = -minDelayMs - 1
  if (aheadMs >= TOLERANCE_MS) return { kind: 'ahead', atLeastMs: aheadMs }
  if (minDelayMs > TOLERANCE_MS + flushMs) {
    return { kind: 'behind-or-slow', atMostMs: minDelayMs + 1 }
  }
  return { kind: 'fine' }
}

/** Of the clock that gave the end of the latencies, beside the one that gave their beginning. */
export type LatencySkew =
  | { readonly kind: 'behind'; readonly atLeastMs: number }
  | { readonly kind: 'fine' }

/**
 * @param minLatencyMs the least of an edge, such as `Latencies.min`; null where there is none
 *
 * A long latency says nothing of clocks: it is what is measured.
 */
export function skewOfLatency(minLatencyMs: number | null): LatencySkew {
  const behindMs = minLatencyMs === null ? 0 : -minLatencyMs - 1
  return behindMs >= TOLERANCE_MS ? { kind: 'behind', atLeastMs: behindMs } : { kind: 'fine' }
}
