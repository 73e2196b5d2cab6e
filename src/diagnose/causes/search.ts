/**
 * What the search of the logs says of one message. Directional, like all evidence: that it lies somewhere
 * is proven by one look, that it is not there by a complete one that was asked for it.
 */
import type { HopRef } from '../../hop/hop.ts'
import type { CauseEvidence } from '../cause-evidence.ts'
import type { Place, Searched } from '../log.ts'

export interface Search {
  /** Where it lies in the topic; null: nobody looked for it there, or where it lies is not clear. */
  readonly placesIn: (topic: HopRef, id: string) => readonly Place[] | null
  /** All that the topic holds was looked at for it, and it is not there. */
  readonly isGone: (topic: HopRef, id: string) => boolean
  readonly of: (topic: HopRef) => Searched | null
}

export function searchIn({ log }: CauseEvidence): Search {
  const searched = log?.searched ?? []
  const of = (topic: HopRef): Searched | null => {
    const named = searched.filter((s) => s.topic === topic.topic)
    // A place does not say its cluster: of two topics of one name nobody knows in which it lies.
    const [only] = named
    return only !== undefined && named.length === 1 && only.cluster === topic.cluster ? only : null
  }
  const placesIn = (topic: HopRef, id: string): readonly Place[] | null => {
    if (of(topic) === null) return null
    return log?.places.get(id)?.filter((place) => place.topic === topic.topic) ?? null
  }
  const isGone = (topic: HopRef, id: string): boolean =>
    of(topic)?.isComplete === true && placesIn(topic, id)?.length === 0
  return { of, placesIn, isGone }
}

/** The search began no later than where the window's messages began: none of them was deleted before. */
export function reachesBack(
  search: Search,
  topic: HopRef,
  lows: ReadonlyMap<number, number>,
): boolean {
  const partitions = search.of(topic)?.partitions ?? []
  return [...lows].every(([partition, low]) =>
    partitions.some((p) => p.partition === partition && p.from <= low),
  )
}
