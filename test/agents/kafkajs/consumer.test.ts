import type { Message } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { dropped, forward, sink } from '../../../agents/kafkajs.ts'
import { sinkHop } from '../../../src/hop/hop.ts'
import {
  bytesOfWords,
  hexOfWords,
  type IdWords,
  withOrdinal,
  wordsOfHex,
} from '../../../src/message/id.ts'
import { Minter } from '../../../src/message/mint.ts'
import { bench, intoOut, readIn, stampOf, stampsOf } from './setup.ts'

const minter = new Minter()

function received(offset: number, words: IdWords = minter.mint('in')) {
  return { offset: String(offset), headers: { quipu: bytesOfWords(words) } }
}
const run = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => received(from + i))

describe('eachMessage', () => {
  it('counts what was handled, and covers it to the end of the batch', async () => {
    const { log, consumer } = bench()
    const [audited, fake] = await consumer({ eachMessage: async () => {} })
    const messages = run(10, 3)
    await fake.deliver({ messages, firstOffset: 9, lastOffset: 14 })
    await audited.disconnect()

    expect(log.ids(readIn)).toEqual(messages.map(stampOf).sort())
    expect(log.ranges(readIn)).toEqual({ 0: [10, 12] })
    expect(log.covered(readIn)).toEqual([[9, 15]])
    expect(log.counted('received')).toBe(3)
  })

  it('does not count what failed; the same error goes on; what comes again counts', async () => {
    const { log, consumer } = bench()
    const error = new Error('handler')
    let isBroken = true
    const [audited, fake] = await consumer({
      eachMessage: async ({ message }) => {
        if (isBroken && message.offset === '11') throw error
      },
    })
    const messages = run(10, 3)
    await expect(fake.deliver({ messages })).rejects.toBe(error)
    isBroken = false
    await fake.deliver({ messages: messages.slice(1) })
    await audited.disconnect()

    expect(log.ids(readIn)).toEqual(messages.map(stampOf).sort())
    expect(log.covered(readIn)).toEqual([[10, 13]])
    expect(log.counted('failed-attempts')).toBe(1)
    expect(log.counted('received')).toBe(4)
  })

  it('covers what was passed over within an assignment, and nothing between two', async () => {
    const { log, consumer } = bench()
    const [audited, fake] = await consumer({ eachMessage: async () => {} })
    await fake.deliver({ messages: run(0, 2) })
    await fake.deliver({ messages: run(5, 2) })
    fake.emit('join')
    await fake.deliver({ messages: run(20, 2) })
    await fake.deliver({ messages: [], firstOffset: 22, lastOffset: 24 })
    await audited.disconnect()

    expect(log.covered(readIn)).toEqual([
      [0, 7],
      [20, 25],
    ])
  })

  it('counts again what the consumer does again', async () => {
    const { log, consumer } = bench()
    const [audited, fake] = await consumer({ eachMessage: async () => {} })
    const messages = run(0, 4)
    await fake.deliver({ messages })
    await fake.deliver({ messages: messages.slice(2) })
    await fake.deliver({ messages: run(4, 1) })
    await audited.disconnect()

    expect(log.total(readIn, 'passed')).toBe(7)
    expect(log.covered(readIn)).toEqual([[0, 5]])
  })

  it('begins its chain again at the lower offset when the consumer goes back', async () => {
    const { log, consumer } = bench()
    const [audited, fake] = await consumer({ eachMessage: async () => {} })
    await fake.deliver({ messages: run(10, 2) })
    await fake.deliver({ messages: run(5, 1), firstOffset: 3 })
    await audited.disconnect()

    expect(log.covered(readIn)).toEqual([
      [3, 6],
      [10, 12],
    ])
  })

  it('does not cover the rest of a batch that ended early', async () => {
    const { log, consumer } = bench()
    const [audited, fake] = await consumer({ eachMessage: async () => {} })
    const event = { topic: 'in', partition: 0, firstOffset: '0', lastOffset: '9', batchSize: 10 }
    await fake.deliver({ messages: run(0, 1) })
    fake.emit('start', { ...event, firstOffset: '1' })
    fake.emit('end', event)
    await audited.disconnect()

    expect(log.covered(readIn)).toEqual([[0, 1]])
  })

  it('claims nothing that was passed over where the client does not tell of its batches', async () => {
    const { fake: kafka, log, troubles, consumer } = bench()
    const original = kafka.consumer.bind(kafka)
    kafka.consumer = (config) =>
      Object.defineProperty(original(config), 'events', {
        get() {
          throw new Error('notImplemented')
        },
      })
    const [audited, fake] = await consumer({ eachMessage: async () => {} })
    await fake.deliver({ messages: [received(0), received(1), received(7)] })
    await audited.disconnect()

    expect(log.covered(readIn)).toEqual([
      [0, 2],
      [7, 8],
    ])
    expect(troubles[0]).toMatch(/notImplemented/)
  })
})

