/** Digests and samples along a whole pipeline: healthy hops subtract to nothing, flaws do not. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { IHeaders, KafkaMessage, Message } from 'kafkajs'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  type AuditedOptions,
  audited,
  dropped,
  sink,
  type TopicIdentity,
} from '../../agents/kafkajs.ts'
import { topicAgent } from '../../agents/topic.ts'
import { consumerHop, type HopRef, producerHop, sinkHop, topicHop } from '../../src/hop/hop.ts'
import type { EdgeDeclaration } from '../../src/hop/pipeline.ts'
import { PLAIN, type TallyPlan, tallyPlans } from '../../src/hop/plan.ts'
import { type Preserve, preserveName } from '../../src/message/digest.ts'
import { MemoryKafka } from '../../src/testbed/memory-kafka.ts'
import { declare } from '../support/declare.ts'
import { FrameLog, type TallyOf } from './kafkajs/frames.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const HOPS = {
  checkin: producerHop('default', 'in', 'checkin'),
  into: topicHop('default', 'in'),
  enrich: consumerHop('default', 'in', 'g'),
  enricher: producerHop('default', 'out', 'enrich'),
  out: topicHop('default', 'out'),
  load: consumerHop('default', 'out', 'h'),
  warehouse: sinkHop('warehouse'),
}
const PRESERVE: Preserve = { value: true, key: true, headers: ['source'] }
const DIGEST = preserveName(PRESERVE)

/** `enricher` is declared by nobody: it follows the edge into its topic. */
function planFor(preserve: Preserve | null, oneIn: number): (hop: HopRef) => TallyPlan {
  const of = (name: keyof typeof HOPS) => ({ ...declare(name, HOPS[name]), oneIn })
  const edge = (from: keyof typeof HOPS, to: keyof typeof HOPS): EdgeDeclaration => ({
    ...{ name: `${from} → ${to}`, from: [of(from)], to: [of(to)] },
    ...{ filter: [], preserve },
  })
  const names = ['checkin', 'into', 'enrich', 'out', 'load', 'warehouse'] as const
  const edges = names.slice(1).map((to, i) => edge(names[i] as keyof typeof HOPS, to))
  return tallyPlans([{ hops: names.map(of), edges, thresholdsMs: [] }])
}

type Transform = (message: KafkaMessage, index: number) => Message | null

/** As anybody writes it. */
const passOn: Transform = ({ key, value, headers = {} }) => ({ key, value, headers })

interface Run {
  readonly planOf: (hop: HopRef) => TallyPlan
  readonly transform?: Transform
  readonly identity?: Readonly<Record<string, TopicIdentity>>
  readonly count?: number
}

const messageOf = (i: number): Message => ({
  key: String(i),
  value: `flight ${i} to Zürich`,
  headers: { source: ['desk', Buffer.from('web')], other: 'x' },
})

async function run({ planOf, transform = passOn, identity = {}, count = 40 }: Run) {
  const memory = new MemoryKafka({ clock: () => NOW })
  const log = new FrameLog()
  const troubles: string[] = []
  const options: Omit<AuditedOptions, 'service'> = {
    ...{ planOf, identity, clock: () => NOW, timer: false, audit: { sender: log } },
    onTrouble: (text) => troubles.push(text),
  }
  const topics = ['in', 'out']
  await memory
    .kafka()
    .admin()
    .createTopics({
      topics: topics.map((topic) => ({ topic, numPartitions: 3 })),
    })
  const agent = await topicAgent({
    ...{ kafka: memory.kafka(), topics, planOf, identity, sender: log },
    ...{ clock: () => NOW, timer: false },
  })
  const producer = audited(memory.kafka(), { ...options, service: 'checkin' }).producer()
  const enrich = audited(memory.kafka(), { ...options, service: 'enrich' })
  const forwarder = enrich.producer()
  const enricher = enrich.consumer({ groupId: 'g' })
  const load = audited(memory.kafka(), { ...options, service: 'load' })
  const loader = load.consumer({ groupId: 'h' })
  const clients = [producer, forwarder, enricher, loader]
  for (const client of clients) await client.connect()
  await enricher.subscribe({ topic: 'in', fromBeginning: true })
  await loader.subscribe({ topic: 'out', fromBeginning: true })
  await enricher.run({
    eachMessage: async ({ message }) => {
      const outgoing = transform(message, Number(message.key))
      if (outgoing === null) dropped(message, 'cancelled')
      else await forwarder.send({ topic: 'out', messages: [outgoing] })
    },
  })
  await loader.run({
    eachBatch: async ({ batch }) => {
      for (const message of batch.messages) sink('warehouse').seen(message)
    },
  })
  const messages = Array.from({ length: count }, (_, i) => messageOf(i))
  await producer.send({ topic: 'in', messages })
  await memory.idle()
  for (const client of clients) await client.disconnect()
  await agent.close()
  expect(troubles).toEqual([])
  return log
}

