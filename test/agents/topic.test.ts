import fc from 'fast-check'
import type { Kafka, Message } from 'kafkajs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  resumeFromFrames,
  type TopicAgent,
  type TopicAgentOptions,
  topicAgent,
} from '../../agents/topic.ts'
import { topicHop } from '../../src/hop/hop.ts'
import { bytesOfWords, hexOfWords } from '../../src/message/id.ts'
import { offsetId } from '../../src/message/identity.ts'
import { Minter } from '../../src/message/mint.ts'
import { STAMP_HEADER } from '../../src/message/stamp.ts'
import { nextTurn } from '../../src/testbed/memory-broker.ts'
import { MemoryKafka } from '../../src/testbed/memory-kafka.ts'
import { Ledger } from './topic/ledger.ts'

const HOP = topicHop('default', 't')
const NOW = Date.UTC(2026, 0, 1, 12)

afterEach(() => {
  vi.unstubAllEnvs()
})

class World {
  readonly memory = new MemoryKafka({ clock: () => NOW })
  readonly kafka: Kafka = this.memory.kafka()
  readonly ledger = new Ledger()
  readonly troubles: string[] = []
  readonly #minter = new Minter(() => NOW)
  readonly #producer = this.kafka.producer()
  #transactions = 0

  async create(partitions = 1): Promise<this> {
    await this.kafka.admin().createTopics({ topics: [{ topic: 't', numPartitions: partitions }] })
    await this.#producer.connect()
    return this
  }

  agent(options: Partial<TopicAgentOptions> = {}): Promise<TopicAgent> {
    return topicAgent({
      kafka: this.kafka,
      topics: ['t'],
      sender: this.ledger.sender(),
      clock: () => NOW,
      timer: false,
      onTrouble: (text) => this.troubles.push(text),
      ...options,
    })
  }

