import { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type WatchOptions, watched, watchedStream } from '../../agents/stream.ts'
import { Agent } from '../../src/hop/agent.ts'
import { streamHop } from '../../src/hop/hop.ts'
import { PLAIN } from '../../src/hop/plan.ts'
import { digestOf, preserveName } from '../../src/message/digest.ts'
import {
  bytesOfWords,
  hexOfWords,
  type IdWords,
  wordsOfBytes,
  wordsOfHex,
} from '../../src/message/id.ts'
import type { Identifiable } from '../../src/message/identity.ts'
import { Minter } from '../../src/message/mint.ts'
import { FrameLog } from './kafkajs/frames.ts'
import { Ledger } from './topic/ledger.ts'

const HOP = streamHop('enrich')
const minter = new Minter()

interface Item {
  readonly n: number
  readonly headers?: Record<string, unknown>
}

afterEach(() => {
  vi.unstubAllEnvs()
})

function items(n: number): { items: Item[]; ids: Record<string, number> } {
  const words = Array.from({ length: n }, () => minter.mint('s'))
  return {
    items: words.map((w, i) => ({ n: i, headers: { quipu: bytesOfWords(w) } })),
    ids: Object.fromEntries(words.map((w) => [hexOfWords(w), 1])),
  }
}

function audit(): { ledger: Ledger; agent: Agent } {
  const ledger = new Ledger()
  return { ledger, agent: new Agent({ service: 'test', sender: ledger.sender(), timer: false }) }
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = []
  for await (const item of source) out.push(item)
  return out
}

describe('an iterable', () => {
  it('comes through as it is, each id counted once, without a place', async () => {
    const { ledger, agent } = audit()
    const source = items(100)
    const through = await all(watched(source.items, { name: 'enrich', agent }))

    expect(through.every((item, i) => item === source.items[i])).toBe(true)
    await agent.flush()
    expect(ledger.ids(HOP)).toEqual(source.ids)
    expect(ledger.frames.flatMap((f) => f.deltas)[0]).toMatchObject({ placeless: 100, ranges: [] })
  })

  it('is not read ahead', async () => {
    const { agent } = audit()
    let made = 0
    async function* source(): AsyncGenerator<Item> {
      for (const item of items(10).items) {
        made++
        yield item
      }
    }
    const iterator = watched(source(), { name: 'enrich', agent })
    await iterator.next()
    await iterator.next()
    expect(made).toBe(2)
  })

  it('passes errors on as they are, and counts what came before', async () => {
    const { ledger, agent } = audit()
    const error = new Error('source')
    async function* source(): AsyncGenerator<Item> {
      yield* items(3).items
      throw error
    }
    await expect(all(watched(source(), { name: 'enrich', agent }))).rejects.toBe(error)
    await agent.flush()
    expect(ledger.count(HOP)).toBe(3)
  })

  it('ends its source when it is broken off, and has counted what was handed on', async () => {
    const { ledger, agent } = audit()
    let ended = false
    async function* source(): AsyncGenerator<Item> {
      try {
        yield* items(10).items
      } finally {
        ended = true
      }
    }
    for await (const { n } of watched(source(), { name: 'enrich', agent })) if (n === 3) break
    expect(ended).toBe(true)
    await agent.flush()
    expect(ledger.count(HOP)).toBe(4)
  })

  it('finds ids where it is told to, and survives items that have none', async () => {
    const { ledger, agent } = audit()
    const watch = (options: object, source: unknown[]): Promise<unknown[]> =>
      all(watched(source, { name: 'enrich', agent, ...options }))
    await watch({ select: (item: { m: Item }) => item.m }, [{ m: items(1).items[0] }, {}])
    await watch({ idOf: ({ id }: { id: string }) => wordsOfHex(id) }, [
      { id: Object.keys(items(1).ids)[0] },
    ])
    const header = { by: 'header', name: 'trace' }
    await watch({ identity: header }, [{ headers: { trace: 'abc' }, timestamp: Date.now() }])
    await watch({}, [{ headers: { quipu: 'bad' } }, {}, null, 7])
    await agent.flush()

    expect(ledger.count(HOP)).toBe(3)
    expect(ledger.counted(HOP, 'malformed-stamp')).toBe(1)
    expect(ledger.counted(HOP, 'unidentified')).toBe(3)
    expect(ledger.counted(HOP, 'unreadable-item')).toBe(2)
  })

  it('closes an agent of its own at the end', async () => {
    const ledger = new Ledger()
    await all(watched(items(2).items, { name: 'enrich', agent: { sender: ledger.sender() } }))
    await vi.waitFor(() => expect(ledger.frames.at(-1)?.goodbye).toBe(true))
    expect(ledger.count(HOP)).toBe(2)
  })

  it('is not watched where QUIPU_DISABLED is 1', async () => {
    vi.stubEnv('QUIPU_DISABLED', '1')
    const { ledger, agent } = audit()
    expect(await all(watched(items(2).items, { name: 'enrich', agent }))).toHaveLength(2)
    await agent.flush()
    expect(ledger.count(HOP)).toBe(0)
  })
})

