/** The balance of one edge and window: which tallies stand on each side, and what is left of them. */
import type { StoredTally } from '../hop/evidence.ts'
import { describeHop, type HopKey, type HopRef, hopKey, hopOfKey } from '../hop/hop.ts'
import { paramsDiffer } from '../hop/params.ts'
import type { EdgeDeclaration } from '../hop/pipeline.ts'
import { wordsOfHex } from '../message/id.ts'
import { identityName } from '../message/identity.ts'
import { type Peeled, Sketch } from '../sketch/sketch.ts'
import type { EdgeContext, Handled } from './edge-context.ts'
import { producersInto, talliesOf, topicKeyOf, type WindowEvidence } from './evidence.ts'

/** One hop's part in a balance. */
export interface Side {
  readonly name: string
  readonly hop: HopRef
  readonly declared: boolean
  readonly deadLetter: boolean
  /** What is summed. */
  readonly tallies: readonly StoredTally[]
}

export interface Balance {
  readonly from: readonly Side[]
  readonly to: readonly Side[]
  /** Tallies of declared filters: they stand beside `to`. */
  readonly filtered: readonly StoredTally[]
  /** What groups of `from` have handled by their commits only: it is expected too, but nobody saw it. */
  readonly handled: readonly StoredTally[]
}

export interface Difference {
  readonly fromCount: number
  readonly toCount: number
  readonly filteredCount: number
  readonly peeled: Peeled
  /** What `from` holds, by name, where it is asked for and can be listed: membership is exact. */
  readonly fromIds: ReadonlyMap<string, number> | null
  /** The same of what arrived. */
  readonly toIds: ReadonlyMap<string, number> | null
}

/** Collects the sides of an edge, undeclared producers included (DESIGN section 7). */
export function balanceOf(
  edge: EdgeDeclaration,
  evidence: WindowEvidence,
  handled: EdgeContext['handled'] = new Map(),
): Balance {
  const groups = edge.from.filter((d) => d.hop.role === 'consumer').map((d) => d.hop)
  const from = edge.from.map(
    (d): Side => ({
      name: d.name,
      hop: d.hop,
      declared: true,
      deadLetter: d.deadLetter,
      tallies: talliesOf(evidence, d.hop).filter(
        (t) =>
          (t.channel === 'passed' && !isForwardedFrom(t, groups)) ||
          (t.channel === 'unidentified' && edge.to.every((to) => carriesPlace(d.hop, to.hop))),
      ),
    }),
  )
  const feeders = groups.length > 0
  const topics = edge.to.filter((d) => d.hop.role === 'topic').map((d) => d.hop)
  const topicKeys = new Set(topics.map(topicKeyOf))
  const declared = new Set(edge.from.map((d) => hopKey(d.hop)))
  const undeclared = new Map<HopKey, StoredTally[]>()
  for (const tally of evidence.tallies) {
    const { hop, key, origin } = tally
    if (hop.role !== 'producer' || tally.channel !== 'passed' || declared.has(key)) continue
    if (!topicKeys.has(topicKeyOf(hop))) continue
    // Counted by the consumer hop that handled them; an unknown origin is taken to be such a hop.
    if (isForwardedFrom(tally, groups) || (origin?.topic === '' && feeders)) continue
    undeclared.set(key, [...(undeclared.get(key) ?? []), tally])
  }
  // One that was heard before and is silent in this window still has a say in whether it is passed.
  if (!feeders)
    for (const hop of topics.flatMap((topic) => producersInto(topic, evidence))) {
      const key = hopKey(hop)
      if (!declared.has(key) && !undeclared.has(key)) undeclared.set(key, [])
    }
  for (const [key, tallies] of undeclared) {
    const hop = hopOfKey(key)
    from.push({ name: describeHop(hop), hop, declared: false, deadLetter: false, tallies })
  }
  const to = edge.to.map(
    (d): Side => ({
      name: d.name,
      hop: d.hop,
      declared: true,
      deadLetter: d.deadLetter,
      tallies: talliesOf(evidence, d.hop).filter(
        (t) =>
          t.channel === 'passed' ||
          (t.channel === 'unidentified' &&
            edge.from.some((from) => comparesPlace(from.hop, d.hop))),
      ),
    }),
  )
  const filtered = groups.flatMap((group) =>
    talliesOf(evidence, group).filter(
      (t) => t.channel === 'filtered' && edge.filter.includes(t.reason),
    ),
  )
  return {
    ...{ from, to, filtered },
    handled: edge.from.flatMap(({ hop }) => byCommit(hop, handled.get(hopKey(hop)), evidence)),
  }
}

