/** What integration tests need of the shared broker. */

import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { inject } from 'vitest'

/** The shared single broker of this run. */
export function sharedBrokers(): string[] {
  return inject('brokers')
}

/** A client that keeps quiet about the retries that are normal on a fresh broker. */
export function kafkaClient(brokers: string[] = sharedBrokers(), clientId = 'test'): Kafka {
  return new Kafka({ clientId, brokers, logLevel: logLevel.NOTHING })
}

/** A name nobody else has used, on a shared broker or in an earlier run. */
export function topicName(prefix = 'test'): string {
  return `${prefix}.${randomBytes(6).toString('hex')}`
}

/** Like `topicName`, for consumer groups. */
export function groupName(prefix = 'group'): string {
  return topicName(prefix)
}

export interface CreateTopicOptions {
  readonly prefix?: string
  readonly partitions?: number
  readonly replicas?: number
  /** Topic configuration, as `retention.ms`. */
  readonly config?: Readonly<Record<string, string>>
  readonly brokers?: string[]
}

/** Makes a topic under a fresh name, waits until every broker knows its leaders, and returns the name. */
export async function createTopic({
  prefix = 'test',
  partitions = 1,
  replicas = -1,
  config = {},
  brokers = sharedBrokers(),
}: CreateTopicOptions = {}): Promise<string> {
  const topic = topicName(prefix)
  await withAdmin(
    (admin) =>
      admin.createTopics({
        // kafkajs would ask once, and give up where a busy broker has not heard of the topic yet.
        waitForLeaders: false,
        topics: [
          {
            topic,
            numPartitions: partitions,
            replicationFactor: replicas,
            configEntries: Object.entries(config).map(([name, value]) => ({ name, value })),
          },
        ],
      }),
    brokers,
  )
  await untilLed(topic, brokers)
  return topic
}

/** Looks, 100 ms apart, for the leaders of a new topic. */
const LOOKS_MAX = 600

export async function untilLed(topic: string, brokers: string[]): Promise<void> {
  const isLed = (broker: string): Promise<boolean> =>
    withAdmin((admin) => admin.fetchTopicOffsets(topic), [broker]).then(
      () => true,
      () => false,
    )
  for (const broker of brokers)
    for (let look = 0; !(await isLed(broker)); look++) {
      if (look === LOOKS_MAX) throw new Error(`waited in vain for the leaders of ${topic}`)
      await sleep(100)
    }
}

export async function withAdmin<T>(
  work: (admin: Admin) => Promise<T>,
  brokers: string[] = sharedBrokers(),
): Promise<T> {
  const admin = kafkaClient(brokers, 'test-admin').admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}
