/** What every store must do: one suite, run over each implementation. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type EdgeVerdict, NO_COUNTS } from '../../src/finding/verdict.ts'
import type { Frame, TallyDelta } from '../../src/hop/frame.ts'
import { type HopRef, hopKey } from '../../src/hop/hop.ts'
import type { IdWords } from '../../src/message/id.ts'
import { foreignId } from '../../src/message/identity.ts'
import { Latencies } from '../../src/sketch/latency.ts'
import { Membership } from '../../src/sketch/membership.ts'
import { DEFAULT_SEED, Sketch } from '../../src/sketch/sketch.ts'
import type { FoldOutcome, Store, StoredTally } from '../../src/store/store.ts'
import {
  checkin,
  deltaOf,
  enrich,
  flights,
  frameOf,
  framesArbitrary,
  instanceOf,
  sketchOf,
  WINDOW_MS,
} from './frames.ts'
import { type Look, shapeDelta, shapeOf } from './shapes.ts'
import { describeMishaps } from './suite-mishaps.ts'

const NOW = 1_000_000
const NONE = new Uint8Array(0)

/** All evidence as plain values; sketches as their sorted ids, which say how often each is there. */
export async function evidenceOf(store: Store): Promise<unknown> {
  const tallies: unknown[] = []
  const tags: unknown[] = []
  const memberships: unknown[] = []
  for (const window of await store.windows()) {
    tags.push(await store.tags(window))
    for (const { filter, ...rest } of await store.memberships(window))
      memberships.push({ ...rest, filter: Buffer.from(filter.toBytes()).toString('base64') })
    for (const { sketch, ...rest } of await store.tallies(window)) {
      tallies.push({ ...rest, sketch: Buffer.from(asTable(sketch).toBytes()).toString('base64') })
    }
  }
  return {
    tallies,
    tags,
    memberships,
    latencies: (await store.latencies()).map(({ fromBirth, fromHop, ...rest }) => ({
      ...rest,
      fromBirth: Buffer.from(fromBirth.toBytes()).toString('base64'),
      fromHop: Buffer.from(fromHop.toBytes()).toString('base64'),
    })),
    shapes: await store.shapes(),
    mishaps: await store.mishaps({ since: 0, until: Number.MAX_SAFE_INTEGER }),
    minters: [...(await store.minters())],
    coverage: (await store.coverage()).map((c) => ({
      ...{ ...c, partitions: [...c.partitions], spans: [...c.spans] },
    })),
    instances: await store.instances(),
    gaps: await store.gaps(),
    counts: await store.counts(),
    foreign: await store.foreignRecords(),
    positions: await store.positions(),
  }
}

/** A sketch of one value may be a list or a table; as a table its bytes are its value. */
function asTable(sketch: Sketch): Sketch {
  const table = new Sketch(sketch.seed, sketch.limbs)
  for (let i = 0; i < 3_000; i++) table.add(1, 2, 3, i)
  table.merge(sketch)
  return table
}

