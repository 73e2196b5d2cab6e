/**
 * How fast is the topic agent beside a bare kafkajs consumer on the same topic?
 *
 * Workload: one broker on this machine, a topic of 3 partitions with 300,000 stamped records of 200 B,
 * read from the beginning in rounds that take turns. The bare consumer's handler is empty.
 *
 * Timed: from the moment the consumer has its partitions until its handler has returned from the last
 * record. Not timed: connecting, joining, what the agent does at its start and at its end; the frames
 * go to nowhere, so the way to the audit topic is left out too.
 */
import { randomBytes } from 'node:crypto'
import { type Consumer, type ConsumerRunConfig, Kafka, logLevel } from 'kafkajs'
import { topicAgent } from '../agents/topic.ts'
import { bytesOfWords } from '../src/message/id.ts'
import { Minter } from '../src/message/mint.ts'
import { STAMP_HEADER } from '../src/message/stamp.ts'
import { startKafka } from '../src/testbed/kafka.ts'
import type { BenchResult } from './types.ts'

export const name = 'topic-agent'
export const about =
  'throughput of the topic agent beside a bare kafkajs eachBatch consumer (target: ratio ≥ 0.85)'

const RECORDS = 300_000
const PARTITIONS = 3
const VALUE_BYTES = 200
const ROUNDS = 7
const PER_SEND = 3_000
const TARGET = 0.85

export async function run(): Promise<BenchResult> {
  const broker = await startKafka()
  try {
    const connect = (): Kafka => new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING })
    const topic = await fill(connect())
    const bare: number[] = []
    const agent: number[] = []
    // The first round of each warms up.
    for (let round = 0; round <= ROUNDS; round++) {
      const order = round % 2 === 0 ? [readBare, readAgent] : [readAgent, readBare]
      for (const read of order) {
        const ms = await read(connect(), topic)
        if (round > 0) (read === readBare ? bare : agent).push(ms)
      }
    }
    const row = (what: string, times: number[]): Record<string, string | number> => ({
      what,
      'records/s': Math.round(RECORDS / (median(times) / 1_000)),
      'µs per record': (median(times) * 1_000) / RECORDS,
      'best ms': Math.round(Math.min(...times)),
      'worst ms': Math.round(Math.max(...times)),
    })
    const ratio = median(bare) / median(agent)
    return {
      rows: [
        row('bare consumer', bare),
        row('topic agent', agent),
        { what: 'ratio of the medians', 'records/s': ratio },
      ],
      notes: [
        `${ROUNDS} rounds each, medians. Target: ${TARGET}. ${ratio >= TARGET ? 'Met.' : 'MISSED.'}`,
      ],
    }
  } finally {
    await broker.close()
  }
}

async function fill(kafka: Kafka): Promise<string> {
  const topic = `bench.${randomBytes(6).toString('hex')}`
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions: PARTITIONS }] })
  await admin.disconnect()
  const producer = kafka.producer()
  await producer.connect()
  const minter = new Minter()
  for (let sent = 0; sent < RECORDS; sent += PER_SEND) {
    const messages = Array.from({ length: PER_SEND }, (_, i) => ({
      value: randomBytes(VALUE_BYTES),
      partition: i % PARTITIONS,
      headers: { [STAMP_HEADER]: bytesOfWords(minter.mint(topic)) },
    }))
    await producer.send({ topic, messages })
  }
  await producer.disconnect()
  return topic
}

async function readBare(kafka: Kafka, topic: string): Promise<number> {
  const { timed, ms } = timing(kafka)
  const consumer = timed.consumer({ groupId: groupId(), maxWaitTimeInMs: 1_000 })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({ autoCommit: false, eachBatch: async () => {} })
  const result = await ms
  await consumer.disconnect()
  return result
}

async function readAgent(kafka: Kafka, topic: string): Promise<number> {
  const { timed, ms } = timing(kafka)
  const sender = { send: async () => {}, close: async () => {} }
  const agent = await topicAgent({ kafka: timed, topics: [topic], groupId: groupId(), sender })
  const result = await ms
  await agent.close()
  return result
}

/** The same stopwatch around both: from GROUP_JOIN to the end of the handler's last record. */
function timing(kafka: Kafka): { timed: Kafka; ms: Promise<number> } {
  let stop = (_: number): void => {}
  const ms = new Promise<number>((resolve) => {
    stop = resolve
  })
  let started = 0
  let read = 0
  const consumer = (config: Parameters<Kafka['consumer']>[0]): Consumer => {
    const inner = kafka.consumer(config)
    inner.on(inner.events.GROUP_JOIN, () => {
      started = performance.now()
    })
    const run = (options: ConsumerRunConfig): Promise<void> =>
      inner.run({
        ...options,
        eachBatch: async (payload) => {
          await options.eachBatch?.(payload)
          read += payload.batch.messages.length
          if (read >= RECORDS) stop(performance.now() - started)
        },
      })
    return { ...inner, run } as Consumer
  }
  const timed = { consumer, admin: () => kafka.admin() } as unknown as Kafka
  return { timed, ms }
}

const groupId = (): string => `bench-${randomBytes(6).toString('hex')}`

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number
}
