/** The topic agent on a real broker, where its frames are transactions. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Admin, Consumer, Kafka, Message, Producer, Transaction } from 'kafkajs'
import { describe, expect, it, vi } from 'vitest'
import { type TopicAgent, type TopicAgentOptions, topicAgent } from '../../agents/topic.ts'
import { topicHop } from '../../src/hop/hop.ts'
import { bytesOfWords, hexOfWords } from '../../src/message/id.ts'
import { Minter } from '../../src/message/mint.ts'
import { STAMP_HEADER } from '../../src/message/stamp.ts'
import { startKafka } from '../../src/testbed/kafka.ts'
import { readTrail, resumeFrom, type Trail } from '../agents/topic/trail.ts'
import type { DyingAgentPlan, DyingPoint } from '../support/dying-topic-agent.ts'
import { createTopic, groupName, kafkaClient, sharedBrokers, withAdmin } from '../support/kafka.ts'

const SCRIPT = fileURLToPath(new URL('../support/dying-topic-agent.ts', import.meta.url))
const TSX = fileURLToPath(import.meta.resolve('tsx'))
const WINDOW_MS = 60_000
/** All run side by side: most of their time is waiting for sessions and transactions to end. */
const TIMEOUT_MS = 240_000
/** Longer than any test. */
const NEVER_MS = 600_000
/** Spread over 16 windows, more than one frame holds. */
const MANY = 9_000
/** For what is to come: far longer than it takes. */
const PATIENCE = { timeout: 90_000, interval: 100 }
const minter = new Minter()

/** Tests that run side by side each bring their own. */
type Finish = (done: () => void | Promise<void>) => void

/** An agent as a process of its own, and what it has said. */
class Other {
  readonly child: ChildProcess
  readonly ended: Promise<unknown[]>
  said = ''

  constructor(plan: DyingAgentPlan, onTestFinished: Finish) {
    const args = ['--import', TSX, SCRIPT, JSON.stringify(plan)]
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    this.ended = once(this.child, 'close')
    this.child.stdout?.on('data', (chunk) => {
      this.said += chunk
    })
    onTestFinished(() => {
      this.child.kill('SIGKILL')
    })
  }

  says(line: string): Promise<void> {
    return vi.waitFor(() => expect(this.said).toContain(line), PATIENCE)
  }
}

class World {
  readonly topic: string
  readonly auditTopic: string
  readonly groupId = groupName('exactly')
  readonly ids: string[] = []
  readonly troubles: string[] = []

  readonly #finish: Finish

  readonly brokers: string[]

  constructor(topic: string, auditTopic: string, finish: Finish, brokers: string[]) {
    this.topic = topic
    this.auditTopic = auditTopic
    this.#finish = finish
    this.brokers = brokers
  }

  static #made: Promise<unknown> = Promise.resolve()

  /** One after the other: a broker at work says of new topics that it does not know them. */
  static create(partitions: number, finish: Finish, brokers = sharedBrokers()): Promise<World> {
    const world = World.#made.then(() => World.#create(partitions, finish, brokers))
    World.#made = world.catch(() => {})
    return world
  }

