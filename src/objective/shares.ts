/**
 * Indicators of an edge as shares: of `whole` messages at least `part` and at most `best` are good.
 *
 * Law: what is not known is counted bad in `part` and good in `best`, and of a sampled count the bad
 * and the good end of its interval; 0 ≤ part ≤ best ≤ whole. Null where there is nothing to divide.
 */
import type { Counts } from '../finding/verdict.ts'

export interface Share {
  readonly part: number
  readonly best: number
  readonly whole: number
}

/** A number of messages, at least and at most. */
export interface CountRange {
  readonly low: number
  readonly high: number
}

/** Arrived, altered or not. Dropped on purpose and dead-lettered are no promise. */
export function completenessOf(c: Counts, lost: CountRange): Share | null {
  return shareOf(c.expected - c.filtered - c.dead_lettered, lost, c.undetermined + c.in_flight)
}

/** Of those that arrived: unaltered. Call it where the edge promises to preserve something. */
export function integrityOf(c: Counts, altered: CountRange): Share | null {
  return shareOf(c.delivered + c.altered, altered, c.unverified)
}

function shareOf(whole: number, bad: CountRange, unknown: number): Share | null {
  if (whole <= 0) return null
  const part = Math.max(0, whole - bad.high - unknown)
  return { part, best: Math.max(part, whole - bad.low), whole }
}