describe('hostile headers', () => {
  const at = (ms: number) => bytesOfWords([Math.floor(ms / 65536), 7 << 12, 2 << 30, 0] as never)
  it.each<[string, unknown, 'unidentified' | 'stray']>([
    ['absent', undefined, 'unidentified'],
    ['null', { quipu: null }, 'unidentified'],
    ['headers null', null, 'unidentified'],
    ['a number', { quipu: 7 }, 'unidentified'],
    ['an array of nothing', { quipu: [] }, 'unidentified'],
    ['an array of arrays', { quipu: [[Buffer.alloc(16)]] }, 'unidentified'],
    ['one element that is bad', { quipu: [Buffer.alloc(3)] }, 'unidentified'],
    ['empty', { quipu: Buffer.alloc(0) }, 'unidentified'],
    ['a megabyte', { quipu: Buffer.alloc(1 << 20) }, 'unidentified'],
    ['a wrong version', { quipu: Buffer.alloc(16, 0x42) }, 'unidentified'],
    ['inherited', JSON.parse('{"__proto__": {"quipu": "aaaaaaaaaaaaaaaa"}}'), 'unidentified'],
    ['1970', { quipu: at(0) }, 'stray'],
    ['2200', { quipu: at(Date.UTC(2200, 0, 1)) }, 'stray'],
  ])('are counted, never thrown: %s', async (_, headers, expected) => {
    const { log, consumer } = bench()
    const [audited, fake] = await consumer({ eachMessage: async () => {} })
    await fake.deliver({ messages: [{ offset: '3', headers: headers as never }] })
    const [again, batches] = await consumer({ eachBatch: async () => {} })
    await batches.deliver({ partition: 1, messages: [{ offset: '3', headers: headers as never }] })
    await audited.disconnect()
    await again.disconnect()

    expect(log.counted('agent-error')).toBe(0)
    expect(log.total(readIn, 'unidentified')).toBe(expected === 'unidentified' ? 2 : 0)
    const strays = log.frames.flatMap((frame) => frame.strays)
    expect(strays.reduce((sum, { count }) => sum + count, 0)).toBe(expected === 'stray' ? 2 : 0)
    expect(log.covered(readIn)).toEqual([[3, 4]])
    expect(log.total(readIn, 'passed')).toBe(0)
  })

  it('of one element count as a stamp', async () => {
    const { log, consumer } = bench()
    const [audited, fake] = await consumer({ eachMessage: async () => {} })
    const stamp = bytesOfWords(minter.mint('in'))
    await fake.deliver({ messages: [{ offset: '0', headers: { quipu: [stamp] } }] })
    await audited.disconnect()
    expect(log.ids(readIn)).toEqual([stamp.toString('hex')])
  })
})

