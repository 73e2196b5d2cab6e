/** What a consumer's agent notes of its own accord: why messages came again, were passed over, or failed. */
import type { Consumer, ConsumerRunConfig } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import type { AuditedOptions } from '../../../agents/kafkajs.ts'
import type { Mishap } from '../../../src/hop/mishap.ts'
import { bytesOfWords, hexOfWords, type IdWords } from '../../../src/message/id.ts'
import { Minter } from '../../../src/message/mint.ts'
import type { FakeConsumer } from './fake-kafka.ts'
import type { FrameLog } from './frames.ts'
import { bench, readIn } from './setup.ts'

const TRACE = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }
const traceparent = Buffer.from(`00-${TRACE.traceId}-${TRACE.spanId}-01`)
const minter = new Minter()
const words: IdWords[] = []

const run = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => {
    words[from + i] ??= minter.mint('in')
    const headers = { quipu: bytesOfWords(words[from + i] as IdWords), traceparent }
    return { offset: String(from + i), headers }
  })

interface World {
  readonly log: FrameLog
  readonly audited: Consumer
  readonly fake: FakeConsumer
  /** Another consumer of the group in this process. */
  other(): Promise<FakeConsumer>
  /** Hands `[from, to)` over. */
  read(from: number, to: number, partition?: number): Promise<void>
  seek(offset: number): void
  /** As kafkajs does it: with its next fetch. */
  fetch(): void
  /** Asks where logs begin and end. */
  list(): void
  join(...partitions: number[]): void
  /** All that was noted, without its time and hop. */
  noted(): Promise<Partial<Mishap>[]>
}

async function world(
  config: ConsumerRunConfig = { eachMessage: async () => {} },
  options: Partial<AuditedOptions> = {},
): Promise<World> {
  const { fake: kafka, log, consumer } = bench(options)
  const original = kafka.consumer.bind(kafka)
  kafka.consumer = (config) => {
    const made = original(config) as unknown as FakeConsumer
    const more = { FETCH_START: 'fetch start', FETCH: 'fetch', CRASH: 'crash', REQUEST: 'request' }
    const events = { ...made.events, ...more }
    return Object.assign(made, { events, seek: () => {} }) as unknown as Consumer
  }
  const [audited, fake] = await consumer(config)
  const fetch = (): void => {
    fake.emit('fetch start')
    fake.emit('fetch')
  }
  const join = (...partitions: number[]): void =>
    fake.emit('join', { memberAssignment: { in: partitions } })
  join(0, 1)
  return {
    ...{ log, audited, fake, fetch, join },
    other: async () => (await consumer(config))[1],
    read: (from, to, partition = 0) => fake.deliver({ messages: run(from, to), partition }),
    seek: (offset) => audited.seek({ topic: 'in', partition: 0, offset: String(offset) }),
    list: () => fake.emit('request', { apiName: 'ListOffsets' }),
    async noted() {
      await audited.disconnect()
      return log.frames.flatMap(({ mishaps }) =>
        mishaps.map(({ hop, at, ...rest }) => {
          expect(hop).toEqual(readIn)
          expect(at).toBeGreaterThan(0)
          return rest
        }),
      )
    },
  }
}

const none = { id: '', traceId: '', spanId: '', count: 1 }
const span = (kind: string, from: number, to: number, detail: string) => ({
  ...{ kind, partition: 0, from, to, detail, ...none },
})
const rebalanced = (detail: string) => ({ ...span('rebalanced', -1, -1, detail), partition: -1 })

describe('nothing is noted', () => {
  it('of a run without a flaw, whatever markers and compaction leave out', async () => {
    const { fake, read, list, noted } = await world()
    await read(0, 3)
    await read(3, 6)
    // What follows the last message is a marker: it is fetched again, as a batch of its own.
    await fake.deliver({ messages: run(6, 8), lastOffset: 8 })
    list()
    await fake.deliver({ messages: [], firstOffset: 8, lastOffset: 8 })
    await read(9, 12)
    await read(20, 22)
    await read(0, 2, 1)
    expect(await noted()).toEqual([])
  })

  it('where the first messages of an assignment are new', async () => {
    const { read, list, join, noted } = await world()
    join(0, 1)
    await read(5, 8)
    list()
    await read(8, 9)
    expect(await noted()).toEqual([])
  })
})

describe('a handler that throws', () => {
  it('is noted with its message, its trace and what kind of error it was; again as often', async () => {
    let left = 2
    const { read, noted } = await world({
      eachMessage: async ({ message }) => {
        if (message.offset === '2' && left-- > 0) throw new TypeError('seat 12A')
      },
    })
    for (let i = 0; i < 2; i++) await expect(read(i * 2, 4)).rejects.toThrow('seat 12A')
    await read(2, 4)
    expect(await noted()).toEqual([
      {
        ...{ ...span('handler_threw', 2, 3, 'TypeError'), ...TRACE, count: 2 },
        id: hexOfWords(words[2] as IdWords),
      },
    ])
  })

  it('of a batch is noted with what was left', async () => {
    const { read, noted } = await world({
      eachBatch: async ({ resolveOffset }) => {
        resolveOffset('1')
        throw Object.assign(new Error('x'), { type: 'NOT_LEADER_FOR_PARTITION' })
      },
    })
    await expect(read(0, 5)).rejects.toThrow('x')
    expect(await noted()).toEqual([span('handler_threw', 2, 5, 'NOT_LEADER_FOR_PARTITION')])
  })
})

