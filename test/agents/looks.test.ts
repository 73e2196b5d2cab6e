/** Which messages agents look into, and what they see of them, along a whole pipeline. */
import type { KafkaMessage } from 'kafkajs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { audited, flushAll } from '../../agents/kafkajs.ts'
import { topicAgent } from '../../agents/topic.ts'
import type { Lookers } from '../../src/drift/shape.ts'
import { type HopRef, topicHop } from '../../src/hop/hop.ts'
import { PLAIN, tallyPlans } from '../../src/hop/plan.ts'
import { nextTurn } from '../../src/testbed/memory-broker.ts'
import { MemoryKafka } from '../../src/testbed/memory-kafka.ts'
import { PLAN, StandInLooker } from '../hop/stand-in-looker.ts'
import { declare } from '../support/declare.ts'
import { FrameLog } from './kafkajs/frames.ts'
import { bench, intoOut, readIn } from './kafkajs/setup.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const ONE_IN = 4
const planOf = tallyPlans([
  {
    hops: ['in', 'out'].map((topic) => ({
      ...declare(topic, topicHop('default', topic)),
      // By its subject a looker is known here.
      shape: { ...PLAN, oneIn: ONE_IN, subject: topic },
    })),
    edges: [],
    thresholdsMs: [],
  },
])
/** Groups that nobody declared look into nothing, unless the plan is one of theirs. */
const planOfAll = (hop: HopRef) =>
  hop.role === 'consumer' ? planOf(topicHop(hop.cluster, hop.topic)) : planOf(hop)

/** One process: its lookers, by the topic they look into. */
class Eyes {
  readonly byTopic = new Map<string, StandInLooker[]>()

  readonly lookers: Lookers = (plan) => {
    const looker = new StandInLooker(plan)
    const topic = plan.subject ?? ''
    this.byTopic.set(topic, [...(this.byTopic.get(topic) ?? []), looker])
    return looker
  }

  /** Id and value, by id. */
  of(topic: string): [string, string][] {
    return (this.byTopic.get(topic) ?? [])
      .flatMap(({ seen }) => seen)
      .map(({ id, message }): [string, string] => [id, String(message.value)])
      .sort()
  }

  headers(topic: string): unknown[] {
    return (this.byTopic.get(topic) ?? []).flatMap(({ seen }) =>
      seen.map(({ message }) => (message.headers as { source?: unknown } | undefined)?.source),
    )
  }
}

afterEach(() => {
  vi.unstubAllEnvs()
})

interface RunOptions {
  readonly stamped?: boolean
  readonly handle?: (message: KafkaMessage) => void
}

/** desk → in → (topic agent), enrich by eachMessage → out → (topic agent), load by eachBatch. */
async function run({ stamped = true, handle = () => {} }: RunOptions = {}) {
  const memory = new MemoryKafka({ clock: () => NOW })
  const log = new FrameLog()
  const eyes = { desk: new Eyes(), topic: new Eyes(), enrich: new Eyes(), load: new Eyes() }
  const kafkaOf = (service: 'desk' | 'enrich' | 'load') =>
    audited(memory.kafka(), {
      ...{ service, planOf: planOfAll, clock: () => NOW, timer: false, audit: { sender: log } },
      ...{ version: '1.2.3', lookers: eyes[service].lookers },
    })
  const topics = ['in', 'out']
  await memory
    .kafka()
    .admin()
    .createTopics({ topics: topics.map((topic) => ({ topic, numPartitions: 3 })) })
  const agent = await topicAgent({
    ...{ kafka: memory.kafka(), topics, planOf: planOfAll, sender: log },
    ...{ clock: () => NOW, timer: false, lookers: eyes.topic.lookers },
  })
  const producer = stamped ? kafkaOf('desk').producer() : memory.kafka().producer()
  const enrich = kafkaOf('enrich')
  const forwarder = enrich.producer()
  const enricher = enrich.consumer({ groupId: 'g' })
  const loader = kafkaOf('load').consumer({ groupId: 'h' })
  const clients = [producer, forwarder, enricher, loader]
  for (const client of clients) await client.connect()
  await enricher.subscribe({ topic: 'in', fromBeginning: true })
  await loader.subscribe({ topic: 'out', fromBeginning: true })
  await enricher.run({
    eachMessage: async ({ message }) => {
      const value = `enriched ${message.value}`
      handle(message)
      await forwarder.send({ topic: 'out', messages: [{ value, headers: { source: 'enrich' } }] })
    },
  })
  await loader.run({
    eachBatch: async ({ batch }) => {
      for (const message of batch.messages) handle(message)
    },
  })
  const messages = Array.from({ length: 400 }, (_, i) => ({
    ...{ value: `flight ${i}`, headers: { source: 'desk' } },
  }))
  await producer.send({ topic: 'in', messages })
  await memory.idle()
  for (const client of clients) await client.disconnect()
  await agent.close()
  return { eyes, log }
}