  static async #create(partitions: number, finish: Finish, brokers: string[]): Promise<World> {
    const topic = await createTopic({ prefix: 'exactly', partitions, brokers })
    const config = { 'max.message.bytes': String(2 ** 21) }
    const auditTopic = await createTopic({ prefix: 'exactly-audit', config, brokers })
    return new World(topic, auditTopic, finish, brokers)
  }

  async agent(options: Partial<TopicAgentOptions> = {}): Promise<TopicAgent> {
    const kafka = kafkaClient(this.brokers)
    const agent = await topicAgent({
      kafka,
      topics: [this.topic],
      groupId: this.groupId,
      audit: { kafka, topic: this.auditTopic },
      resume: resumeFrom(kafkaClient(this.brokers), this.auditTopic),
      timer: false,
      onTrouble: (text) => this.troubles.push(text),
      ...options,
    })
    this.#finish(() => agent.close())
    return agent
  }

  other(point: DyingPoint | null, flushMs = 1_500): Other {
    const { brokers, topic, auditTopic, groupId } = this
    return new Other({ brokers, topic, auditTopic, groupId, flushMs, point }, this.#finish)
  }

  /** Births lie in 16 windows. */
  async send(n: number): Promise<void> {
    const messages: Message[] = Array.from({ length: n }, (_, i) => {
      const words = minter.mint(this.topic, Date.now() - (i % 16) * WINDOW_MS)
      this.ids.push(hexOfWords(words))
      return { value: 'v', headers: { [STAMP_HEADER]: bytesOfWords(words) } }
    })
    const producer = kafkaClient(this.brokers).producer()
    await producer.connect()
    await producer.send({ topic: this.topic, messages })
    await producer.disconnect()
  }

  async settle(...agents: TopicAgent[]): Promise<void> {
    await vi.waitFor(async () => {
      const lags = (await Promise.all(agents.map((agent) => agent.lag()))).flat()
      expect(new Set(lags.map(({ partition }) => partition)).size).toBe((await this.ends()).length)
      expect(lags.filter(({ lag }) => lag > 0)).toEqual([])
    }, PATIENCE)
    for (const agent of agents) await agent.flush()
  }

  ends(): Promise<{ partition: number; high: string; low: string }[]> {
    return withAdmin((admin) => admin.fetchTopicOffsets(this.topic), this.brokers)
  }

  async check(): Promise<Trail> {
    const trail = await readTrail(kafkaClient(this.brokers), this.auditTopic)
    const hop = topicHop('default', this.topic)
    expect(trail.ledger.ids(hop)).toEqual(Object.fromEntries(this.ids.map((id) => [id, 1])))
    for (const { partition, high } of await this.ends())
      expect(trail.ledger.covered(hop, partition)).toEqual(high === '0' ? [] : [[0, Number(high)]])
    expect(trail.repeated.filter(({ same }) => !same)).toEqual([])
    return trail
  }

  /** The group says that each partition is counted to its end. */
  async untilCounted(): Promise<void> {
    const ends = (await this.ends()).map(({ high }) => Number(high))
    await vi.waitFor(async () => expect(await this.#counted()).toEqual(ends), PATIENCE)
  }

  #counted(): Promise<number[]> {
    return withAdmin(async (admin) => {
      const groupId = `${this.groupId}.counted`
      const found = await admin.fetchOffsets({ groupId, topics: [this.topic] })
      return found.flatMap(({ partitions }) => partitions.map(({ offset }) => Number(offset)))
    }, this.brokers)
  }
}

describe.concurrent('frames and offsets in one transaction', { timeout: TIMEOUT_MS }, () => {
  it('stand together, and a successor goes on behind them', async ({ onTestFinished }) => {
    const world = await World.create(2, onTestFinished)
    const first = await world.agent()
    await world.send(200)
    await world.settle(first)
    await world.untilCounted()
    await world.check()
    await first.close()

    await world.send(50)
    const second = await world.agent()
    await world.send(50)
    await world.settle(second)
    const { ledger } = await world.check()
    expect(ledger.frames.filter(({ goodbye }) => goodbye)).toHaveLength(1)
    expect(world.troubles).toEqual([])
  })
})

describe.concurrent('two agents under one name', { timeout: TIMEOUT_MS }, () => {
  it('started at once share the partitions and count each record once', async ({
    onTestFinished,
  }) => {
    const world = await World.create(4, onTestFinished)
    await world.send(100)
    const [first, second] = await Promise.all([world.agent(), world.agent()])
    await world.send(100)
    await world.settle(first, second)
    await first.close()
    await world.send(100)
    await world.settle(second)
    await world.check()
    expect([first.failure(), second.failure()]).toEqual([null, null])
    expect(world.troubles).toEqual([])
  })
})

const points: DyingPoint[] = [
  'before the frames',
  'between two frames',
  'before the offsets',
  'before the commit',
  'after the commit',
]

describe.concurrent('an agent killed in a flush', { timeout: TIMEOUT_MS }, () => {
  it.for(points)(
    '%s leaves counts whole, to be counted once',
    async (point, { onTestFinished }) => {
      const world = await World.create(2, onTestFinished)
      const dying = world.other(point)
      await dying.says('started')
      await world.send(30)
      await dying.says('sent')
      await world.send(MANY)
      expect((await dying.ended)[1]).toBe('SIGKILL')
      await world.send(30)

      const next = await world.agent()
      await world.settle(next)
      const { ledger } = await world.check()
      const [first] = ledger.frames
      const own = ledger.frames.filter(({ instance }) => instance === first?.instance)
      expect(own.map(({ number }) => number)).toEqual(own.map((_, i) => i))
    },
  )
})

describe.concurrent('an agent thought dead', { timeout: TIMEOUT_MS }, () => {
  it('adds nothing when it wakes and others count its partitions', async ({ onTestFinished }) => {
    const world = await World.create(2, onTestFinished)
    const zombie = world.other(null, NEVER_MS)
    await zombie.says('started')
    await world.send(200)
    await zombie.says('read 200')
    zombie.child.kill('SIGSTOP')

    // The group gives its partitions away when its session is over.
    const next = await world.agent()
    await world.send(50)
    await world.settle(next)
    zombie.child.kill('SIGCONT')
    await zombie.says('failed: another agent has taken')
    await world.send(50)
    await world.settle(next)

    const { ledger } = await world.check()
    expect(ledger.frames.filter(({ goodbye }) => goodbye)).toEqual([])
    expect(next.failure()).toBeNull()
  })

  it('holds the audit topic up no longer than its transaction lives', async ({
    onTestFinished,
  }) => {
    const world = await World.create(1, onTestFinished)
    const dying = world.other('before the commit')
    await dying.says('started')
    await world.send(MANY)
    await dying.ended
    // Nobody takes over: the broker itself ends what was left open.
    const end = (): Promise<number> =>
      withAdmin(async (admin) => {
        const [partition] = await admin.fetchTopicOffsets(world.auditTopic)
        return Number(partition?.high)
      })
    const heldAt = await end()
    await vi.waitFor(async () => expect(await end()).toBeGreaterThan(heldAt), PATIENCE)
    const { ledger } = await readTrail(kafkaClient(), world.auditTopic)
    expect(ledger.count(topicHop('default', world.topic))).toBe(0)
  })
})

it.concurrent('sends frames alone in a transaction where the audit topic is on another cluster', {
  timeout: TIMEOUT_MS,
}, async ({ onTestFinished }) => {
  const world = await World.create(2, onTestFinished)
  // Another client stands for another cluster: nothing spans the two.
  const audit = { kafka: kafkaClient(), topic: world.auditTopic }
  const [first, second] = await Promise.all([world.agent({ audit }), world.agent({ audit })])
  await world.send(200)
  await world.settle(first, second)
  await first.close()
  await world.send(50)
  await world.settle(second)
  await world.check()
  await world.untilCounted()
})

/** What is done once, when the frames of a cut are written and not committed. */
function beforeCommit(kafka: Kafka, work: () => Promise<unknown>): Kafka {
  let left = 1
  const producer = (config: Parameters<Kafka['producer']>[0]): Producer => {
    const inner = kafka.producer(config)
    const transaction = async (): Promise<Transaction> => {
      const begun = await inner.transaction()
      let isSent = false
      return {
        ...begun,
        send: (record) => {
          isSent = true
          return begun.send(record)
        },
        sendOffsets: async (offsets) => {
          if (isSent && left-- > 0) await work()
          return begun.sendOffsets(offsets)
        },
      }
    }
    return { ...inner, transaction }
  }
  const admin = (): Admin => kafka.admin()
  const consumer = (config: Parameters<Kafka['consumer']>[0]): Consumer => kafka.consumer(config)
  return { admin, consumer, producer } as unknown as Kafka
}

describe.concurrent('in the middle of a transaction', { timeout: TIMEOUT_MS }, () => {
  it('another agent joins, and takes over half of the partitions', async ({ onTestFinished }) => {
    const world = await World.create(4, onTestFinished)
    let second: Promise<TopicAgent> | null = null
    const kafka = beforeCommit(kafkaClient(), async () => {
      second = world.agent()
      // Long enough for the group to have shared out its partitions anew.
      await setTimeout(4_000)
    })
    const first = await world.agent({ kafka, audit: { kafka, topic: world.auditTopic } })
    await world.send(200)
    await vi.waitFor(() => first.flush().then(() => expect(second).not.toBeNull()), PATIENCE)
    await world.send(100)
    await world.settle(first, await (second as unknown as Promise<TopicAgent>))
    await world.check()
    expect(first.failure()).toBeNull()
  })

  it('the broker is killed and started again', async ({ onTestFinished }) => {
    const cluster = await startKafka()
    onTestFinished(() => cluster.close())
    const world = await World.create(2, onTestFinished, cluster.brokers)
    let isDone = false
    const kafka = beforeCommit(kafkaClient(cluster.brokers), async () => {
      await cluster.kill(0)
      await cluster.restart(0)
      isDone = true
    })
    const agent = await world.agent({ kafka, audit: { kafka, topic: world.auditTopic } })
    await world.send(200)
    await vi.waitFor(() => agent.flush().then(() => expect(isDone).toBe(true)), PATIENCE)
    await world.send(50)
    await world.settle(agent)
    await vi.waitFor(() => agent.flush().then(() => world.check()), PATIENCE)
    expect(agent.failure()).toBeNull()
  })
})
