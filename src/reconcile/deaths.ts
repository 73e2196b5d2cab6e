/**
 * What an agent that was killed may have seen and never told.
 *
 * A consumer that dies between two frames has handled messages that nobody heard of. Those above the
 * group's commit are handled again by another member: twice in truth, once in the books. So for the
 * windows that such a death can touch nobody can say that each message was handled once. The hole ends:
 * it cannot have handled what was born after its death, nor what lies below the commit at its last word.
 */
import { type InstanceState, isDead, silenceMs } from '../hop/evidence.ts'
import { type HopKey, type HopRef, hopKey } from '../hop/hop.ts'
import { talliesOf, topicKeyOf, type WindowEvidence } from './evidence.ts'
import { frontierOf } from './frontier.ts'
import { nameOf } from './passage.ts'

/** Why messages of the window may have been handled here and not been told; empty: none was. */
export function untoldAt(hop: HopRef, evidence: WindowEvidence, windowMs: number): string[] {
  if (hop.role !== 'consumer') return []
  return evidence.instances
    .filter((i) => isDead(i, evidence.now) && mayHaveHandled(i, hop, evidence, windowMs))
    .map((i) => `${nameOf(i)} fell silent; told until ${new Date(i.lastSentAt).toISOString()}`)
}

/** Whether messages of the window may have come to the instance as a member of the group, untold. */
export function mayHaveHandled(
  instance: InstanceState,
  group: HopRef,
  evidence: WindowEvidence,
  windowMs: number,
): boolean {
  const { window } = evidence
  const key = hopKey(group)
  if (!speaksFor(instance, key, evidence)) return false
  // 1. Born after it was gone, by the clock of the auditor.
  if (window - ahead(group, evidence) >= diedBy(instance)) return false
  const own = instance.reach.filter((r) => r.key === key)
  const reach = new Map(own.map((r) => [r.partition, r.to]))
  const polls = evidence.commitPolls.get(key) ?? []
  const commits = polls.findLast(({ at }) => at <= lastWordFrom(instance))?.commits
  return highestIn(group, evidence).some(([partition, high]) => {
    // 2. A member begins at the commit, and commits what it has handled: after its last word it was
    // nowhere below. What it had told of above the commit it may have handled again.
    if (commits !== undefined) return (commits.get(partition) ?? 0) <= high
    // 3. Nobody asked in time: all of the window that lies below was told; a partition of which it never
    // spoke it can have been given just before it died.
    const told = reach.get(partition)
    return told === undefined ? window + windowMs > instance.lastSentAt : told <= high
  })
}

export function speaksFor(instance: InstanceState, key: HopKey, evidence: WindowEvidence): boolean {
  return hopsOf(instance, evidence).includes(key)
}

/** The window's highest offsets, as upstream knows them and as the group has counted them itself. */
function highestIn(group: HopRef, evidence: WindowEvidence): [partition: number, high: number][] {
  const highest = new Map<number, number>()
  const raise = (partition: number, high: number): void => {
    highest.set(partition, Math.max(high, highest.get(partition) ?? high))
  }
  for (const [partition, { high }] of frontierOf(group, group, evidence).partitions)
    raise(partition, high)
  for (const { partition, high } of talliesOf(evidence, group).flatMap((t) => t.ranges))
    raise(partition, high)
  return [...highest]
}

/** One that died before it counted anything speaks for whatever its service does. */
export function hopsOf(
  { hops, service }: InstanceState,
  { instances }: WindowEvidence,
): readonly HopKey[] {
  if (hops.length > 0) return hops
  return instances.filter((i) => i.service === service).flatMap((i) => i.hops)
}

/** ms, by the auditor's clock: after its last word and the silence in which it may have lived on. */
function diedBy(instance: InstanceState): number {
  return instance.lastSentAt + instance.minDelayMs + silenceMs(instance)
}

/**
 * ms, by the auditor's clock: no later than its last frame was sent. The least delay of its frames is what
 * its clock is behind, and the way; only a clock that is ahead shows by itself.
 */
function lastWordFrom({ lastSentAt, minDelayMs }: InstanceState): number {
  return lastSentAt + Math.min(0, minDelayMs)
}

/** ms that the clocks of those who give messages their birth run ahead of the auditor's. */
function ahead(group: HopRef, { instances }: WindowEvidence): number {
  const topic = topicKeyOf(group)
  const senders = instances.filter((i) => i.seals.some(({ hop }) => topicKeyOf(hop) === topic))
  return senders.reduce((most, { minDelayMs }) => Math.max(most, -minDelayMs), 0)
}