describe('messages that are looked into', () => {
  it('are the same ones at every hop, as each hop has them', async () => {
    const { eyes, log } = await run()
    const seen = eyes.desk.of('in')
    expect(seen.length).toBeGreaterThan(60)
    expect(seen.length).toBeLessThan(140)
    expect(eyes.topic.of('in')).toEqual(seen)
    expect(eyes.enrich.of('in')).toEqual(seen)
    const enriched = seen.map(([id, value]) => [id, `enriched ${value}`])
    expect(eyes.enrich.of('out')).toEqual(enriched)
    expect(eyes.topic.of('out')).toEqual(enriched)
    expect(eyes.load.of('out')).toEqual(enriched)
    expect(new Set(eyes.desk.headers('in'))).toEqual(new Set(['desk']))
    const shapes = log.frames.flatMap((frame) => frame.shapes.map(({ hop }) => hop))
    const at = new Set(shapes.map(({ role, topic }) => `${role} ${topic}`))
    expect([...at].sort()).toEqual([
      ...['consumer in', 'consumer out', 'producer in', 'producer out', 'topic in', 'topic out'],
    ])
  })

  it('are seen as they were received, whatever a handler makes of them', async () => {
    const { eyes } = await run({
      handle: (message) => {
        message.value = null
        message.headers = { source: 'handler' }
      },
    })
    expect(eyes.enrich.of('in')).toEqual(eyes.desk.of('in'))
    expect(eyes.load.of('out')).toEqual(eyes.enrich.of('out'))
    expect(eyes.load.of('out').length).toBeGreaterThan(60)
    for (const [name, topic] of [
      ['enrich', 'in'],
      ['load', 'out'],
    ] as const)
      expect(eyes[name].headers(topic).map(String)).not.toContain('handler')
  })

  it('are chosen by their place where they carry no id', async () => {
    const { eyes } = await run({ stamped: false })
    const seen = eyes.topic.of('in')
    expect(seen.length).toBeGreaterThan(60)
    expect(eyes.enrich.of('in')).toEqual(seen)
    // An output carries the id of its input.
    expect(eyes.load.of('out').map(([id]) => id)).toEqual(seen.map(([id]) => id))
  })

  it('are none where agents are switched off', async () => {
    vi.stubEnv('QUIPU_DISABLED', '1')
    const { eyes, log } = await run()
    for (const { byTopic } of Object.values(eyes)) expect(byTopic.size).toBe(0)
    expect(log.frames).toEqual([])
  })

  it('are told with what wrote them, and where that runs', async () => {
    const { log } = await run()
    const clients = new Set(log.frames.map(({ service, client }) => `${service}: ${client}`))
    const { node } = process.versions
    expect([...clients].sort()).toEqual([
      `desk: desk/1.2.3 kafkajs/2.2.4 node/${node}`,
      `enrich: enrich/1.2.3 kafkajs/2.2.4 node/${node}`,
      `load: load/1.2.3 kafkajs/2.2.4 node/${node}`,
      `quipu-topic-agent-default: quipu-topic-agent-default kafkajs/2.2.4 node/${node}`,
    ])
    expect(log.frames.every(({ host }) => host !== '')).toBe(true)
  })
})

/** All messages are looked into. */
const ALL = { ...PLAIN, shape: PLAN }

function watching() {
  const eyes = new Eyes()
  const made = bench({ planOf: () => ALL, lookers: eyes.lookers })
  const values = (): string[] => eyes.of('').map(([, value]) => value)
  return { ...made, values, eyes }
}

