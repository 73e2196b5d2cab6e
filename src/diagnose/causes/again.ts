/** Why one is too many: the taxonomy of duplicates. */
import { type InstanceState, isDead, silenceMs } from '../../hop/evidence.ts'
import { type HopKey, type HopRef, hopKey, topicHop } from '../../hop/hop.ts'
import type { StoredMishap } from '../../hop/mishap.ts'
import { ordinalOf, wordsOfHex } from '../../message/id.ts'
import type { Place } from '../log.ts'
import { hopFact, mishapFact, outcomeFact, placeFact, silentFact } from './facts.ts'
import type { Ground } from './ground.ts'
import { isNoted } from './readers.ts'
import { type CauseRule, likely, proven, type Told } from './rule.ts'
import { holding, overlap, type Span, spansOf, touching } from './spans.ts'

/** Facts of as many spans are shown. */
const SPANS_MAX = 4
/** ms: a client tries again for so long at most; what comes later somebody else has sent. */
export const RETRY_MS_MAX: number = 5 * 60_000

type Again = 'range_replayed' | 'redelivered'

// Rules D1 and D2 - the topic has it as often as it should, a reader handled it more often: its place, or all
// places of the window, were handed out again, after a jump back or after whatever makes a group begin anew.
// They exclude each other. A handling that was handed out again by name needs no place.
const handedOut = (name: string, code: Again): CauseRule => ({
  name,
  code,
  ofAll: (ground) => {
    const { where, backward, readers } = ground
    const mine = spansOf(backward, code)
    if (where.placeless > 0 || !overlap(mine, where).isWhole) return undefined
    if (touching(othersThan(code, backward), where).length > 0) return undefined
    const seen = touching(mine, where)
    const proof = factsOf(seen)
    const isSure = readers.isEnd && readers.isNoted && !seen.some(isCommit)
    return isSure ? proven(...proof) : likely(...proof)
  },
  of: ({ id, times }, ground) => {
    const { backward, readers } = ground
    const byName = readers.hops.flatMap((hop) => namedAgain(id, hop, code, ground))
    const held = placesOf(id, ground).map((place) => heldBy(place, ground))
    const isHeld =
      held.length > 0 && held.every((s) => s.length > 0 && s.every((x) => x.code === code))
    if (byName.length === 0 && !isHeld) return undefined
    const proof = [...byName.map(mishapFact), ...(isHeld ? factsOf(held.flat()) : [])]
    const isClear = byName.length > 0 || readers.isNoted
    const isContested = othersThan(code, backward).length > 0 && !isHeld
    const isSure = byName.length > 0 || held.every((spans) => isEnough(spans, times, ground))
    const isProven = readers.isEnd && isClear && !isContested && isSure
    return isProven ? proven(...proof) : likely(...proof)
  },
  among: (ground) => {
    const spans = touching(spansOf(ground.backward, code), ground.where)
    const { size } = overlap(spans, ground.where)
    return size > 0 ? { most: size, least: 0, proof: factsOf(spans) } : undefined
  },
  excludes: ({ id }, ground) => {
    const places = placesOf(id, ground)
    return places.length > 0 && !places.some((p) => heldBy(p, ground).some((s) => s.code === code))
  },
})

/** Of the group's offsets, not of an agent that saw the message come again. */
const isCommit = ({ fact }: Span): boolean => fact.name === 'went_back'

/**
 * Offsets and group agree: as often as it is too many its commit went back, and no member died or came while
 * the window was handled. Else it may have been handed out again then, and the commit set back long after.
 */
function isEnough(spans: readonly Span[], times: number, { readers, evidence }: Ground): boolean {
  if (!spans.some(isCommit)) return true
  const isCalmAt = (hop: HopRef): boolean =>
    deadAt(hop, evidence).length === 0 && rebalancesAt(hop, evidence).length === 0
  return times <= spans.length && readers.hops.every(isCalmAt)
}

export const replayed: CauseRule = handedOut('D1', 'range_replayed')
export const redelivered: CauseRule = handedOut('D2', 'redelivered')

// Rule D3 - a group got other members while the window was handled, or a member died: what was handled and
// not yet committed is handed out again. Below D1 and D2, which know which offsets that were.
export const regrouped: CauseRule = {
  name: 'D3',
  code: 'redelivered',
  among: ({ finding, evidence, readers }) => {
    const proof = readers.hops.flatMap((hop) => [
      ...deadAt(hop, evidence).map((i) => silentFact(i, undefined)),
      ...rebalancesAt(hop, evidence).map(mishapFact),
    ])
    return readers.isNoted && proof.length > 0
      ? { most: finding.count, least: 0, proof: proof.slice(0, SPANS_MAX) }
      : undefined
  },
}

