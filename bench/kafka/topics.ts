/** Topics with what the variants read. */
import { randomBytes } from 'node:crypto'
import { type IHeaders, Kafka, logLevel } from 'kafkajs'
import { bytesOfWords } from '../../src/message/id.ts'
import { Minter } from '../../src/message/mint.ts'
import { STAMP_HEADER } from '../../src/message/stamp.ts'
import { PER_SEND } from './jobs.ts'
import { valueAt } from './values.ts'
import { AUDIT_TOPIC } from './variants.ts'

export const PARTITIONS = 3

export async function createTopics(brokers: string[], topics: readonly string[]): Promise<void> {
  const admin = new Kafka({ brokers, logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  const audit = { topic: AUDIT_TOPIC, numPartitions: 1 }
  await admin.createTopics({
    waitForLeaders: true,
    topics: [...topics.map((topic) => ({ topic, numPartitions: PARTITIONS })), audit],
  })
  await admin.disconnect()
}

export type Content = 'bare' | 'stamp' | 'traceparent'

/** The same values in the same order on the same partitions, with other headers. */
export async function fill(
  brokers: string[],
  topics: Readonly<Record<Content, string>>,
  count: number,
): Promise<void> {
  const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  const minter = new Minter()
  const hex = (bytes: number): string => randomBytes(bytes).toString('hex')
  const headers: Readonly<Record<Content, () => IHeaders | undefined>> = {
    bare: () => undefined,
    stamp: () => ({ [STAMP_HEADER]: bytesOfWords(minter.mint(topics.stamp)) }),
    traceparent: () => ({ traceparent: `00-${hex(16)}-${hex(8)}-00` }),
  }
  for (let sent = 0; sent < count; sent += PER_SEND) {
    const values = Array.from({ length: PER_SEND }, (_, i) => valueAt(sent + i))
    for (const [content, topic] of Object.entries(topics)) {
      const make = headers[content as Content]
      const messages = values.map((value, i) => {
        const own = make()
        const message = { value, partition: i % PARTITIONS }
        return own === undefined ? message : { ...message, headers: own }
      })
      await producer.send({ topic, messages })
    }
  }
  await producer.disconnect()
}
