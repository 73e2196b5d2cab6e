/** What the rules may know of an edge and window, gathered from the evidence. */
import type { StoredTally } from '../hop/evidence.ts'
import { type HopKey, hopKey } from '../hop/hop.ts'
import type { PeeledId } from '../sketch/sketch.ts'
import { type Balance, type Difference, listOf, type Side, sum, sumOf } from './balance.ts'
import { untoldAt } from './deaths.ts'
import type { EdgeContext, Inherited } from './edge-context.ts'
import { topicKeyOf } from './evidence.ts'
import { feedingBack } from './loops.ts'
import { heardIn, membersOf } from './members.ts'
import type { Passage } from './passage.ts'
import { type Ground, parentOf } from './rules.ts'

export function groundOf(
  { pipeline, edge, evidence, inherited, handled, handledMore, copiesUnnamed = false }: EdgeContext,
  balance: Balance,
  { fromIds, toIds, peeled }: Difference,
  from: Passage,
  to: Passage,
  due: boolean,
): Ground {
  const topics = edge.to.filter((d) => d.hop.role === 'topic').map((d) => topicKeyOf(d.hop))
  let outcomesUnlisted = false
  const bySender = (channel: StoredTally['channel']): Set<string> => {
    const out = new Set<string>()
    for (const t of evidence.tallies) {
      if (t.channel !== channel || t.hop.role !== 'producer') continue
      if (!topics.includes(topicKeyOf(t.hop))) continue
      const { complete, ids } = t.sketch.names()
      if (!complete) outcomesUnlisted = true
      for (const { hex } of ids) out.add(hex)
    }
    return out
  }
  const groups = new Set(
    balance.from.filter((s) => s.hop.role === 'consumer').map((s) => hopKey(s.hop)),
  )
  const filteredUndeclared = new Map<string, string>()
  for (const t of evidence.tallies) {
    if (t.channel !== 'filtered' || !groups.has(t.key) || edge.filter.includes(t.reason)) continue
    for (const { hex } of t.sketch.names().ids) filteredUndeclared.set(hex, t.reason)
  }
  const [rejected, withdrawn, unconfirmed] = [
    bySender('rejected'),
    bySender('withdrawn'),
    bySender('unconfirmed'),
  ]
  const heard = heardIn(evidence)
  const out = cameOut(feedingBack(pipeline, edge), balance, toIds, from, pipeline.seed)
  return {
    toCovers: to.state,
    fromPassed: from.state,
    due,
    copiesMissing: copiesMissing(peeled.ids, inherited, out.ids),
    copiesUnnamed,
    handledUntold: new Map(edge.from.flatMap((d) => [...(handled?.get(hopKey(d.hop)) ?? [])])),
    fromRepeats: edge.from.some(
      ({ hop }) =>
        handledMore?.has(hopKey(hop)) === true ||
        untoldAt(hop, evidence, pipeline.windowMs).length > 0,
    ),
    fromCompacted: edge.from.some(
      (d) => d.hop.role === 'topic' && (evidence.compacted.get(hopKey(d.hop)) ?? 0) > 0,
    ),
    rejected,
    withdrawn,
    unconfirmed,
    outcomesUnlisted,
    isOpen: topics.length > 0,
    heard,
    filteredUndeclared,
    fromHas: membersOf({
      sides: balance.from,
      ids: fromIds,
      // Nor do they know of what only a commit has shown.
      memberships: balance.handled.length > 0 ? [] : evidence.memberships,
      isOpen: topics.length > 0,
      heard,
    }),
    toHas: membersOf({
      sides: out.sides,
      ids: out.ids,
      // Filters do not know of what was dropped on purpose, and that has come through too.
      memberships: sum(balance.filtered) > 0 ? [] : evidence.memberships,
      isOpen: false,
      heard,
    }),
  }
}

/** What arrived for good: what waits in a loop has, as long as it may still be handled there. */
function cameOut(
  back: ReadonlySet<HopKey>,
  { to, filtered }: Balance,
  toIds: Difference['toIds'],
  from: Passage,
  seed: number,
): { readonly sides: readonly Side[]; readonly ids: Difference['toIds'] } {
  if (back.size === 0 || from.state !== 'passed') return { sides: to, ids: toIds }
  const sides = to.filter((s) => !back.has(hopKey(s.hop)))
  return { sides, ids: listOf(sumOf([...sides.flatMap((s) => s.tallies), ...filtered], seed)) }
}

/**
 * Of what is missing, how many of each id are copies: one of every message is the message itself.
 * Where what arrived can be listed it says so for any id that we minted; copies made further up are
 * known by what they are copies of, and are no more than were counted there.
 */
function copiesMissing(
  ids: readonly PeeledId[],
  inherited: Inherited,
  toIds: Difference['toIds'],
): ReadonlyMap<string, number> {
  const arrived = new Set([...(toIds?.keys() ?? [])].map(parentOf))
  const room = new Map<string, number>()
  for (const { hex, times } of ids) {
    const parent = parentOf(hex)
    if (times > 0) room.set(parent, (room.get(parent) ?? (arrived.has(parent) ? 0 : -1)) + times)
  }
  const left = new Map(inherited)
  const out = new Map<string, number>()
  for (const { hex, times } of ids) {
    if (times <= 0) continue
    const parent = parentOf(hex)
    const above = left.get(parent) ?? 0
    const most = toIds === null ? times : Math.min(times, room.get(parent) ?? 0)
    const known = Math.min(most, above)
    left.set(parent, above - known)
    room.set(parent, (room.get(parent) ?? 0) - known)
    const repeated = toIds !== null && isMinted(hex) ? times - (toIds.has(hex) ? 0 : 1) : 0
    out.set(hex, Math.max(known, repeated))
  }
  return out
}

/** Foreign ids may repeat without being copies: keys do. */
function isMinted(id: string): boolean {
  return id[12] === '7'
}
