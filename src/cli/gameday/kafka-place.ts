/** The topics and groups of one run: made under a prefix of its own, and removed again. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import { makeTopics } from '../../transport/kafka/make-topics.ts'
import { ensureAuditTopic } from '../../transport/kafka.ts'
import { type GameDay, isGroup, isTopic } from './day.ts'

/** A group is not empty before the session of its dead members is over. */
const REMOVE_TRIES_MAX = 15
const REMOVE_AGAIN_MS = 1_000

export interface Place {
  readonly topics: readonly string[]
  readonly groups: readonly string[]
  readonly auditTopic: string
}

export function placeOf({ hops }: GameDay, prefix: string): Place {
  return {
    topics: hops.filter(isTopic).map(({ topic }) => `${prefix}${topic}`),
    groups: hops.filter(isGroup).map(({ group }) => `${prefix}${group}`),
    auditTopic: `${prefix}tallies`,
  }
}

export async function makePlace(kafka: Kafka, day: GameDay, place: Place): Promise<void> {
  const partitions = day.hops.filter(isTopic).map((hop) => hop.partitions)
  const topics = place.topics.map((topic, i) => ({
    topic,
    numPartitions: partitions[i] ?? 1,
    replicationFactor: -1,
  }))
  await withAdmin(kafka, (admin) => makeTopics(admin, topics))
  await ensureAuditTopic({ kafka, topic: place.auditTopic })
}

/** What was made and what agents made: every topic and group that bears the prefix. */
export async function removePlace(kafka: Kafka, prefix: string): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    const own = (name: string): boolean => name.includes(prefix)
    await patiently(async () => {
      const topics = (await admin.listTopics()).filter(own)
      if (topics.length > 0) await admin.deleteTopics({ topics })
    })
    await patiently(async () => {
      const groups = (await admin.listGroups()).groups.map(({ groupId }) => groupId).filter(own)
      if (groups.length > 0) await admin.deleteGroups(groups)
    })
  })
}

async function patiently(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await work()
      return
    } catch (error) {
      if (tries === REMOVE_TRIES_MAX) throw error
      await sleep(REMOVE_AGAIN_MS)
    }
  }
}

export async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}
