/** The agent on a real broker: what it counts is what a client without it sees. */
import { type Consumer, Kafka, type KafkaMessage, logLevel, type Message } from 'kafkajs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type AuditedOptions, audited, flushAll, forward } from '../../agents/kafkajs.ts'
import { endOf } from '../../src/base/intervals.ts'
import { decodeFrame } from '../../src/hop/frame-codec.ts'
import { consumerHop, type HopRef, producerHop } from '../../src/hop/hop.ts'
import { FrameLog } from '../agents/kafkajs/frames.ts'
import { stampOf } from '../agents/kafkajs/setup.ts'
import {
  createTopic,
  groupName,
  kafkaClient,
  sharedBrokers,
  topicName,
  withAdmin,
} from '../support/kafka.ts'

interface Seen {
  readonly stamp: string
  readonly partition: number
  readonly offset: number
}

/** What is in the log, as a client without the agent reads it. */
async function readAll(topic: string, count: number): Promise<Seen[]> {
  const seen: Seen[] = []
  await consume(kafkaClient(), topic, (consumer, done) =>
    consumer.run({
      eachMessage: async ({ partition, message }) => {
        seen.push({ stamp: stampOf(message as Message), partition, offset: Number(message.offset) })
        if (seen.length >= count) done()
      },
    }),
  )
  return seen
}

async function consume(
  kafka: Kafka,
  topic: string,
  run: (consumer: Consumer, done: () => void) => Promise<void>,
  groupId = groupName(),
): Promise<void> {
  const consumer = kafka.consumer({ groupId, retry: { retries: 5, initialRetryTime: 50 } })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise<void>((resolve, reject) => run(consumer, resolve).catch(reject))
  await consumer.disconnect()
}

async function auditedProducer(
  log: FrameLog,
  options: Partial<AuditedOptions> = {},
  config: Parameters<Kafka['producer']>[0] = {},
) {
  const kafka = audited(kafkaClient(), { service: 'svc', audit: { sender: log }, ...options })
  const producer = kafka.producer({ ...config })
  await producer.connect()
  onTestFinished(() => producer.disconnect())
  return producer
}

/**
 * Resolves when the agent has reported all offsets there are, transaction markers included. (What the
 * group has committed does not tell: kafkajs does not commit behind a batch of markers only.)
 */
async function caughtUp(log: FrameLog, hop: HopRef): Promise<void> {
  const ends = await withAdmin((admin) => admin.fetchTopicOffsets(hop.topic))
  const isThere = (): boolean =>
    ends.every(({ partition, high }) => endOf(log.covered(hop, partition)) === Number(high))
  while (!isThere()) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    await flushAll()
  }
}

const numbered = (count: number): Message[] =>
  Array.from({ length: count }, (_, i) => ({ value: `${i}`, ...(i % 2 ? { key: `k${i}` } : {}) }))

const stampsOf = (seen: readonly Seen[]): string[] => seen.map(({ stamp }) => stamp).sort()

function rangesOf(seen: readonly Seen[]): Record<number, [number, number]> {
  const ranges: Record<number, [number, number]> = {}
  for (const { partition, offset } of seen) {
    const [low, high] = ranges[partition] ?? [offset, offset]
    ranges[partition] = [Math.min(low, offset), Math.max(high, offset)]
  }
  return ranges
}

