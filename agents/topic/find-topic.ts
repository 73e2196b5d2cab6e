/** Finds a topic of which not every broker may have heard yet. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin } from 'kafkajs'
import { QuipuError } from '../../src/base/errors.ts'
import { typesOf } from './refusal.ts'

/** Looks for a topic that the brokers do not name, and ms between them: 2 s in all. */
const LOOKS_MAX = 9
const LOOK_MS = 250

type Offsets = Awaited<ReturnType<Admin['fetchTopicOffsets']>>

/**
 * Where each partition begins and ends. A topic made a moment ago is unknown to the broker that hears of
 * it last, and has no leader at first; one that nobody names after that is a mistake.
 */
export async function findTopic(admin: Admin, topic: string): Promise<Offsets> {
  for (let look = 1; ; look++) {
    try {
      const isKnown = (await admin.listTopics()).includes(topic)
      if (isKnown) return await admin.fetchTopicOffsets(topic)
      if (look === LOOKS_MAX) throw notThere(topic)
    } catch (error) {
      if (!isUnknown(error)) throw error
      if (look === LOOKS_MAX) throw notThere(topic, error)
    }
    await sleep(LOOK_MS)
  }
}

const UNKNOWN: readonly string[] = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE']

const isUnknown = (error: unknown): boolean => typesOf(error).some((type) => UNKNOWN.includes(type))

function notThere(topic: string, cause?: unknown): QuipuError {
  return new QuipuError('NOT_FOUND', `the topic ${topic} does not exist`, {
    hint: 'Create it, or correct its name in the pipeline file.',
    cause,
  })
}
