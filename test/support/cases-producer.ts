/**
 * The shortest pipeline on a real broker, for one case each: services that write to a topic, and a group
 * that reads it. Windows are short, and over when the auditor comes.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel, type Producer } from 'kafkajs'
import { type AuditedOptions, audited, flushAll } from '../../agents/kafkajs.ts'
import { consumerHop, producerHop, topicHop } from '../../src/hop/hop.ts'
import type { HopDeclaration, Pipeline } from '../../src/hop/pipeline.ts'
import { windowStartOf } from '../../src/message/window.ts'
import { DEFAULT_SEED } from '../../src/sketch/sketch.ts'
import { ensureAuditTopic } from '../../src/transport/kafka.ts'
import { declare } from './declare.ts'
import {
  type CreateTopicOptions,
  createTopic,
  groupName,
  sharedBrokers,
  topicName,
} from './kafka.ts'

export const WINDOW_MS = 1_000
export const LATENESS_MS = 2_000
export const FLUSH_MS = 250

export const PRODUCE = 'shop → orders'
export const CONSUME = 'orders → ship'

export interface Scene {
  readonly brokers: string[]
  readonly topic: string
  readonly group: string
  readonly auditTopic: string
  readonly pipeline: Pipeline
}

export interface SceneOptions extends CreateTopicOptions {
  /** Where the topic's ids are, if not in the stamp. */
  readonly identity?: HopDeclaration['identity']
}

/** A client that is not put off by a broker that is slow to know its topics. */
export function patientClient(brokers: string[] = sharedBrokers()): Kafka {
  const retry = { retries: 12, initialRetryTime: 200, maxRetryTime: 2_000 }
  return new Kafka({ clientId: 'test', brokers, logLevel: logLevel.NOTHING, retry })
}

/** `shop → orders → ship` */
export async function makeScene({
  brokers = sharedBrokers(),
  identity,
  ...options
}: SceneOptions = {}): Promise<Scene> {
  const topic = await createTopic({ prefix: 'orders', partitions: 2, brokers, ...options })
  const group = groupName('ship')
  const auditTopic = topicName('quipu.tallies')
  await ensureAuditTopic({ kafka: patientClient(brokers), topic: auditTopic })
  const shop = declare('shop', producerHop('default', topic, 'shop'))
  const orders: HopDeclaration = {
    ...declare('orders', topicHop('default', topic)),
    ...(identity === undefined ? {} : { identity }),
  }
  const ship = declare('ship', consumerHop('default', topic, group))
  const edge = (from: HopDeclaration, to: HopDeclaration): Pipeline['edges'][number] => ({
    name: `${from.name} → ${to.name}`,
    from: [from],
    to: [to],
    filter: [],
    preserve: null,
  })
  const pipeline: Pipeline = {
    name: 'orders',
    owner: {},
    windowMs: WINDOW_MS,
    latenessMs: LATENESS_MS,
    seed: DEFAULT_SEED,
    thresholdsMs: [],
    hops: [shop, orders, ship],
    edges: [edge(shop, orders), edge(orders, ship)],
  }
  return { brokers, topic, group, auditTopic, pipeline }
}

export type ServiceOptions = Partial<AuditedOptions> & { readonly kafka?: Kafka }

/** A client of the scene's broker, audited. */
export function serviceOf(
  { brokers, auditTopic, topic, pipeline }: Scene,
  service: string,
  { kafka = patientClient(brokers), ...more }: ServiceOptions = {},
): Kafka {
  const identity = pipeline.hops.find((h) => h.hop.role === 'topic')?.identity
  return audited(kafka, {
    ...{ service, windowMs: WINDOW_MS, latenessMs: LATENESS_MS, flushMs: FLUSH_MS },
    ...(identity === undefined ? {} : { identity: { [topic]: identity } }),
    // Whatever is done to the client below, frames go their own way.
    audit: { topic: auditTopic, kafka: patientClient(brokers) },
    ...more,
  })
}

/** The middle of a window that is over, and its deadline too; `ago` windows earlier. */
export function momentAgo(ago = 0): number {
  return windowStartOf(Date.now() - LATENESS_MS, WINDOW_MS) - (ago + 1) * WINDOW_MS + WINDOW_MS / 2
}

export interface Simple {
  readonly key: string
  readonly value: string
}

/** Keys are `PREFIX0`, `PREFIX1`, … */
export function messagesOf(count: number, prefix = ''): Simple[] {
  return Array.from({ length: count }, (_, i) => ({ key: `${prefix}${i}`, value: `${prefix}${i}` }))
}

export const keysOf = (messages: readonly Simple[]): string[] => messages.map(({ key }) => key)

/** Sends, and says goodbye. */
export async function sendAll(
  kafka: Kafka,
  topic: string,
  messages: readonly Simple[],
  acks = -1,
): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: [...messages], acks })
  await sayGoodbye(producer)
}

/** Its last words are bounded in time, so on a busy machine all else is said before. */
export async function sayGoodbye(producer: Producer): Promise<void> {
  await flushAll()
  await producer.disconnect()
}

/** Looks, 50 ms apart. */
const LOOKS_MAX = 1_200

/** Messages handled by the group until there are so many; bounded, what never comes is not waited for. */
export async function readAll(
  { topic, group }: Scene,
  kafka: Kafka,
  count: number,
): Promise<string[]> {
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 100 })
  const keys: string[] = []
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    eachMessage: async ({ message }) => {
      keys.push(String(message.key))
    },
  })
  for (let look = 0; keys.length < count && look < LOOKS_MAX; look++) await sleep(50)
  // What comes too much comes soon.
  await sleep(300)
  await flushAll()
  await consumer.disconnect()
  return keys.sort()
}