// Rule D4 - one input, several outputs: a derived id that nobody handed in, on an edge that promises one
// output of each. Above D5: done again, the work would have given the ids that it gave before.
export const sentMore: CauseRule = {
  name: 'D4',
  code: 'sent_again',
  of: ({ id, copyOf }, ground) => {
    if (!ground.writes || ground.groups.length === 0 || copyOf === undefined) return undefined
    if (ordinalOf(wordsOfHex(id)) === 0) return undefined
    const { ids, isListed } = ground.handled
    if (ids.has(id)) return undefined
    const proof = ground.groups.map((hop) => hopFact('derived', hop))
    return isListed ? proven(...proof) : likely(...proof)
  },
}

// Rule D5 - an attempt to handle it failed after it had sent, and the next one sent again. Above D6 and D7:
// the mishap names the message.
export const attemptedAgain: CauseRule = {
  name: 'D5',
  code: 'redelivered',
  of: ({ id, times }, ground) => {
    const seen = ground.groups.flatMap((hop) => attemptsAt(hop, id, ground))
    const [first] = seen
    if (first === undefined) return undefined
    const more = outputsMore(id, times, ground)
    // As many sends as handlings, and none that failed: then the client wrote it twice.
    if (more === 'none' && outcomeOf(id, ground) === 'none') return undefined
    if (more === 'some') return undefined
    const isProven = more === 'all' && !ground.stores
    return isProven ? proven(mishapFact(first)) : likely(mishapFact(first))
  },
}

// Rule D6 - no more sends were acknowledged than should be, and no other send of it is known: the client wrote
// it twice within one. Two places prove it if they are no further apart than a client goes on trying.
export const retried: CauseRule = {
  name: 'D6',
  code: 'client_retried',
  of: ({ id, times }, ground) => {
    const { isListed, hops, ids } = ground.sends('passed')
    if (!ground.writes || !ids.has(id) || outputsMore(id, times, ground) !== 'none')
      return undefined
    const outcome = outcomeOf(id, ground)
    if (outcome === 'failed' || hasDead(ground)) return undefined
    const places = placesOf(id, ground)
    const apart = timesOf(places)
    if (places.length > 1 && apart > RETRY_MS_MAX) return undefined
    const proof = [
      ...hops.slice(0, 1).map((hop) => outcomeFact(hop, 'passed', ids.get(id) ?? 0)),
      ...places.slice(0, SPANS_MAX).map(placeFact),
    ]
    const isMore = places.length > (ids.get(id) ?? 0)
    const isProven = isMore && isListed && outcome === 'none' && isCalm(ground)
    return isProven ? proven(...proof) : likely(...proof)
  },
}

// Rule D7 - more sends were acknowledged than the group handled, or one was refused and landed: the code sent it
// again. Below D5: only where no handling of it failed, and that is noted. Of a sink it is never proven: who
// stored it there, nobody tells.
export const sentTwice: CauseRule = {
  name: 'D7',
  code: 'sent_again',
  of: ({ id, times }, ground) => {
    if (!(ground.writes || ground.stores) || !isCalm(ground)) return undefined
    if (mayHaveFailed(id, ground)) return undefined
    const passed = ground.stores ? ground.outputs('passed') : ground.sends('passed')
    const more = outputsMore(id, times, ground)
    const failed = outcomeOf(id, ground) === 'failed'
    if (more !== 'all' && !(failed && more === 'none' && passed.ids.has(id))) return undefined
    const proof = passed.hops
      .slice(0, SPANS_MAX)
      .map((hop) => outcomeFact(hop, 'passed', passed.ids.get(id) ?? 0))
    const isProven = more === 'all' && !failed && !ground.stores
    return isProven ? proven(...proof) : likely(...proof)
  },
}

/**
 * Of `times` that are too many, how many are outputs that were acknowledged beyond one for each handling;
 * what is left the log has without any send that was acknowledged.
 */
function outputsMore(
  id: string,
  times: number,
  { groups, outputs, handled }: Ground,
): 'all' | 'some' | 'none' | 'maybe' {
  if (groups.length === 0) return 'none'
  const sent = outputs('passed')
  if (!sent.isListed || !handled.isListed) return 'maybe'
  // It was handled, and no output of it was told.
  if (handled.ids.has(id) && !sent.ids.has(id)) return 'maybe'
  const more = (sent.ids.get(id) ?? 0) - (handled.ids.get(id) ?? 0)
  return more <= 0 ? 'none' : more >= times ? 'all' : 'some'
}

/** ms between the first and the last. */
function timesOf(places: readonly Place[]): number {
  const times = places.map(({ timestamp }) => timestamp)
  return Math.max(...times) - Math.min(...times)
}

