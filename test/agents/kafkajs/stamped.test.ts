/** `onStamped`: whoever may have to send a message again learns its id before it goes out. */
import type { Message } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import type { Stamped } from '../../../agents/kafkajs.ts'
import { hexOfUuid } from '../../../src/message/id.ts'
import { bench, intoOut, stampOf, stampsOf } from './setup.ts'

const keyed = (...keys: string[]): Message[] => keys.map((key) => ({ key, value: `v${key}` }))

/** Key → id as it was told, and as it was written. */
const pairs = (told: readonly Stamped[]): Record<string, string | null> =>
  Object.fromEntries(
    told.flatMap(({ messages, ids }) =>
      messages.map(({ key }, i) => [String(key), hexOfUuid(ids[i] ?? '')]),
    ),
  )

describe('onStamped', () => {
  it('is told the ids that are written, before anything is', async () => {
    const told: Stamped[] = []
    const written: number[] = []
    const { fake, producer } = bench({
      onStamped: (stamped) => {
        told.push(stamped)
        written.push(fake.log.length)
      },
    })
    const out = await producer()
    const messages = keyed('a', 'b', 'c')
    await out.send({ topic: 'out', messages })
    expect(told).toHaveLength(1)
    expect(written).toEqual([0])
    expect(told[0]?.messages).toBe(messages)
    const log = fake.log.map(({ message }) => [String(message.key), stampOf(message)])
    expect(pairs(told)).toEqual(Object.fromEntries(log))
  })

  it('keeps the order of a batch, whose topics may be named twice', async () => {
    const told: Stamped[] = []
    const { fake, producer } = bench({ onStamped: (stamped) => told.push(stamped) })
    const out = await producer()
    await out.sendBatch({
      topicMessages: [
        { topic: 'out', messages: keyed('a', 'b') },
        { topic: 'other', messages: keyed('c') },
        { topic: 'out', messages: keyed('d') },
        { topic: 'out', messages: [] },
      ],
    })
    expect(told.map(({ topic, ids }) => [topic, ids.length])).toEqual([
      ['out', 2],
      ['other', 1],
      ['out', 1],
    ])
    const log = fake.log.map(({ message }) => [String(message.key), stampOf(message)])
    expect(pairs(told)).toEqual(Object.fromEntries(log))
  })

  it('says the id that a message came with, and nothing of topics with ids of their own', async () => {
    const told: Stamped[] = []
    const { fake, producer } = bench({
      identity: { orders: { identity: { by: 'key' } } },
      onStamped: (stamped) => told.push(stamped),
    })
    const out = await producer()
    await out.send({ topic: 'orders', messages: keyed('a') })
    expect(told).toEqual([])
    await out.send({ topic: 'out', messages: keyed('b') })
    const [first] = fake.log.filter(({ topic }) => topic === 'out')
    const again = { value: 'again', headers: { ...first?.message.headers } }
    await out.send({ topic: 'out', messages: [again] })
    expect(told[1]?.ids).toEqual(told[0]?.ids)
  })

  it.each([
    [
      'throws',
      () => {
        throw new RangeError('secret')
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('secret'))],
  ])('lets the send go on when it %s, and says so', async (_, onStamped) => {
    const { fake, log, troubles, producer } = bench({ onStamped })
    const out = await producer()
    await out.send({ topic: 'out', messages: keyed('a', 'b') })
    await out.disconnect()
    expect(log.ids(intoOut)).toEqual(stampsOf(fake))
    expect(stampsOf(fake)).toHaveLength(2)
    expect(troubles).toEqual(['onStamped failed: RangeError'])
    expect(log.counted('on-stamped')).toBe(1)
  })

  it('is not waited for', async () => {
    const { fake, producer } = bench({ onStamped: () => new Promise(() => {}) })
    const out = await producer()
    await out.send({ topic: 'out', messages: keyed('a') })
    expect(fake.log).toHaveLength(1)
  })
})
