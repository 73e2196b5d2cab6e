/** The collector: what the reader gave is in the store, or known not to be. */
import { expect, it } from 'vitest'
import { Collector } from '../../src/collect/collector.ts'
import { Agent } from '../../src/hop/agent.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { MemoryTransport } from '../../src/transport/memory.ts'
import type { FrameReader, FrameRecord } from '../../src/transport/transport.ts'
import { HOPS, id, W, WINDOW_MS } from '../reconcile/build.ts'

/** A transport with one frame about the topic, and a store whose `fold` the test has in hand. */
async function setUp(fold: (store: Store, ...args: Parameters<Store['fold']>) => Promise<unknown>) {
  const transport = new MemoryTransport()
  const clock = (): number => W
  const agent = new Agent({ service: 'a', sender: transport.sender(), timer: false, clock })
  agent.recorder(HOPS.flights, 'passed').add(id(1), 0, 0)
  agent.cover(HOPS.flights, 0, 0, 1)
  await agent.flush()
  const store = await openSqliteStore(':memory:')
  const slow: Store = new Proxy(store, {
    get: (target, name) => {
      if (name === 'fold') return (...args: Parameters<Store['fold']>) => fold(store, ...args)
      const value = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const reader = transport.reader()
  const collector = new Collector({ reader, store: slow, clock })
  await collector.open()
  return { transport, agent, slow, clock, collector, reader, store }
}

it('has not caught up while a step is still being folded', async () => {
  let release = (): void => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const { collector, reader, store } = await setUp(async (store, ...args) => {
    await held
    return store.fold(...args)
  })
  const step = collector.step(10)
  while (Object.keys(reader.reached()).length === 0) await new Promise(setImmediate)
  let done = false
  const caughtUp = collector.catchUp().then((result) => {
    done = true
    return result
  })
  for (let i = 0; i < 20; i++) await new Promise(setImmediate)
  expect(done).toBe(false)
  release()
  await step
  expect((await caughtUp).complete).toBe(true)
  expect((await store.coverage()).map((c) => c.key)).toHaveLength(1)
})

it('folds again what the store refused, and says so until it has', async () => {
  let refusals = 2
  const { collector, store } = await setUp(async (store, ...args) => {
    if (refusals-- > 0) throw new Error('database is locked')
    return store.fold(...args)
  })
  await expect(collector.step(10)).rejects.toThrow('locked')
  await expect(collector.catchUp()).rejects.toThrow('locked')
  const { windows, complete } = await collector.catchUp()
  expect({ windows, complete }).toEqual({ windows: [W], complete: true })
  expect(await store.tallies(W)).toHaveLength(1)
})

/** Gives one record at each poll. */
function oneByOne(inner: FrameReader): FrameReader {
  const queue: FrameRecord[] = []
  return {
    open: (positions) => inner.open(positions),
    poll: async (waitMs) => {
      if (queue.length === 0) queue.push(...(await inner.poll(waitMs)))
      return queue.splice(0, 1)
    },
    ends: () => inner.ends(),
    reached: () => ({}),
    close: () => inner.close(),
  }
}

it('tells of all windows that it took, though the store refused a later step', async () => {
  let folds = 0
  const { transport, agent, slow, clock } = await setUp(async (store, ...args) => {
    if (++folds === 2) throw new Error('database or disk is full')
    return store.fold(...args)
  })
  agent.recorder(HOPS.flights, 'passed').add(id(WINDOW_MS + 1), 0, 1)
  await agent.flush()
  const collector = new Collector({ reader: oneByOne(transport.reader()), store: slow, clock })
  await collector.open()
  await expect(collector.catchUp()).rejects.toThrow('full')
  const { windows, complete } = await collector.catchUp()
  expect({ windows, complete }).toEqual({ windows: [W, W + WINDOW_MS], complete: true })
  expect((await collector.catchUp()).windows).toEqual([])
})
