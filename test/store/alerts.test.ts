/** What has been told, and what is still to be told, at rest. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-alert-rows-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0
let path: string
let store: Store
beforeEach(async () => {
  await store?.close()
  path = join(folder, `${files++}.db`)
  store = await openSqliteStore(path)
})

const entry = (route: string, key: string, event: string) => ({ route, key, event })
const events = async (dueBy: number, limit = 10): Promise<string[]> =>
  (await store.outbox(dueBy, limit)).map(({ event }) => event)

describe('states', () => {
  test('are replaced and forgotten by key', async () => {
    await store.changeAlerts({ states: [{ key: 'b', state: '1' }] }, 5)
    await store.changeAlerts(
      {
        states: [
          { key: 'b', state: '2' },
          { key: 'a', state: '3' },
        ],
        forgotten: ['c'],
      },
      6,
    )
    expect(await store.alerts()).toEqual([
      { key: 'a', state: '3' },
      { key: 'b', state: '2' },
    ])
    await store.changeAlerts({ forgotten: ['b'] }, 7)
    expect(await store.alerts()).toEqual([{ key: 'a', state: '3' }])
  })

  test('and events are stored together, and found by whoever opens the file next', async () => {
    const change = { states: [{ key: 'a', state: '1' }], added: [entry('r', 'a', 'e')] }
    await store.changeAlerts(change, 5)
    await store.close()
    store = await openSqliteStore(path)
    expect(await store.alerts()).toEqual(change.states)
    expect(await store.outbox(5, 10)).toEqual([
      { number: 1, ...entry('r', 'a', 'e'), madeAt: 5, dueAt: 5, attempts: 0, lastError: '' },
    ])
  })
})

describe('the outbox', () => {
  test('gives the oldest of each route and key, and the next when that is gone', async () => {
    await store.changeAlerts(
      {
        added: [
          entry('r', 'a', '1'),
          entry('r', 'a', '2'),
          entry('s', 'a', '3'),
          entry('r', 'b', '4'),
        ],
      },
      5,
    )
    expect(await events(4)).toEqual([])
    expect(await events(5)).toEqual(['1', '3', '4'])
    expect(await events(5, 1)).toEqual(['1', '3'])
    await store.changeAlerts({ removed: [1] }, 6)
    expect(await events(6)).toEqual(['2', '3', '4'])
  })

  test('lets nothing overtake what is tried again later', async () => {
    await store.changeAlerts({ added: [entry('r', 'a', '1'), entry('r', 'a', '2')] }, 5)
    await store.changeAlerts({ retried: [{ number: 1, dueAt: 50, error: '503' }] }, 6)
    expect(await events(49)).toEqual([])
    expect(await store.outbox(50, 10)).toMatchObject([
      { event: '1', attempts: 1, lastError: '503', madeAt: 5, dueAt: 50 },
    ])
  })

  test('gives so many of each route: none waits for another', async () => {
    const of = (route: string, n: number) =>
      Array.from({ length: n }, (_, i) => entry(route, `k${i}`, `${route}${i}`))
    await store.changeAlerts({ added: [...of('r', 5), ...of('s', 3)] }, 5)
    expect(await events(5, 2)).toEqual(['r0', 'r1', 's0', 's1'])
  })

  test('gives what is due later than anything may be: the clock was ahead then', async () => {
    await store.changeAlerts({ added: [entry('r', 'a', '1')] }, 5_000)
    expect((await store.outbox(10, 10, 5_000)).length).toBe(0)
    expect((await store.outbox(10, 10, 4_999)).length).toBe(1)
  })

  test('never gives a number twice', async () => {
    await store.changeAlerts({ added: [entry('r', 'a', '1')] }, 5)
    await store.changeAlerts({ removed: [1], added: [entry('r', 'a', '2')] }, 6)
    expect((await store.outbox(6, 10)).map(({ number }) => number)).toEqual([2])
  })
})

test('deliveries add up by route; the last one says how it stands', async () => {
  const of = (isDone: boolean, result: string, sent: number, failed: number, dropped: number) => ({
    deliveries: [{ route: 'r', isDone, result, sent, failed, dropped }],
  })
  await store.changeAlerts(of(true, '200', 1, 0, 0), 5)
  await store.changeAlerts(of(false, '503', 0, 1, 1), 6)
  expect(await store.deliveries()).toEqual([
    { route: 'r', at: 6, isDone: false, result: '503', sent: 1, failed: 1, dropped: 1 },
  ])
})
