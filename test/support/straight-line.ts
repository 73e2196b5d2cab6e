/** The shortest pipeline: a service sends to a topic, and a group reads it. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import { type AuditedOptions, audited, flushAll, forward } from '../../agents/kafkajs.ts'
import type { Clock } from '../../src/message/mint.ts'
import { type Books, LATENESS_MS, WINDOW_MS, withFile } from './books.ts'
import { type CreateTopicOptions, createTopic, groupName, kafkaClient } from './kafka.ts'
import { noteStamps, type Stamps } from './stamps.ts'

export interface Line {
  readonly topic: string
  readonly group: string
}

export async function makeLine(options: CreateTopicOptions = {}): Promise<Line> {
  const topic = await createTopic({ prefix: 'orders', partitions: 3, ...options })
  return { topic, group: groupName('ship') }
}

/** How the file declares it. @param more what it says of the topic */
export function lineText(name: string, { topic, group }: Line, more = ''): string {
  return `  ${name}:
    hops:
      shop: { producer: ${topic}, service: shop }
      orders: { topic: ${topic}${more} }
      ship: { consumer: ${topic}, group: ${group} }
    edges:
      - { from: shop, to: orders }
      - { from: orders, to: ship }
`
}

/** Without the file it is told the window only, and nothing of what the file says of hops. */
function serviceOf(
  books: Books,
  kafka: Kafka,
  service: string,
  clock: Clock,
  hasFile: boolean = true,
): Kafka {
  const options: AuditedOptions = {
    ...{ service, clock, flushMs: 500, audit: { topic: books.auditTopic } },
    ...(hasFile ? {} : { windowMs: WINDOW_MS, latenessMs: LATENESS_MS }),
  }
  const make = (): Kafka => audited(kafka, options)
  return hasFile ? withFile(books, make) : make()
}

export interface SendOptions {
  readonly count: number
  readonly clock: Clock
  readonly kafka?: Kafka
  /** ms: what the messages say; default: the time at which the client sends them. */
  readonly timestamp?: number
  /** Whether the service was started with the file; default: it was. */
  readonly hasFile?: boolean
}

const BATCH = 1_000

/** Keys are 0, 1, 2, …; returns the id of each. */
export async function sendLine(
  books: Books,
  { topic }: Line,
  { count, clock, kafka = kafkaClient(), timestamp, hasFile = true }: SendOptions,
): Promise<Stamps> {
  const stamps: Stamps = new Map()
  const time = timestamp === undefined ? {} : { timestamp: String(timestamp) }
  const shop = serviceOf(books, noteStamps(kafka, stamps), 'shop', clock, hasFile)
  const producer = shop.producer()
  await producer.connect()
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from)
    const messages = Array.from({ length: size }, (_, i) => {
      const key = String(from + i)
      return { key, value: key, ...time }
    })
    await producer.send({ topic, messages })
  }
  await sayGoodbye(producer)
  return stamps
}

export interface ReadOptions {
  /** Messages to wait for. */
  readonly count: number
  readonly clock?: Clock
  readonly kafka?: Kafka
  readonly handle?: (key: string) => void
}

export async function readLine(
  books: Books,
  { topic, group }: Line,
  { count, clock = Date.now, kafka = kafkaClient(), handle = () => {} }: ReadOptions,
): Promise<void> {
  const ship = serviceOf(books, kafka, 'ship', clock)
  const consumer = ship.consumer({ groupId: group, maxWaitTimeInMs: 100 })
  let handled = 0
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => {
      handle(String(message.key))
      handled++
    },
  })
  await until(() => handled >= count)
  await sayGoodbye(consumer)
  if (handled !== count) throw new Error(`expected ${count} messages, got ${handled}`)
}

/** The group passes every message on to `next` instead. */
export async function passOn(
  books: Books,
  { topic, group }: Line,
  next: string,
  { count, clock = Date.now, kafka = kafkaClient() }: ReadOptions,
): Promise<void> {
  const pay = serviceOf(books, kafka, 'pay', clock)
  const producer = pay.producer()
  const consumer = pay.consumer({ groupId: group, maxWaitTimeInMs: 100 })
  let passed = 0
  await producer.connect()
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachBatch: async ({ batch }) => {
      const messages = batch.messages.map((m) => forward(m, { key: m.key, value: m.value }))
      await producer.send({ topic: next, messages })
      passed += messages.length
    },
  })
  await until(() => passed >= count)
  await sayGoodbye(consumer, producer)
}

/** Last words are bounded in time, so on a busy machine all else is said before. */
async function sayGoodbye(...clients: { disconnect(): Promise<void> }[]): Promise<void> {
  await flushAll()
  for (const client of clients) await client.disconnect()
}

/** Bounded: what never comes is for the test to say. */
async function until(isDone: () => boolean): Promise<void> {
  for (let i = 0; !isDone() && i < 2_400; i++) await sleep(50)
}