describe('a producer', () => {
  it('shows what was sent, not what has become of it', async () => {
    const { producer, fake, values } = watching()
    const client = await producer()
    const value = Buffer.from('sent')
    fake.beforeSend = () => value.fill('x')
    await client.send({ topic: 'out', messages: [{ value }, { value: 'text' }, { value: null }] })
    expect(values().sort()).toEqual(['null', 'sent', 'text'])
  })

  it('shows nothing of what did not come into the log', async () => {
    const { producer, fake, values, log } = watching()
    const client = await producer()
    fake.beforeSend = () => {
      throw new Error('no')
    }
    await expect(client.send({ topic: 'out', messages: [{ value: 'a' }] })).rejects.toThrow('no')
    fake.beforeSend = () => {}
    const transaction = await client.transaction()
    await transaction.send({ topic: 'out', messages: [{ value: 'b' }] })
    await transaction.abort()
    const open = await client.transaction()
    await open.send({ topic: 'out', messages: [{ value: 'c' }] })
    expect(values()).toEqual([])
    await open.commit()
    await client.disconnect()
    expect(values()).toEqual(['c'])
    expect([log.total(intoOut, 'rejected'), log.total(intoOut, 'withdrawn')]).toEqual([1, 1])
  })

  it('keeps 4 MiB of what is under way, and counts what it has no room for', async () => {
    const { producer, values, log } = watching()
    const client = await producer()
    const send = async (count: number): Promise<void> => {
      const transaction = await client.transaction()
      for (let i = 0; i < count; i++)
        await transaction.send({ topic: 'out', messages: [{ value: Buffer.alloc(250_000) }] })
      await transaction.commit()
    }
    await send(20)
    expect(values()).toHaveLength(16)
    // What has passed is kept no longer.
    await send(16)
    expect(values()).toHaveLength(32)
    await client.disconnect()
    expect(log.counted('looks-full')).toBe(4)
    expect(log.total(intoOut, 'passed')).toBe(36)
  })

  it.each(['rejected', 'unconfirmed', 'aborted'])('keeps nothing of what was %s', async (how) => {
    const { producer, fake, values } = watching()
    const client = await producer()
    const messages = [{ value: Buffer.alloc(250_000) }]
    for (let i = 0; i < 20; i++) {
      if (how === 'rejected') {
        fake.beforeSend = () => Promise.reject(new Error('no'))
        await client.send({ topic: 'out', messages }).catch(() => {})
      } else {
        fake.onCommit = () => Promise.reject(new Error('no'))
        const transaction = await client.transaction()
        await transaction.send({ topic: 'out', messages })
        if (how === 'aborted') await transaction.abort()
        else await transaction.commit().catch(() => {})
      }
    }
    fake.beforeSend = () => {}
    await client.send({ topic: 'out', messages })
    expect(values()).toHaveLength(1)
  })

  it('keeps nothing of what hangs for longer than the lateness', async () => {
    let now = NOW
    const eyes = new Eyes()
    const { producer, fake } = bench({
      ...{ planOf: () => ALL, lookers: eyes.lookers, latenessMs: 1_000, clock: () => now },
    })
    const client = await producer()
    const messages = [{ value: Buffer.alloc(250_000) }]
    fake.beforeSend = () => new Promise(() => {})
    for (let i = 0; i < 20; i++) void client.send({ topic: 'out', messages })
    await nextTurn()
    fake.beforeSend = () => {}
    await client.send({ topic: 'out', messages })
    expect(eyes.of('')).toHaveLength(0)
    now += 2_000
    await flushAll()
    await client.send({ topic: 'out', messages })
    expect(eyes.of('')).toHaveLength(1)
  })

  it('does not copy what is too long to be read', async () => {
    const { producer, eyes } = watching()
    const client = await producer()
    const long = Buffer.alloc(5_000_000)
    const short = Buffer.alloc(10)
    await client.send({ topic: 'out', messages: [{ value: long }, { value: short }] })
    const seen = (eyes.byTopic.get('') ?? []).flatMap((looker) => looker.seen)
    expect(seen.map(({ message }) => message.value === long)).toEqual([true, false])
    expect(seen.map(({ message }) => message.value === short)).toEqual([false, false])
  })

  it('shows each message once where its sends are split', async () => {
    const memory = new MemoryKafka({ clock: () => NOW })
    const eyes = new Eyes()
    const kafka = audited(memory.kafka(), {
      ...{ service: 'svc', planOf: () => ALL, lookers: eyes.lookers, timer: false },
      ...{ audit: { sender: new FrameLog() }, splitSends: true, clock: () => NOW },
    })
    await kafka.admin().createTopics({ topics: [{ topic: 'out', numPartitions: 3 }] })
    const producer = kafka.producer()
    await producer.connect()
    const sent = Array.from({ length: 30 }, (_, i) => `v${i}`)
    await producer.send({ topic: 'out', messages: sent.map((value) => ({ key: value, value })) })
    await producer.disconnect()
    expect(
      eyes
        .of('')
        .map(([, value]) => value)
        .sort(),
    ).toEqual([...sent].sort())
  })
})

describe('a consumer', () => {
  const received = (offset: number) => ({
    offset: String(offset),
    value: Buffer.from(`m${offset}`),
  })

  it('shows what was handled, once for each time', async () => {
    const { consumer, values, log } = watching()
    let isBroken = true
    const [audited, fake] = await consumer({
      eachMessage: async ({ message }) => {
        if (isBroken && message.offset === '1') throw new Error('broken')
      },
    })
    const timestamp = String(Date.now())
    const messages = [0, 1, 2].map((offset) => ({ ...received(offset), timestamp }))
    await fake.deliver({ messages }).catch(() => {})
    expect(values()).toEqual(['m0'])
    isBroken = false
    await fake.deliver({ messages: messages.slice(1) })
    expect(values().sort()).toEqual(['m0', 'm1', 'm2'])
    await fake.deliver({ messages: messages.slice(2) })
    await audited.disconnect()
    expect(values().sort()).toEqual(['m0', 'm1', 'm2', 'm2'])
    expect(log.total(readIn, 'unidentified')).toBe(4)
  })

  it('is not reached by a looker that throws', async () => {
    const looker = new StandInLooker({ oneIn: 1 })
    looker.see = () => {
      throw new Error('broken')
    }
    const { consumer, log } = bench({ planOf: () => ALL, lookers: () => looker })
    const handled: string[] = []
    const [audited, fake] = await consumer({
      eachMessage: async ({ message }) => void handled.push(message.offset),
    })
    const timestamp = String(Date.now())
    await fake.deliver({ messages: [0, 1].map((o) => ({ ...received(o), timestamp })) })
    await audited.disconnect()
    expect(handled).toEqual(['0', '1'])
    expect(log.total(readIn, 'unidentified')).toBe(2)
    expect(log.counted('look-failed')).toBe(2)
  })
})