describe('a producer', () => {
  it.each<[string, Partial<AuditedOptions>]>([
    ['as it is', {}],
    ['with splitSends', { splitSends: true }],
  ])('counts what is in the log, with its offsets: %s', async (_, options) => {
    const topic = await createTopic({ partitions: 4 })
    const log = new FrameLog()
    const producer = await auditedProducer(log, options)
    await producer.send({ topic, messages: numbered(50) })
    await Promise.all(
      Array.from({ length: 10 }, () => producer.send({ topic, messages: numbered(7) })),
    )
    await producer.sendBatch({
      topicMessages: [
        { topic, messages: numbered(11) },
        { topic, messages: numbered(9) },
      ],
    })
    await producer.disconnect()
    const seen = await readAll(topic, 140)

    const hop = producerHop('default', topic, 'svc')
    expect(log.ids(hop)).toEqual(stampsOf(seen))
    expect(log.ranges(hop)).toEqual(rangesOf(seen))
    expect(log.placeless(hop, 'passed')).toBe(0)
    expect(log.total(hop, 'unacknowledged')).toBe(0)
  })

  it.each<[string, Partial<AuditedOptions>]>([
    ['as it is', {}],
    ['with splitSends', { splitSends: true }],
  ])(
    'counts committed transactions as passed, aborted ones as withdrawn: %s',
    async (_, options) => {
      const topic = await createTopic({ partitions: 3 })
      const log = new FrameLog()
      const config = { idempotent: true, transactionalId: topicName(), maxInFlightRequests: 1 }
      const producer = await auditedProducer(log, options, config)
      const aborted = await producer.transaction()
      await aborted.send({ topic, messages: numbered(5) })
      expect(aborted.isActive()).toBe(true)
      await aborted.abort()
      const committed = await producer.transaction()
      await committed.send({ topic, messages: numbered(12) })
      await committed.sendBatch({ topicMessages: [{ topic, messages: numbered(8) }] })
      await committed.commit()
      await expect(committed.send({ topic, messages: numbered(1) })).rejects.toThrow(/ended/)
      await producer.disconnect()
      const seen = await readAll(topic, 20)

      const hop = producerHop('default', topic, 'svc')
      expect(log.ids(hop)).toEqual(stampsOf(seen))
      expect(log.ranges(hop)).toEqual(rangesOf(seen))
      expect(log.total(hop, 'withdrawn')).toBe(5)
      expect(log.total(hop, 'rejected')).toBe(1)
    },
  )

  it('sends without the stamp what the stamp makes too large', async () => {
    const topic = await createTopic({ config: { 'max.message.bytes': '1000' } })
    const log = new FrameLog()
    const producer = await auditedProducer(log)
    let size = 1000
    const raw = kafkaClient().producer()
    await raw.connect()
    onTestFinished(() => raw.disconnect())
    const fits = (bytes: number): Promise<boolean> =>
      raw.send({ topic, messages: [{ value: 'x'.repeat(bytes) }] }).then(
        () => true,
        () => false,
      )
    while (!(await fits(size))) size -= 4
    await producer.send({ topic, messages: [{ value: 'x'.repeat(size) }] })
    await expect(
      producer.send({ topic, messages: [{ value: 'x'.repeat(1100) }] }),
    ).rejects.toMatchObject({ type: 'MESSAGE_TOO_LARGE' })
    await producer.disconnect()

    expect(log.counted('unstamped-retry')).toBe(1)
    expect(log.total(producerHop('default', topic, 'svc'), 'rejected')).toBe(2)
    expect((await readAll(topic, 2)).map(({ stamp }) => stamp)).toEqual(['absent', 'absent'])
  })

  it('reports to the audit topic by itself, and is quiet about one that is not there', async () => {
    const topic = await createTopic()
    const tallies = await createTopic()
    const logged: string[] = []
    const kafka = new Kafka({
      brokers: sharedBrokers(),
      logLevel: logLevel.ERROR,
      logCreator:
        () =>
        ({ log }) =>
          void logged.push(log.message),
    })
    const troubles: string[] = []
    for (const audit of [{ topic: tallies }, { topic: topicName('missing') }]) {
      const onTrouble = (text: string): void => void troubles.push(text)
      const producer = audited(kafka, { service: 'svc', audit, onTrouble }).producer()
      await producer.connect()
      await producer.send({ topic, messages: numbered(3) })
      await producer.disconnect()
    }
    const frames: Buffer[] = []
    await consume(kafkaClient(), tallies, (consumer, done) =>
      consumer.run({
        eachMessage: async ({ message }) => {
          frames.push(message.value as Buffer)
          if (decodeFrame(message.value as Buffer).goodbye) done()
        },
      }),
    )

    expect(decodeFrame(frames[0] as Buffer)).toMatchObject({ service: 'svc', hello: true })
    expect(troubles.join()).toMatch(/not sent/)
    expect(logged).toEqual([])
  })
})