/** @param open a store that is empty */
export function describeStore(name: string, open: () => Promise<Store>): void {
  describe(`${name} as a store`, () => {
    let store: Store

    beforeEach(async () => {
      store = await open()
    })

    afterEach(() => store.close())

    const fold = (frames: readonly Frame[]): Promise<FoldOutcome> => store.fold(frames, {}, NOW)
    const only = async (): Promise<StoredTally> => {
      const tallies = await store.tallies(0)
      expect(tallies).toHaveLength(1)
      return tallies[0] as StoredTally
    }

    test('is empty at first', async () => {
      expect(await evidenceOf(store)).toEqual({
        tallies: [],
        tags: [],
        memberships: [],
        latencies: [],
        shapes: [],
        mishaps: [],
        minters: [],
        coverage: [],
        instances: [],
        gaps: [],
        counts: [],
        foreign: 0,
        positions: {},
      })
      expect(await store.verdicts()).toEqual([])
      expect(await store.fact('pipelines')).toBeUndefined()
    })

    describe('folding', () => {
      test('sums the tallies of one hop, channel and window over frames and instances', async () => {
        const ranges = [{ partition: 0, low: 5, high: 9 }]
        await fold([
          frameOf(0, { deltas: [deltaOf(enrich, 0, [1, 2], { ranges })] }),
          frameOf(0, {
            instance: instanceOf(2),
            deltas: [
              deltaOf(enrich, 0, [3], {
                placeless: 1,
                ranges: [
                  { partition: 0, low: 2, high: 6 },
                  { partition: 1, low: 0, high: 0 },
                ],
              }),
            ],
          }),
        ])
        await fold([frameOf(1, { deltas: [deltaOf(enrich, 0, [1])] })])
        const { sketch, ...rest } = await only()
        expect(rest).toEqual({
          hop: enrich,
          key: hopKey(enrich),
          channel: 'passed',
          origin: null,
          reason: '',
          params: {
            windowMs: WINDOW_MS,
            identity: 'stamp',
            element: 'id',
            oneIn: 1,
            shape: 'q1',
            seed: frameOf(0).seed,
          },
          window: 0,
          count: 4,
          placeless: 1,
          ranges: [
            { partition: 0, low: 2, high: 9 },
            { partition: 1, low: 0, high: 0 },
          ],
          tags: null,
        })
        sketch.merge(sketchOf([1, 1, 2, 3]), -1)
        expect(sketch.isEmpty()).toBe(true)
      })

      test('keeps channels, origins, reasons and parameters apart', async () => {
        const origin = { topic: 'bookings', group: 'checkin' }
        await fold([
          frameOf(0, {
            deltas: [
              deltaOf(checkin, 0, [1]),
              deltaOf(checkin, 0, [1], { origin }),
              deltaOf(checkin, 0, [1], { channel: 'filtered', reason: 'cancelled' }),
              deltaOf(checkin, 0, [1], { channel: 'filtered', reason: 'test' }),
              deltaOf(checkin, 0, [1], { identity: 'header:trace' }),
            ],
          }),
          frameOf(0, {
            instance: instanceOf(2),
            windowMs: 1_000,
            deltas: [deltaOf(checkin, 0, [1])],
          }),
        ])
        const tallies = await store.tallies(0)
        expect(tallies.map((t) => t.count)).toEqual([1, 1, 1, 1, 1, 1])
        expect(tallies.filter((t) => t.origin !== null).map((t) => t.origin)).toEqual([origin])
        expect(new Set(tallies.map((t) => t.params.windowMs))).toEqual(new Set([1_000, WINDOW_MS]))
      })

      test('says what it took, what it knew, and which windows changed', async () => {
        const one = frameOf(0, { deltas: [deltaOf(checkin, WINDOW_MS, [1])] })
        const two = frameOf(1, { deltas: [deltaOf(checkin, 0, [2]), deltaOf(enrich, 0, [2])] })
        expect(await fold([one, two, one])).toEqual({
          taken: 2,
          repeated: 1,
          malformed: 0,
          pruned: 0,
          windows: [0, WINDOW_MS],
          schemas: [],
        })
        expect(await fold([one])).toMatchObject({ taken: 0, repeated: 1, windows: [] })
        expect(await store.windows()).toEqual([0, WINDOW_MS])
        expect(await store.windows(1)).toEqual([WINDOW_MS])
      })

      test('unites coverage, per hop and partition', async () => {
        const cover = (from: number, to: number, partition = 0): object => ({
          covered: [{ hop: enrich, partition, from, to }],
        })
        await fold([frameOf(0, cover(0, 10)), frameOf(1, cover(20, 30))])
        await fold([
          frameOf(2, cover(10, 15)),
          frameOf(3, cover(7, 7, 1)),
          frameOf(4, cover(1, 2, 2)),
        ])
        const [coverage] = await store.coverage()
        expect(coverage?.hop).toEqual(enrich)
        expect([...(coverage?.partitions ?? [])]).toEqual([
          [
            0,
            [
              [0, 15],
              [20, 30],
            ],
          ],
          [2, [[1, 2]]],
        ])
      })

      test('knows when each interval of the coverage was watched, whichever frame came first', async () => {
        const cover = (number: number, sentAt: number, from: number, to: number): Frame =>
          frameOf(number, { sentAt, covered: [{ hop: enrich, partition: 0, from, to }] })
        const spans = async (): Promise<unknown> => (await store.coverage())[0]?.spans.get(0)
        await fold([cover(0, 500, 20, 30), cover(1, 100, 0, 5), cover(2, 200, 3, 9)])
        expect(await spans()).toEqual([
          { from: 0, to: 9, firstAt: 100, lastAt: 200 },
          { from: 20, to: 30, firstAt: 500, lastAt: 500 },
        ])
        // Touches the one, and is older than all of it; an empty one is nothing, whenever it was.
        await fold([cover(3, 50, 9, 12), cover(4, 1, 13, 13)])
        expect(await spans()).toEqual([
          { from: 0, to: 12, firstAt: 50, lastAt: 200 },
          { from: 20, to: 30, firstAt: 500, lastAt: 500 },
        ])
        // Fills the hole.
        await fold([cover(5, 300, 12, 20)])
        expect(await spans()).toEqual([{ from: 0, to: 30, firstAt: 50, lastAt: 500 }])
      })

      test('knows how far each instance came at each hop and partition', async () => {
        const at = (hop: typeof enrich, partition: number, from: number, to: number) => ({
          ...{ hop, partition, from, to },
        })
        const other = { instance: instanceOf(2) }
        await fold([
          frameOf(0, {
            covered: [at(enrich, 0, 0, 10), at(enrich, 2, 4, 4), at(flights, 1, 3, 4)],
          }),
          frameOf(0, { ...other, covered: [at(enrich, 0, 10, 25)] }),
        ])
        await fold([frameOf(1, { covered: [at(enrich, 0, 12, 20), at(enrich, 1, 0, 1)] })])
        // What it filled later is no step back.
        await fold([frameOf(2, { covered: [at(enrich, 0, 3, 7)] })])
        const [first, second] = await store.instances()
        expect(first?.reach).toEqual([
          { key: hopKey(enrich), partition: 0, to: 20 },
          { key: hopKey(enrich), partition: 1, to: 1 },
          { key: hopKey(flights), partition: 1, to: 4 },
        ])
        expect(second?.reach).toEqual([{ key: hopKey(enrich), partition: 0, to: 25 }])
      })

      test('knows the highest offset that a hop has counted, covered or not', async () => {
        const range = (partition: number, high: number): object => ({
          ranges: [{ partition, low: 0, high }],
        })
        await fold([
          frameOf(0, { deltas: [{ ...deltaOf(enrich, 0, [1, 2]), ...range(0, 41) }] }),
          frameOf(1, { deltas: [{ ...deltaOf(enrich, WINDOW_MS, [3]), ...range(0, 7) }] }),
          frameOf(2, { deltas: [{ ...deltaOf(enrich, 0, [4]), ...range(3, 9) }] }),
        ])
        expect(await store.highestCounted(hopKey(enrich))).toEqual(
          new Map([
            [0, 41],
            [3, 9],
          ]),
        )
        expect(await store.highestCounted(hopKey(checkin))).toEqual(new Map())
      })

      test('takes nothing of a frame whose sketch cannot be read, and all of the others', async () => {
        const good = frameOf(1, { deltas: [deltaOf(checkin, 0, [1])] })
        const covered = [{ hop: enrich, partition: 0, from: 0, to: 5 }]
        const bad = [
          { ...deltaOf(checkin, 0, [2]), sketch: new Uint8Array([9, 9]) },
          { ...deltaOf(checkin, 0, [2]), count: 2 },
        ]
        const outcome = await store.fold(
          [
            frameOf(0, { covered, deltas: [deltaOf(checkin, 0, [3]), bad[0] as never] }),
            frameOf(2, { covered, deltas: [bad[1] as never] }),
            frameOf(3, { covered, shape: 'q2', deltas: [deltaOf(checkin, 0, [4])] }),
            good,
          ],
          { '0': 4 },
          NOW,
          1,
        )
        expect(outcome).toMatchObject({ taken: 1, malformed: 3 })
        expect((await only()).count).toBe(1)
        expect(await store.coverage()).toEqual([])
        expect(await store.foreignRecords()).toBe(4)
        expect(await store.positions()).toEqual({ '0': 4 })
        expect((await store.instances())[0]?.seen).toEqual([[1, 2]])
      })

      test('gives the same for any order, repetition and split of the same frames', async () => {
        await fc.assert(
          fc.asyncProperty(
            framesArbitrary.chain((frames) =>
              fc.record({
                frames: fc.constant(frames),
                order: fc.shuffledSubarray([...frames], { minLength: frames.length }),
                again: fc.subarray([...frames]),
                cuts: fc.array(fc.nat({ max: 20 }), { maxLength: 4 }),
              }),
            ),
            async ({ frames, order, again, cuts }) => {
              const [once, often] = [await open(), await open()]
              await once.fold(frames, {}, NOW)
              const all = [...order, ...again]
              const ends = [0, ...cuts, all.length].sort((a, b) => a - b)
              for (let i = 1; i < ends.length; i++) {
                await often.fold(all.slice(ends[i - 1], ends[i]), {}, NOW)
              }
              expect(await evidenceOf(often)).toEqual(await evidenceOf(once))
              await Promise.all([once.close(), often.close()])
            },
          ),
          { numRuns: 60 },
        )
      }, 60_000)
    })

    const span = (number: number): { number: number; from: number; to: number } => ({
      number,
      from: 0,
      to: WINDOW_MS,
    })

    describe('instances', () => {
      test('know the frames seen, and the spans of those announced and missing', async () => {
        await fold([frameOf(0), frameOf(3, { recent: [span(0), span(1), span(2)] })])
        expect(await store.instances()).toMatchObject([
          {
            instance: instanceOf(1),
            seen: [
              [0, 1],
              [3, 4],
            ],
            missing: [span(1), span(2)],
          },
        ])
        await fold([frameOf(2, { recent: [span(0), span(1)] })])
        expect((await store.instances())[0]?.missing).toEqual([span(1)])
        await fold([frameOf(1)])
        expect(await store.instances()).toMatchObject([{ seen: [[0, 4]], missing: [] }])
      })

      test('believe a frame only of those before it', async () => {
        await fold([frameOf(1, { recent: [span(0), span(1), span(2)] })])
        expect((await store.instances())[0]?.missing).toEqual([span(0)])
      })

      test('know what their newest frame says, whenever it came', async () => {
        const seal = (sealedUntil: number): object => ({
          seals: [{ hop: checkin, sealedUntil, open: [sealedUntil] }],
        })
        await store.fold(
          [frameOf(2, { ...seal(20), service: 'new', flushMs: 7, goodbye: true })],
          {},
          50,
        )
        await store.fold([frameOf(1, { ...seal(10), service: 'old' })], {}, 60)
        expect(await store.instances()).toEqual([
          {
            instance: instanceOf(1),
            service: 'new',
            firstSentAt: 1_001,
            lastSentAt: 1_002,
            lastHeardAt: 60,
            minDelayMs: 50 - 1_002,
            flushMs: 7,
            windowMs: WINDOW_MS,
            seen: [[1, 3]],
            goodbye: 2,
            missing: [],
            unknownUntil: 1_001,
            seals: [{ hop: checkin, sealedUntil: 20, open: [20], number: 2 }],
            hops: [hopKey(checkin)],
            reach: [],
          },
        ])
      })

      test('know every hop they spoke of', async () => {
        await fold([
          frameOf(0, {
            deltas: [deltaOf(checkin, 0, [1])],
            covered: [{ hop: enrich, partition: 0, from: 0, to: 1 }],
            counts: [{ hop: flights, name: 'received', count: 1 }],
          }),
        ])
        expect((await store.instances())[0]?.hops).toEqual(
          [hopKey(checkin), hopKey(enrich), hopKey(flights)].sort(),
        )
      })
    })

    test('sums gaps by span, strays by the windows they name', async () => {
      const frame = (number: number): Frame =>
        frameOf(number, {
          dropped: [{ hop: enrich, reason: 'tallies-full', count: 2, fromWindow: 0, toWindow: 9 }],
          strays: [{ hop: enrich, count: 5, windows: [70, 80] }],
        })
      await fold([frame(0)])
      await fold([frame(1)])
      const key = hopKey(enrich)
      expect(await store.gaps()).toEqual([
        { key, reason: 'stray-births', count: 8, fromWindow: 70, toWindow: 70 },
        { key, reason: 'stray-births', count: 2, fromWindow: 80, toWindow: 80 },
        { key, reason: 'tallies-full', count: 4, fromWindow: 0, toWindow: 9 },
      ])
      expect(await store.counts()).toEqual([{ hop: enrich, name: 'stray-births', count: 10 }])
    })

    test('sums counts, and believes no sum that JavaScript could not hold', async () => {
      const frame = (number: number, count: number): Frame =>
        frameOf(number, { counts: [{ hop: enrich, name: 'received', count }] })
      await fold([frame(0, 3), frame(1, 4)])
      expect(await store.counts()).toEqual([{ hop: enrich, name: 'received', count: 7 }])
      await fold([frame(2, 2 ** 53 - 1)])
      await fold([frame(3, 2 ** 53 - 1), frame(4, 2 ** 53 - 1)])
      expect((await store.counts())[0]?.count).toBe(2 ** 53 - 1)
    })

    test('is not stopped by sketches that add up to more than a sketch can hold', async () => {
      const sketch = new Sketch(frameOf(0).seed)
      sketch.add(0, 0, 0, 1, 2 ** 31 - 1)
      const hostile = { ...deltaOf(checkin, 0, []), count: sketch.count, sketch: sketch.toBytes() }
      await fold([frameOf(0, { deltas: [hostile] })])
      expect(await fold([frameOf(1, { deltas: [hostile] })])).toMatchObject({ taken: 1 })
      expect((await only()).count).toBe(2 ** 31 - 1)
      expect(await store.gaps()).toMatchObject([{ reason: 'tally-overflow', fromWindow: 0 }])
    })

    test('adds more windows in one batch than it holds in memory', async () => {
      const frames = Array.from({ length: 20 }, (_, n) =>
        frameOf(n, {
          deltas: Array.from({ length: 60 }, (_, i) => deltaOf(checkin, i * WINDOW_MS, [n])),
        }),
      )
      const far = frameOf(20, {
        deltas: Array.from({ length: 700 }, (_, i) => deltaOf(enrich, i * WINDOW_MS, [i])),
      })
      expect(await fold([...frames.slice(0, 10), far, ...frames.slice(10)])).toMatchObject({
        taken: 21,
      })
      const [atCheckin] = await store
        .tallies(WINDOW_MS)
        .then((all) => all.filter(({ hop }) => hop.role === 'producer'))
      expect(atCheckin?.count).toBe(20)
      expect(await store.windows()).toHaveLength(700)
    })

    test('remembers positions with the batch, each partition by itself', async () => {
      await store.fold([], { '0': 10, '1': 3 }, NOW)
      await store.fold([], { '1': 4 }, NOW, 2)
      expect(await store.positions()).toEqual({ '0': 10, '1': 4 })
      expect(await store.foreignRecords()).toBe(2)
    })

    describeMishaps(() => store)

    describe('pruning', () => {
      const frame = frameOf(0, {
        deltas: [deltaOf(checkin, 0, [1]), deltaOf(checkin, WINDOW_MS, [2])],
        dropped: [{ hop: enrich, reason: 'tallies-full', count: 2, fromWindow: 0, toWindow: 0 }],
      })

      test('deletes old windows, and counts what comes for them later', async () => {
        await fold([frame])
        await store.prune(WINDOW_MS)
        expect(await store.windows()).toEqual([WINDOW_MS])
        expect(await store.gaps()).toEqual([])
        const late = frameOf(1, { deltas: [deltaOf(checkin, 0, [3])] })
        expect(await fold([late])).toMatchObject({ taken: 1, pruned: 1, windows: [] })
        expect(await store.windows()).toEqual([WINDOW_MS])
        expect(await store.counts()).toEqual([{ hop: checkin, name: 'pruned-deltas', count: 1 }])
        await store.prune(0)
        expect(await fold([frameOf(2, { deltas: late.deltas })])).toMatchObject({ pruned: 1 })
      })

      test('does not forget which frames were taken', async () => {
        await fold([frame])
        await store.prune(10 * WINDOW_MS)
        expect(await fold([frame])).toMatchObject({ taken: 0, repeated: 1 })
        expect((await store.instances())[0]?.seen).toEqual([[0, 1]])
      })

      test('forgets instances of long ago', async () => {
        const gone = frameOf(1, {
          seals: [{ hop: checkin, sealedUntil: 1, open: [] }],
          recent: [span(0)],
        })
        await store.fold([gone], {}, 1_000)
        await store.prune(40 * 86_400_000)
        expect(await store.instances()).toEqual([])
        await store.fold([frameOf(0, { instance: instanceOf(2) })], {}, 41 * 86_400_000)
        expect(await store.instances()).toMatchObject([{ missing: [], seals: [], hops: [] }])
      })
    })

    describe('what stands beside the tallies', () => {
      const latencies = (...ms: readonly number[]): Uint8Array => {
        const of = new Latencies([60_000])
        for (const n of ms) of.record(n)
        return of.toBytes()
      }
      const filterOf = (...ids: readonly number[]): TallyDelta['membership'] => {
        const filter = new Membership(DEFAULT_SEED, 1_000)
        for (const id of ids) filter.add(0, 0x7000, 0x80000000, id)
        return { capacity: 1_000, bits: filter.toBytes() }
      }

      test('latencies add up, and are told by window without the sketches', async () => {
        const birthLatency = latencies(-5, 70_000)
        await fold([
          frameOf(0, {
            deltas: [
              deltaOf(enrich, 0, [1, 2], { birthLatency, hopLatency: latencies(3) }),
              deltaOf(enrich, WINDOW_MS, [5], { birthLatency: latencies(9) }),
              deltaOf(enrich, 0, [3], { channel: 'filtered', birthLatency: latencies(1) }),
              deltaOf(checkin, 0, [3]),
            ],
          }),
        ])
        await fold([
          frameOf(1, { deltas: [deltaOf(enrich, 0, [3], { birthLatency: latencies(10) })] }),
        ])
        const [first, second, ...others] = await store.latencies()
        expect(others).toEqual([])
        expect(first).toMatchObject({ key: hopKey(enrich), origin: null, window: 0, oneIn: 1 })
        expect(first?.fromBirth).toMatchObject({ count: 3, min: -5, max: 70_000 })
        expect(first?.fromBirth.within.get(60_000)).toBe(2)
        expect(first?.fromHop).toMatchObject({ count: 1, min: 3 })
        expect(second).toMatchObject({ window: WINDOW_MS })
        expect(second?.fromHop.count).toBe(0)
        expect(await store.latencies(WINDOW_MS)).toHaveLength(1)
        expect(await store.latencies(0, WINDOW_MS)).toHaveLength(1)
      })

      test('membership filters are united, and say of how many messages they speak', async () => {
        await fold([
          frameOf(0, {
            deltas: [
              deltaOf(enrich, 0, [1, 2], { membership: filterOf(1, 2) }),
              deltaOf(flights, 0, [1]),
            ],
          }),
        ])
        await fold([frameOf(1, { deltas: [deltaOf(enrich, 0, [3], { membership: filterOf(3) })] })])
        await fold([frameOf(2, { deltas: [deltaOf(enrich, 0, [4])] })])
        const [stored, ...others] = await store.memberships(0)
        expect(others).toEqual([])
        // One message more passed than the filter holds: it cannot answer for the hop.
        expect(stored).toMatchObject({ key: hopKey(enrich), window: 0, count: 3 })
        const has = (id: number): boolean | undefined =>
          stored?.filter.mayHave(0, 0x7000, 0x80000000, id)
        expect([has(1), has(3), has(4)]).toEqual([true, true, false])
        expect(await store.memberships(WINDOW_MS)).toEqual([])
      })

      test('windows are found by a foreign id whose birth nobody knows', async () => {
        const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
        const idOf = (window: number, text: string): IdWords =>
          foreignId(window + 5, Buffer.from(text))
        const deltaWith = (window: number, text: string): TallyDelta => {
          const filter = new Membership(DEFAULT_SEED, 1_000)
          const sketch = new Sketch(DEFAULT_SEED)
          filter.add(...idOf(window, text))
          sketch.add(...idOf(window, text))
          const membership = { capacity: 1_000, bits: filter.toBytes() }
          return deltaOf(enrich, window, [0], { membership, sketch: sketch.toBytes() })
        }
        await fold([
          frameOf(0, { deltas: [deltaWith(0, 'order-1'), deltaWith(WINDOW_MS, 'order-2')] }),
        ])
        expect(await store.mayHold(hash('order-2').subarray(0, 8))).toEqual([
          { key: hopKey(enrich), window: WINDOW_MS },
        ])
        expect(await store.mayHold(hash('order-3').subarray(0, 8))).toEqual([])
      })

      test('witnessed sequences merge; with what is not witnessed they say nothing', async () => {
        const span = { tag: 2 ** 40 - 1, low: 3, high: 9, count: 2 }
        await fold([frameOf(0, { deltas: [deltaOf(flights, 0, [1, 2], { tags: [span] })] })])
        const more = { ...span, low: 1, high: 4, count: 3 }
        await fold([frameOf(1, { deltas: [deltaOf(flights, 0, [3, 4, 5], { tags: [more] })] })])
        expect((await only()).tags).toEqual([{ ...span, low: 1, count: 5 }])
        expect(await store.tags(0)).toMatchObject([{ key: hopKey(flights), tags: [{ count: 5 }] }])
        await fold([frameOf(2, { deltas: [deltaOf(flights, 0, [6])] })])
        expect((await only()).tags).toBeNull()
      })

      test('samples and digests have tallies of their own, which witness nothing', async () => {
        const wide = new Sketch(DEFAULT_SEED, 5)
        wide.add(0, 0x7000, 0x80000000, 1, 1, 99)
        const tags = [{ tag: 1, low: 0, high: 0, count: 1 }]
        await fold([
          frameOf(0, {
            deltas: [
              deltaOf(flights, 0, [1], { tags }),
              deltaOf(flights, 0, [1], { oneIn: 64 }),
              deltaOf(flights, 0, [1], { element: 'id+digest(value)', sketch: wide.toBytes() }),
            ],
          }),
        ])
        const kept = (await store.tallies(0)).map(({ params }) => [params.element, params.oneIn])
        expect(kept).toHaveLength(3)
        expect(kept).toEqual(
          expect.arrayContaining([
            ['id', 1],
            ['id', 64],
            ['id+digest(value)', 1],
          ]),
        )
        expect(await store.tags(0)).toMatchObject([{ tags }])
      })

      test.each<[string, Partial<TallyDelta>]>([
        ['latencies', { birthLatency: new Uint8Array([255, 1]) }],
        ['latencies of more messages than there are', { hopLatency: latencies(1, 2, 3) }],
        ['a filter', { membership: { capacity: 1_000, bits: new Uint8Array([9]) } }],
        [
          'a filter of another capacity',
          { membership: { capacity: 2_000, bits: filterOf(1)?.bits ?? NONE } },
        ],
        ['a sketch of ids for one with digests', { element: 'id+digest(value)' }],
      ])('a frame with %s that cannot be read is not taken at all', async (_, part) => {
        const deltas = [deltaOf(checkin, 0, [7]), deltaOf(enrich, 0, [1, 2], part)]
        expect(await fold([frameOf(0, { deltas })])).toMatchObject({ taken: 0, malformed: 1 })
        expect(await store.windows()).toEqual([])
      })

      test('goes with its window', async () => {
        const parts = { membership: filterOf(1), birthLatency: latencies(1) }
        await fold([frameOf(0, { deltas: [deltaOf(enrich, 0, [1], parts)] })])
        await store.prune(WINDOW_MS)
        expect(await store.memberships(0)).toEqual([])
        expect(await store.latencies()).toEqual([])
        expect(await store.mayHold(new Uint8Array(8))).toEqual([])
      })
    })

    describe('shapes', () => {
      const HOUR_MS = 3_600_000
      const shapes = (hop: HopRef, window: number, ids: readonly number[], look: Look = {}) => ({
        shapes: [shapeDelta(hop, window, ids, look)],
      })
      /** Where and how many, which is all that most tests are about. */
      const places = async (): Promise<unknown[]> =>
        (await store.shapes()).map(({ hop, writer, window, spanMs, shape }) => [
          ...[hop.role, writer?.instance ?? null, window, spanMs, shape.looked],
        ])

      test('are merged by window and hop, and at producers by instance', async () => {
        const [one, two] = [{ instance: instanceOf(1) }, { instance: instanceOf(2) }]
        await fold([
          frameOf(0, { ...one, ...shapes(checkin, 0, [1, 2]) }),
          frameOf(0, { ...two, ...shapes(checkin, 0, [3]), service: 'kiosk', client: 'k/1' }),
          frameOf(1, { ...one, ...shapes(enrich, 0, [1]) }),
          frameOf(1, { ...two, ...shapes(enrich, 0, [3, 4]), service: 'kiosk', host: 'pod-7' }),
        ])
        await fold([
          frameOf(2, { ...one, ...shapes(checkin, 0, [5]) }),
          frameOf(3, { ...one, ...shapes(checkin, WINDOW_MS, [6]) }),
        ])
        const [first, second] = [instanceOf(1), instanceOf(2)]
        expect(await places()).toEqual([
          ['consumer', null, 0, WINDOW_MS, 3],
          ['producer', first, 0, WINDOW_MS, 3],
          ['producer', second, 0, WINDOW_MS, 1],
          ['producer', first, WINDOW_MS, WINDOW_MS, 1],
        ])
        const stored = await store.shapes(0, WINDOW_MS)
        expect(stored.map(({ shape }) => shape)).toEqual([
          shapeOf([1, 3, 4]),
          shapeOf([1, 2, 5]),
          shapeOf([3]),
        ])
        // What the newest frame says.
        const kiosk = { service: 'kiosk', instance: second, client: '', host: 'pod-7' }
        expect(stored[2]).toMatchObject({ key: hopKey(checkin), hop: checkin, writer: kiosk })
        expect(await store.shapes(WINDOW_MS)).toHaveLength(1)
        expect(await store.shapeWindows()).toEqual([0, WINDOW_MS])
        expect(await store.shapeWindows(1)).toEqual([WINDOW_MS])
      })

      test('come apart by what they were held against, and by their rate', async () => {
        const declared = '00112233aabbccdd'
        await fold([
          frameOf(0, shapes(flights, 0, [1])),
          frameOf(1, shapes(flights, 0, [2], { declared })),
          frameOf(2, shapes(flights, 0, [3], { oneIn: 64 })),
          frameOf(3, shapes(flights, 0, [4], { declared })),
        ])
        const stored = await store.shapes()
        expect(stored.map(({ shape }) => [shape.declared, shape.oneIn, shape.looked])).toEqual([
          ['', 1, 1],
          ['', 64, 1],
          [declared, 1, 2],
        ])
      })

      test('name the schemas that were seen, each once a hop', async () => {
        const [seven, eight] = [
          { claim: 'confluent', schema: '7' },
          { claim: 'confluent', schema: '8' },
        ] as const
        const frames = [
          frameOf(0, {
            shapes: [shapeDelta(flights, 0, [1], seven), shapeDelta(flights, 9, [2], eight)],
          }),
          frameOf(1, {
            shapes: [shapeDelta(flights, 0, [3], seven), shapeDelta(enrich, 0, [1], seven)],
          }),
          frameOf(2, shapes(flights, 0, [4])),
        ]
        expect((await fold(frames)).schemas).toEqual([
          { key: hopKey(flights), ...seven },
          { key: hopKey(flights), ...eight },
          { key: hopKey(enrich), ...seven },
        ])
        expect((await fold(frames)).schemas).toEqual([])
      })

      test('are no windows that are judged', async () => {
        const frame = frameOf(0, shapes(flights, 0, [1]))
        expect(await fold([frame])).toMatchObject({ taken: 1, windows: [] })
        expect(await store.windows()).toEqual([])
        expect((await store.instances())[0]?.hops).toEqual([hopKey(flights)])
      })

      test('that cannot be read take their frame with them, and nothing else', async () => {
        const bytes = shapeDelta(flights, 0, [1]).shape
        const odd = [new Uint8Array([9]), bytes.subarray(0, -1), new Uint8Array(0)]
        const frames = odd.map((shape, i) =>
          frameOf(i, {
            deltas: [deltaOf(checkin, 0, [i])],
            shapes: [shapeDelta(flights, 0, [2]), { hop: flights, window: 0, shape }],
          }),
        )
        const outcome = await fold([...frames, frameOf(9, shapes(flights, 0, [1]))])
        expect(outcome).toMatchObject({ taken: 1, malformed: odd.length })
        expect(await store.windows()).toEqual([])
        expect(await places()).toEqual([['topic', null, 0, WINDOW_MS, 1]])
      })

      test('go with their window, and are counted when they come later', async () => {
        await fold([frameOf(0, { shapes: [0, WINDOW_MS].map((w) => shapeDelta(checkin, w, [1])) })])
        await store.prune(WINDOW_MS)
        const late = frameOf(1, shapes(checkin, 0, [3]))
        expect(await fold([late])).toMatchObject({ taken: 1, pruned: 1, schemas: [] })
        expect(await places()).toEqual([['producer', instanceOf(1), WINDOW_MS, WINDOW_MS, 1]])
        expect(await store.counts()).toEqual([{ hop: checkin, name: 'pruned-shapes', count: 1 }])
      })

      test('of an instance that is forgotten are nobody else’s', async () => {
        // Born in a future that no clock believes in, so its window is still kept.
        await store.fold([frameOf(0, shapes(checkin, 90 * 86_400_000, [1]))], {}, 1_000)
        await store.prune(40 * 86_400_000)
        await store.fold([frameOf(0, { instance: instanceOf(2) })], {}, 41 * 86_400_000)
        expect(await store.shapes()).toEqual([])
      })

      test('of more than fit into memory at once are all there', async () => {
        const frames = Array.from({ length: 6 }, (_, n) =>
          frameOf(n, {
            shapes: Array.from({ length: 150 }, (_, i) =>
              shapeDelta(flights, ((n % 5) * 150 + i) * WINDOW_MS, [n]),
            ),
          }),
        )
        await fold(frames)
        const looked = (await store.shapes()).map(({ shape }) => shape.looked)
        expect(looked).toHaveLength(750)
        expect(looked.slice(0, 150)).toEqual(Array.from({ length: 150 }, () => 2))
        expect(looked.slice(150)).toEqual(Array.from({ length: 600 }, () => 1))
      })

      /** Each call is bounded; how many were needed. */
      const condense = async (before: number, spanMs: number): Promise<number> => {
        for (let calls = 1; ; calls++)
          if (!(await store.condenseShapes(before, spanMs))) return calls
      }

      test('are put together by spans that have ended, once they are old', async () => {
        const at = [0, WINDOW_MS, HOUR_MS - WINDOW_MS, HOUR_MS, 2 * HOUR_MS]
        await fold(at.map((window, i) => frameOf(i, shapes(flights, window, [i]))))
        await condense(2 * HOUR_MS - 1, HOUR_MS)
        const expected = [
          ['topic', null, 0, HOUR_MS, 3],
          // Its span has not ended by then.
          ['topic', null, HOUR_MS, WINDOW_MS, 1],
          ['topic', null, 2 * HOUR_MS, WINDOW_MS, 1],
        ]
        expect(await places()).toEqual(expected)
        expect((await store.shapes())[0]?.shape).toEqual(shapeOf([0, 1, 2]))
        expect(await store.shapeWindows()).toEqual([0, HOUR_MS, 2 * HOUR_MS])
        await condense(2 * HOUR_MS - 1, HOUR_MS)
        expect(await places()).toEqual(expected)
        await condense(2 * HOUR_MS, HOUR_MS)
        expect((await places())[1]).toEqual(['topic', null, HOUR_MS, HOUR_MS, 1])
      })

      test('are put together for good: longer spans of what is, and shorter ones of what comes late', async () => {
        const put = (number: number, window: number) =>
          fold([frameOf(number, shapes(flights, window, [number]))])
        await put(0, HOUR_MS + WINDOW_MS)
        await put(1, 3 * HOUR_MS)
        await condense(6 * HOUR_MS, HOUR_MS)
        await condense(6 * HOUR_MS, 6 * HOUR_MS)
        expect(await places()).toEqual([['topic', null, 0, 6 * HOUR_MS, 2]])
        // Into the window by which the span is named, and into another one.
        await put(2, 0)
        await put(3, HOUR_MS)
        expect(await places()).toEqual([
          ['topic', null, 0, 6 * HOUR_MS, 3],
          ['topic', null, HOUR_MS, WINDOW_MS, 1],
        ])
        await condense(6 * HOUR_MS, HOUR_MS)
        await condense(6 * HOUR_MS, 6 * HOUR_MS)
        expect(await places()).toEqual([['topic', null, 0, 6 * HOUR_MS, 4]])
        expect((await store.shapes())[0]?.shape).toEqual(shapeOf([0, 1, 2, 3]))
      })

      test('of different writers, hops, schemas and rates stay apart when they are put together', async () => {
        const declared = '00112233aabbccdd'
        const frames = [0, WINDOW_MS].flatMap((window, i) => [
          frameOf(i, {
            shapes: [
              shapeDelta(checkin, window, [1]),
              shapeDelta(flights, window, [1]),
              shapeDelta(flights, window, [2], { declared }),
              shapeDelta(flights, window, [3], { oneIn: 64 }),
            ],
          }),
          frameOf(i, { instance: instanceOf(2), ...shapes(checkin, window, [4]) }),
        ])
        await fold(frames)
        await condense(HOUR_MS, HOUR_MS)
        const looked = (await store.shapes()).map(({ shape }) => shape.looked)
        expect(looked).toEqual([2, 2, 2, 2, 2])
      })

      test('are put together in bounded steps, however many there are', async () => {
        const windows = Array.from({ length: 450 }, (_, i) => i * WINDOW_MS)
        const deltas = windows.map((window) => shapeDelta(flights, window, [1]))
        await fold([frameOf(0, { shapes: deltas })])
        expect(await condense(9 * HOUR_MS, 9 * HOUR_MS)).toBeGreaterThan(1)
        expect(await places()).toEqual([['topic', null, 0, 9 * HOUR_MS, 450]])
      })
    })

    describe('verdicts', () => {
      const verdictOf = (edge: string, start: number, revision = 0): EdgeVerdict => ({
        pipeline: 'flights',
        edge,
        window: { start, end: start + WINDOW_MS },
        state: revision === 0 ? 'settled' : 'revised',
        revision,
        verdict: 'met',
        evidence: 'exact',
        oneIn: 1,
        counts: { ...NO_COUNTS, expected: 3, delivered: 3 },
        from: [],
        to: [],
        findings: [],
      })

      test('come back newest first of each edge and window, by window, then edge', async () => {
        const [a, b, c] = [verdictOf('b', 0), verdictOf('a', WINDOW_MS), verdictOf('a', 0)]
        await store.saveVerdicts([a, b, c], NOW)
        await store.saveVerdicts([verdictOf('b', 0, 1)], NOW)
        expect(await store.verdicts()).toEqual([c, verdictOf('b', 0, 1), b])
        expect(await store.verdicts({ edge: 'a', since: WINDOW_MS })).toEqual([b])
        expect(await store.verdicts({ pipeline: 'flights', until: WINDOW_MS })).toHaveLength(2)
        expect(await store.verdicts({ pipeline: 'other' })).toEqual([])
        expect(await store.revisions('flights', 'b', 0)).toEqual([a])
        expect(await store.revisions('flights', 'a', 0)).toEqual([])
      })

      test('replace themselves, and go with their window', async () => {
        await store.saveVerdicts([verdictOf('a', 0)], NOW)
        const worse: EdgeVerdict = { ...verdictOf('a', 0), verdict: 'breached' }
        await store.saveVerdicts([worse], NOW)
        expect(await store.verdicts()).toEqual([worse])
        await store.prune(WINDOW_MS)
        expect(await store.verdicts()).toEqual([])
      })
    })

    test('keeps facts as JSON', async () => {
      await store.setFact('pipelines', [{ name: 'flights' }])
      await store.setFact('none', undefined)
      await store.setFact('pipelines', ['flights'])
      expect(await store.fact('pipelines')).toEqual(['flights'])
      expect(await store.fact('none')).toBeNull()
    })
  })
}
