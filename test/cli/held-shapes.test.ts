/** Shapes for one judgement: sums stay what they are, however few are held. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { heldShapes } from '../../src/cli/held-shapes.ts'
import { mergeShapes } from '../../src/drift/merge.ts'
import type { StoredShape } from '../../src/hop/evidence.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { checkin, flights, frameOf, instanceOf, WINDOW_MS } from '../store/frames.ts'
import { shapeDelta, shapeOf } from '../store/shapes.ts'

const HOURS = 5
const WINDOWS = HOURS * 60

let store: Store
beforeEach(async () => {
  store = await openSqliteStore(':memory:')
  // Two writers at one hop, and a topic: three shapes a window, of one message each.
  for (const [n, hops] of [[1, [checkin, flights]] as const, [2, [checkin]] as const])
    await store.fold(
      Array.from({ length: HOURS }, (_, hour) =>
        frameOf(hour, {
          instance: instanceOf(n),
          shapes: Array.from({ length: 60 }, (_, i) => 60 * hour + i).flatMap((w) =>
            hops.map((hop) => shapeDelta(hop, w * WINDOW_MS, [w])),
          ),
        }),
      ),
      {},
      1_000,
    )
})
afterEach(() => store.close())

const ALL = Array.from({ length: WINDOWS }, (_, w) => w)

const of = (shapes: readonly StoredShape[], role: string, instance?: string) =>
  shapes.filter((s) => s.hop.role === role && s.writer?.instance === instance)

function expectAll(shapes: readonly StoredShape[]): void {
  for (const [role, instance] of [
    ['topic', undefined],
    ['producer', instanceOf(1)],
    ['producer', instanceOf(2)],
  ] as const) {
    const sum = of(shapes, role, instance).reduce(
      (all, { shape }) => mergeShapes(all, shape),
      shapeOf([]),
    )
    expect(sum).toEqual(shapeOf(ALL))
  }
}

it('are as they were stored where they fit, from the time that is asked for', async () => {
  const all = await heldShapes(store, 0, 3 * WINDOWS)
  expect(all).toHaveLength(3 * WINDOWS)
  expect(new Set(all.map(({ spanMs }) => spanMs))).toEqual(new Set([WINDOW_MS]))
  expectAll(all)
  expect(await heldShapes(store, 299 * WINDOW_MS)).toHaveLength(3)
  expect(await heldShapes(store, 300 * WINDOW_MS)).toEqual([])
})

it('are put together where they do not, the oldest first, and the newest not at all', async () => {
  const held = await heldShapes(store, 0, 3 * WINDOWS - 1)
  expect(held.length).toBeLessThan(3 * WINDOWS)
  expectAll(held)
  const topic = of(held, 'topic')
  const spanOf = (window: number) => topic.find((s) => s.window === window)?.spanMs
  expect(spanOf(0)).toBe(10 * WINDOW_MS)
  for (const w of ALL.slice(-120)) expect(spanOf(w * WINDOW_MS)).toBe(WINDOW_MS)
})

it.each([1, 40, 100, 400])('are all there, held against a limit of %i', async (max) => {
  const held = await heldShapes(store, 0, max)
  expectAll(held)
  // The last hours are put together by ten minutes at the most.
  expect(held.length).toBeLessThanOrEqual(Math.max(max, 3 * (HOURS * 6)))
})
