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

/** `unheard`: nobody who reported knows its producer. */
export type Member = 'yes' | 'no' | 'unheard' | 'maybe'
export type Has = (id: string) => Member

export interface End {
  readonly sides: readonly Side[]
  /** Its ids by name, or null if they are too many or were not asked for. */
  readonly ids: ReadonlyMap<string, number> | null
  readonly memberships: readonly StoredMembership[]
  /** Messages may come in from producers that were never heard. */
  readonly isOpen: boolean
}

export function membersOf(end: End): Has {
  const chain = chainOf(end)
  const filter = filterOf(end)
  const no: Member = end.isOpen ? 'unheard' : 'no'
  return (id) => {
    if (end.ids !== null) {
      if (end.ids.has(id)) return 'yes'
      const known = chain(id)
      return known === 'no' || known === 'unheard' ? known : no
    }
    const known = chain(id)
    if (known !== 'maybe') return known
    return filter(id) === 'no' ? no : 'maybe'
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
    if (own === undefined) return 'unheard'
    // Derived ids have no sequence of their own: the chain speaks of their parents only.
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
