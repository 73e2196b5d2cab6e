/** The balance of one edge and window: which tallies stand on each side, and what is left of them. */
import type { StoredTally } from '../hop/evidence.ts'
import { describeHop, type HopKey, type HopRef, hopKey, hopOfKey } from '../hop/hop.ts'
import { paramsDiffer } from '../hop/params.ts'
import type { EdgeDeclaration } from '../hop/pipeline.ts'
import { type Peeled, Sketch } from '../sketch/sketch.ts'
import { talliesOf, type WindowEvidence } from './evidence.ts'

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
}

export interface Difference {
  readonly fromCount: number
  readonly toCount: number
  readonly filteredCount: number
  readonly peeled: Peeled
  /** What `from` holds, by name, where it is asked for and can be listed: membership is exact. */
  readonly fromIds: ReadonlyMap<string, number> | null
}

/** Collects the sides of an edge, undeclared producers included (DESIGN section 7). */
export function balanceOf(edge: EdgeDeclaration, evidence: WindowEvidence): Balance {
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
          // A message without a stamp is known by its place, at its topic and to its readers.
          (t.channel === 'unidentified' && d.hop.role !== 'producer'),
      ),
    }),
  )
  const feeders = groups.length > 0
  const topics = edge.to.filter((d) => d.hop.role === 'topic').map((d) => d.hop)
  const declared = new Set(edge.from.map((d) => hopKey(d.hop)))
  const undeclared = new Map<HopKey, StoredTally[]>()
  for (const tally of evidence.tallies) {
    const { hop, key, origin } = tally
    if (hop.role !== 'producer' || tally.channel !== 'passed' || declared.has(key)) continue
    if (!topics.some((t) => t.topic === hop.topic && t.cluster === hop.cluster)) continue
    // Counted by the consumer hop that handled them; an unknown origin is taken to be such a hop.
    if (isForwardedFrom(tally, groups) || (origin?.topic === '' && feeders)) continue
    undeclared.set(key, [...(undeclared.get(key) ?? []), tally])
  }
  // One that was heard before and is silent in this window still has a say in whether it is passed.
  if (!feeders)
    for (const key of evidence.instances.flatMap((i) => i.hops)) {
      const hop = hopOfKey(key)
      if (hop.role !== 'producer' || declared.has(key) || undeclared.has(key)) continue
      if (topics.some((t) => t.topic === hop.topic && t.cluster === hop.cluster))
        undeclared.set(key, [])
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
          t.channel === 'passed' || (t.channel === 'unidentified' && d.hop.role === 'consumer'),
      ),
    }),
  )
  const filtered = groups.flatMap((group) =>
    talliesOf(evidence, group).filter(
      (t) => t.channel === 'filtered' && edge.filter.includes(t.reason),
    ),
  )
  return { from, to, filtered }
}

function isForwardedFrom(tally: StoredTally, groups: readonly HopRef[]): boolean {
  const { origin } = tally
  return origin !== null && groups.some((g) => g.group === origin.group && g.topic === origin.topic)
}

/** Which parameters differ within the balance (law 7), in words; empty if it may be struck. */
export function unlike({ from, to, filtered }: Balance): string[] {
  const all = [...from, ...to].flatMap((side) => side.tallies).concat(filtered)
  const first = all[0]
  if (first === undefined) return []
  const out = new Set<string>()
  for (const tally of all) {
    for (const text of paramsDiffer(first.params, tally.params)) {
      // Ids by place stand beside stamps on purpose; they never meet.
      const byPlace = first.channel === 'unidentified' || tally.channel === 'unidentified'
      if (!(byPlace && text.startsWith('identity'))) out.add(text)
    }
  }
  return [...out]
}

/** Σ from − Σ to, peeled. Call only if nothing is unlike. */
export function differenceOf({ from, to, filtered }: Balance, seed: number): Difference {
  const seen = sumOf(
    from.flatMap((s) => s.tallies),
    seed,
  )
  const arrived = sumOf([...to.flatMap((s) => s.tallies), ...filtered], seed)
  const filteredCount = filtered.reduce((sum, t) => sum + t.count, 0)
  const difference = seen.clone()
  difference.merge(arrived, -1)
  const peeled = difference.peel()
  // Only an extra id asks who else is there; listing a large side costs more than all the rest.
  const listing = peeled.ids.some(({ times }) => times < 0) ? seen.peel() : null
  return {
    fromCount: seen.count,
    toCount: arrived.count - filteredCount,
    filteredCount,
    peeled,
    fromIds:
      listing?.complete === true
        ? new Map(listing.ids.map(({ hex, times }) => [hex, times]))
        : null,
  }
}

function sumOf(tallies: readonly StoredTally[], seed: number): Sketch {
  const sum = new Sketch(tallies[0]?.params.seed ?? seed)
  for (const tally of tallies) sum.merge(tally.sketch)
  return sum
}
