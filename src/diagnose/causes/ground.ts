/** What the rules of causes may know of a finding, gathered from the evidence once. */
import { union } from '../../base/intervals.ts'
import type { CauseFact } from '../../finding/cause.ts'
import type { Finding, FindingCode } from '../../finding/finding.ts'
import type { StoredTally } from '../../hop/evidence.ts'
import { type HopKey, type HopRef, hopKey } from '../../hop/hop.ts'
import type { StoredMishap } from '../../hop/mishap.ts'
import { ID_ELEMENT } from '../../hop/params.ts'
import type { CauseEvidence } from '../cause-evidence.ts'
import { backwardSpans, forwardSpans, goneSpans } from './marks.ts'
import { type Outcome, type Outcomes, outcomesOf, summed } from './outcomes.ts'
import { type Readers, readersOf } from './readers.ts'
import { type Search, searchIn } from './search.ts'
import type { Span, Whereabouts } from './spans.ts'

export interface Ground {
  readonly finding: Finding
  readonly evidence: CauseEvidence
  /** One tally of ids for each hop, channel, origin and reason. */
  readonly tallies: readonly StoredTally[]
  /** Where its messages lie or should: the topics it reads, else those into which it writes. */
  readonly topics: readonly HopRef[]
  /** It writes into them: what is missing there was sent, or should have been. */
  readonly writes: boolean
  /** The groups that read those topics for this edge; none where it writes. */
  readonly readers: Readers
  /** Groups whose outputs the edge counts. */
  readonly groups: readonly HopRef[]
  readonly search: Search
  /** In none of the topics, all of which were searched for it. */
  readonly isGone: (id: string) => boolean
  /** Of all producers into the topics it writes. */
  readonly sends: Outcomes
  /** It ends in sinks that nobody else of the pipeline feeds, and their agents count what is stored. */
  readonly stores: boolean
  /** Of those, what its groups made of what they read: sent on, or stored. */
  readonly outputs: Outcomes
  /** What its groups handled. */
  readonly handled: Outcome
  readonly where: Whereabouts
  /** Passed over by readers, or deleted before them. */
  readonly forward: readonly Span[]
  /** Handed out once more. */
  readonly backward: readonly Span[]
  /** From here on the log may be another one. */
  readonly gone: readonly Span[]
  /** Of one kind that name the message. */
  readonly naming: (kind: StoredMishap['kind'], id: string) => readonly StoredMishap[]
  /** What `make` gathers for all messages of the finding, gathered once. */
  readonly once: <T>(make: (ground: Ground) => T) => T
  /** Messages missing here that other findings count. */
  readonly countedElsewhere: number
}

export function groundOf(finding: Finding, evidence: CauseEvidence): Ground {
  const { edge, mishaps } = evidence
  const tallies = oneOfEach(evidence)
  const read = rolesOf(edge.from, 'topic')
  const topics = read.length > 0 ? read : rolesOf(edge.to, 'topic')
  const groups = rolesOf(edge.from, 'consumer')
  const keys = new Set(topics.map(hopKey))
  const senders = read.length > 0 ? [] : tallies.filter((t) => isSender(t, topics))
  const isPruned = tallies.length === 0
  const sends = outcomesOf(senders, isPruned)
  const stored = groups.length === 0 ? [] : tallies.filter((t) => isStored(t, evidence))
  const outputs = outcomesOf([...senders.filter((t) => isOutput(t, groups)), ...stored], isPruned)
  const readers = readersOf(evidence, read)
  const search = searchIn(evidence)
  const isGone = (id: string): boolean =>
    topics.length > 0 && topics.every((topic) => search.isGone(topic, id))
  const writes = read.length === 0 && topics.length > 0
  // A new leader is nothing unusual, nor is who else was cut off. What a topic agent has read, it cut off
  // only if it is gone.
  const isCutOff = writes || finding.ids.some(({ id }) => isGone(id))
  const gone = goneSpans(evidence, topics)
  const here = tallies.filter((t) => keys.has(t.key))
  const where = whereabouts(read.length > 0 ? here : senders, topics, sends)
  const named = new Map<string, StoredMishap[]>()
  for (const mishap of mishaps) {
    if (mishap.id === '') continue
    const key = `${mishap.kind} ${mishap.id}`
    const known = named.get(key)
    if (known === undefined) named.set(key, [mishap])
    else known.push(mishap)
  }
  const gathered = new Map<unknown, unknown>()
  const groupKeys = new Set(groups.map(hopKey))
  const ground: Ground = {
    ...{
      finding,
      evidence,
      tallies,
      topics,
      writes,
      readers,
      groups,
      search,
      isGone,
      sends,
      where,
    },
    outputs,
    stores: stored.length > 0,
    handled: summed(tallies.filter((t) => groupKeys.has(t.key) && t.channel === 'passed')),
    forward: forwardSpans(evidence, readers),
    backward: backwardSpans(evidence, readers),
    gone: isCutOff ? gone : gone.filter(({ fact }) => !isOfElection(fact)),
    naming: (kind, id) => named.get(`${kind} ${id}`) ?? [],
    countedElsewhere: evidence.verdict.findings
      .filter((f) => f !== finding && ALSO_MISSING.has(f.code))
      .reduce((n, f) => n + f.count, 0),
    once: <T>(make: (ground: Ground) => T): T => {
      if (!gathered.has(make)) gathered.set(make, make(ground))
      return gathered.get(make) as T
    },
  }
  return ground
}