type Sum = readonly [hop: HopRef, channel?: TallyOf['channel']]

/** What the one had and the others had not, and the other way round. */
function difference(
  log: FrameLog,
  from: HopRef,
  to: readonly Sum[],
  of: TallyOf = {},
): { readonly id: string; readonly digest: string; readonly times: number }[] {
  const sum = log.sum(from, of)
  for (const [hop, channel = 'passed'] of to) sum.merge(log.sum(hop, { ...of, channel }), -1)
  const { complete, ids } = sum.peel()
  expect(complete).toBe(true)
  return ids.map(({ hex, times }) => ({ id: hex.slice(0, 32), digest: hex.slice(32), times }))
}

const EDGES: readonly (readonly [HopRef, readonly Sum[]])[] = [
  [HOPS.checkin, [[HOPS.into]]],
  [HOPS.into, [[HOPS.enrich]]],
  [HOPS.enrich, [[HOPS.out], [HOPS.enrich, 'filtered']]],
  [HOPS.enricher, [[HOPS.out]]],
  [HOPS.out, [[HOPS.load]]],
  [HOPS.load, [[HOPS.warehouse]]],
]

describe('a healthy pipeline', () => {
  it.each([
    ['ids', { oneIn: 1 }, 40],
    ['ids with their digests', { element: DIGEST, oneIn: 1 }, 40],
    ['ids of a sample', { oneIn: 4 }, null],
    ['ids of a sample with their digests', { element: DIGEST, oneIn: 4 }, null],
  ] as const)('subtracts to nothing at every edge: %s', async (_, of, count) => {
    const cancelled: Transform = (message, i) => (i % 10 === 3 ? null : passOn(message, i))
    const log = await run({ planOf: planFor(PRESERVE, of.oneIn), transform: cancelled })
    const all = log.sum(HOPS.checkin, of).count
    expect(all).toBeGreaterThan(0)
    if (count === null) expect(all).toBeLessThan(40)
    else expect(all).toBe(count)
    for (const [from, to] of EDGES) expect(difference(log, from, to, of)).toEqual([])
    if (count !== null) expect(log.sum(HOPS.enrich, { ...of, channel: 'filtered' }).count).toBe(4)
  })

  it('keeps a sample at a sampled hop, and all where the producer is not declared', async () => {
    const log = await run({ planOf: planFor(PRESERVE, 4) })
    for (const hop of [HOPS.checkin, HOPS.into, HOPS.enrich, HOPS.out, HOPS.load, HOPS.warehouse])
      expect(log.kinds(hop)).toEqual(['id 1/4', `${DIGEST} 1/4`])
    expect(log.kinds(HOPS.enricher)).toEqual([
      ...['id 1/1', `${DIGEST} 1/1`],
      ...['id 1/4', `${DIGEST} 1/4`],
    ])
  })

  it('makes no digests where nothing is to be preserved', async () => {
    const log = await run({ planOf: planFor(null, 1) })
    for (const hop of Object.values(HOPS)) expect(log.kinds(hop)).toEqual(['id 1/1'])
  })

  it('agrees on what has no id, by its place', async () => {
    const memory = new MemoryKafka({ clock: () => NOW })
    const log = new FrameLog()
    const planOf = (): TallyPlan => ({ ...PLAIN, preserve: [PRESERVE] })
    const shared = { clock: () => NOW, timer: false, planOf }
    await memory
      .kafka()
      .admin()
      .createTopics({ topics: [{ topic: 'in' }] })
    const agent = await topicAgent({
      ...{ ...shared, kafka: memory.kafka(), topics: ['in'], sender: log },
    })
    const bare = memory.kafka().producer()
    await bare.connect()
    await bare.send({ topic: 'in', messages: [0, 1, 2, 3].map(messageOf) })
    const service = { ...shared, service: 'enrich', audit: { sender: log } }
    const readers = ['eachMessage', 'eachBatch'].map((how, i) => {
      const consumer = audited(memory.kafka(), service).consumer({ groupId: 'gh'[i] as string })
      const run = how === 'eachMessage' ? { eachMessage } : { eachBatch }
      return { consumer, run }
    })
    async function eachMessage({ message }: { message: KafkaMessage }): Promise<void> {
      dropped(message, 'cancelled')
      sink('warehouse').seen(message)
    }
    async function eachBatch({ batch }: { batch: { messages: KafkaMessage[] } }): Promise<void> {
      for (const message of batch.messages) dropped(message, 'cancelled')
    }
    for (const { consumer, run } of readers) {
      await consumer.connect()
      await consumer.subscribe({ topic: 'in', fromBeginning: true })
      await consumer.run(run)
    }
    await memory.idle()
    for (const { consumer } of readers) await consumer.disconnect()
    await agent.close()

    const batches = consumerHop('default', 'in', 'h')
    for (const element of ['id', DIGEST])
      for (const [hop, channel] of [
        [HOPS.enrich, 'unidentified'],
        [HOPS.enrich, 'filtered'],
        [batches, 'unidentified'],
        [batches, 'filtered'],
        [HOPS.warehouse, 'unidentified'],
      ] as const) {
        const sum = log.sum(HOPS.into, { element, channel: 'unidentified' })
        expect(sum.count).toBe(4)
        sum.merge(log.sum(hop, { element, channel }), -1)
        expect(sum.isEmpty(), `${hop.role} ${channel} ${element}`).toBe(true)
      }
  })

  it('agrees where ids are places in the log, known after the send only', async () => {
    const planOf = planFor(PRESERVE, 1)
    const log = await run({ planOf, identity: { in: { identity: { by: 'offset' } } } })
    for (const [from, to] of EDGES.slice(0, 2)) {
      expect(log.sum(from, { element: DIGEST }).count).toBe(40)
      expect(difference(log, from, to, { element: DIGEST })).toEqual([])
    }
  })
})