  /** Stamped messages and their ids. */
  stamped(n: number, partition?: number): { messages: Message[]; ids: string[] } {
    const words = Array.from({ length: n }, () => this.#minter.mint('t'))
    const place = partition === undefined ? {} : { partition }
    return {
      ids: words.map(hexOfWords),
      messages: words.map((w) => ({
        value: 'v',
        headers: { [STAMP_HEADER]: bytesOfWords(w) },
        ...place,
      })),
    }
  }

  async send(n: number, partition?: number): Promise<string[]> {
    const { messages, ids } = this.stamped(n, partition)
    await this.#producer.send({ topic: 't', messages })
    return ids
  }

  async sendRaw(messages: Message[]): Promise<void> {
    await this.#producer.send({ topic: 't', messages })
  }

  /** A transaction of its own producer; gives the ids if it was committed. */
  async transact(n: number, commit: boolean, partition?: number): Promise<string[]> {
    const producer = this.kafka.producer({ transactionalId: `tx${this.#transactions++}` })
    await producer.connect()
    const transaction = await producer.transaction()
    const { messages, ids } = this.stamped(n, partition)
    await transaction.send({ topic: 't', messages })
    await (commit ? transaction.commit() : transaction.abort())
    return commit ? ids : []
  }

  /** All read, all sent. */
  async settle(...agents: TopicAgent[]): Promise<void> {
    const partitions = await this.kafka.admin().fetchTopicOffsets('t')
    for (let isRead = agents.length === 0; !isRead; ) {
      await this.memory.idle()
      // An agent may still be asking where to go on.
      const lags = (await Promise.all(agents.map((agent) => agent.lag()))).flat()
      isRead = lags.length === partitions.length && lags.every(({ lag }) => lag === 0)
    }
    await this.memory.idle()
    for (const agent of agents) await agent.flush()
  }
}

const once = (ids: readonly string[]): Record<string, number> =>
  Object.fromEntries(ids.map((id) => [id, 1]))

describe('counting', () => {
  it('folds every stamp once and covers every offset', async () => {
    const world = await new World().create(3)
    const before = await world.send(50)
    const agent = await world.agent()
    const after = await world.send(50)
    await world.settle(agent)

    expect(world.ledger.ids(HOP)).toEqual(once([...before, ...after]))
    const ends = await world.kafka.admin().fetchTopicOffsets('t')
    for (const { partition, high } of ends)
      expect(world.ledger.covered(HOP, partition)).toEqual([[0, Number(high)]])
    expect(await agent.lag()).toMatchObject([{ lag: 0 }, { lag: 0 }, { lag: 0 }])
    await agent.close()
    expect(world.ledger.frames.at(-1)?.goodbye).toBe(true)
  })

  it('keeps apart what has no stamp, and what has one that cannot be read', async () => {
    const world = await new World().create()
    await world.sendRaw([
      { value: 'bare' },
      { value: 'odd', headers: { [STAMP_HEADER]: 'short' } },
      { value: 'repeated', headers: { [STAMP_HEADER]: ['x', Buffer.alloc(3)] } },
    ])
    const agent = await world.agent()
    await world.settle(agent)

    const place = { cluster: 'default', topic: 't', partition: 0 }
    const ids = [0, 1, 2].map((offset) =>
      hexOfWords(offsetId({ timestamp: String(NOW) }, { ...place, offset }) as never),
    )
    expect(world.ledger.ids(HOP, 'unidentified')).toEqual(once(ids))
    expect(world.ledger.counted(HOP, 'malformed-stamp')).toBe(2)
    expect(world.ledger.covered(HOP)).toEqual([[0, 3]])
  })

  it('takes ids from where the pipeline file says', async () => {
    const world = await new World().create()
    await world.sendRaw([
      { key: 'a', value: '1' },
      { key: 'b', value: '2' },
    ])
    const agent = await world.agent({ identity: { t: { identity: { by: 'key' } } } })
    await world.settle(agent)

    expect(world.ledger.count(HOP)).toBe(2)
    expect(world.ledger.frames[0]?.deltas[0]?.identity).toBe('key;time=timestamp')
  })

  it('passes over markers, aborted records and batches of nothing else', async () => {
    const world = await new World().create()
    const agent = await world.agent()
    const ids = await world.transact(2, true)
    await world.settle(agent)
    expect(world.ledger.covered(HOP)).toEqual([[0, 3]])
    expect(world.ledger.counted(HOP, 'empty-offsets')).toBe(1)

    // Three records and their marker: no handler hears of them.
    await world.transact(3, false)
    await world.settle(agent)
    expect(world.ledger.covered(HOP)).toEqual([[0, 7]])
    expect(world.ledger.counted(HOP, 'empty-offsets')).toBe(5)
    expect(world.ledger.ids(HOP)).toEqual(once(ids))
  })

  it('waits for an open transaction, and says nothing of what lies behind it', async () => {
    const world = await new World().create()
    const agent = await world.agent()
    const producer = world.kafka.producer({ transactionalId: 'open' })
    await producer.connect()
    const transaction = await producer.transaction()
    const { messages } = world.stamped(1)
    await transaction.send({ topic: 't', messages })
    const ids = await world.send(2)
    await world.settle(agent)
    expect(world.ledger.covered(HOP)).toEqual([])

    await transaction.abort()
    await world.settle(agent)
    expect(world.ledger.ids(HOP)).toEqual(once(ids))
    expect(world.ledger.covered(HOP)).toEqual([[0, 4]])
  })

  it('covers what compaction removed', async () => {
    const world = await new World().create()
    const keyed = world.stamped(6).messages.map((m, i) => ({ ...m, key: `k${i % 2}` }))
    await world.sendRaw(keyed)
    world.memory.compact('t')
    const agent = await world.agent()
    await world.settle(agent)

    expect(world.ledger.count(HOP)).toBe(2)
    expect(world.ledger.covered(HOP)).toEqual([[0, 6]])
    expect(world.ledger.counted(HOP, 'empty-offsets')).toBe(4)
  })

  it('covers the gap before a batch of control records only', async () => {
    const world = await new World().create()
    const [a, b] = world.stamped(2).messages
    await world.sendRaw([{ ...a, key: 'k' } as Message])
    await world.transact(1, false)
    await world.sendRaw([{ ...b, key: 'k' } as Message])
    // Offset 0 goes; what is left below offset 3 is the aborted record and its marker.
    world.memory.compact('t')
    const agent = await world.agent()
    await world.settle(agent)
    expect(world.ledger.covered(HOP)).toEqual([[0, 4]])
    expect(world.ledger.count(HOP)).toBe(1)
  })

  it('starts at the end where it is told to', async () => {
    const world = await new World().create()
    await world.send(5)
    const agent = await world.agent({ from: 'latest' })
    const ids = await world.send(2)
    await world.settle(agent)
    expect(world.ledger.ids(HOP)).toEqual(once(ids))
    expect(world.ledger.covered(HOP)).toEqual([[5, 7]])
  })

  it('reads partitions that are added later from their beginning', async () => {
    const world = await new World().create()
    const agent = await world.agent({ from: 'latest' })
    await world.kafka.admin().createPartitions({ topicPartitions: [{ topic: 't', count: 2 }] })
    const ids = await world.send(3, 1)
    await world.settle(agent)
    expect(world.ledger.ids(HOP)).toEqual(once(ids))
    expect(world.ledger.covered(HOP, 1)).toEqual([[0, 3]])
  })
})

describe('going on', () => {
  it('resumes behind its last frame, whatever its group has committed', async () => {
    const world = await new World().create()
    const first = await world.agent()
    const ids = await world.send(4)
    await world.settle(first)
    await first.close()
    ids.push(...(await world.transact(2, true)))
    const groupId = 'quipu-topic-agent-default'
    await world.kafka
      .admin()
      .setOffsets({ groupId, topic: 't', partitions: [{ partition: 0, offset: '6' }] })

    const { resume } = await resumeFromFrames(world.ledger)
    expect(resume('t', 0)).toBe(4)
    const second = await world.agent({ resume })
    ids.push(...(await world.send(1)))
    await world.settle(second)

    expect(world.ledger.ids(HOP)).toEqual(once(ids))
    expect(world.ledger.covered(HOP)).toEqual([[0, 8]])
  })

  it('counts again what a killed agent had not sent', async () => {
    const world = await new World().create()
    const sender = world.ledger.sender()
    const killed = await world.agent({ sender })
    const ids = await world.send(3)
    await world.settle(killed)
    ids.push(...(await world.send(3)))
    await world.settle()
    sender.cut()
    await killed.close()

    const { resume } = await resumeFromFrames(world.ledger)
    const second = await world.agent({ resume })
    await world.settle(second)
    expect(world.ledger.ids(HOP)).toEqual(once(ids))
    expect(world.ledger.covered(HOP)).toEqual([[0, 6]])
  })

  it('does not read until its resume position is known', async () => {
    const world = await new World().create()
    await world.send(5)
    let tell = (_: number): void => {}
    const told = new Promise<number>((resolve) => {
      tell = resolve
    })
    const agent = await world.agent({ resume: () => told })
    for (let i = 0; i < 10; i++) await nextTurn()
    await agent.flush()
    expect(world.ledger.covered(HOP)).toEqual([])

    tell(3)
    await world.settle(agent)
    expect(world.ledger.covered(HOP)).toEqual([[3, 5]])
    expect(world.ledger.count(HOP)).toBe(2)
  })

  it('leaves a hole where offsets were deleted before they were read', async () => {
    const world = await new World().create()
    await world.send(10)
    await world.kafka
      .admin()
      .deleteTopicRecords({ topic: 't', partitions: [{ partition: 0, offset: '6' }] })
    const agent = await world.agent({ resume: () => 2 })
    await world.settle(agent)

    expect(world.ledger.covered(HOP)).toEqual([[6, 10]])
    expect(world.ledger.counted(HOP, 'deleted-unread')).toBe(4)
    expect(world.troubles).toEqual(['t/0: offsets 2 to 5 were deleted before they were read'])
  })

  it('says so when the log was cut below what it had read', async () => {
    const world = await new World().create()
    const agent = await world.agent()
    await world.send(10)
    await world.settle(agent)
    world.memory.truncate('t', 0, 4)
    await world.send(2)
    await world.settle(agent)
    const ids = await world.send(3)
    await world.settle(agent)

    expect(world.ledger.counted(HOP, 'log-cut')).toBe(1)
    expect(world.ledger.frames.flatMap((f) => f.dropped)).toMatchObject([{ reason: 'log-cut' }])
    for (const id of ids) expect(world.ledger.ids(HOP)[id]).toBe(1)
  })

  it('skips foreign records of the audit topic, and goes behind what was counted uncovered', async () => {
    const world = await new World().create()
    const agent = await world.agent()
    await world.send(4)
    await world.settle(agent)
    const { encodeFrame } = await import('../../src/hop/frame-codec.ts')
    const frame = world.ledger.frames.find((f) => f.deltas.length > 0)
    // The agent died after the first frame of a cut: tallies, and no coverage yet.
    world.ledger.records.length = 0
    world.ledger.records.push(
      Buffer.from('foreign'),
      encodeFrame({ ...frame, covered: [] } as never),
    )

    const { resume, foreign, frames } = await resumeFromFrames(world.ledger)
    expect({ foreign, frames }).toEqual({ foreign: 1, frames: 1 })
    expect(resume('t', 0)).toBe(4)
    expect(resume('t', 1)).toBeUndefined()
    expect(resume('u', 0)).toBeUndefined()
  })

  it('refuses to start over because the audit topic could not be read', async () => {
    const ledger = new Ledger()
    ledger.records.push(Buffer.from('unreachable'))
    ledger.poll = async () => []
    await expect(resumeFromFrames(ledger)).rejects.toMatchObject({ code: 'CONNECTION' })
  })
})

describe('two agents of one group', () => {
  it('hand partitions over without a repeat or a gap', async () => {
    const world = await new World().create(4)
    const resume = async (topic: string, partition: number): Promise<number | undefined> => {
      // The frames of the former owner are on their way.
      for (let i = 0; i < 5; i++) await nextTurn()
      return (await resumeFromFrames(world.ledger)).resume(topic, partition)
    }
    const ids = await world.send(40)
    const first = await world.agent({ resume })
    ids.push(...(await world.send(40)))
    await world.memory.idle()
    const second = await world.agent({ resume })
    ids.push(...(await world.send(40)))
    await world.settle(first, second)
    expect((await first.lag()).length).toBe(2)
    expect((await second.lag()).length).toBe(2)
    await first.close()
    ids.push(...(await world.send(40)))
    await world.settle(second)

    expect(world.ledger.ids(HOP)).toEqual(once(ids))
    const ends = await world.kafka.admin().fetchTopicOffsets('t')
    for (const { partition, high } of ends)
      expect(world.ledger.covered(HOP, partition)).toEqual([[0, Number(high)]])
  })
})

it('counts every committed record once and covers every offset, whatever happens', async () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('send'), n: fc.integer({ min: 1, max: 9 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('commit'), n: fc.integer({ min: 1, max: 4 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('abort'), n: fc.integer({ min: 1, max: 4 }) }),
    },
    fc.record({
      do: fc.constantFrom('flush', 'turn', 'kill', 'restart', 'join', 'leave'),
      n: fc.nat(3),
    }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const world = await new World().create(2)
      const resume = async (topic: string, partition: number): Promise<number | undefined> => {
        for (let i = 0; i < 5; i++) await nextTurn()
        return (await resumeFromFrames(world.ledger)).resume(topic, partition)
      }
      const start = async (): Promise<{ agent: TopicAgent; cut: () => void }> => {
        const sender = world.ledger.sender()
        return { agent: await world.agent({ sender, resume }), cut: sender.cut }
      }
      const running = [await start()]
      const ids: string[] = []
      for (const { do: action, n } of steps) {
        if (action === 'send') ids.push(...(await world.send(n)))
        if (action === 'commit') ids.push(...(await world.transact(n, true)))
        if (action === 'abort') await world.transact(n, false)
        if (action === 'turn') for (let i = 0; i < n; i++) await nextTurn()
        if (action === 'flush') await Promise.all(running.map(({ agent }) => agent.flush()))
        if (action === 'join' && running.length < 3) running.push(await start())
        if (action === 'leave' && running.length > 1) await running.shift()?.agent.close()
        if (action === 'kill' || action === 'restart') {
          const [one] = running.splice(n % running.length, 1)
          if (action === 'kill') one?.cut()
          await one?.agent.close()
          if (running.length === 0) running.push(await start())
        }
      }
      await world.settle(...running.map(({ agent }) => agent))
      expect(world.ledger.ids(HOP)).toEqual(once(ids))
      for (const { partition, high } of await world.kafka.admin().fetchTopicOffsets('t'))
        expect(world.ledger.covered(HOP, partition)).toEqual(
          high === '0' ? [] : [[0, Number(high)]],
        )
      await Promise.all(running.map(({ agent }) => agent.close()))
    }),
    { numRuns: 200 },
  )
})

describe('starting', () => {
  it('names the topic that does not exist', async () => {
    const world = await new World().create()
    await expect(world.agent({ topics: ['t', 'nowhere'] })).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'the topic nowhere does not exist',
      hint: expect.stringContaining('Create it'),
    })
  })

  it('says that no broker answers', async () => {
    const world = await new World().create()
    const kafka = { ...world.kafka } as Kafka
    kafka.admin = () => {
      const admin = world.kafka.admin()
      return { ...admin, connect: () => Promise.reject(new Error('connect ECONNREFUSED')) }
    }
    await expect(world.agent({ kafka })).rejects.toMatchObject({
      code: 'CONNECTION',
      message: 'the topic agent cannot start: connect ECONNREFUSED',
    })
  })

  it('does nothing where QUIPU_DISABLED is 1', async () => {
    vi.stubEnv('QUIPU_DISABLED', '1')
    const world = await new World().create()
    const agent = await world.agent({ topics: ['nowhere'] })
    expect(await agent.lag()).toEqual([])
    await agent.close()
  })
})
