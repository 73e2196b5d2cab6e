/**
 * Integrity: messages that arrived, but not as they were sent.
 *
 * On an edge that promises to preserve something, hops fold the id together with a digest of it as
 * well. An altered message then shows in the difference as one missing and one extra of the same id; by
 * its id alone it is at both ends. It is called so only where `to` watched all of the window: messages
 * may share an id, copies do, and the one that is missing may be where nobody looked. And only if what
 * came is none of what left: of two unequal copies that left one may have come twice, and the other be
 * where nobody knows of it, or one have left and the other come without its digest.
 */
import type { FoundId } from '../finding/finding.ts'
import type { StoredTally } from '../hop/evidence.ts'
import { describeHop } from '../hop/hop.ts'
import { paramsDiffer } from '../hop/params.ts'
import { preserveName } from '../message/digest.ts'
import { type Balance, listOf, sumOf } from './balance.ts'
import type { EdgeContext } from './edge-context.ts'

export interface Integrity {
  /** Altered messages, by id. */
  readonly altered: readonly FoundId[]
  /** At least and at most so many, where they cannot all be named. */
  readonly range: { readonly low: number; readonly high: number } | null
  /** Hops whose digests are not known for all they counted, in words: nothing is acquitted. */
  readonly lacking: readonly string[]
  /** Messages that came otherwise than one that left, and perhaps as another of the same id did. */
  readonly unsure: number
}

/** Null where the edge promises nothing. @param missing ids missing by name, or null if too many */
export function integrityOf(
  { edge, pipeline, inherited }: EdgeContext,
  { from, to, filtered }: Balance,
  digests: readonly StoredTally[],
  missing: number | null,
): Integrity | null {
  if (edge.preserve === null) return null
  const element = preserveName(edge.preserve)
  const lacking = new Set<string>()
  const digestsOf = (tallies: readonly StoredTally[]): StoredTally[] =>
    tallies.flatMap((tally) => {
      const twin = digests.find((d) => isTwin(d, tally, element))
      if (twin === undefined || twin.count !== tally.count) lacking.add(describeHop(tally.hop))
      return twin ?? []
    })
  const seen = digestsOf(from.flatMap((s) => s.tallies))
  const arrived = digestsOf([...to.flatMap((s) => s.tallies), ...filtered])
  const difference = sumOf(seen, pipeline.seed, 5)
  difference.merge(sumOf(arrived, pipeline.seed, 5), -1)
  const { complete, ids, estimate } = difference.peel()

  const sides = new Map<string, { left: number; came: number }>()
  for (const { hex, times } of ids) {
    const id = hex.slice(0, ID_DIGITS)
    const side = sides.get(id) ?? { left: 0, came: 0 }
    if (times > 0) side.left += times
    else side.came -= times
    sides.set(id, side)
  }
  const changed = [...sides]
    .map(([id, { left, came }]) => ({ id, times: Math.min(left, came) }))
    .filter(({ times }) => times > 0)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const isWhole = lacking.size === 0
  const strangers = changed.length === 0 ? null : strangersIn(from, seen, arrived, pipeline.seed)
  // Where they cannot be listed: one that was not copied before has but one to come from.
  const provenOf = ({ id, times }: FoundId): number =>
    strangers?.get(id) ?? (strangers === null && isWhole && !inherited.has(id) ? times : 0)
  const altered = changed
    .map((one) => ({ id: one.id, times: Math.min(one.times, provenOf(one)) }))
    .filter(({ times }) => times > 0)
  const unsure = total(changed) - total(altered)
  if (complete || !isWhole) return { altered, range: null, lacking: [...lacking], unsure }
  if (missing === null || estimate === null) {
    const range = { low: 0, high: Number.POSITIVE_INFINITY }
    return { altered, range, lacking: [], unsure }
  }
  // What is missing with its digest is missing altogether, or altered.
  const low = Math.max(total(altered), estimate.missing.low - missing - unsure)
  const high = Math.max(low, estimate.missing.high - missing - unsure)
  return { altered, range: { low, high }, lacking: [], unsure }
}

/**
 * By id, how many of those that came are none of those that left. Of an id of which not every message
 * left with its digest nothing is known. Null: they are too many to list.
 */
function strangersIn(
  from: Balance['from'],
  seen: readonly StoredTally[],
  arrived: readonly StoredTally[],
  seed: number,
): ReadonlyMap<string, number> | null {
  const left = listOf(sumOf(seen, seed, 5))
  const came = listOf(sumOf(arrived, seed, 5))
  const ids = listOf(
    sumOf(
      from.flatMap((s) => s.tallies),
      seed,
    ),
  )
  if (left === null || came === null || ids === null) return null
  const digested = new Map<string, number>()
  for (const [hex, times] of left) {
    const id = hex.slice(0, ID_DIGITS)
    digested.set(id, (digested.get(id) ?? 0) + times)
  }
  const strangers = new Map<string, number>()
  for (const [hex, times] of came) {
    const id = hex.slice(0, ID_DIGITS)
    if (left.has(hex) || digested.get(id) !== ids.get(id)) continue
    strangers.set(id, (strangers.get(id) ?? 0) + times)
  }
  return strangers
}

const total = (ids: readonly FoundId[]): number => ids.reduce((n, { times }) => n + times, 0)

/** Hexadecimal digits of an id; the digest stands behind them. */
const ID_DIGITS = 32

function isTwin(digest: StoredTally, tally: StoredTally, element: string): boolean {
  return (
    digest.key === tally.key &&
    digest.channel === tally.channel &&
    digest.reason === tally.reason &&
    digest.origin?.topic === tally.origin?.topic &&
    digest.origin?.group === tally.origin?.group &&
    paramsDiffer(digest.params, { ...tally.params, element }).length === 0
  )
}