describe('eachBatch', () => {
  it('counts all when the handler returns', async () => {
    const { log, consumer } = bench()
    const [audited, fake] = await consumer({ eachBatch: async () => {} })
    const messages = run(0, 5)
    await fake.deliver({ messages, lastOffset: 6 })
    await audited.disconnect()

    expect(log.ids(readIn)).toEqual(messages.map(stampOf).sort())
    expect(log.covered(readIn)).toEqual([[0, 7]])
    expect(log.counted('received')).toBe(5)
  })

  it('counts up to what was resolved when the handler throws', async () => {
    const { log, consumer } = bench()
    const error = new Error('half-way')
    const [audited, fake] = await consumer({
      eachBatch: async ({ resolveOffset }) => {
        resolveOffset('1')
        resolveOffset('2')
        resolveOffset('0')
        throw error
      },
    })
    await expect(fake.deliver({ messages: run(0, 5) })).rejects.toBe(error)
    await audited.disconnect()

    expect(fake.resolved).toEqual(['1', '2', '0'])
    expect(log.total(readIn, 'passed')).toBe(3)
    expect(log.covered(readIn)).toEqual([[0, 3]])
    expect(log.counted('failed-attempts')).toBe(1)
  })

  it.each([
    ['auto-resolve is off', { eachBatchAutoResolve: false }, {}],
    ['the consumer stops', {}, { isRunning: () => false }],
    ['the batch is stale', {}, { isStale: () => true }],
  ])('does not count the rest when %s', async (_, options, state) => {
    const { log, consumer } = bench()
    const eachBatch = async ({ resolveOffset }: { resolveOffset(offset: string): void }) =>
      resolveOffset('1')
    const [audited, fake] = await consumer({ eachBatch, ...options })
    await fake.deliver({ messages: run(0, 5), ...state })
    await audited.disconnect()

    expect(log.total(readIn, 'passed')).toBe(2)
    expect(log.covered(readIn)).toEqual([[0, 2]])
  })

  it('covers the markers behind the last message when that one is resolved', async () => {
    const { log, consumer } = bench()
    const [audited, fake] = await consumer({
      eachBatchAutoResolve: false,
      eachBatch: async ({ resolveOffset }) => resolveOffset('4'),
    })
    await fake.deliver({ messages: run(0, 5), lastOffset: 5 })
    await audited.disconnect()
    expect(log.covered(readIn)).toEqual([[0, 6]])
  })

  it('reads the ids before the handler can change the headers', async () => {
    const { log, consumer } = bench()
    const messages = run(0, 2)
    const ids = messages.map(stampOf).sort()
    const [audited, fake] = await consumer({
      eachBatch: async ({ batch }) => {
        for (const { headers } of batch.messages) delete headers?.quipu
      },
    })
    await fake.deliver({ messages })
    await audited.disconnect()
    expect(log.ids(readIn)).toEqual(ids)
  })

  it.each([
    ['resolving as it goes', true],
    ['resolving nothing', false],
  ])('counts what the handler takes out of the batch, %s', async (_, resolves) => {
    const { log, consumer } = bench()
    const none = { offset: '5', headers: {} }
    const messages = [...run(0, 5), none]
    const [audited, fake] = await consumer({
      eachBatch: async ({ batch, resolveOffset }) => {
        while (batch.messages.length > 0) {
          const done = batch.messages.splice(0, 2)
          if (resolves) resolveOffset(done.at(-1)?.offset ?? '')
        }
      },
    })
    await fake.deliver({ messages })
    await fake.deliver({ messages: run(6, 1) })
    await audited.disconnect()
    expect(log.total(readIn, 'passed')).toBe(6)
    expect(log.total(readIn, 'unidentified')).toBe(1)
    expect(log.covered(readIn)).toEqual([[0, 7]])
  })
})

