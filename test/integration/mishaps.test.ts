/** Each flaw on a real broker, and exactly what the agent notes of it: why, where and which messages. */
import { type Consumer, type ConsumerRunConfig, Kafka, logLevel } from 'kafkajs'
import { describe, expect, test } from 'vitest'
import { audited } from '../../agents/kafkajs.ts'
import { consumerHop, hopKey, producerHop } from '../../src/hop/hop.ts'
import type { Mishap } from '../../src/hop/mishap.ts'
import { FrameLog } from '../agents/kafkajs/frames.ts'
import { stampOf } from '../agents/kafkajs/setup.ts'
import { createTopic, groupName, sharedBrokers, withAdmin } from '../support/kafka.ts'

const TRACE = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
const headers = { traceparent: `00-${TRACE.traceId}-${TRACE.spanId}-01` }
const none = { id: '', traceId: '', spanId: '', count: 1 }

/** A client that tries again soon: a test waits for it. */
function impatient(): Kafka {
  const retry = { initialRetryTime: 50, maxRetryTime: 200, retries: 20 }
  return new Kafka({ brokers: sharedBrokers(), logLevel: logLevel.NOTHING, retry })
}

class World {
  readonly log = new FrameLog()
  readonly group: string = groupName()
  readonly topic: string
  /** Offsets handled, by partition, as they came. */
  readonly handled = new Map<number, number[]>()
  readonly stamps = new Map<number, string>()
  readonly #kafka: Kafka
  readonly #clients: { disconnect(): Promise<void> }[] = []
  #wake: () => void = () => {}

  constructor(topic: string) {
    this.topic = topic
    this.#kafka = audited(impatient(), {
      ...{ service: 'svc', audit: { sender: this.log } },
      // All that goes wrong is in the frames of the end: what comes twice is told as one.
      timer: false,
    })
  }

  static async make(partitions = 1): Promise<World> {
    return new World(await createTopic({ partitions }))
  }

  /** Writes so many to each partition, by a client that nobody audits but for the stamps. */
  async write(count: number, partitions = 1): Promise<void> {
    const kafka = audited(impatient(), { service: 'writer', audit: { sender: new FrameLog() } })
    const producer = kafka.producer()
    await producer.connect()
    const messages = Array.from({ length: partitions }, (_, partition) =>
      Array.from({ length: count }, () => ({ value: 'x', partition, headers })),
    ).flat()
    await producer.send({ topic: this.topic, messages })
    await producer.disconnect()
  }

  async consumer(
    handle: (offset: number) => void = () => {},
    config: Omit<ConsumerRunConfig, 'eachMessage'> = {},
  ): Promise<Consumer> {
    const consumer = this.#kafka.consumer({
      ...{ groupId: this.group, maxWaitTimeInMs: 100, heartbeatInterval: 100 },
    })
    await consumer.connect()
    this.#clients.push(consumer)
    await consumer.subscribe({ topic: this.topic, fromBeginning: true })
    await consumer.run({
      ...config,
      eachMessage: async ({ partition, message }) => {
        const offset = Number(message.offset)
        this.stamps.set(offset, stampOf(message))
        handle(offset)
        const offsets = this.handled.get(partition) ?? []
        this.handled.set(partition, [...offsets, offset])
        setImmediate(() => this.#wake())
      },
    })
    return consumer
  }

  async producer(): Promise<ReturnType<Kafka['producer']>> {
    const producer = this.#kafka.producer({
      ...{ transactionalId: this.group, maxInFlightRequests: 1, idempotent: true },
    })
    await producer.connect()
    this.#clients.push(producer)
    return producer
  }

  /** Until so many have been handled in all, repeats included. */
  async until(count: number): Promise<void> {
    const total = (): number => [...this.handled.values()].reduce((n, { length }) => n + length, 0)
    while (total() < count)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
  }

  /** Ends all. What was noted, without its time. */
  async noted(): Promise<Omit<Mishap, 'hop' | 'at'>[]> {
    await Promise.all(this.#clients.map((client) => client.disconnect()))
    const mishaps = this.log.frames.flatMap((frame) => frame.mishaps)
    const hops = [
      consumerHop('default', this.topic, this.group),
      producerHop('default', this.topic, 'svc'),
    ].map(hopKey)
    return mishaps.map(({ hop, at, ...rest }) => {
      expect(hops).toContain(hopKey(hop))
      expect(at).toBeGreaterThan(0)
      return rest
    })
  }
}

