import type { Consumer, Kafka, Producer, Transaction } from 'kafkajs'
import { beforeEach, describe, expect, it } from 'vitest'
import { Claims } from '../../../agents/topic/claims.ts'
import { ExactlyOnce } from '../../../agents/topic/exactly-once.ts'
import { FrameWriter } from '../../../agents/topic/frame-writer.ts'
import { MemoryKafka } from '../../../src/testbed/memory-kafka.ts'

const P0 = { topic: 't', partition: 0 }
const P1 = { topic: 't', partition: 1 }
const KEY = 't\n0'

let memory: MemoryKafka
let kafka: Kafka

beforeEach(async () => {
  memory = new MemoryKafka()
  kafka = memory.kafka()
  const topics = [{ topic: 't', numPartitions: 2 }, { topic: 'audit' }]
  await kafka.admin().createTopics({ topics })
})

/** An agent that has counted as far as it is told. */
class Side {
  readonly position = [0, 0]
  readonly failures: string[] = []
  readonly claims: Claims
  readonly writer: FrameWriter
  readonly exactly: ExactlyOnce

  constructor(owner: string, audit: Kafka = kafka) {
    this.claims = new Claims(kafka, kafka.admin(), 'g', ['t'])
    const to = { groupId: this.claims.groupId, transactionalId: owner }
    this.writer = new FrameWriter({ ...to, kafka, audit: { kafka: audit, topic: 'audit' } })
    this.exactly = new ExactlyOnce({
      claims: this.claims,
      writer: this.writer,
      owner,
      // Nobody is in the group any more: nobody is waited for.
      consumer: { describeGroup: async () => ({ members: [] }) } as unknown as Consumer,
      positionOf: ({ partition }) => this.position[partition],
      onFailure: ({ message }) => this.failures.push(message),
    })
  }

  async own(places = [P0]): Promise<this> {
    await this.exactly.claim(places, 'member')
    for (const place of places) this.exactly.placed(place)
    return this
  }

  /** Counts up to `position`, and cuts frames of that. */
  count(position: number): Uint8Array[] {
    this.position[0] = position
    this.exactly.cut()
    return [Buffer.from(`to ${position}`)]
  }

  send(frames: readonly Uint8Array[]): Promise<void> {
    return this.exactly.sendAll('', frames)
  }
}

/** What readers of committed records see on the audit topic. */
async function taken(): Promise<string[]> {
  const consumer = kafka.consumer({ groupId: `reader-${Math.random()}` })
  const out: string[] = []
  await consumer.subscribe({ topics: ['audit'], fromBeginning: true })
  await consumer.run({ eachMessage: async ({ message }) => void out.push(String(message.value)) })
  await memory.idle()
  await consumer.disconnect()
  return out
}