describe('forwarding', () => {
  it('gives the id itself to the first output of a topic, then its ordinals', async () => {
    const { fake: kafka, log, producer, consumer } = bench()
    const out = await producer()
    const [audited, fake] = await consumer({
      eachMessage: async ({ message }) => {
        const { value } = message
        await out.send({ topic: 'out', messages: [{ value }, { value }] })
        await out.sendBatch({
          topicMessages: [
            { topic: 'out', messages: [{ value }] },
            { topic: 'other', messages: [{ value }] },
          ],
        })
      },
    })
    const id = minter.mint('in')
    await fake.deliver({ messages: [received(0, id)] })
    await audited.disconnect()
    await out.disconnect()

    expect(stampsOf(kafka)).toEqual([0, 1, 2].map((n) => hexOfWords(withOrdinal(id, n))))
    expect(stampsOf(kafka, 'other')).toEqual([hexOfWords(id)])
    expect(log.origins(intoOut)).toEqual([{ topic: 'in', group: 'g' }])
    expect(log.counted('derived')).toBe(2)
  })

  it('gives the ordinal of a rejected send to the next, and of a copied header to nobody', async () => {
    const { fake: kafka, producer, consumer } = bench()
    const out = await producer()
    const id = minter.mint('in')
    const send = (message: Message) => out.send({ topic: 'out', messages: [message] })
    const [audited, fake] = await consumer({
      eachMessage: async ({ message }) => {
        kafka.beforeSend = () => Promise.reject(new Error('once'))
        await send({ value: 'a' }).catch(() => {})
        kafka.beforeSend = () => {}
        await send({ value: 'b', headers: message.headers ?? {} })
        await send({ value: 'c' })
      },
    })
    await fake.deliver({ messages: [received(0, id)] })
    await audited.disconnect()

    expect(stampsOf(kafka)).toEqual([0, 1].map((n) => hexOfWords(withOrdinal(id, n))))
  })

  it('gives the same ids when the work is done again', async () => {
    const { fake: kafka, producer, consumer } = bench()
    const out = await producer()
    const id = minter.mint('in')
    let isBroken = true
    const [audited, fake] = await consumer({
      eachMessage: async () => {
        await out.send({ topic: 'out', messages: [{ value: 'a' }, { value: 'b' }] })
        if (isBroken) throw new Error('after')
      },
    })
    await expect(fake.deliver({ messages: [received(0, id)] })).rejects.toThrow('after')
    isBroken = false
    await fake.deliver({ messages: [received(0, id)] })
    await audited.disconnect()

    const both = [0, 1].map((n) => hexOfWords(withOrdinal(id, n)))
    expect(stampsOf(kafka)).toEqual([both[0], both[0], both[1], both[1]])
  })

  it('gives a derived parent to one output; further ones, and those beyond 1023, are fresh', async () => {
    const { fake: kafka, log, producer, consumer } = bench()
    const out = await producer()
    const derived = withOrdinal(minter.mint('in'), 5)
    const root = minter.mint('in')
    let count = 2
    const [audited, fake] = await consumer({
      eachMessage: async () => {
        const messages = Array.from({ length: count }, () => ({ value: 'v' }))
        await out.send({ topic: 'out', messages })
      },
    })
    await fake.deliver({ messages: [received(0, derived)] })
    expect(stampsOf(kafka).filter((id) => id === hexOfWords(derived))).toHaveLength(1)
    count = 1026
    await fake.deliver({ messages: [received(1, root)] })
    await audited.disconnect()
    await out.disconnect()

    expect(log.counted('fresh')).toBe(3)
    expect(new Set(stampsOf(kafka)).size).toBe(1028)
  })

  it('ends with the handler: what a timer sends is fresh, unless forward() says what it is', async () => {
    const { fake: kafka, log, producer, consumer } = bench()
    const out = await producer()
    const id = minter.mint('in')
    let later: Promise<unknown> = Promise.resolve()
    const [audited, fake] = await consumer({
      eachMessage: async ({ message }) => {
        await out.send({ topic: 'out', messages: [{ value: 'now' }] })
        later = new Promise((resolve) => setTimeout(resolve, 5)).then(() =>
          out.send({
            topic: 'out',
            messages: [{ value: 'later' }, { ...forward(message, { value: 'forwarded' }) }],
          }),
        )
      },
    })
    await fake.deliver({ messages: [received(0, id)] })
    await later
    await audited.disconnect()
    await out.disconnect()

    const own = [0, 1].map((n) => hexOfWords(withOrdinal(id, n)))
    const stamps = stampsOf(kafka)
    expect(stamps).toEqual(expect.arrayContaining(own))
    expect(stamps.filter((stamp) => !own.includes(stamp))).toHaveLength(1)
    expect(log.origins(intoOut)).toContainEqual(null)
  })

  it('goes on with the ordinals of the handler when the message is forwarded elsewhere', async () => {
    const { fake: kafka, producer, consumer } = bench()
    const out = await producer()
    const id = minter.mint('in')
    const kept: object[] = []
    const [audited, fake] = await consumer({
      eachMessage: async ({ message }) => {
        kept.push(message)
        await out.send({ topic: 'out', messages: [{ value: 'in the handler' }] })
      },
    })
    await fake.deliver({ messages: [received(0, id)] })
    await out.send({ topic: 'out', messages: kept.map((m) => forward(m, { value: 'outside' })) })
    await audited.disconnect()

    expect(stampsOf(kafka)).toEqual([0, 1].map((n) => hexOfWords(withOrdinal(id, n))))
  })

  it('can be switched off', async () => {
    const { fake: kafka, producer, consumer } = bench({ forwarding: false })
    const out = await producer()
    const id = minter.mint('in')
    const [audited, fake] = await consumer({
      eachMessage: async ({ message }) => {
        await out.send({ topic: 'out', messages: [{ value: 'fresh' }] })
        await out.send({ topic: 'out', messages: [forward(message, { value: 'kept' })] })
      },
    })
    await fake.deliver({ messages: [received(0, id)] })
    await audited.disconnect()

    expect(stampsOf(kafka)).toHaveLength(2)
    expect(stampsOf(kafka).filter((stamp) => stamp === hexOfWords(id))).toHaveLength(1)
  })

  it('works in eachBatch with forward(), each output under its own ordinal', async () => {
    const { fake: kafka, log, producer, consumer } = bench()
    const out = await producer()
    const [a, b] = [minter.mint('in'), minter.mint('in')]
    const [audited, fake] = await consumer({
      eachBatch: async ({ batch }) => {
        const outgoing = Object.freeze({ value: 'v', headers: Object.freeze({ x: 'y' }) })
        const messages = batch.messages.flatMap((m) => [forward(m, outgoing), forward(m, outgoing)])
        await out.send({ topic: 'out', messages })
      },
    })
    await fake.deliver({ messages: [received(0, a), received(1, b)] })
    await audited.disconnect()
    await out.disconnect()

    const expected = [a, b].flatMap((id) => [0, 1].map((n) => hexOfWords(withOrdinal(id, n))))
    expect(stampsOf(kafka)).toEqual(expected.sort())
    expect(kafka.log[0]?.message.headers).toHaveProperty('x', 'y')
    expect(log.origins(intoOut)).toEqual([{ topic: 'in', group: 'g' }])
  })

  it('gives a message without id its place, under which its outputs go on', async () => {
    const { fake: kafka, log, producer, consumer } = bench()
    const out = await producer()
    const [audited, fake] = await consumer({
      eachMessage: async () => void (await out.send({ topic: 'out', messages: [{ value: 'v' }] })),
    })
    await fake.deliver({ messages: [{ offset: '8', headers: {} }] })
    await audited.disconnect()
    await out.disconnect()

    expect(stampsOf(kafka)).toEqual(log.ids(readIn, 'unidentified'))
    expect(log.ids(intoOut)).toEqual(log.ids(readIn, 'unidentified'))
    expect((wordsOfHex(stampsOf(kafka)[0] as string)[1] >>> 12) & 15).toBe(8)
  })
})

