/** Makes topics, and waits until their leaders answer. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, ITopicConfig } from 'kafkajs'
import { messageOf, QuipuError } from '../../base/errors.ts'
import { isRefused } from '../kafka-errors.ts'

/** ms that a new topic may take until it is led, and ms between two looks. */
const LED_MS_MAX = 20_000
const LED_LOOK_MS = 100

/**
 * Makes those of the topics that are not there; whether it made any.
 *
 * kafkajs's own `waitForLeaders` asks one broker once, and fails where that one has not heard of the
 * topic yet. @throws QuipuError if a topic is not led in bounded time; else what kafkajs throws
 */
export async function makeTopics(admin: Admin, topics: ITopicConfig[]): Promise<boolean> {
  const isMade = await admin.createTopics({ waitForLeaders: false, topics })
  for (const { topic } of topics) await untilLed(admin, topic)
  return isMade
}

async function untilLed(admin: Admin, topic: string): Promise<void> {
  const start = performance.now()
  for (;;) {
    try {
      await admin.fetchTopicOffsets(topic)
      return
    } catch (error) {
      // It may make topics and not look at them: then whoever uses this one finds out.
      if (isRefused(error)) return
      if (performance.now() - start > LED_MS_MAX) throw notLed(topic, error)
      await sleep(LED_LOOK_MS)
    }
  }
}

function notLed(topic: string, cause: unknown): QuipuError {
  const waited = `no leader within ${LED_MS_MAX / 1_000} s`
  return new QuipuError('CONNECTION', `the topic ${topic} has ${waited}: ${messageOf(cause)}`, {
    hint: 'It is made, or was there: see whether all brokers are up, and run this again.',
    cause,
  })
}
