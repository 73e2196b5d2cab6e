/** The topic agent on a real broker, where its frames are transactions. */
import type { Message } from 'kafkajs'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { type TopicAgent, type TopicAgentOptions, topicAgent } from '../../agents/topic.ts'
import { topicHop } from '../../src/hop/hop.ts'
import { bytesOfWords, hexOfWords } from '../../src/message/id.ts'
import { Minter } from '../../src/message/mint.ts'
import { STAMP_HEADER } from '../../src/message/stamp.ts'
import { readTrail, resumeFrom, type Trail } from '../agents/topic/trail.ts'
import { createTopic, groupName, kafkaClient, withAdmin } from '../support/kafka.ts'

const minter = new Minter()

class World {
  readonly topic: string
  readonly auditTopic: string
  readonly groupId = groupName('exactly')
  readonly ids: string[] = []
  readonly troubles: string[] = []

  constructor(topic: string, auditTopic: string) {
    this.topic = topic
    this.auditTopic = auditTopic
  }

  static async create(partitions = 2): Promise<World> {
    const topic = await createTopic({ prefix: 'exactly', partitions })
    return new World(topic, await createTopic({ prefix: 'exactly-audit' }))
  }

  async agent(options: Partial<TopicAgentOptions> = {}): Promise<TopicAgent> {
    const kafka = kafkaClient()
    const agent = await topicAgent({
      kafka,
      topics: [this.topic],
      groupId: this.groupId,
      audit: { kafka, topic: this.auditTopic },
      resume: resumeFrom(kafkaClient(), this.auditTopic),
      timer: false,
      onTrouble: (text) => this.troubles.push(text),
      ...options,
    })
    onTestFinished(() => agent.close())
    return agent
  }

  async send(n: number): Promise<void> {
    const messages: Message[] = Array.from({ length: n }, () => {
      const words = minter.mint(this.topic)
      this.ids.push(hexOfWords(words))
      return { value: 'v', headers: { [STAMP_HEADER]: bytesOfWords(words) } }
    })
    const producer = kafkaClient().producer()
    await producer.connect()
    await producer.send({ topic: this.topic, messages })
    await producer.disconnect()
  }

  async settle(...agents: TopicAgent[]): Promise<void> {
    await vi.waitFor(
      async () => {
        const lags = (await Promise.all(agents.map((agent) => agent.lag()))).flat()
        expect(new Set(lags.map(({ partition }) => partition)).size).toBe(
          (await this.ends()).length,
        )
        expect(lags.filter(({ lag }) => lag > 0)).toEqual([])
      },
      { timeout: 40_000, interval: 100 },
    )
    for (const agent of agents) await agent.flush()
  }

  ends(): Promise<{ partition: number; high: string; low: string }[]> {
    return withAdmin((admin) => admin.fetchTopicOffsets(this.topic))
  }

  async check(): Promise<Trail> {
    const trail = await readTrail(kafkaClient(), this.auditTopic)
    const hop = topicHop('default', this.topic)
    expect(trail.ledger.ids(hop)).toEqual(Object.fromEntries(this.ids.map((id) => [id, 1])))
    for (const { partition, high } of await this.ends())
      expect(trail.ledger.covered(hop, partition)).toEqual(high === '0' ? [] : [[0, Number(high)]])
    expect(trail.repeated.filter(({ same }) => !same)).toEqual([])
    return trail
  }

  /** How far the group says that each partition is counted. */
  counted(): Promise<number[]> {
    return withAdmin(async (admin) => {
      const groupId = `${this.groupId}.counted`
      const found = await admin.fetchOffsets({ groupId, topics: [this.topic] })
      return found.flatMap(({ partitions }) => partitions.map(({ offset }) => Number(offset)))
    })
  }
}

describe('frames and offsets in one transaction', () => {
  it('stand together, and a successor goes on behind them', async () => {
    const world = await World.create()
    const first = await world.agent()
    await world.send(200)
    await world.settle(first)
    await vi.waitFor(async () =>
      expect(await world.counted()).toEqual((await world.ends()).map(({ high }) => Number(high))),
    )
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

describe('two agents under one name', () => {
  it('started at once share the partitions and count each record once', async () => {
    const world = await World.create(4)
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
