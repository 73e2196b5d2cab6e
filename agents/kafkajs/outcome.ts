/** What a send's end means for the ids in it (DESIGN section 6, "What counts, at a producer"). */
import { NOWHERE } from '../../src/hop/tally.ts'
import { identify } from '../../src/message/identity.ts'
import type { Entry, Flight } from './entry.ts'

/** The partition is in the response more than once: written twice, or nobody knows where. */
const UNCLEAR = -2

/**
 * Finds the place of each message: the response names for each (topic, partition) the offset of its
 * first message, and the client keeps the order within a partition. Returns the messages whose
 * partition is missing from the response.
 */
export function locate(flights: readonly Flight[], response: unknown): Entry[] {
  const bases = basesOf(response)
  if (bases === null) return []
  const missing: Entry[] = []
  for (const flight of flights) {
    const next = bases.get(flight.topic.name)
    for (const entry of flight.entries) {
      entry.isMissing = false
      if (entry.partition === NOWHERE) continue
      const offset = next?.get(entry.partition)
      if (offset === undefined) {
        entry.isMissing = true
        missing.push(entry)
      } else if (offset >= 0) {
        entry.offset = offset
        next?.set(entry.partition, offset + 1)
      }
    }
  }
  return missing
}

/** For each topic and partition the base offset; null where it is no response of kafkajs. */
function basesOf(response: unknown): Map<string, Map<number, number>> | null {
  if (!Array.isArray(response)) return null
  const bases = new Map<string, Map<number, number>>()
  for (const part of response) {
    const { topicName, partition, baseOffset, offset } = (part ?? {}) as Record<string, unknown>
    if (typeof topicName !== 'string' || typeof partition !== 'number') return null
    let partitions = bases.get(topicName)
    if (partitions === undefined) {
      partitions = new Map()
      bases.set(topicName, partitions)
    }
    const base = Number(baseOffset ?? offset ?? UNCLEAR)
    const isClear = !partitions.has(partition) && Number.isSafeInteger(base) && base >= 0
    partitions.set(partition, isClear ? base : UNCLEAR)
  }
  return bases
}

/** The send resolved, and its transaction, if there is one, was committed. */
export function recordPassed(flight: Flight): void {
  const { topic, entries } = flight
  if (topic.identity.by === 'offset') for (const entry of entries) identifyByPlace(topic, entry)
  topic.pass(flight)
  const missing = entries.filter(({ isMissing }) => isMissing)
  if (missing.length > 0) topic.record('unacknowledged', missing)
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

/** Its transaction was aborted. */
export function recordWithdrawn({ topic, entries }: Flight): void {
  topic.record('withdrawn', entries)
  giveBack(topic.name, entries)
}

function giveBack(topic: string, entries: readonly Entry[]): void {
  for (const { handling, slot } of entries)
    if (handling !== null && slot >= 0) handling.ordinals(topic).giveBack(slot)
}
