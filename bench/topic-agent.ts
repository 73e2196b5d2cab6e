/**
 * How fast is the topic agent beside a bare kafkajs consumer on the same topic?
 *
 * Workload: one broker on this machine, a topic of 3 partitions with 300,000 stamped records of 200 B,
 * read from the beginning in rounds that take turns. The bare consumer's handler is empty.
 *
 * Timed: from the moment the consumer has its partitions until its handler has returned from the last
 * record. Not timed: connecting, joining, what the agent does at its start and at its end; the frames
 * go to nowhere, so the way to the audit topic is left out too.
 *
 * Two figures, since other work on the machine disturbs the clock more than the processor time of this
 * process: the ratio of the median times, and the ratio of the median processor times.
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
const ROUNDS = 9
const PER_SEND = 3_000
const TARGET = 0.85

export async function run(): Promise<BenchResult> {
  const broker = await startKafka()
  try {
    const connect = (): Kafka => new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING })
    const topic = await fill(connect())
    const bare: Reading[] = []
    const agent: Reading[] = []
    // The first round of each warms up.
    for (let round = 0; round <= ROUNDS; round++) {
      const order = round % 2 === 0 ? [readBare, readAgent] : [readAgent, readBare]
      for (const read of order) {
        const reading = await read(connect(), topic)
        if (round > 0) (read === readBare ? bare : agent).push(reading)
      }
    }
    const ratio = (of: keyof Reading): number => median(bare, of) / median(agent, of)
    return {
      rows: [
        row('bare consumer', bare),
        row('topic agent', agent),
        { what: 'bare / agent', 'records/s': ratio('ms'), 'CPU µs per record': ratio('cpuMs') },
      ],
      notes: [
        `${ROUNDS} rounds each, medians. Throughput is ${ratio('ms').toFixed(3)} of the bare consumer's; target: ${TARGET}.`,
      ],
    }
  } finally {
    await broker.close()
  }
}

interface Reading {
  readonly ms: number
  /** Of this process, the client's decoding included. */
  readonly cpuMs: number
}

function row(what: string, readings: readonly Reading[]): Record<string, string | number> {
  const times = readings.map(({ ms }) => ms)
  return {
    what,
    'records/s': Math.round(RECORDS / (median(readings, 'ms') / 1_000)),
    'CPU µs per record': (median(readings, 'cpuMs') * 1_000) / RECORDS,
    'best ms': Math.round(Math.min(...times)),
    'worst ms': Math.round(Math.max(...times)),
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

async function readBare(kafka: Kafka, topic: string): Promise<Reading> {
  const { timed, reading } = timing(kafka)
  const consumer = timed.consumer({ groupId: groupId(), maxWaitTimeInMs: 1_000 })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({ autoCommit: false, eachBatch: async () => {} })
  const result = await reading
  await consumer.disconnect()
  return result
}

async function readAgent(kafka: Kafka, topic: string): Promise<Reading> {
  const { timed, reading } = timing(kafka)
  const sender = { send: async () => {}, close: async () => {} }
  const agent = await topicAgent({ kafka: timed, topics: [topic], groupId: groupId(), sender })
  const result = await reading
  await agent.close()
  return result
}

/** The same stopwatch around both: from GROUP_JOIN to the end of the handler's last record. */
function timing(kafka: Kafka): { timed: Kafka; reading: Promise<Reading> } {
  let stop = (_: Reading): void => {}
  const reading = new Promise<Reading>((resolve) => {
    stop = resolve
  })
  let started = 0
  let cpu = process.cpuUsage()
  let read = 0
  const consumer = (config: Parameters<Kafka['consumer']>[0]): Consumer => {
    const inner = kafka.consumer(config)
    inner.on(inner.events.GROUP_JOIN, () => {
      started = performance.now()
      cpu = process.cpuUsage()
    })
    const run = (options: ConsumerRunConfig): Promise<void> =>
      inner.run({
        ...options,
        eachBatch: async (payload) => {
          await options.eachBatch?.(payload)
          read += payload.batch.messages.length
          if (read < RECORDS) return
          const { user, system } = process.cpuUsage(cpu)
          stop({ ms: performance.now() - started, cpuMs: (user + system) / 1_000 })
        },
      })
    return { ...inner, run } as Consumer
  }
  const timed = { consumer, admin: () => kafka.admin() } as unknown as Kafka
  return { timed, reading }
}

const groupId = (): string => `bench-${randomBytes(6).toString('hex')}`

function median(readings: readonly Reading[], of: keyof Reading): number {
  const values = readings.map((reading) => reading[of]).sort((a, b) => a - b)
  return values[values.length >> 1] as number
}
