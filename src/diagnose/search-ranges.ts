/**
 * Which offsets to look at, and in which order: around the births first, where a message lies if all went
 * well; then as far as clocks may disagree; then to the end of the log, where what came late lies. Pure.
 */
import { gaps, type Interval, type Intervals, union } from '../base/intervals.ts'
import { birthOf, wordsOfHex } from '../message/id.ts'
import type { LogPartition } from './log.ts'

/** One message, or its copies, to be found. */
export interface Sought {
  /** 32 hex digits */
  readonly id: string
  /** ms: born within `[from, to]`. */
  readonly from: number
  readonly to: number
  /** Only what follows the birth in the id is compared: made from a foreign id of unknown birth. */
  readonly anyBirth: boolean
}

/** A message whose id tells when it was born. @param id 32 hex digits */
export function soughtOf(id: string): Sought {
  const [w0, w1] = wordsOfHex(id)
  const birth = birthOf(w0, w1)
  return { id, from: birth, to: birth, anyBirth: false }
}

/** ms on both sides of what should be: clocks that NTP keeps, and a client that was slow to send. */
const NEAR_MS = 2_000
/** Spans of time; more are taken together, the nearest first. */
const SPANS_MAX = 20

/**
 * Times of records, `[from, to)`, each list within the next: where a message lies if nothing held it up;
 * where it may lie if it came in time; all that the clocks allow.
 */
export function timesOf(
  sought: readonly Sought[],
  latenessMs: number,
  skewMs: number,
): readonly [near: Intervals, due: Intervals, allowed: Intervals] {
  const within = (ms: number, lateMs: number): Intervals => {
    let spans: Intervals = []
    for (const { from, to } of sought)
      spans = union(spans, Math.max(from - ms, 0), to + lateMs + ms + 1)
    return fewer(spans)
  }
  const nearMs = Math.min(NEAR_MS, skewMs)
  return [within(nearMs, 0), within(nearMs, latenessMs), within(skewMs, latenessMs)]
}

function fewer(spans: Intervals): Intervals {
  const out = [...spans]
  while (out.length > SPANS_MAX) {
    let at = 1
    for (let i = 2; i < out.length; i++) if (gapAt(out, i) < gapAt(out, at)) at = i
    const [before, after] = [out[at - 1], out[at]] as [Interval, Interval]
    out.splice(at - 1, 2, [before[0], after[1]])
  }
  return out
}

const gapAt = (spans: Intervals, i: number): number =>
  (spans[i]?.[0] ?? 0) - (spans[i - 1]?.[1] ?? 0)

/** Where spans of time begin and end in the log, per partition. */
export type Found = readonly (readonly [
  from: ReadonlyMap<number, number>,
  to: ReadonlyMap<number, number>,
])[]

/** The offsets of one partition in those spans. */
export function offsetsOf({ partition, low, high }: LogPartition, found: Found): Intervals {
  let offsets: Intervals = []
  for (const [from, to] of found) {
    const [first, end] = [from.get(partition) ?? low, to.get(partition) ?? high]
    // Time may go back in a log: what is late by its offset is not early by its time.
    offsets = union(offsets, Math.max(first, low), Math.min(Math.max(end, first), high))
  }
  return offsets
}

/** From the first of them to the end of the log. */
export function toTheEnd({ partition, low, high }: LogPartition, found: Found): Intervals {
  const firsts = found.map(([from]) => from.get(partition) ?? low)
  return union([], Math.max(Math.min(...firsts), low), high)
}

/** What of `wanted` is still to be read. */
export function unread(wanted: Intervals, read: Intervals): Intervals {
  return wanted.flatMap(([from, to]) => gaps(read, from, to))
}
