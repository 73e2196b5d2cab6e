/**
 * A small service as a user writes it: a producer, a group that passes on from one topic to the next,
 * and a group that reads that. It is audited by one line each.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type AuditedOptions, audited, flushAll } from '../../agents/kafkajs.ts'
import { createTopic, groupName, kafkaClient, sharedBrokers, topicName } from './kafka.ts'
import { noteStamps, type Stamps } from './stamps.ts'

export interface Place {
  readonly brokers: string[]
  readonly first: string
  readonly second: string
  readonly pass: string
  readonly read: string
  readonly auditTopic: string
}

export async function makePlace(brokers: string[] = sharedBrokers()): Promise<Place> {
  return {
    brokers,
    first: await createTopic({ prefix: 'orders', partitions: 3, brokers }),
    second: await createTopic({ prefix: 'orders.paid', partitions: 2, brokers }),
    pass: groupName('pay'),
    read: groupName('ship'),
    auditTopic: topicName('quipu.tallies'),
  }
}

export const WINDOW_MS = 1_000
export const LATENESS_MS = 3_000

/** What the user types after `quipu audit`. */
export function auditFlags({ brokers, first, second, pass, read, auditTopic }: Place): string[] {
  return [
    ...['--brokers', brokers.join(',')],
    ...['--topics', `${first},${second}`],
    ...['--groups', `${pass}:${first},${read}:${second}`],
    ...['--window', `${WINDOW_MS}ms`, '--lateness', `${LATENESS_MS}ms`],
    ...['--audit-topic', auditTopic],
  ]
}

export interface ServiceRun {
  readonly count: number
  /** Indexes that the first group swallows. */
  readonly lost?: readonly number[]
  /** Indexes that it passes on twice. */
  readonly doubled?: readonly number[]
  /** ms over which the messages are spread. */
  readonly ms?: number
}

export interface ServiceTruth {
  /** Ids (hex), sorted. */
  readonly lost: readonly string[]
  /** Messages that the four edges together expect: two into the first group, one each after it. */
  readonly expected: number
}

/** Looks, 50 ms apart, for what the groups are to read. */
const LOOKS_MAX = 2_400

/** Resolves when all is read and all clients are closed. */
export async function runService(
  place: Place,
  { count, lost = [], doubled = [], ms = 2_000 }: ServiceRun,
): Promise<ServiceTruth> {
  const { brokers, first, second, pass, read, auditTopic } = place
  const stamps: Stamps = new Map()
  const options: Omit<AuditedOptions, 'service'> = {
    windowMs: WINDOW_MS,
    latenessMs: LATENESS_MS,
    flushMs: 500,
    audit: { topic: auditTopic },
  }
  const shop = audited(noteStamps(kafkaClient(brokers), stamps), { ...options, service: 'shop' })
  const pay = audited(kafkaClient(brokers), { ...options, service: 'pay' })
  const ship = audited(kafkaClient(brokers), { ...options, service: 'ship' })
  const producer = shop.producer()
  const forwarder = pay.producer()
  const payer = pay.consumer({ groupId: pass, maxWaitTimeInMs: 100 })
  const shipper = ship.consumer({ groupId: read, maxWaitTimeInMs: 100 })
  let handled = 0
  let arrived = 0
  for (const client of [producer, forwarder, payer, shipper]) await client.connect()
  await payer.subscribe({ topic: first, fromBeginning: true })
  await shipper.subscribe({ topic: second, fromBeginning: true })
  await payer.run({
    eachMessage: async ({ message: { key, value } }) => {
      const index = Number(key)
      const message = { key, value }
      if (!lost.includes(index)) await forwarder.send({ topic: second, messages: [message] })
      if (doubled.includes(index)) await forwarder.send({ topic: second, messages: [message] })
      handled++
    },
  })
  await shipper.run({
    eachMessage: async () => {
      arrived++
    },
  })
  const batch = 20
  for (let i = 0; i < count; i += batch) {
    const keys = Array.from({ length: Math.min(batch, count - i) }, (_, j) => String(i + j))
    await producer.send({ topic: first, messages: keys.map((key) => ({ key, value: key })) })
    await sleep(ms / (count / batch))
  }
  const wanted = count - lost.length + doubled.length
  for (let look = 0; handled < count || arrived < wanted; look++) {
    if (look === LOOKS_MAX) throw new Error(`${handled} handled, ${arrived} of ${wanted} arrived`)
    await sleep(50)
  }
  // Last words are bounded in time, so on a busy machine all else is said before.
  await flushAll()
  for (const client of [payer, shipper, producer, forwarder]) await client.disconnect()
  const ids = lost.map((n) => stamps.get(String(n)) ?? `#${n}`).sort()
  return { lost: ids, expected: 3 * count + wanted }
}