const isOfElection = ({ name, args }: CauseFact): boolean =>
  name === 'overwritten' || args.kind === 'epoch'

const ALSO_MISSING: ReadonlySet<FindingCode> = new Set([
  'lost',
  'filtered_undeclared',
  'committed',
  'compacted',
  'identity_not_carried',
  'undetermined',
  'in_flight',
])

function rolesOf(
  hops: readonly { readonly hop: HopRef }[],
  role: HopRef['role'],
): readonly HopRef[] {
  return hops.map(({ hop }) => hop).filter((hop) => hop.role === role)
}

/** Of a series that is kept at several rates, the one that the verdict was judged on, else the finest. */
function oneOfEach({ tallies, verdict }: CauseEvidence): readonly StoredTally[] {
  const series = new Map<string, StoredTally>()
  for (const tally of tallies) {
    if (tally.params.element !== ID_ELEMENT) continue
    const { key, channel, origin, reason, params } = tally
    const name = JSON.stringify([key, channel, origin?.topic, origin?.group, reason])
    const known = series.get(name)
    if (known?.params.oneIn === verdict.oneIn) continue
    if (known === undefined || params.oneIn === verdict.oneIn || params.oneIn < known.params.oneIn)
      series.set(name, tally)
  }
  return [...series.values()]
}

function isSender({ hop }: StoredTally, topics: readonly HopRef[]): boolean {
  return (
    hop.role === 'producer' &&
    topics.some((t) => t.cluster === hop.cluster && t.topic === hop.topic)
  )
}

/** The topic may have producers of its own, whose failures are another matter. */
function isOutput({ origin }: StoredTally, groups: readonly HopRef[]): boolean {
  if (origin === null || groups.length === 0) return false
  // A stamp that came with copied headers does not say from where.
  return (
    origin.topic === '' || groups.some((g) => g.group === origin.group && g.topic === origin.topic)
  )
}

/** A sink that two edges lead to counts what came by both. */
function isStored({ hop, key }: StoredTally, { edge, pipeline }: CauseEvidence): boolean {
  const leadsTo = (of: CauseEvidence['edge']): boolean =>
    of.to.some((end) => hopKey(end.hop) === key)
  if (hop.role !== 'sink' || !leadsTo(edge)) return false
  return !pipeline.edges.some((other) => other.name !== edge.name && leadsTo(other))
}

function whereabouts(
  tallies: readonly StoredTally[],
  topics: readonly HopRef[],
  sends: Outcomes,
): Whereabouts {
  const at = new Map(topics.map((t) => [`${t.cluster} ${t.topic}`, hopKey(t)]))
  const out = new Map<HopKey, Map<number, ReturnType<typeof union>>>()
  let placed = 0
  let placeless = 0
  for (const { hop, channel, ranges, count, placeless: without, params } of tallies) {
    const topic = at.get(`${hop.cluster} ${hop.topic}`)
    if (topic === undefined || (channel !== 'passed' && channel !== 'unidentified')) continue
    placed += (count - without) * params.oneIn
    placeless += without * params.oneIn
    const partitions = out.get(topic) ?? new Map<number, ReturnType<typeof union>>()
    out.set(topic, partitions)
    for (const { partition, low, high } of ranges)
      partitions.set(partition, union(partitions.get(partition) ?? [], low, high + 1))
  }
  // Those that nobody acknowledged have no offset, and a cause of their own.
  const unanswered = Math.min(placeless, sends('unacknowledged').count)
  return { topics: out, placed, placeless: placeless - unanswered }
}