/** What a group handled and no agent told of, as a tally: the edge after it expects it too. */
function byCommit(
  hop: HopRef,
  ids: Handled | undefined,
  { tallies, window }: WindowEvidence,
): StoredTally[] {
  // Whatever the ids were compared with at the edge before was counted like this.
  const like = tallies.find((t) => t.channel === 'passed' && topicKeyOf(t.hop) === topicKeyOf(hop))
  if (ids === undefined || ids.size === 0 || like === undefined) return []
  const { params } = like
  const sketch = new Sketch(params.seed)
  let count = 0
  for (const [id, times] of ids) {
    sketch.add(...wordsOfHex(id), times, 0)
    count += times
  }
  return [
    {
      ...{ hop, key: hopKey(hop), channel: 'passed', origin: null, reason: '', params, window },
      ...{ count, placeless: 0, sketch, ranges: [], tags: null },
    },
  ]
}

/** A message without a stamp is known by its place, at its topic and to those who read it there. */
function comparesPlace(from: HopRef, to: HopRef): boolean {
  const read = from.role === 'topic' || from.role === 'consumer'
  return read && (to.role === 'consumer' || to.role === 'sink')
}

/** What a service makes of such a message carries its place as id. */
function carriesPlace(from: HopRef, to: HopRef): boolean {
  return comparesPlace(from, to) || (from.role === 'consumer' && to.role === 'topic')
}

function isForwardedFrom(tally: StoredTally, groups: readonly HopRef[]): boolean {
  const { origin } = tally
  return origin !== null && groups.some((g) => g.group === origin.group && g.topic === origin.topic)
}

/** Which parameters differ within the balance (law 7), in words; empty if it may be struck. */
export function unlike({ from, to, filtered }: Balance): string[] {
  const all = [...from, ...to].flatMap((side) => side.tallies).concat(filtered)
  // Ids by place stand beside stamps on purpose; they never meet.
  const isByPlace = (t: StoredTally): boolean =>
    t.channel !== 'passed' && t.params.identity === BY_PLACE
  const first = all.find((t) => !isByPlace(t)) ?? all[0]
  if (first === undefined) return []
  const out = new Set<string>()
  for (const tally of all) {
    const { identity } = isByPlace(tally) ? first.params : tally.params
    for (const text of paramsDiffer(first.params, { ...tally.params, identity })) out.add(text)
  }
  return [...out]
}

const BY_PLACE = identityName({ by: 'offset' })

/** Σ from − Σ to, peeled. Call only if nothing is unlike. */
export function differenceOf({ from, to, filtered, handled }: Balance, seed: number): Difference {
  const seen = sumOf([...from.flatMap((s) => s.tallies), ...handled], seed)
  const arrived = sumOf([...to.flatMap((s) => s.tallies), ...filtered], seed)
  const filteredCount = filtered.reduce((sum, t) => sum + t.count, 0)
  const difference = seen.clone()
  difference.merge(arrived, -1)
  const peeled = difference.peel()
  // An extra id asks who else is in `from`, a missing one whether a copy of it arrived; listing a large side costs more than all the rest.
  const isExtra = peeled.ids.some(({ times }) => times < 0)
  const isMissing = peeled.ids.some(({ times }) => times > 0)
  return {
    fromCount: seen.count,
    toCount: arrived.count - filteredCount,
    filteredCount,
    peeled,
    fromIds: isExtra ? listOf(seen) : null,
    toIds: isMissing ? listOf(arrived) : null,
  }
}

/** What a sketch holds, by name; null if that is too much. */
export function listOf(sketch: Sketch): ReadonlyMap<string, number> | null {
  const { complete, ids } = sketch.names()
  return complete ? new Map(ids.map(({ hex, times }) => [hex, times])) : null
}

export function sumOf(tallies: readonly StoredTally[], seed: number, limbs: 4 | 5 = 4): Sketch {
  const sum = new Sketch(tallies[0]?.params.seed ?? seed, limbs)
  for (const tally of tallies) sum.merge(tally.sketch)
  return sum
}

/** Messages, with repetitions. */
export function countOf(sides: readonly Side[]): number {
  return sides.reduce((n, side) => n + sum(side.tallies), 0)
}

export function sum(tallies: readonly StoredTally[]): number {
  return tallies.reduce((n, t) => n + t.count, 0)
}