describe('dropped and sink', () => {
  it('count a filtered message with its reason when it is handled', async () => {
    const { log, consumer } = bench()
    const [audited, fake] = await consumer({
      eachMessage: async ({ message }) => {
        if (message.offset === '1') dropped(message, 'cancelled')
      },
    })
    await fake.deliver({ messages: run(0, 3) })
    await audited.disconnect()

    expect(log.total(readIn, 'passed')).toBe(3)
    expect(log.deltas(readIn, 'filtered')).toMatchObject([{ reason: 'cancelled', count: 1 }])
  })

  it('wait in eachBatch for the offset to be resolved', async () => {
    const { log, consumer } = bench()
    const [audited, fake] = await consumer({
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset }) => {
        for (const message of batch.messages) dropped(message, `reason ${message.offset}`)
        resolveOffset('0')
        dropped(batch.messages[0] as never, 'at once')
      },
    })
    await fake.deliver({ messages: run(0, 2) })
    await audited.disconnect()

    const reasons = log.deltas(readIn, 'filtered').map(({ reason }) => reason)
    expect(reasons.sort()).toEqual(['at once', 'reason 0'])
  })

  it('see what arrives in a sink, however late', async () => {
    const { log, consumer } = bench()
    const kept: object[] = []
    const [audited, fake] = await consumer({
      eachBatch: async ({ batch }) => void kept.push(...batch.messages),
    })
    const messages = run(0, 3)
    await fake.deliver({ messages })
    for (const message of kept) sink('warehouse').seen(message)
    await audited.disconnect()

    expect(log.ids(sinkHop('warehouse'))).toEqual(messages.map(stampOf).sort())
    expect(log.placeless(sinkHop('warehouse'), 'passed')).toBe(3)
  })

  it('bound the reasons that a caller makes of data', async () => {
    const { log, consumer } = bench()
    const [audited, fake] = await consumer({
      eachMessage: async ({ message }) => dropped(message, `order ${message.offset}`),
    })
    await fake.deliver({ messages: run(0, 300) })
    await audited.disconnect()

    const deltas = log.deltas(readIn, 'filtered')
    expect(deltas.reduce((sum, { count }) => sum + count, 0)).toBe(300)
    expect(deltas.length).toBeLessThan(110)
    expect(deltas.find(({ reason }) => reason === 'other')?.count).toBeGreaterThan(190)
  })

  it.each([null, undefined, 7, 'text', {}, Object.freeze({}), { headers: null }])(
    'take anything: %s',
    (thing) => {
      const outgoing = { value: 'v' }
      expect(forward(thing as never, outgoing)).toBe(outgoing)
      expect(() => dropped(thing as never, undefined as never)).not.toThrow()
      expect(() => sink(null as never).seen(thing as never)).not.toThrow()
      expect(forward({}, thing as never)).toBe(thing)
    },
  )
})
