/**
 * Offsets of which something is known, held against the offsets at which the window's messages lie.
 *
 * Where every message of the window lies within the spans of one cause, and no other cause has a part in
 * them, it is the cause of each that is missing: nobody needs to know which lay where.
 */
import { gaps, type Intervals, sizeOf, union } from '../../base/intervals.ts'
import type { CauseCode, CauseFact } from '../../finding/cause.ts'
import type { HopKey } from '../../hop/hop.ts'
import type { Place } from '../log.ts'

export interface Span {
  readonly code: CauseCode
  readonly topic: HopKey
  readonly partition: number
  readonly from: number
  readonly to: number
  readonly fact: CauseFact
}

/** Where messages of the window lie: per topic and partition, from the first to the last of them. */
export interface Whereabouts {
  readonly topics: ReadonlyMap<HopKey, ReadonlyMap<number, Intervals>>
  /** Messages that lie there, and those of which no offset is known. */
  readonly placed: number
  readonly placeless: number
}

export const spansOf = (spans: readonly Span[], code: CauseCode): readonly Span[] =>
  spans.filter((span) => span.code === code)

/** Spans of the code that hold the place. */
export function holding(
  spans: readonly Span[],
  code: CauseCode,
  topic: HopKey,
  { partition, offset }: Place,
): readonly Span[] {
  return spans.filter(
    (s) =>
      s.code === code &&
      s.topic === topic &&
      s.partition === partition &&
      s.from <= offset &&
      offset < s.to,
  )
}

/** Offsets of the window that lie in spans: how many, and whether all of them do. */
export function overlap(
  spans: readonly Span[],
  { topics }: Whereabouts,
): { readonly size: number; readonly isWhole: boolean } {
  let size = 0
  let all = 0
  for (const [topic, partitions] of topics) {
    for (const [partition, set] of partitions) {
      let within: Intervals = []
      for (const s of spans)
        if (s.topic === topic && s.partition === partition) within = union(within, s.from, s.to)
      for (const [from, to] of set) {
        all += to - from
        size += to - from - sizeOf(gaps(within, from, to))
      }
    }
  }
  return { size, isWhole: all > 0 && size === all }
}

/** Spans that touch the window's offsets. */
export const touching = (spans: readonly Span[], where: Whereabouts): readonly Span[] =>
  spans.filter((span) => overlap([span], where).size > 0)

/**
 * Of the window's messages, how many lie in the spans: at least, since other offsets between the first and
 * the last are of other windows or hold no message, and at most.
 */
export function countWithin(
  spans: readonly Span[],
  where: Whereabouts,
): { readonly least: number; readonly most: number } {
  const { size } = overlap(spans, where)
  const offsets = [...where.topics.values()]
    .flatMap((partitions) => [...partitions.values()])
    .reduce((sum, set) => sum + sizeOf(set), 0)
  const foreign = Math.max(0, offsets - where.placed)
  return { least: Math.max(0, size - foreign), most: Math.min(size, where.placed) }
}