describe('a transformer', () => {
  const flaw = (change: (message: Message) => Message): Transform => {
    return (message, i) => (i === 17 ? change(passOn(message, i) as Message) : passOn(message, i))
  }
  const withHeaders = (change: (headers: IHeaders) => IHeaders): Transform =>
    flaw((message) => ({ ...message, headers: change(message.headers as IHeaders) }))

  it.each([
    ['the value', flaw((m) => ({ ...m, value: 'flight 17 to Zurich' }))],
    ['a value to nothing', flaw((m) => ({ ...m, value: null }))],
    ['the key', flaw((m) => ({ ...m, key: '018' }))],
    ['a key to nothing', flaw(({ key: _, ...m }) => m)],
    ['a header', withHeaders((h) => ({ ...h, source: 'desk' }))],
    ['a header to nothing', withHeaders(({ source: _, ...h }) => h)],
  ])('that changes %s shows as one less and one more of the same id', async (_, transform) => {
    const log = await run({ planOf: planFor(PRESERVE, 1), transform })
    const [from, to] = EDGES[2] as (typeof EDGES)[number]
    expect(difference(log, from, to)).toEqual([])
    const found = difference(log, from, to, { element: DIGEST })
    expect(found.map(({ times }) => times).sort()).toEqual([-1, 1])
    expect(new Set(found.map(({ id }) => id)).size).toBe(1)
    expect(new Set(found.map(({ digest }) => digest)).size).toBe(2)
    // At no other edge has anything changed.
    for (const [other, next] of EDGES.filter(([hop]) => hop !== from))
      expect(difference(log, other, next, { element: DIGEST })).toEqual([])
  })

  it.each([
    ['the order of headers', withHeaders(({ source, ...h }) => ({ ...h, source }))],
    ['the order of a repeated header', withHeaders((h) => ({ ...h, source: ['web', 'desk'] }))],
    [
      'how often a header is repeated',
      withHeaders((h) => ({ ...h, source: ['web', 'desk', 'web'] })),
    ],
    ['trace headers', withHeaders((h) => ({ ...h, traceparent: '00-1-2-00', baggage: 'a=b' }))],
    ['headers that nobody named', withHeaders((h) => ({ ...h, other: 'y', more: 'z' }))],
    ['bytes to the same text', flaw((m) => ({ ...m, value: String(m.value), key: String(m.key) }))],
  ])('that changes %s shows nothing', async (_, transform) => {
    const log = await run({ planOf: planFor(PRESERVE, 1), transform })
    for (const [from, to] of EDGES)
      expect(difference(log, from, to, { element: DIGEST })).toEqual([])
  })

  it('shows in a sample if its id is in it, and only then', async () => {
    const changed: Transform = (m, i) => ({ ...(passOn(m, i) as Message), value: 'other' })
    const log = await run({ planOf: planFor(PRESERVE, 4), transform: changed })
    const sampled = log.sum(HOPS.enrich, { oneIn: 4 }).count
    const [from, to] = EDGES[2] as (typeof EDGES)[number]
    const found = difference(log, from, to, { element: DIGEST, oneIn: 4 })
    expect(found.filter(({ times }) => times === 1)).toHaveLength(sampled)
    expect(found.filter(({ times }) => times === -1)).toHaveLength(sampled)
  })
})

