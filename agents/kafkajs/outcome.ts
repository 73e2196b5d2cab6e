/** What a send's end means for the ids in it (DESIGN section 6, "What counts, at a producer"). */
import { NOWHERE } from '../../src/hop/tally.ts'
import { identify } from '../../src/message/identity.ts'
import type { Entry, Flight } from './entry.ts'

/** The partition is in the response more than once: written twice, or nobody knows where. */
const UNCLEAR = -2
/** Which client resolved a send that was not acknowledged. */
const CLIENT = 'kafkajs'
/** Ids by timestamp of messages in doubt, in a log that gives its own time: nobody knows them. */
const RETIMED = 'log-append-time'

/** What the response says of one partition. */
interface Written {
  /** The offset of the next message, or `UNCLEAR`. */
  next: number
  /** ms: the time that the log gave to all of them; null: they keep their own. */
  readonly appended: number | null
}

/**
 * Finds the place of each message: the response names for each (topic, partition) the offset of its
 * first message, and the client keeps the order within a partition. Returns the messages whose
 * partition is missing from the response; where that is not known, those of a topic of which nothing
 * is in it.
 */
export function locate(flights: readonly Flight[], response: unknown): Entry[] {
  const written = writtenIn(response)
  if (written === null) return []
  const missing: Entry[] = []
  for (const flight of flights) {
    const partitions = written.get(flight.topic.name)
    for (const entry of flight.entries) {
      entry.isMissing = false
      // Where nothing of the topic is in the response, it does not matter which one it was.
      if (entry.partition === NOWHERE && partitions !== undefined) continue
      const part = partitions?.get(entry.partition)
      if (part === undefined) {
        entry.isMissing = true
        missing.push(entry)
        continue
      }
      if (part.appended !== null) retime(flight, entry, part.appended)
      if (part.next >= 0) entry.offset = part.next++
    }
    if (isByTimestamp(flight)) doubt(flight, partitions)
  }
  return missing
}

/** By topic and partition; null where it is no response of kafkajs. */
function writtenIn(response: unknown): Map<string, Map<number, Written>> | null {
  if (!Array.isArray(response)) return null
  const written = new Map<string, Map<number, Written>>()
  for (const part of response) {
    const fields = (part ?? {}) as Record<string, unknown>
    const { topicName, partition, baseOffset, offset, logAppendTime } = fields
    if (typeof topicName !== 'string' || typeof partition !== 'number') return null
    let partitions = written.get(topicName)
    if (partitions === undefined) {
      partitions = new Map()
      written.set(topicName, partitions)
    }
    const base = Number(baseOffset ?? offset ?? UNCLEAR)
    const isClear = !partitions.has(partition) && Number.isSafeInteger(base) && base >= 0
    const at = Number(logAppendTime ?? -1)
    const appended = Number.isSafeInteger(at) && at >= 0 ? at : null
    partitions.set(partition, { next: isClear ? base : UNCLEAR, appended })
  }
  return written
}

/** The record's timestamp is part of such ids. */
const isByTimestamp = ({ topic: { identity, time } }: Flight): boolean =>
  identity.by !== 'stamp' && time.by === 'timestamp'

/** The log has replaced the timestamp, so whoever reads the record there finds another id. */
function retime(flight: Flight, entry: Entry, appended: number): void {
  const { copy } = entry
  if (copy === null || !isByTimestamp(flight)) return
  const { topic } = flight
  entry.copy = { ...copy, timestamp: String(appended) }
  if (topic.identity.by === 'offset') return
  const { name, hop } = topic
  const place = { cluster: hop.cluster, topic: name, partition: NOWHERE, offset: NOWHERE }
  entry.words = identify(entry.copy, topic.identity, topic.time, place)
}

/** Beside partitions that were retimed: which id those have that did not answer is not known. */
function doubt(flight: Flight, partitions: ReadonlyMap<number, Written> | undefined): void {
  const times = [...(partitions?.values() ?? [])].flatMap(({ appended }) => appended ?? [])
  const [appended] = times
  if (appended === undefined) return
  const entries = flight.entries.filter(({ isMissing, words }) => isMissing && words !== null)
  for (const entry of entries) entry.words = null
  flight.topic.giveUp(RETIMED, flight, entries.length, appended)
}

/** The send resolved, and its transaction, if there is one, was committed. */
export function recordPassed(flight: Flight): void {
  const { topic, entries } = flight
  if (topic.identity.by === 'offset') for (const entry of entries) identifyByPlace(topic, entry)
  topic.pass(flight)
  const missing = entries.filter(({ isMissing }) => isMissing)
  if (missing.length === 0) return
  topic.record('unacknowledged', missing)
  topic.mishap('unacknowledged', missing, CLIENT)
}

function identifyByPlace(topic: Flight['topic'], entry: Entry): void {
  if (entry.copy === null || entry.offset === NOWHERE) {
    topic.count('unidentified')
    return
  }
  const { partition, offset } = entry
  const place = { cluster: topic.hop.cluster, topic: topic.name, partition, offset }
  entry.words = identify(entry.copy, topic.identity, topic.time, place)
}

/** The send failed: its ids are not expected, and their ordinals are free again. */
export function recordRejected({ topic, entries }: Flight): void {
  topic.record('rejected', entries)
  giveBack(topic.name, entries)
}

/** Its transaction was aborted. @param error name of the one that led to it, if it is known */
export function recordWithdrawn({ topic, entries }: Flight, error: string): void {
  topic.record('withdrawn', entries)
  topic.mishap('aborted', entries, error)
  giveBack(topic.name, entries)
}

function giveBack(topic: string, entries: readonly Entry[]): void {
  for (const { handling, slot } of entries)
    if (handling !== null && slot >= 0) handling.ordinals(topic).giveBack(slot)
}