/** Attempts of the group that failed on it, or that were made once more: by name, or by its place there. */
function attemptsAt(hop: HopRef, id: string, ground: Ground): readonly StoredMishap[] {
  const places = ground.search.placesIn(topicHop(hop.cluster, hop.topic), id) ?? []
  const key = hopKey(hop)
  return ground
    .once(attemptsOf)
    .filter(
      (m) =>
        m.key === key &&
        (m.id === '' ? places.some((p) => isWithin(p, m) && isReached(p, m)) : m.id === id),
    )
}

/** A batch that failed began with the message that made it fail; whether others were reached nobody tells. */
function isReached({ offset }: Place, { kind, from }: StoredMishap): boolean {
  return kind !== 'handler_threw' || offset === from
}

/** Attempts failed of which only the places are known: with this message among them, or perhaps. */
function mayHaveFailed(id: string, ground: Ground): boolean {
  const places = ground.groups.flatMap(
    ({ cluster, topic }) => ground.search.placesIn(topicHop(cluster, topic), id) ?? [],
  )
  const keys = new Set(ground.groups.map(hopKey))
  const isNear = (m: StoredMishap): boolean =>
    places.length === 0 || places.some((place) => isWithin(place, m))
  return ground.once(attemptsOf).some((m) => m.id === '' && keys.has(m.key) && isNear(m))
}

function attemptsOf({ evidence }: Ground): readonly (StoredMishap & { readonly key: HopKey })[] {
  return evidence.mishaps
    .filter(
      (m) => m.kind === 'handler_threw' || (m.kind === 'redelivered' && m.detail !== 'sought'),
    )
    .map((m) => ({ ...m, key: hopKey(m.hop) }))
}

function isWithin({ partition, offset }: Place, { from, to, ...mishap }: StoredMishap): boolean {
  return mishap.partition === partition && from <= offset && offset < to
}

/** Whether another send of it failed; `maybe`: more failed than can be named. */
function outcomeOf(id: string, { sends, naming }: Ground): 'failed' | 'none' | 'maybe' {
  const outcomes = (['rejected', 'withdrawn', 'unconfirmed'] as const).map(sends)
  if (outcomes.some(({ ids }) => ids.has(id)) || naming('rejected', id).length > 0) return 'failed'
  return outcomes.every(({ isListed }) => isListed) ? 'none' : 'maybe'
}

/** No member of a group died, and whatever else befell them is noted: no handling failed untold. */
function isCalm(ground: Ground): boolean {
  return ground.groups.every((hop) => isNoted(hop, ground.evidence)) && !hasDead(ground)
}

/** What a dead member had sent and not told, another one sent again. */
const hasDead = (ground: Ground): boolean => ground.once(deadMembers)

const deadMembers = ({ groups, evidence }: Ground): boolean =>
  groups.some((hop) => deadAt(hop, evidence).length > 0)

function namedAgain(
  id: string,
  hop: HopRef,
  code: Again,
  { naming }: Ground,
): readonly StoredMishap[] {
  return naming('redelivered', id).filter(
    (m) => isAt(m, hop) && (m.detail === 'sought') === (code === 'range_replayed'),
  )
}

/** Members that died while the window may have been handled. */
export function deadAt(hop: HopRef, evidence: Ground['evidence']): readonly InstanceState[] {
  const key = hopKey(hop)
  return evidence.instances.filter(
    (i) =>
      i.hops.includes(key) &&
      isDead(i, evidence.now) &&
      isDuring(i.lastSentAt + silenceMs(i), evidence),
  )
}

const rebalancesAt = (hop: HopRef, evidence: Ground['evidence']): readonly StoredMishap[] =>
  evidence.mishaps.filter(
    (m) => m.kind === 'rebalanced' && isAt(m, hop) && isDuring(m.at, evidence),
  )

/** From the window's start until a while after its deadline. */
function isDuring(at: number, { pipeline, verdict }: Ground['evidence']): boolean {
  const { start, end } = verdict.window
  return at >= start && at <= end + 2 * pipeline.latenessMs
}

const isAt = (mishap: StoredMishap, hop: HopRef): boolean => hopKey(mishap.hop) === hopKey(hop)

const othersThan = (code: Again, spans: readonly Span[]): readonly Span[] =>
  spans.filter((s) => s.code !== code)

const placesOf = (id: string, { topics, search }: Ground): readonly Place[] =>
  topics.flatMap((topic) => search.placesIn(topic, id) ?? [])

function heldBy(place: Place, { topics, backward }: Ground): readonly Span[] {
  const [topic] = topics.filter((t) => t.topic === place.topic)
  if (topic === undefined) return []
  const key = hopKey(topic)
  return (['range_replayed', 'redelivered'] as const).flatMap((code) =>
    holding(backward, code, key, place),
  )
}

const factsOf = (spans: readonly Span[]): Told['proof'] =>
  [...new Set(spans.map(({ fact }) => fact))].slice(0, SPANS_MAX)
