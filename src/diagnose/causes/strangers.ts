/** Why a topic has what its edge does not know, or what was taken back: who else sent it, or who shows it. */
import type { StoredTally } from '../../hop/evidence.ts'
import { type HopKey, type HopRef, hopKey } from '../../hop/hop.ts'
import { partsOfWords, wordsOfHex } from '../../message/id.ts'
import { deadAt } from './again.ts'
import { minterFact, mishapFact, outcomeFact, searchFact } from './facts.ts'
import type { Ground } from './ground.ts'
import { type CauseRule, likely, proven } from './rule.ts'
import { reachesBack } from './search.ts'
import { type Span, touching } from './spans.ts'

/** Facts of as many hops or mishaps are shown. */
const FACTS_MAX = 4

interface Sent {
  readonly hop: HopRef
  /** With an id of its own, not that of a message that was handled. */
  readonly isMinted: boolean
  readonly times: number
}

// Rule D9 - its transaction was aborted, as its producer tells by name. No committed record of it is in the
// log, and none was deleted or cut off: whoever counted it reads what is not committed. Where the log has it,
// another send of it was committed, and who did that nobody tells.
export const abortedRead: CauseRule = {
  name: 'D9',
  code: 'aborted_read',
  of: ({ id }, ground) => {
    const { topics, search, evidence } = ground
    const { ids, hops } = ground.sends('withdrawn')
    const times = ids.get(id)
    if (!ground.writes || times === undefined) return undefined
    if (topics.some((topic) => (search.placesIn(topic, id)?.length ?? 0) > 0)) return undefined
    const seen = ground.naming('aborted', id).slice(0, FACTS_MAX)
    const proof = [
      ...hops.map((hop) => outcomeFact(hop, 'withdrawn', times)),
      ...seen.map(mishapFact),
    ]
    const isWhole =
      ground.isGone(id) &&
      topics.every((topic) => beginsBelow(topic, ground)) &&
      !isCut(ground) &&
      !evidence.verdict.findings.some((f) => f.code === 'compacted')
    if (!isWhole) return mayBeAgain(id, ground) ? undefined : likely(...proof)
    return proven(...proof, ...topics.flatMap((topic) => search.of(topic) ?? []).map(searchFact))
  },
}

/** Another send of it is known, or would not be: whose outcome nobody told. */
function mayBeAgain(id: string, { sends, groups, evidence }: Ground): boolean {
  const others = (['passed', 'rejected', 'unconfirmed'] as const).map(sends)
  return (
    others.some(({ ids }) => ids.has(id)) || groups.some((hop) => deadAt(hop, evidence).length > 0)
  )
}

// Rule D10 - the very service that handles for the edge sent it with an id of its own: outside of any handling,
// or where it did not say of which. Above D11: it is no stranger.
export const mintedAnew: CauseRule = {
  name: 'D10',
  code: 'minted_anew',
  of: ({ id }, ground) => {
    const sent = sentBesides(id, ground)
    if (sent.length === 0 || !sent.every((s) => s.isMinted && isOwn(s.hop, ground)))
      return undefined
    return proven(...factsOf(sent))
  },
}

// Rule D11 - a producer that the edge does not name tells by name that it sent it there. Of one that only minted
// it, perhaps for another topic, it is likely: somebody else may have copied it.
export const undeclaredProducer: CauseRule = {
  name: 'D11',
  code: 'undeclared_producer',
  of: ({ id }, ground) => {
    const sent = sentBesides(id, ground)
    if (sent.length > 0)
      return sent.some(({ hop }) => isOwn(hop, ground)) ? undefined : proven(...factsOf(sent))
    const { version, tag } = partsOfWords(wordsOfHex(id))
    const minter = version === 7 ? ground.evidence.minters.get(tag) : undefined
    if (!ground.writes || minter === undefined) return undefined
    return servicesOf(ground).has(minter.service) ? undefined : likely(minterFact(minter))
  },
}

function sentBesides(id: string, ground: Ground): readonly Sent[] {
  return ground.once(strangers).get(id) ?? []
}

/** By id: acknowledged sends into the topics that the edge does not count. */
function strangers({ writes, topics, tallies, evidence, groups }: Ground): Map<string, Sent[]> {
  const out = new Map<string, Sent[]>()
  const own = new Set<HopKey>(evidence.edge.from.map(({ hop }) => hopKey(hop)))
  const isOther = ({ hop, key, channel, origin }: StoredTally): boolean =>
    hop.role === 'producer' &&
    channel === 'passed' &&
    !own.has(key) &&
    topics.some((t) => t.cluster === hop.cluster && t.topic === hop.topic) &&
    // An output of the edge is what the edge counts. Of one that came with copied headers nobody knows.
    (origin === null ||
      (origin.topic !== '' &&
        !groups.some((g) => g.group === origin.group && g.topic === origin.topic)))
  if (!writes) return out
  for (const { hop, sketch, origin } of tallies.filter(isOther))
    for (const { hex, times } of sketch.names().ids)
      out.set(hex, [...(out.get(hex) ?? []), { hop, times, isMinted: origin === null }])
  return out
}

/** Of a service whose agents handle for the edge. */
function isOwn({ name }: HopRef, ground: Ground): boolean {
  return ground.groups.length > 0 && servicesOf(ground).has(name)
}

const servicesOf = (ground: Ground): ReadonlySet<string> => ground.once(services)

/** Services that send for the edge, or handle for it. */
function services({ evidence, groups }: Ground): ReadonlySet<string> {
  const keys = new Set(groups.map(hopKey))
  const producers = evidence.edge.from.filter(({ hop }) => hop.role === 'producer')
  const members = evidence.instances.filter(({ hops }) => hops.some((key) => keys.has(key)))
  return new Set([...producers.map(({ hop }) => hop.name), ...members.map((i) => i.service)])
}

/** The log still has all places at which the window's messages were read. */
function beginsBelow(topic: HopRef, { tallies, search }: Ground): boolean {
  const key = hopKey(topic)
  const lows = new Map<number, number>()
  for (const { partition, low } of tallies.filter((t) => t.key === key).flatMap((t) => t.ranges))
    lows.set(partition, Math.min(low, lows.get(partition) ?? low))
  return lows.size > 0 && reachesBack(search, topic, lows)
}

/** The log may be another one where the window's messages were acknowledged, or read. */
function isCut({ gone, where, tallies }: Ground): boolean {
  const holds = (span: Span): boolean =>
    tallies.some(
      ({ key, ranges }) =>
        key === span.topic &&
        ranges.some(
          (r) => r.partition === span.partition && r.high >= span.from && r.low < span.to,
        ),
    )
  return touching(gone, where).length > 0 || gone.some(holds)
}

const factsOf = (sent: readonly Sent[]): ReturnType<typeof outcomeFact>[] =>
  sent.slice(0, FACTS_MAX).map(({ hop, times }) => outcomeFact(hop, 'passed', times))
