/** The topic agent on a real broker: transactions, control-only batches, resumes, rebalances. */
import { Kafka, logLevel, type Message, type Transaction } from 'kafkajs'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  resumeFromFrames,
  type TopicAgent,
  type TopicAgentOptions,
  topicAgent,
} from '../../agents/topic.ts'
import { topicHop } from '../../src/hop/hop.ts'
import { bytesOfWords, hexOfWords } from '../../src/message/id.ts'
import { Minter } from '../../src/message/mint.ts'
import { STAMP_HEADER } from '../../src/message/stamp.ts'
import { Ledger } from '../agents/topic/ledger.ts'
import { createTopic, groupName, kafkaClient, withAdmin } from '../support/kafka.ts'

const minter = new Minter()
/** For what is to come: far longer than it takes. */
const PATIENCE = { timeout: 90_000, interval: 100 }

class World {
  readonly ledger = new Ledger()
  readonly topic: string
  readonly groupId = groupName('topic-agent')
  readonly ids: string[] = []

  constructor(topic: string) {
    this.topic = topic
  }

  static async create(options: Parameters<typeof createTopic>[0] = {}): Promise<World> {
    return new World(await createTopic({ prefix: 'topic-agent', ...options }))
  }

  async agent(options: Partial<TopicAgentOptions> = {}): Promise<TopicAgent> {
    const agent = await topicAgent({
      kafka: kafkaClient(),
      topics: [this.topic],
      groupId: this.groupId,
      sender: this.ledger.sender(),
      timer: false,
      ...options,
    })
    onTestFinished(() => agent.close())
    return agent
  }

  messages(n: number, isExpected = true, key: string | null = null): Message[] {
    return Array.from({ length: n }, () => {
      const words = minter.mint(this.topic)
      if (isExpected) this.ids.push(hexOfWords(words))
      return { key, value: 'v', headers: { [STAMP_HEADER]: bytesOfWords(words) } }
    })
  }

  async send(messages: Message[]): Promise<void> {
    const producer = kafkaClient().producer()
    await producer.connect()
    await producer.send({ topic: this.topic, messages })
    await producer.disconnect()
  }

  /** Hands over an open transaction; ends it as told. */
  async transact(
    commit: boolean,
    work: (transaction: Transaction) => Promise<unknown>,
  ): Promise<void> {
    const producer = kafkaClient().producer({
      transactionalId: groupName('tx'),
      maxInFlightRequests: 1,
      idempotent: true,
    })
    await producer.connect()
    const transaction = await producer.transaction()
    await work(transaction)
    await (commit ? transaction.commit() : transaction.abort())
    await producer.disconnect()
  }

  /** Waits until the agents stand at the end of the log, then has them send what they have. */
  async settle(...agents: TopicAgent[]): Promise<void> {
    await vi.waitFor(async () => {
      const lags = (await Promise.all(agents.map((agent) => agent.lag()))).flat()
      const partitions = new Set(lags.map(({ partition }) => partition))
      expect(partitions.size).toBe((await this.ends()).length)
      expect(lags.filter(({ lag }) => lag > 0)).toEqual([])
    }, PATIENCE)
    for (const agent of agents) await agent.flush()
  }

  ends(): Promise<{ partition: number; high: string; low: string }[]> {
    return withAdmin((admin) => admin.fetchTopicOffsets(this.topic))
  }

  async check(): Promise<void> {
    const hop = topicHop('default', this.topic)
    expect(this.ledger.ids(hop)).toEqual(Object.fromEntries(this.ids.map((id) => [id, 1])))
    for (const { partition, high } of await this.ends())
      expect(this.ledger.covered(hop, partition)).toEqual(high === '0' ? [] : [[0, Number(high)]])
  }
}

