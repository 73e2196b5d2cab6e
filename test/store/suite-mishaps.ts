/** What every store must do with mishaps, and with who minted which tag: a part of the suite. */
import { describe, expect, test } from 'vitest'
import type { TallyDelta } from '../../src/hop/frame.ts'
import { type HopRef, hopKey } from '../../src/hop/hop.ts'
import { MISHAPS_KEPT_MAX, type Mishap } from '../../src/hop/mishap.ts'
import type { Store } from '../../src/store/store.ts'
import {
  checkin,
  deltaOf,
  enrich,
  flights,
  frameOf,
  instanceOf,
  mishapOf,
  WINDOW_MS,
} from './frames.ts'

const NOW = 1_000_000
const DAY_MS = 86_400_000
const ALWAYS = { since: 0, until: Number.MAX_SAFE_INTEGER }

export function describeMishaps(store: () => Store): void {
  describe('mishaps', () => {
    const named = { client: 'enrich/2.1.0', host: 'pod-1', service: 'enrich' }

    test('come back with who saw them, by time, once a frame', async () => {
      const first = mishapOf(enrich, {
        ...{ at: 10, id: '018bcfe568007abc8123456789abcdef', count: 3 },
        ...{ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' },
      })
      const later = mishapOf(checkin, {
        ...{ kind: 'rejected', at: 20, partition: -1, from: -1, to: -1, detail: '' },
      })
      const one = frameOf(0, { ...named, mishaps: [later, first] })
      await store().fold([one, one], {}, NOW)
      await store().fold([one], {}, NOW)
      const who = { ...named, instance: instanceOf(1) }
      expect(await store().mishaps(ALWAYS)).toEqual([
        { ...first, ...who },
        { ...later, ...who },
      ])
    })

    test('are asked by time and by hop', async () => {
      const at = (hop: HopRef, at: number): Mishap => mishapOf(hop, { at })
      const mishaps = [at(enrich, 10), at(enrich, 20), at(flights, 20), at(enrich, 30)]
      await store().fold([frameOf(0, { mishaps })], {}, NOW)
      const times = async (query: Parameters<Store['mishaps']>[0]): Promise<number[]> =>
        (await store().mishaps(query)).map((mishap) => mishap.at)
      expect(await times({ since: 10, until: 30 })).toEqual([10, 20, 20])
      expect(await times({ since: 11, until: 31, hops: [hopKey(enrich)] })).toEqual([20, 30])
      expect(await times({ ...ALWAYS, hops: [hopKey(checkin)] })).toEqual([])
      expect(await times({ ...ALWAYS, hops: [] })).toEqual([])
    })

    test('are kept up to a number of a hop and kind, the newest, whatever came first', async () => {
      const most = Array.from({ length: MISHAPS_KEPT_MAX }, (_, i) =>
        mishapOf(enrich, { at: 100 + i }),
      )
      const old = mishapOf(enrich, { at: 50, count: 4 })
      const young = mishapOf(enrich, { at: NOW, detail: 'RangeError' })
      const others = [mishapOf(flights, { at: 1 }), mishapOf(enrich, { at: 2, kind: 'sought' })]
      await store().fold([frameOf(0, { mishaps: [young, ...others] })], {}, NOW)
      await store().fold([frameOf(1, { mishaps: most })], {}, NOW)
      await store().fold([frameOf(2, { mishaps: [old] })], {}, NOW)
      const threw = (await store().mishaps(ALWAYS)).filter(({ kind }) => kind === 'handler_threw')
      const [other, first] = threw
      expect(other).toMatchObject({ hop: flights })
      expect(first).toMatchObject({ hop: enrich, at: 101 })
      expect(threw.at(-1)).toMatchObject(young)
      expect(threw).toHaveLength(1 + MISHAPS_KEPT_MAX)
      expect(await store().counts()).toEqual([{ hop: enrich, name: 'mishaps-dropped', count: 5 }])
    })

    test('are forgotten with their time, and with their instance; late ones are counted', async () => {
      const mishaps = [mishapOf(enrich, { at: 5 }), mishapOf(enrich, { at: WINDOW_MS, count: 2 })]
      await store().fold([frameOf(0, { mishaps })], {}, NOW)
      await store().prune(WINDOW_MS)
      expect(await store().mishaps(ALWAYS)).toMatchObject([{ at: WINDOW_MS }])
      await store().fold(
        [frameOf(1, { mishaps: [mishapOf(enrich, { at: 5, count: 2 })] })],
        {},
        NOW,
      )
      expect(await store().mishaps(ALWAYS)).toMatchObject([{ at: WINDOW_MS }])
      expect(await store().counts()).toEqual([{ hop: enrich, name: 'pruned-mishaps', count: 2 }])
      // By a clock far ahead of the auditor's.
      const ahead = [mishapOf(enrich, { at: 90 * DAY_MS })]
      await store().fold([frameOf(2, { mishaps: ahead })], {}, NOW)
      await store().prune(40 * DAY_MS)
      expect(await store().mishaps(ALWAYS)).toEqual([])
    })
  })

  describe('who minted a tag', () => {
    const tags = (...of: readonly number[]): Partial<TallyDelta> => ({
      tags: of.map((tag) => ({ tag, low: 0, high: 9, count: 1 })),
    })
    const origin = { topic: 'bookings', group: 'checkin' }
    const by = (n: number): object => ({
      ...{ instance: instanceOf(n), service: `checkin-${n}`, client: '', host: `pod-${n}` },
    })

    test('is known of what producers minted, not of what they forward or others read', async () => {
      const frame = frameOf(0, {
        ...by(2),
        deltas: [
          deltaOf(checkin, 0, [1], tags(7, 8)),
          deltaOf(checkin, WINDOW_MS, [2], { ...tags(9), channel: 'unacknowledged' }),
          deltaOf(checkin, 0, [3], { ...tags(10), origin }),
          deltaOf(flights, 0, [4], tags(11)),
        ],
      })
      await store().fold([frame], {}, NOW)
      const who = by(2)
      expect([...(await store().minters())]).toEqual([
        [7, who],
        [8, who],
        [9, who],
      ])
      expect([...(await store().minters([9, 10]))]).toEqual([[9, who]])
    })

    test('is one, whichever frame came first, and forgotten with the last of its windows', async () => {
      const claim = (n: number, window: number, ...of: number[]) =>
        frameOf(0, { ...by(n), deltas: [deltaOf(checkin, window, [n], tags(...of))] })
      const frames = [
        claim(3, 0, 7),
        claim(2, WINDOW_MS, 7, 8),
        claim(1, WINDOW_MS, 8),
        claim(4, 0, 6),
      ]
      for (const frame of frames.toReversed()) await store().fold([frame], {}, NOW)
      const minters = async (): Promise<unknown> => [...(await store().minters())]
      const expected = [
        [7, by(2)],
        [8, by(1)],
      ]
      expect(await minters()).toEqual([[6, by(4)], ...expected])
      await store().prune(WINDOW_MS)
      expect(await minters()).toEqual(expected)
      await store().fold([{ ...claim(4, 0, 6), number: 1 }], {}, NOW)
      expect(await minters()).toEqual(expected)
      await store().prune(40 * DAY_MS)
      expect(await minters()).toEqual([])
    })
  })
}