describe('a consumer', () => {
  /** A topic with transactions, aborted ones too, hence offsets without messages. */
  async function filled(partitions: number): Promise<[string, Seen[]]> {
    const topic = await createTopic({ partitions })
    const config = { idempotent: true, transactionalId: topicName(), maxInFlightRequests: 1 }
    const producer = await auditedProducer(new FrameLog(), {}, config)
    for (const outcome of ['commit', 'abort', 'commit', 'abort'] as const) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: numbered(20) })
      await transaction[outcome]()
    }
    await producer.send({ topic, messages: numbered(20) })
    await producer.disconnect()
    return [topic, await readAll(topic, 60)]
  }

  async function ends(topic: string): Promise<[number, number][]> {
    const offsets = await withAdmin((admin) => admin.fetchTopicOffsets(topic))
    return offsets.map(({ partition, high }) => [partition, Number(high)])
  }

  it('counts in eachMessage what it handled, once more what comes again, and covers all', async () => {
    const [topic, seen] = await filled(2)
    const log = new FrameLog()
    const group = groupName()
    const hop = consumerHop('default', topic, group)
    const kafka = audited(kafkaClient(), { service: 'reader', audit: { sender: log } })
    const handled: string[] = []
    let failures = 2
    await consume(
      kafka,
      topic,
      (consumer, done) =>
        consumer.run({
          eachMessage: async ({ message }) => {
            if (handled.length === 13 && failures-- > 0) throw new Error('try again')
            handled.push(stampOf(message as Message))
            if (new Set(handled).size === seen.length) void caughtUp(log, hop).then(done)
          },
        }),
      group,
    )

    expect(log.ids(hop)).toEqual(handled.sort())
    expect([...new Set(handled)].sort()).toEqual(stampsOf(seen))
    expect(log.counted('failed-attempts')).toBe(2)
    expect(log.ranges(hop)).toEqual(rangesOf(seen))
    for (const [partition, end] of await ends(topic))
      expect(log.covered(hop, partition)).toEqual([[0, end]])
  })

  it('counts in eachBatch what was resolved before a throw, and the rest when it comes', async () => {
    const [topic, seen] = await filled(1)
    const log = new FrameLog()
    const group = groupName()
    const hop = consumerHop('default', topic, group)
    const kafka = audited(kafkaClient(), { service: 'reader', audit: { sender: log } })
    const resolved: string[] = []
    let hasFailed = false
    await consume(
      kafka,
      topic,
      (consumer, done) =>
        consumer.run({
          eachBatchAutoResolve: false,
          eachBatch: async ({ batch, resolveOffset, isRunning }) => {
            for (const message of batch.messages) {
              if (!isRunning()) return
              if (!hasFailed && resolved.length === 7) {
                hasFailed = true
                throw new Error('half-way')
              }
              resolveOffset(message.offset)
              resolved.push(stampOf(message as Message))
            }
            if (resolved.length >= seen.length) void caughtUp(log, hop).then(done)
          },
        }),
      group,
    )

    expect(log.ids(hop)).toEqual(stampsOf(seen))
    expect(resolved.sort()).toEqual(stampsOf(seen))
    expect(log.counted('failed-attempts')).toBe(1)
    expect(log.covered(hop)).toEqual([[0, (await ends(topic))[0]?.[1]]])
  })

  it('leaves open what a stopped eachBatch left, and its successor counts it', async () => {
    const topic = await createTopic()
    const producer = await auditedProducer(new FrameLog())
    await producer.send({ topic, messages: numbered(30) })
    await producer.disconnect()
    const group = groupName()
    const log = new FrameLog()
    const kafka = audited(kafkaClient(), { service: 'reader', audit: { sender: log } })
    await consume(
      kafka,
      topic,
      (consumer, done) =>
        consumer.run({
          eachBatchAutoResolve: false,
          eachBatch: async ({ batch, resolveOffset, isRunning, commitOffsetsIfNecessary }) => {
            for (const message of batch.messages.slice(0, 10)) resolveOffset(message.offset)
            await commitOffsetsIfNecessary()
            done()
            while (isRunning()) await new Promise((resolve) => setTimeout(resolve, 10))
          },
        }),
      group,
    )
    const hop = consumerHop('default', topic, group)
    expect(log.total(hop, 'passed')).toBe(10)
    expect(endOf(log.covered(hop))).toBe(10)

    let count = 0
    await consume(
      kafka,
      topic,
      (consumer, done) =>
        consumer.run({
          eachMessage: async () => {
            if (++count === 20) void caughtUp(log, hop).then(done)
          },
        }),
      group,
    )
    expect(log.ids(hop)).toEqual(stampsOf(await readAll(topic, 30)))
    expect(log.covered(hop)).toEqual([[0, 30]])
  })

  it('forwards the id of what it handles to what it sends', async () => {
    const [from, to, batched] = [await createTopic(), await createTopic(), await createTopic()]
    const log = new FrameLog()
    const producer = await auditedProducer(log)
    await producer.send({ topic: from, messages: numbered(12) })
    const group = groupName()
    const kafka = audited(kafkaClient(), { service: 'enrich', audit: { sender: log } })
    const out = kafka.producer()
    await out.connect()
    let count = 0
    await consume(
      kafka,
      from,
      (consumer, done) =>
        consumer.run({
          eachMessage: async ({ message: { key, value } }) => {
            await out.send({ topic: to, messages: [{ key, value }] })
            if (++count === 12) done()
          },
        }),
      group,
    )
    await consume(kafka, to, (consumer, done) =>
      consumer.run({
        eachBatch: async ({ batch }) => {
          const messages = batch.messages.map((m: KafkaMessage) =>
            forward(m, { value: String(m.value) }),
          )
          await out.send({ topic: batched, messages })
          if (Number(batch.lastOffset()) === 11) done()
        },
      }),
    )
    await out.disconnect()
    await producer.disconnect()

    const first = stampsOf(await readAll(from, 12))
    expect(stampsOf(await readAll(to, 12))).toEqual(first)
    expect(stampsOf(await readAll(batched, 12))).toEqual(first)
    const hop = producerHop('default', to, 'enrich')
    expect(log.origins(hop)).toEqual(log.origins(hop).map(() => ({ topic: from, group })))
    expect(log.ids(hop)).toEqual(first)
  })
})