describe('a Node stream', () => {
  it('goes through a pipeline, slow readers held back', async () => {
    const { ledger, agent } = audit()
    const source = items(50)
    let ahead = 0
    let aheadMax = 0
    const through: Item[] = []
    const made = Readable.from(
      (function* () {
        for (const item of source.items) {
          aheadMax = Math.max(aheadMax, ++ahead)
          yield item
        }
      })(),
      { highWaterMark: 1 },
    )
    const slow = new Writable({
      objectMode: true,
      highWaterMark: 1,
      write(item, _, done) {
        ahead--
        through.push(item)
        setImmediate(done)
      },
    })
    await pipeline(made, watchedStream({ name: 'enrich', agent }), slow)
    await agent.flush()

    expect(through).toEqual(source.items)
    expect(aheadMax).toBeLessThan(8)
    expect(ledger.ids(HOP)).toEqual(source.ids)
  })

  it('fails as its source does', async () => {
    const { agent } = audit()
    const made = new Readable({
      objectMode: true,
      read() {
        this.destroy(new Error('source'))
      },
    })
    const sink = new Writable({ objectMode: true, write: (_, __, done) => done() })
    await expect(pipeline(made, watchedStream({ name: 'enrich', agent }), sink)).rejects.toThrow(
      'source',
    )
  })
})

describe('beside the ids', () => {
  const NOW = Date.UTC(2026, 0, 1, 12)
  const VALUE = { value: true, key: false, headers: [] }
  const DIGEST = preserveName(VALUE)

  interface Row {
    readonly id: Uint8Array
    readonly body: string
  }

  const rows = (bodies: readonly string[]): Row[] =>
    bodies.map((body) => ({ id: bytesOfWords(new Minter(() => NOW).mint('s')), body }))

  async function watch(options: Partial<WatchOptions<Row>>): Promise<FrameLog> {
    const log = new FrameLog()
    const agent = new Agent({
      ...{ service: 'test', sender: log, timer: false, clock: () => NOW + 25 },
      planOf: () => ({ ...PLAIN, preserve: [VALUE] }),
    })
    await all(watched(rows(['a', 'b']), { name: 'enrich', agent, ...options }))
    await agent.flush()
    return log
  }

  const idOf = ({ id }: Row): IdWords => wordsOfBytes(id)
  const select = ({ id, body }: Row): Identifiable => ({ headers: { quipu: id }, value: body })
  const digests = (log: FrameLog): number[] =>
    log
      .sum(HOP, { element: DIGEST })
      .peel()
      .ids.map(({ hex }) => Number.parseInt(hex.slice(32), 16))
      .sort()

  it.each([
    ['select', { select }],
    ['select and idOf', { select, idOf }],
  ])('takes times and digests, with %s', async (_, options) => {
    const log = await watch(options)
    expect(log.latencies(HOP)).toEqual({ birth: [2, 25, 25], hop: [0, null, null] })
    expect(digests(log)).toEqual(['a', 'b'].map((value) => digestOf({ value }, VALUE)).sort())
  })

  it.each([
    ['nobody said where they are', { idOf }],
    [
      'they cannot be read',
      {
        idOf,
        select: () => {
          throw new Error('no row')
        },
      },
    ],
  ])('counts items by their ids alone where %s', async (_, options) => {
    const log = await watch(options)
    expect(log.sum(HOP).count).toBe(2)
    expect(digests(log)).toEqual([])
  })
})
