/** When messages passed, by a clock that the test sets. */
import { describe, expect, it } from 'vitest'
import { dropped, forward, sink } from '../../../agents/kafkajs.ts'
import { sinkHop } from '../../../src/hop/hop.ts'
import { bytesOfWords } from '../../../src/message/id.ts'
import { Minter } from '../../../src/message/mint.ts'
import { type Bench, bench, intoOut, readIn } from './setup.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const WAREHOUSE = sinkHop('warehouse')
const NONE = [0, null, null]
const FROM_IN = { topic: 'in', group: 'g' }

interface Timed extends Bench {
  /** Sets the clock to so many ms after noon. */
  at(ms: number): void
}

function timed(): Timed {
  let now = NOW
  const at = (ms: number): void => {
    now = NOW + ms
  }
  return { ...bench({ clock: () => now }), at }
}

/** A message born at noon. */
function received(offset: number, timestamp: unknown = String(NOW + 10)) {
  const words = new Minter(() => NOW).mint('in')
  return { offset: String(offset), timestamp, headers: { quipu: bytesOfWords(words) } } as never
}

const VALUES = [{ value: 'a' }, { value: 'b' }]

describe('a producer', () => {
  it('takes from the begin of the send until it resolved, for what it minted', async () => {
    const { fake, log, producer, at } = timed()
    const out = await producer()
    fake.beforeSend = () => at(70)
    await out.send({ topic: 'out', messages: VALUES })
    await out.disconnect()

    expect(log.latencies(intoOut)).toEqual({ birth: [2, 70, 70], hop: [2, 70, 70] })
  })

  it('takes until the commit, before which nobody may read', async () => {
    const { fake, log, producer, at } = timed()
    const out = await producer({ transactionalId: 't' })
    const transaction = await out.transaction()
    fake.beforeSend = () => at(70)
    await transaction.send({ topic: 'out', messages: VALUES })
    fake.onCommit = () => at(500)
    await transaction.commit()
    await out.disconnect()

    expect(log.latencies(intoOut)).toEqual({ birth: [2, 500, 500], hop: [2, 500, 500] })
  })

  it('takes from the begin of the handling, for what it forwards', async () => {
    const { fake, log, producer, consumer, at } = timed()
    const out = await producer()
    const [, feed] = await consumer({
      eachMessage: async () => {
        at(120)
        await out.send({ topic: 'out', messages: [{ value: 'v' }] })
      },
    })
    at(100)
    fake.beforeSend = () => at(150)
    await feed.deliver({ messages: [received(0)] })
    await out.disconnect()

    expect(log.latencies(intoOut, FROM_IN)).toEqual({ birth: [1, 150, 150], hop: [1, 50, 50] })
  })

  it('takes from the begin of the batch, for what is forwarded from it, also later', async () => {
    const { log, producer, consumer, at } = timed()
    const out = await producer()
    let late: object = {}
    let begun = 100
    const [, feed] = await consumer({
      eachBatch: async ({ batch: { messages } }) => {
        at(begun + 30)
        if (begun === 100) late = messages[1] as object
        const outgoing = forward(messages[0] as object, { value: 'v' })
        await out.send({ topic: 'out', messages: [outgoing] })
      },
    })
    at(begun)
    await feed.deliver({ messages: [received(0), received(1)] })
    begun = 700
    at(begun)
    await feed.deliver({ messages: [received(2), received(3)] })
    at(900)
    await out.send({ topic: 'out', messages: [forward(late, { value: 'v' })] })
    await out.disconnect()

    // 30 ms in either batch; what was kept came with the first one.
    expect(log.latencies(intoOut, FROM_IN).hop).toEqual([3, 30, 800])
  })

  it('does not know when the handling of a stamp from elsewhere began', async () => {
    const { log, producer, at } = timed()
    const out = await producer()
    const { headers } = received(0) as { headers: Record<string, Buffer> }
    at(40)
    await out.send({ topic: 'out', messages: [{ value: 'v', headers }] })
    await out.disconnect()

    expect(log.latencies(intoOut)).toEqual({ birth: [1, 40, 40], hop: NONE })
  })

  it('takes none of what was rejected', async () => {
    const { fake, log, producer } = timed()
    const out = await producer()
    fake.beforeSend = () => {
      throw new Error('no broker')
    }
    await expect(out.send({ topic: 'out', messages: VALUES })).rejects.toThrow('no broker')
    await out.disconnect()

    expect(log.deltas(intoOut, 'rejected')).toMatchObject([{ count: 2 }])
    expect(log.deltas(intoOut, 'rejected')[0]?.birthLatency).toHaveLength(0)
  })
})