const span = (kind: string, from: number, to: number, detail: string, rest: object = {}) => ({
  ...{ kind, partition: 0, from, to, detail, ...none },
  ...rest,
})

describe.concurrent('on a real broker', () => {
  test('a run without a flaw leaves nothing', async () => {
    const world = await World.make()
    await world.write(5)
    await world.consumer()
    await world.until(5)
    await world.write(5)
    await world.until(10)
    expect(await world.noted()).toEqual([])
  })

  test('a rebalance: what was not committed comes again, to whoever has it then', async () => {
    const world = await World.make(2)
    await world.write(5, 2)
    await world.consumer(() => {}, { autoCommit: false })
    await world.until(10)
    await world.consumer(() => {}, { autoCommit: false })
    await world.until(20)
    const noted = (await world.noted()).sort((a, b) => a.partition - b.partition)
    expect(noted).toEqual([
      span('rebalanced', -1, -1, '1 of 2', { partition: -1 }),
      span('redelivered', 0, 5, 'rebalance'),
      span('redelivered', 0, 5, 'rebalance', { partition: 1 }),
    ])
  })

  test('a seek back, and one forward', async () => {
    const world = await World.make()
    await world.write(10)
    const consumer = await world.consumer()
    await world.until(10)
    consumer.seek({ topic: world.topic, partition: 0, offset: '2' })
    await world.until(18)
    consumer.pause([{ topic: world.topic }])
    await world.write(10)
    consumer.seek({ topic: world.topic, partition: 0, offset: '15' })
    consumer.resume([{ topic: world.topic }])
    await world.until(23)
    expect(world.handled.get(0)?.slice(18)).toEqual([15, 16, 17, 18, 19])
    expect(await world.noted()).toEqual([
      span('sought', 2, 10, 'backward'),
      span('redelivered', 2, 10, 'sought'),
      span('sought', 10, 15, 'forward'),
    ])
  })

  test('a handler that throws twice at one message', async () => {
    const world = await World.make()
    await world.write(6)
    let left = 2
    await world.consumer((offset) => {
      if (offset === 3 && left-- > 0) throw Object.assign(new Error('x'), { name: 'SeatTaken' })
    })
    await world.until(6)
    expect(world.handled.get(0)).toEqual([0, 1, 2, 3, 4, 5])
    const id = world.stamps.get(3)
    expect(await world.noted()).toEqual([
      span('handler_threw', 3, 4, 'SeatTaken', { ...TRACE, id, count: 2 }),
    ])
  })

  test('a transaction that was aborted', async () => {
    const world = await World.make()
    const producer = await world.producer()
    const aborted = await producer.transaction()
    const messages = [
      { value: 'a', headers },
      { value: 'b', partition: 0 },
    ]
    await aborted.send({ topic: world.topic, messages })
    await aborted.abort()
    const committed = await producer.transaction()
    await committed.send({ topic: world.topic, messages })
    await committed.commit()
    const noted = await world.noted()
    const withdrawn = world.log.ids(producerHop('default', world.topic, 'svc'), 'withdrawn')
    expect(withdrawn).toHaveLength(2)
    const [a, b] = noted.map(({ id }) => id)
    expect([a, b].sort()).toEqual(withdrawn)
    expect(noted).toEqual([
      span('aborted', -1, -1, '', { id: a, ...TRACE }),
      span('aborted', -1, -1, '', { id: b }),
    ])
  })

  test('records deleted under a group, which the client passes over in silence', async () => {
    const world = await World.make()
    await world.write(5)
    const consumer = await world.consumer()
    await world.until(5)
    consumer.pause([{ topic: world.topic }])
    await world.write(10)
    const partitions = [{ partition: 0, offset: '12' }]
    await withAdmin(async (admin) => {
      // Only of topics that it has asked for does kafkajs know who leads them.
      await admin.fetchTopicOffsets(world.topic)
      await admin.deleteTopicRecords({ topic: world.topic, partitions })
    })
    consumer.resume([{ topic: world.topic }])
    await world.until(8)
    expect(world.handled.get(0)).toEqual([0, 1, 2, 3, 4, 12, 13, 14])
    expect(await world.noted()).toEqual([span('reset', 5, 12, 'forward')])
  })
})