describe('messages that were handled before', () => {
  it('are noted after a rebalance, in one span however they come', async () => {
    const { read, join, noted } = await world()
    await read(0, 6)
    join(0, 1)
    await read(2, 4)
    await read(4, 5)
    await read(5, 9)
    await read(9, 10)
    expect(await noted()).toEqual([rebalanced('2 of 2'), span('redelivered', 2, 6, 'rebalance')])
  })

  it('are noted if it was another consumer of the group in this process that had them', async () => {
    const { read, other, noted } = await world()
    await read(0, 6)
    const second = await other()
    await second.deliver({ messages: run(4, 8) })
    expect(await noted()).toEqual([span('redelivered', 4, 6, 'rebalance')])
  })

  it.each([
    ['the old handler', 0],
    ['the new handler', 1],
  ])('are noted where both have them at one time, and %s is done first', async (_, first) => {
    const waiting: (() => void)[] = []
    const { read, join, noted } = await world({
      eachMessage: async ({ message }) => {
        if (message.offset === '2') await new Promise<void>((done) => waiting.push(done))
      },
    })
    const before = read(0, 3)
    await new Promise(setImmediate)
    join(0)
    const after = read(2, 4)
    await new Promise(setImmediate)
    waiting[first]?.()
    await new Promise(setImmediate)
    waiting[1 - first]?.()
    await Promise.all([before, after])
    expect(await noted()).toEqual([rebalanced('1 of 2'), span('redelivered', 2, 3, 'rebalance')])
  })

  it('are noted as of a failed attempt where the consumer crashed', async () => {
    const { fake, read, join, noted } = await world()
    await read(0, 6)
    fake.emit('crash', {})
    join(0)
    await read(5, 8)
    // The next assignment is after a rebalance again.
    join(0)
    await read(7, 9)
    expect(await noted()).toEqual([
      rebalanced('1 of 2'),
      span('redelivered', 5, 6, 'failed attempt'),
      rebalanced('1 of 1'),
      span('redelivered', 7, 8, 'rebalance'),
    ])
  })

  it('are not those whose handler failed, nor those of a batch that were left', async () => {
    let left = 1
    const { read, noted } = await world({
      eachBatch: async ({ resolveOffset }) => {
        resolveOffset('1')
        if (left-- > 0) throw new Error('x')
      },
    })
    await expect(read(0, 5)).rejects.toThrow('x')
    await read(2, 5)
    expect((await noted()).map(({ kind }) => kind)).toEqual(['handler_threw'])
  })
})

describe('a seek', () => {
  it('forward is noted with what it passes over', async () => {
    const { read, seek, fetch, noted } = await world()
    await read(0, 3)
    seek(10)
    fetch()
    await read(10, 12)
    expect(await noted()).toEqual([span('sought', 3, 10, 'forward')])
  })

  it('back is noted, and so are the messages that come again', async () => {
    const { read, seek, fetch, noted } = await world()
    await read(0, 6)
    seek(2)
    fetch()
    await read(2, 5)
    await read(5, 9)
    expect(await noted()).toEqual([
      span('sought', 2, 6, 'backward'),
      span('redelivered', 2, 6, 'sought'),
    ])
  })

  it('before the first message explains what comes again', async () => {
    const { read, seek, fetch, join, noted } = await world()
    await read(0, 6)
    join(0)
    seek(0)
    fetch()
    await read(0, 8)
    expect(await noted()).toEqual([rebalanced('1 of 2'), span('redelivered', 0, 6, 'sought')])
  })

  it('is no reset, though the client asks where the log begins', async () => {
    const { read, seek, fetch, list, noted } = await world()
    await read(0, 6)
    seek(-2)
    fetch()
    list()
    await read(0, 3)
    expect(await noted()).toEqual([span('redelivered', 0, 3, 'sought')])
  })
})

describe('a client that was refused what it wanted', () => {
  it('goes on further up: what is between is noted', async () => {
    const { read, list, noted } = await world()
    await read(0, 3)
    list()
    await read(100, 102)
    expect(await noted()).toEqual([span('reset', 3, 100, 'forward')])
  })

  it('or further down: what comes again is of the reset', async () => {
    const { read, list, noted } = await world()
    await read(0, 6)
    list()
    await read(2, 4)
    await read(4, 9)
    expect(await noted()).toEqual([span('reset', 2, 6, 'backward')])
  })

  it('or where it was: then nothing is noted', async () => {
    const { read, list, noted } = await world()
    await read(0, 3)
    list()
    await read(3, 5)
    await read(9, 10)
    expect(await noted()).toEqual([])
  })
})

describe('a rebalance', () => {
  it('is noted with the partitions kept, of topics that were read', async () => {
    const { read, join, noted } = await world()
    await read(0, 3)
    join(1, 2)
    await read(0, 3, 1)
    join()
    expect(await noted()).toEqual([rebalanced('1 of 2'), rebalanced('0 of 2')])
  })
})