describe('on a real broker', () => {
  it('counts what was committed, passes over the rest, covers everything', async () => {
    const world = await World.create()
    const { topic } = world
    await world.send(world.messages(100))
    const agent = await world.agent()
    await world.transact(true, (t) => t.send({ topic, messages: world.messages(3) }))
    await world.transact(false, (t) => t.send({ topic, messages: world.messages(5, false) }))
    await world.settle(agent)
    await world.check()

    // Nothing but an aborted record and its marker: no handler hears of it.
    await world.transact(false, (t) => t.send({ topic, messages: world.messages(1, false) }))
    await world.settle(agent)
    await world.check()
    const hop = topicHop('default', topic)
    expect(world.ledger.counted(hop, 'empty-offsets')).toBe(1 + 6 + 2)
    expect(world.ledger.counted(hop, 'skipped-repeat')).toBe(0)
  })

  it('keeps out of an open transaction and of what lies behind it', async () => {
    const world = await World.create()
    const { topic } = world
    const agent = await world.agent()
    await world.transact(true, async (transaction) => {
      await transaction.send({ topic, messages: world.messages(2) })
      await world.send(world.messages(2))
      await world.settle(agent)
      expect(world.ledger.covered(topicHop('default', topic))).toEqual([])
    })
    await world.settle(agent)
    await world.check()
  })

  it('goes on behind its last frame, also after frames were lost', async () => {
    const world = await World.create({ partitions: 3 })
    const { topic } = world
    const sender = world.ledger.sender()
    const first = await world.agent({ sender })
    await world.send(world.messages(300))
    await world.settle(first)
    await world.send(world.messages(60))
    await vi.waitFor(
      async () => expect((await first.lag()).every((l) => l.lag === 0)).toBe(true),
      PATIENCE,
    )
    sender.cut()
    await first.close()
    await world.transact(true, (t) => t.send({ topic, messages: world.messages(30) }))

    const { resume } = await resumeFromFrames(world.ledger)
    const second = await world.agent({ resume })
    await world.send(world.messages(30))
    await world.settle(second)
    await world.check()
    await second.close()

    const offsets = await withAdmin((admin) =>
      admin.fetchOffsets({ groupId: world.groupId, topics: [topic] }),
    )
    expect(offsets.flatMap((o) => o.partitions).map((p) => p.offset)).toEqual(['-1', '-1', '-1'])
  })

  it('leaves a hole where offsets were deleted before they were read', async () => {
    const world = await World.create()
    const { topic } = world
    await world.send(world.messages(10))
    await withAdmin(async (admin) => {
      // kafkajs forgets to load the metadata that the deletion needs.
      await admin.fetchTopicOffsets(topic)
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] })
    })
    const agent = await world.agent({ resume: () => 2 })
    await world.settle(agent)
    const hop = topicHop('default', topic)
    expect(world.ledger.covered(hop)).toEqual([[6, 10]])
    expect(world.ledger.counted(hop, 'deleted-unread')).toBe(4)
    expect(world.ledger.count(hop)).toBe(4)
  })

  it('shares partitions with a second agent, and takes them over when one leaves', async () => {
    const world = await World.create({ partitions: 4 })
    const resume = async (topic: string, partition: number): Promise<number | undefined> => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      return (await resumeFromFrames(world.ledger)).resume(topic, partition)
    }
    const first = await world.agent({ resume })
    await world.send(world.messages(200))
    const second = await world.agent({ resume })
    await world.send(world.messages(200))
    await world.settle(first, second)
    await first.close()
    await world.send(world.messages(200))
    await world.settle(second)
    await world.check()
  })

  it('covers what compaction removed', async () => {
    const world = await World.create({
      config: {
        'cleanup.policy': 'compact',
        'segment.ms': '100',
        'min.cleanable.dirty.ratio': '0.01',
        'delete.retention.ms': '100',
        'max.compaction.lag.ms': '100',
      },
    })
    await world.send(world.messages(20, false, 'k'))
    await new Promise((resolve) => setTimeout(resolve, 300))
    await world.send(world.messages(1, true, 'k'))
    const agent = await world.agent()
    await world.settle(agent)
    const hop = topicHop('default', world.topic)
    // Whether the cleaner has run already or not: every offset is accounted for.
    expect(world.ledger.covered(hop)).toEqual([[0, 21]])
    expect(world.ledger.count(hop) + world.ledger.counted(hop, 'empty-offsets')).toBe(21)
  })
})

describe('starting', () => {
  it('names the topic that does not exist, and creates none', async () => {
    const world = new World(groupName('nowhere'))
    await expect(world.agent()).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await withAdmin((admin) => admin.listTopics())).not.toContain(world.topic)
  })

  it('says that no broker answers', async () => {
    const brokers = ['127.0.0.1:1']
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } })
    await expect(new World('t').agent({ kafka })).rejects.toMatchObject({ code: 'CONNECTION' })
  })
})