describe('an audited client', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  it('keeps what the pipeline file asks for that QUIPU_CONFIG names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quipu-preserve-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const file = join(folder, 'quipu.yaml')
    writeFileSync(
      file,
      `pipelines:
  flights:
    hops: { checkin: { producer: in, service: checkin }, flights: { topic: in } }
    edges: [{ from: checkin, to: flights, preserve: [value] }]
`,
    )
    vi.stubEnv('QUIPU_CONFIG', file)
    const memory = new MemoryKafka()
    const log = new FrameLog()
    await memory
      .kafka()
      .admin()
      .createTopics({ topics: [{ topic: 'in' }, { topic: 'other' }] })
    const kafka = audited(memory.kafka(), {
      ...{ service: 'checkin', timer: false, audit: { sender: log } },
    })
    const producer = kafka.producer()
    await producer.connect()
    for (const topic of ['in', 'other']) await producer.send({ topic, messages: [messageOf(1)] })
    await producer.disconnect()

    const value = preserveName({ value: true, key: false, headers: [] })
    expect(log.kinds(HOPS.checkin)).toEqual(['id 1/1', `${value} 1/1`])
    expect(log.kinds(producerHop('default', 'other', 'checkin'))).toEqual(['id 1/1'])
  })

  it('digests what was sent, though the caller uses its buffer again at once', async () => {
    const memory = new MemoryKafka({ clock: () => NOW })
    const log = new FrameLog()
    await memory
      .kafka()
      .admin()
      .createTopics({ topics: [{ topic: 'in' }] })
    const kafka = audited(memory.kafka(), {
      ...{ service: 'checkin', timer: false, audit: { sender: log }, clock: () => NOW },
      planOf: () => ({ ...PLAIN, preserve: [PRESERVE] }),
    })
    const producer = kafka.producer()
    await producer.connect()
    const digests: string[] = []
    for (const isReused of [false, true]) {
      const value = Buffer.from('flight')
      const sent = producer.send({ topic: 'in', messages: [{ value }] })
      if (isReused) value.fill(0)
      await sent
    }
    await producer.disconnect()
    for (const { hex } of log.sum(HOPS.checkin, { element: DIGEST }).peel().ids)
      digests.push(hex.slice(32))
    expect(digests).toHaveLength(2)
    expect(new Set(digests).size).toBe(1)
  })

  it('digests what was received, though the handler changes it', async () => {
    const memory = new MemoryKafka({ clock: () => NOW })
    const log = new FrameLog()
    await memory
      .kafka()
      .admin()
      .createTopics({ topics: [{ topic: 'in' }] })
    const kafka = audited(memory.kafka(), {
      ...{ service: 'checkin', timer: false, audit: { sender: log }, clock: () => NOW },
      planOf: () => ({ ...PLAIN, preserve: [PRESERVE] }),
    })
    const producer = kafka.producer()
    await producer.connect()
    await producer.send({ topic: 'in', messages: [0, 1, 2, 3].map(messageOf) })
    const each = kafka.consumer({ groupId: 'g' })
    const batches = kafka.consumer({ groupId: 'h' })
    const spoil = (message: KafkaMessage): void => {
      message.value = Buffer.from('spoilt')
      message.headers = { ...message.headers, source: 'spoilt' }
      dropped(message, 'cancelled')
    }
    for (const consumer of [each, batches]) {
      await consumer.connect()
      await consumer.subscribe({ topic: 'in', fromBeginning: true })
    }
    await each.run({ eachMessage: async ({ message }) => spoil(message) })
    await batches.run({
      eachBatch: async ({ batch: { messages }, resolveOffset }) => {
        // Some are dropped before they count, some after.
        for (const message of messages) {
          if (Number(message.offset) % 2 === 0) resolveOffset(message.offset)
          spoil(message)
        }
      },
    })
    await memory.idle()
    for (const client of [each, batches, producer]) await client.disconnect()

    const of = { element: DIGEST }
    const read = consumerHop('default', 'in', 'h')
    expect(log.sum(read, { ...of, channel: 'filtered' }).count).toBe(4)
    for (const hop of [HOPS.enrich, read]) {
      expect(difference(log, HOPS.checkin, [[hop]], of)).toEqual([])
      expect(difference(log, HOPS.checkin, [[hop, 'filtered']], of)).toEqual([])
    }
  })
})