describe('a consumer', () => {
  it('takes from the timestamp of the record until it was handled, each by itself', async () => {
    const { log, consumer, at } = timed()
    let i = 0
    const [audited, feed] = await consumer({ eachMessage: async () => at([50, 90][i++] as number) })
    await feed.deliver({ messages: [received(0), received(1, String(NOW + 80))] })
    await audited.disconnect()

    expect(log.latencies(readIn)).toEqual({ birth: [2, 50, 90], hop: [2, 10, 40] })
  })

  it('keeps negative ones, for clocks disagree', async () => {
    const { log, consumer, at } = timed()
    const [audited, feed] = await consumer({ eachMessage: async () => {} })
    at(-300)
    await feed.deliver({ messages: [received(0, String(NOW + 100))] })
    await audited.disconnect()

    expect(log.latencies(readIn)).toEqual({ birth: [1, -300, -300], hop: [1, -400, -400] })
  })

  it('takes for all of a batch when they were resolved', async () => {
    const { log, consumer, at } = timed()
    const [audited, feed] = await consumer({
      eachBatch: async ({ resolveOffset }) => {
        at(60)
        resolveOffset('1')
        at(200)
      },
    })
    await feed.deliver({ messages: [received(0), received(1), received(2)] })
    await audited.disconnect()

    expect(log.latencies(readIn)).toEqual({ birth: [3, 60, 200], hop: [3, 50, 190] })
  })

  it.each([
    ['none', undefined],
    ['-1, as the wire says none', '-1'],
    ['before all time', '-5'],
    ['an empty one', ''],
    ['one that is no number', 'noon'],
    ['endless', 'Infinity'],
    ['an object', {}],
  ])('does not know when a record came whose timestamp is %s', async (_, timestamp) => {
    const { log, consumer, at } = timed()
    const [audited, feed] = await consumer({ eachMessage: async () => at(20) })
    // The first has a timestamp, and lends it to nobody.
    await feed.deliver({ messages: [received(0), received(1, timestamp ?? null)] })
    await audited.disconnect()

    expect(log.latencies(readIn)).toEqual({ birth: [2, 20, 20], hop: [1, 10, 10] })
  })

  it('takes none of what it filtered, nor of what has no id', async () => {
    const { log, consumer } = timed()
    const [audited, feed] = await consumer({
      eachMessage: async ({ message }) => {
        dropped(message, 'cancelled')
        sink('warehouse').seen(message)
      },
    })
    await feed.deliver({ messages: [received(0), { offset: '1', timestamp: String(NOW) }] })
    await audited.disconnect()

    for (const [hop, channel] of [
      [readIn, 'filtered'],
      [readIn, 'unidentified'],
      [WAREHOUSE, 'unidentified'],
    ] as const) {
      const deltas = log.deltas(hop, channel)
      expect(deltas.length, channel).toBeGreaterThan(0)
      for (const delta of deltas)
        expect([delta.birthLatency.length, delta.hopLatency.length]).toEqual([0, 0])
    }
  })
})

describe('a sink', () => {
  it('takes from the begin of the handling', async () => {
    const { log, consumer, at } = timed()
    const [audited, feed] = await consumer({
      eachMessage: async ({ message }) => {
        at(140)
        sink('warehouse').seen(message)
      },
    })
    at(100)
    await feed.deliver({ messages: [received(0)] })
    await audited.disconnect()

    expect(log.latencies(WAREHOUSE)).toEqual({ birth: [1, 140, 140], hop: [1, 40, 40] })
  })

  it('takes from the begin of the batch, and from nowhere once eachMessage has returned', async () => {
    const { log, consumer, at } = timed()
    const [, inBatches] = await consumer({
      eachBatch: async ({ batch }) => {
        at(160)
        for (const message of batch.messages) sink('warehouse').seen(message)
      },
    })
    at(100)
    await inBatches.deliver({ messages: [received(0), received(1)] })
    let kept: object = {}
    const [audited, feed] = await consumer({
      eachMessage: async ({ message }) => {
        kept = message
      },
    })
    await feed.deliver({ messages: [received(2)] })
    at(900)
    sink('warehouse').seen(kept)
    await audited.disconnect()
    await inBatches.disconnect()

    const { birth, hop } = log.latencies(WAREHOUSE)
    expect(hop).toEqual([2, 60, 60])
    expect(birth).toEqual([3, 160, 900])
  })
})
