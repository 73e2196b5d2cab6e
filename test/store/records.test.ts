/** How many records agents have counted: each once, whatever they keep of it and however often it comes. */
import { expect, it, onTestFinished } from 'vitest'
import type { TallyDelta } from '../../src/hop/frame.ts'
import { hopKey } from '../../src/hop/hop.ts'
import { DEFAULT_SEED, Sketch } from '../../src/sketch/sketch.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { checkin, deltaOf, enrich, frameOf, WINDOW_MS } from './frames.ts'

const NOW = 1_000_000

async function opened(): Promise<Store> {
  const store = await openSqliteStore(':memory:')
  onTestFinished(() => store.close())
  return store
}

const recordsOf = async (store: Store): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await store.totals()).map(({ pipeline, edge, name, value }) => {
      expect(pipeline).toBe('')
      return [`${edge} ${name}`, value]
    }),
  )

it('adds up what is in one channel each, and nothing that is in another as well', async () => {
  const store = await opened()
  const of = (channel: TallyDelta['channel'], ids: readonly number[]): TallyDelta =>
    deltaOf(enrich, 0, ids, { channel })
  const deltas = [
    ...[of('passed', [1, 2, 3]), of('unidentified', [4]), of('filtered', [1, 2])],
    ...[of('rejected', [5]), of('withdrawn', [6]), of('unconfirmed', [7, 8])],
    of('unacknowledged', [3]),
  ]
  await store.fold([frameOf(0, { deltas })], {}, NOW)
  expect(await recordsOf(store)).toEqual({ [`${hopKey(enrich)} records.1`]: 8 })
})

it('counts by the id alone, and each rate by itself', async () => {
  const store = await opened()
  const wide = new Sketch(DEFAULT_SEED, 5)
  for (const id of [1, 2, 3, 4]) wide.add(0, 0x7000, 0x80000000, id, 1, 99)
  const forwarded = { origin: { topic: 'bookings', group: 'checkin' } }
  const deltas = [
    ...[deltaOf(checkin, 0, [1, 2, 3]), deltaOf(checkin, 0, [4], forwarded)],
    deltaOf(checkin, 0, [1, 2, 3, 4], { element: 'id+value', sketch: wide.toBytes() }),
    deltaOf(checkin, 0, [2], { oneIn: 8 }),
  ]
  await store.fold([frameOf(0, { deltas })], {}, NOW)
  expect(await recordsOf(store)).toEqual({
    [`${hopKey(checkin)} records.1`]: 4,
    [`${hopKey(checkin)} records.8`]: 1,
  })
})

it('takes a frame once, in any batch, and of windows that are pruned too', async () => {
  const store = await opened()
  const frames = [0, 1, 2].map((n) =>
    frameOf(n, { deltas: [deltaOf(enrich, n * WINDOW_MS, [n, n + 10])] }),
  )
  await store.fold(frames, {}, NOW)
  await store.fold(frames.slice(1), {}, NOW)
  await store.prune(5 * WINDOW_MS)
  await store.fold([frameOf(3, { deltas: [deltaOf(enrich, 0, [9])] }), ...frames], {}, NOW)
  expect(await recordsOf(store)).toEqual({ [`${hopKey(enrich)} records.1`]: 7 })
})