describe('who counts a partition', () => {
  it('is written down with how far it is counted', async () => {
    const a = await new Side('a').own()
    await a.send(a.count(7))
    expect((await a.claims.read()).get(KEY)).toMatchObject({ offset: 7, claim: { owner: 'a' } })
    expect(await taken()).toEqual(['to 7'])
  })

  it('can send no more once another claims it, and says so once', async () => {
    const a = await new Side('a').own()
    const late = a.count(5)
    await new Side('b').own()
    // A producer that was at work before finds itself fenced; the agent then asks who owns what.
    await expect(a.send(late)).rejects.toThrow()
    await expect(a.send(late)).rejects.toThrow('another agent has taken t/0 over')
    await expect(a.send(late)).rejects.toThrow('has failed')
    expect(a.failures).toEqual(['another agent has taken t/0 over'])
    expect(await taken()).toEqual([])
  })

  it('goes on if what it lost was sent before', async () => {
    const a = await new Side('a').own([P0, P1])
    await a.send(a.count(5))
    await new Side('b').own([P0])
    a.exactly.cut()
    const heartbeat = [Buffer.from('alive')]
    await expect(a.send(heartbeat)).rejects.toThrow()
    await a.send(heartbeat)
    expect(a.failures).toEqual([])
    expect(await taken()).toEqual(['to 5', 'alive'])
  })

  it('is not fenced if it released it, and may claim it again', async () => {
    const a = await new Side('a').own()
    const last = a.count(5)
    a.exactly.rest()
    await a.send(last)
    const b = await new Side('b').own()
    await a.send([Buffer.from('alive')])
    b.position[0] = 5
    await b.send(b.count(9))
    b.exactly.rest()
    b.exactly.cut()
    await b.send([Buffer.from('over')])
    await a.own()
    await a.send(a.count(12))
    expect(await taken()).toEqual(['to 5', 'alive', 'to 9', 'over', 'to 12'])
    expect([...a.failures, ...b.failures]).toEqual([])
  })

  it('does not release what was counted after the frames were cut', async () => {
    const a = await new Side('a').own()
    const early = a.count(5)
    a.position[0] = 6
    a.exactly.rest()
    await a.send(early)
    expect((await a.claims.read()).get(KEY)?.claim.released).toBe(false)
    await a.send(a.count(6))
    expect((await a.claims.read()).get(KEY)?.claim.released).toBe(true)
  })

  it('is one of several who claim at once, and the others lose what they had', async () => {
    const sides = ['a', 'b', 'c'].map((owner) => new Side(owner))
    await Promise.all(sides.map((side) => side.own()))
    const sent = await Promise.allSettled(sides.map((side) => side.send(side.count(5))))
    const again = await Promise.allSettled(sides.map((side) => side.send(side.count(5))))
    expect(sent.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(again.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(sides.flatMap(({ failures }) => failures)).toHaveLength(2)
  })

  it('is nobody where somebody else has set the offset', async () => {
    const groupId = 'g.counted'
    const partitions = [{ partition: 0, offset: '9' }]
    await kafka.admin().setOffsets({ groupId, topic: 't', partitions })
    const a = await new Side('a').own()
    expect((await a.claims.read()).get(KEY)?.claim.owner).toBe('a')
  })
})

describe('frames', () => {
  /** A cluster that does what it is asked, or not, and answers with an error. */
  function failing(at: 'send' | 'commit', isDone: boolean): Kafka {
    let left = 1
    const wrap = (transaction: Transaction): Transaction => {
      const fail = async <T>(work: () => Promise<T>): Promise<T> => {
        if (left-- > 0) {
          if (isDone) await work()
          throw new Error('the answer was lost')
        }
        return work()
      }
      const send: Transaction['send'] = (record) => transaction.send(record)
      const commit = (): Promise<void> => transaction.commit()
      if (at === 'send') return { ...transaction, send: (r) => fail(() => send(r)) }
      return { ...transaction, commit: () => fail(commit) }
    }
    const producer = (config: Parameters<Kafka['producer']>[0]): Producer => {
      const inner = kafka.producer(config)
      return { ...inner, transaction: async () => wrap(await inner.transaction()) }
    }
    return { admin: () => kafka.admin(), producer } as unknown as Kafka
  }

  it.each([
    ['a frame was not written', 'send', false, ['to 5']],
    ['a frame was written, and not answered', 'send', true, ['to 5']],
    ['the commit did not arrive', 'commit', false, ['to 5']],
    // The auditor knows the frame by its number, and takes it once.
    ['the commit was done, and not answered', 'commit', true, ['to 5', 'to 5']],
  ] as const)('come again where %s', async (_, at, isDone, expected) => {
    const a = await new Side('a', failing(at, isDone)).own()
    const frames = a.count(5)
    await expect(a.send(frames)).rejects.toThrow('the answer was lost')
    await a.send(frames)
    expect(await taken()).toEqual(expected)
    expect((await a.claims.read()).get(KEY)?.offset).toBe(5)
  })

  it('of one cut come all, or none', async () => {
    const a = await new Side('a').own()
    const tooLarge = new Uint8Array(2 ** 20 + 1)
    await expect(a.send([...a.count(5), tooLarge])).rejects.toMatchObject({ permanent: true })
    expect(await taken()).toEqual([])
    expect(a.failures).toEqual([])
  })

  it('of a dead agent are gone when its partition is claimed', async () => {
    const a = await new Side('a').own()
    const producer = kafka.producer({ transactionalId: 'a' })
    await producer.connect()
    const open = await producer.transaction()
    await open.send({ topic: 'audit', messages: [{ value: 'half' }] })
    const b = await new Side('b').own()
    await b.send(b.count(3))
    await b.writer.visible()
    expect(await taken()).toEqual(['to 3'])
    await a.exactly.close()
  })
})
