/**
 * How fast is the topic agent beside a bare kafkajs consumer on the same topic?
 *
 * Workload: one broker on this machine, a topic of 3 partitions with 300,000 stamped records of 200 B,
 * read from the beginning in rounds that take turns. The bare consumer's handler is empty.
 *
 * Timed: from the moment the consumer has its partitions until its handler has returned from the last
 * record. Not timed: connecting, joining, what the agent does at its start and at its end.
 *
 * The agent comes twice: with frames that go to nowhere, and as the auditor runs it, with transactions
 * of frames and offsets on the same broker, ten times as often as by default (every 500 ms). There the
 * watch starts when its partitions are claimed, since it reads nothing before.
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
    const auditTopic = await create(connect(), 1)
    const readExactly: Reader = (kafka, from) => readTransactions(kafka, from, auditTopic)
    const readings = new Map<Reader, Reading[]>()
    const readers = [readBare, readAgent, readExactly]
    const of = (reader: Reader): Reading[] => readings.get(reader) ?? []
    // The first round of each warms up.
    for (let round = 0; round <= ROUNDS; round++) {
      const order = round % 2 === 0 ? readers : readers.toReversed()
      for (const read of order) {
        const reading = await read(connect(), topic)
        if (round > 0) readings.set(read, [...of(read), reading])
      }
    }
    const ratio = (reader: Reader, by: keyof Reading): number =>
      median(of(readBare), by) / median(of(reader), by)
    const beside = (what: string, reader: Reader): Record<string, string | number> => ({
      what,
      'records/s': ratio(reader, 'ms'),
      'CPU µs per record': ratio(reader, 'cpuMs'),
    })
    const share = ratio(readExactly, 'ms').toFixed(3)
    return {
      rows: [
        row('bare consumer', of(readBare)),
        row('topic agent, frames to nowhere', of(readAgent)),
        row('topic agent, exactly once', of(readExactly)),
        beside('bare / agent, frames to nowhere', readAgent),
        beside('bare / agent, exactly once', readExactly),
      ],
      notes: [
        `${ROUNDS} rounds each, medians. Throughput of the exactly-once agent is ${share} of the bare consumer's; target: ${TARGET}.`,
      ],
    }
  } finally {
    await broker.close()
  }
}

type Reader = (kafka: Kafka, topic: string) => Promise<Reading>

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

async function create(kafka: Kafka, numPartitions: number): Promise<string> {
  const topic = `bench.${randomBytes(6).toString('hex')}`
  const admin = kafka.admin()
  await admin.connect()
  const configEntries = [{ name: 'max.message.bytes', value: String(2 ** 21) }]
  await admin.createTopics({
    waitForLeaders: true,
    topics: [{ topic, numPartitions, configEntries }],
  })
  await admin.disconnect()
  return topic
}

async function fill(kafka: Kafka): Promise<string> {
  const topic = await create(kafka, PARTITIONS)
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

async function readTransactions(kafka: Kafka, topic: string, auditTopic: string): Promise<Reading> {
  const { timed, reading, start } = timing(kafka)
  const audit = { kafka: timed, topic: auditTopic }
  const agent = await topicAgent({
    kafka: timed,
    topics: [topic],
    groupId: groupId(),
    audit,
    flushMs: 500,
    resume: () => {
      start()
      return undefined
    },
  })
  const result = await reading
  await agent.close()
  return result
}

/** The same stopwatch around all: from GROUP_JOIN, or `start`, to the end of the last record. */
function timing(kafka: Kafka): { timed: Kafka; reading: Promise<Reading>; start: () => void } {
  let stop = (_: Reading): void => {}
  const reading = new Promise<Reading>((resolve) => {
    stop = resolve
  })
  let started = 0
  let cpu = process.cpuUsage()
  /** Per partition one past the last record read; what was fetched before a seek comes again. */
  const ends = new Map<number, number>()
  const start = (): void => {
    started = performance.now()
    cpu = process.cpuUsage()
    ends.clear()
  }
  const consumer = (config: Parameters<Kafka['consumer']>[0]): Consumer => {
    const inner = kafka.consumer(config)
    inner.on(inner.events.GROUP_JOIN, start)
    const run = (options: ConsumerRunConfig): Promise<void> =>
      inner.run({
        ...options,
        eachBatch: async (payload) => {
          const begun = performance.now()
          await options.eachBatch?.(payload)
          if (begun < started) return
          const { partition } = payload.batch
          ends.set(partition, Number(payload.batch.lastOffset()) + 1)
          if ([...ends.values()].reduce((sum, end) => sum + end, 0) < RECORDS) return
          const { user, system } = process.cpuUsage(cpu)
          stop({ ms: performance.now() - started, cpuMs: (user + system) / 1_000 })
        },
      })
    return { ...inner, run } as Consumer
  }
  const timed = {
    consumer,
    admin: () => kafka.admin(),
    producer: (config: Parameters<Kafka['producer']>[0]) => kafka.producer(config),
  } as unknown as Kafka
  return { timed, reading, start }
}

const groupId = (): string => `bench-${randomBytes(6).toString('hex')}`

function median(readings: readonly Reading[], of: keyof Reading): number {
  const values = readings.map((reading) => reading[of]).sort((a, b) => a - b)
  return values[values.length >> 1] as number
}
