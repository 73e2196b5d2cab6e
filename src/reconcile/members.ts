/**
 * Membership at one end of an edge: was this id there? What is known exactly is asked first.
 *
 * 1. The list of ids, where the end is small enough to be listed.
 * 2. The tag's complete chain: a producer numbers what it mints without a gap, so an id within a gapless
 *    span was sent, and one outside of all spans of its tag was not.
 * 3. The membership filters of its hops: their no proves, their yes leaves doubt.
 *
 * At a topic an id that no reporting producer knows may be of one that was never heard.
 */
import type { StoredMembership } from '../hop/evidence.ts'
import { hopKey } from '../hop/hop.ts'
import type { TagSpan } from '../hop/tag-spans.ts'
import { ordinalOf, partsOfWords, wordsOfHex } from '../message/id.ts'
import { type Side, sum } from './balance.ts'
import type { WindowEvidence } from './evidence.ts'

/** `unheard`: nobody who reported knows its producer. */
export type Member = 'yes' | 'no' | 'unheard' | 'maybe'
export type Has = (id: string) => Member

/** Whether the producer of an id has reported anywhere; null: nobody can say. */
export type Heard = (id: string) => boolean | null

export interface End {
  readonly sides: readonly Side[]
  /** Its ids by name, or null if they are too many or were not asked for. */
  readonly ids: ReadonlyMap<string, number> | null
  readonly memberships: readonly StoredMembership[]
  /** Messages may come in from producers that were never heard. */
  readonly isOpen: boolean
  readonly heard: Heard
}

export function membersOf(end: End): Has {
  const chain = chainOf(end)
  const filter = filterOf(end)
  const absent = (id: string): Member => (end.isOpen && end.heard(id) !== true ? 'unheard' : 'no')
  return (id) => {
    if (end.ids !== null) {
      if (end.ids.has(id)) return 'yes'
      return absent(id)
    }
    const known = chain(id)
    if (known !== 'maybe') return known === 'no' ? absent(id) : known
    return filter(id) === 'no' ? absent(id) : 'maybe'
  }
}

const MAYBE: Has = () => 'maybe'

/** Answers only where every tally of the end witnesses: a tag left out would look like nobody's. */
function chainOf({ sides }: End): Has {
  const tallies = sides.flatMap((s) => s.tallies).filter((t) => t.count > 0)
  const isWhole = tallies.length > 0 && tallies.every((t) => t.tags !== null)
  if (!sides.every((s) => s.hop.role === 'producer') || !isWhole) return MAYBE
  const spans = new Map<number, TagSpan[]>()
  for (const span of tallies.flatMap((t) => t.tags ?? []))
    spans.set(span.tag, [...(spans.get(span.tag) ?? []), span])
  return (id) => {
    const words = wordsOfHex(id)
    const { version, tag, sequence } = partsOfWords(words)
    if (version !== 7) return 'maybe'
    const own = spans.get(tag)
    if (own === undefined) return 'no'
    // Derived ids are not counted in spans: the chain speaks of their parents only.
    if (ordinalOf(words) !== 0) return 'maybe'
    const around = own.filter(({ low, high }) => low <= sequence && sequence <= high)
    if (around.length === 0) return 'no'
    return around.some(isGapless) ? 'yes' : 'maybe'
  }
}

/** Minted ids are acknowledged once each, so that as many as there are places means all of them. */
function isGapless({ low, high, count }: TagSpan): boolean {
  return count === high - low + 1
}

/** Filters answer for a hop only if they hold all that passed there. */
function filterOf({ sides, memberships }: End): Has {
  const filters = sides
    .filter((s) => sum(s.tallies) > 0)
    .map(({ hop, tallies }) => {
      const passed = tallies.filter((t) => t.channel === 'passed')
      return memberships.find(
        (m) => m.key === hopKey(hop) && m.count === sum(passed) && passed.length === tallies.length,
      )?.filter
    })
  if (filters.length === 0 || filters.some((f) => f === undefined)) return MAYBE
  return (id) => {
    const [w0, w1, w2, w3] = wordsOfHex(id)
    return filters.some((f) => f?.mayHave(w0, w1, w2, w3) !== false) ? 'maybe' : 'no'
  }
}

/** Who was heard, by the tags in all that producers reported around the window; gathered when asked. */
export function heardIn(evidence: WindowEvidence): Heard {
  let known: { readonly tags: ReadonlySet<number>; readonly isWhole: boolean } | null = null
  return (id) => {
    const { version, tag } = partsOfWords(wordsOfHex(id))
    if (version !== 7) return null
    known ??= tagsSent(evidence)
    return known.tags.has(tag) ? true : known.isWhole ? false : null
  }
}

function tagsSent({ tallies, before, after }: WindowEvidence): {
  readonly tags: ReadonlySet<number>
  readonly isWhole: boolean
} {
  const sent = [...before, ...tallies, ...after].filter(
    (t) => t.hop.role === 'producer' && t.origin === null,
  )
  return {
    tags: new Set(sent.flatMap((t) => (t.tags ?? []).map(({ tag }) => tag))),
    isWhole: sent.length > 0 && sent.every((t) => t.tags !== null),
  }
}
