/** A store that forgets: what is said of the windows it keeps stays the same, and it does not grow. */
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Judge } from '../../src/collect/judge.ts'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import type { CoverSpan } from '../../src/hop/evidence.ts'
import type { Frame } from '../../src/hop/frame.ts'
import { hopKey } from '../../src/hop/hop.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { EDGES, HOPS, PIPELINE } from '../reconcile/build.ts'
import { deltaOf, enrich, flights, frameOf, instanceOf, WINDOW_MS } from './frames.ts'
import { makeOlderStore } from './older.ts'
import { evidenceOf } from './suite.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** A full hour, so that windows begin at it. */
const T = Date.UTC(2026, 10, 1)

const folder = mkdtempSync(join(tmpdir(), 'quipu-prune-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const fresh = (): string => join(folder, `${files++}.db`)

async function inStore<T>(path: string, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openSqliteStore(path)
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** What another process counts. */
function rowsOf(path: string, table: string): number {
  const db = new Database(path, { readonly: true })
  try {
    return db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number
  } finally {
    db.close()
  }
}

const { checkin, flights: topic, enrich: group } = HOPS
const PIPELINES = [{ ...PIPELINE, edges: [EDGES.produce, EDGES.consume] }]
const WINDOWS = 48
const APART_MS = 6 * HOUR

/**
 * Twelve days: a window of ten messages each six hours, a producer and a member of the group that live no
 * longer, and one agent at the topic. Members are killed, frames are lost, offsets are skipped, a message
 * is not handled; all of it now and then.
 */
function framesOf(k: number): readonly Frame[] {
  const window = T + k * APART_MS
  const sentAt = window + WINDOW_MS + 1_000
  const ids = Array.from({ length: 10 }, (_, i) => 10 * k + i)
  const offsets = { partition: 0, from: 10 * k, to: 10 * k + 10 }
  const ranges = [{ partition: 0, low: offsets.from, high: offsets.to - 1 }]
  const span = (number: number, at = window) => ({ number, from: at, to: at })
  const pod = { instance: instanceOf(1_000 + k), sentAt, windowMs: WINDOW_MS }
  const producer = frameOf(0, {
    ...pod,
    deltas: [deltaOf(checkin, window, ids, { ranges })],
    seals: [{ hop: checkin, sealedUntil: window + (k % 9 === 4 ? 30_000 : WINDOW_MS), open: [] }],
  })
  const last = frameOf(1, { ...pod, goodbye: k % 3 !== 0, recent: [span(0)] })
  const reader = frameOf(k, {
    ...{ instance: instanceOf(1), sentAt, windowMs: WINDOW_MS },
    deltas: [deltaOf(topic, window, ids, { ranges })],
    covered: [{ hop: topic, ...offsets }],
    recent: k === 0 ? [] : [span(k - 1, window - APART_MS)],
  })
  const member = { instance: instanceOf(2_000 + k), sentAt, windowMs: WINDOW_MS }
  const handled = frameOf(0, {
    ...member,
    deltas: [deltaOf(group, window, k % 5 === 2 ? ids.slice(0, 9) : ids, { ranges })],
    covered: [{ hop: group, ...offsets, to: offsets.to - (k % 13 === 6 ? 2 : 0) }],
  })
  const end = frameOf(k % 7 === 1 ? 2 : 1, {
    ...{ ...member, goodbye: k % 4 !== 1 },
    recent: k % 7 === 1 ? [span(0), span(1)] : [span(0)],
  })
  return [producer, last, ...(k % 11 === 5 ? [] : [reader]), handled, end]
}

const all = Array.from({ length: WINDOWS }, (_, k) => framesOf(k))
const NOW = T + WINDOWS * APART_MS

/** Judged by an auditor that starts now: windows that start from `before` on. */
async function judged(path: string, before: number): Promise<readonly EdgeVerdict[]> {
  return inStore(path, async (store) => {
    const judge = new Judge({ store, pipelines: PIPELINES })
    const verdicts = await judge.turn(NOW)
    return verdicts.filter(({ window }) => window.start >= before)
  })
}

describe('what is said of the windows kept', () => {
  let whole: string
  beforeAll(async () => {
    whole = fresh()
    await inStore(whole, async (store) => {
      for (const [k, frames] of all.entries())
        await store.fold(frames, { '0': k + 1 }, T + k * APART_MS + WINDOW_MS + 2_000)
    })
  })

  const copy = (): string => {
    const path = fresh()
    copyFileSync(whole, path)
    return path
  }

  test.each([1, 2, 5, 6.5, 9, 11])('after %d days is the same as before', async (days) => {
    const before = T + days * DAY
    const [kept, pruned] = [copy(), copy()]
    await inStore(pruned, (store) => store.prune(before))
    const verdicts = await judged(kept, before)
    expect(verdicts).toHaveLength(2 * (WINDOWS - days * 4))
    expect(await judged(pruned, before)).toEqual(verdicts)
    if (days === 1) {
      // It is of all kinds, so that it could differ.
      const kinds = new Set(verdicts.map(({ verdict }) => verdict))
      expect([...kinds].sort()).toEqual(['breached', 'indeterminate', 'met'])
    }
  })

  test('stays, and the rest goes: of agents all but their numbers', async () => {
    const path = copy()
    const before = T + 9 * DAY
    const tables = ['seals', 'reach', 'missing_frames', 'instance_hops', 'instances']
    const rows = (): readonly number[] => tables.map((table) => rowsOf(path, table))
    // Of the pods one in seven lost a frame, and the topic's agent four.
    expect(rows()).toEqual([48, 49, 7 + 4, 97, 97])
    const spans = async (): Promise<unknown> =>
      inStore(path, async (store) =>
        (await store.coverage()).map(({ spans }) => spans.get(0)?.map(({ from }) => from)),
      )
    const [groupBefore, topicBefore] = [
      [0, 70, 200, 330, 460],
      [0, 60, 170, 280, 390],
    ]
    expect(await spans()).toEqual([groupBefore, topicBefore])
    await inStore(path, (store) => store.prune(before))
    // Twelve pods of either kind may speak of the last three days, with what is of the topic's agent.
    expect(rows()).toEqual([12, 13, 2 + 4, 25, 97])
    expect(await spans()).toEqual([
      [200, 330, 460],
      [280, 390],
    ])
    await inStore(path, async (store) => {
      expect(await store.instances()).toHaveLength(25)
      const frames = all.flat()
      const repeated = await store.fold(frames, {}, NOW)
      expect(repeated).toMatchObject({ taken: 0, repeated: frames.length, windows: [] })
    })
  })

  test('is the same whether it forgets day by day or all at once', async () => {
    const [slowly, atOnce] = [copy(), copy()]
    await inStore(slowly, async (store) => {
      for (let day = 1; day <= 9; day++) await store.prune(T + day * DAY)
    })
    await inStore(atOnce, (store) => store.prune(T + 9 * DAY))
    const [one, other] = await Promise.all(
      [slowly, atOnce].map((path) => inStore(path, evidenceOf)),
    )
    expect(one).toEqual(other)
  })

  test('is told of by one instance of each hop, however long ago that was heard', async () => {
    const path = copy()
    await inStore(path, async (store) => {
      await store.prune(NOW + 20 * DAY)
      const left = await store.instances()
      expect(left.map(({ instance }) => instance)).toEqual(
        [1, 1_000 + WINDOWS - 1, 2_000 + WINDOWS - 1].map(instanceOf),
      )
      // With what it said.
      expect(left[1]?.seals).toMatchObject([{ hop: checkin }])
      expect(left[2]?.reach).toMatchObject([{ key: hopKey(group), to: 10 * WINDOWS }])
      await store.prune(NOW + 31 * DAY)
      expect(await store.instances()).toEqual([])
    })
  })
})

describe('instances asked for since a time', () => {
  test('are those that may speak of a window that starts then', async () => {
    await inStore(fresh(), async (store) => {
      const heard = (n: number, at: number): Promise<unknown> =>
        store.fold([frameOf(0, { instance: instanceOf(n), sentAt: at, ...of(n) })], {}, at)
      const of = (n: number) => ({
        counts: [{ hop: n === 9 ? flights : enrich, name: 'received', count: 1 }],
        flushMs: 5_000,
      })
      for (const n of [1, 2, 3]) await heard(n, T + n * HOUR)
      await heard(9, T - 5 * DAY)
      const since = async (ms: number): Promise<readonly number[]> =>
        (await store.instances(ms)).map(({ instance }) => Number.parseInt(instance, 16))
      // Three heartbeats, a window, and ten minutes for each of two clocks.
      const speaks = 3 * 5_000 + WINDOW_MS + 20 * 60_000
      expect(await since(T + HOUR + speaks)).toEqual([1, 2, 3, 9])
      expect(await since(T + HOUR + speaks + 1)).toEqual([2, 3, 9])
      expect(await since(T + 3 * HOUR + speaks)).toEqual([3, 9])
      // Of each hop the one heard last.
      expect(await since(T + 90 * DAY)).toEqual([3, 9])
      expect(await store.instances()).toHaveLength(4)
    })
  })

  test('of a heartbeat that no agent has are taken to speak for a day', async () => {
    await inStore(fresh(), async (store) => {
      const counts = [{ hop: enrich, name: 'received', count: 1 }]
      const frame = (n: number, flushMs: number): Frame =>
        frameOf(0, { instance: instanceOf(n), counts, flushMs })
      await store.fold([frame(1, 2 ** 40)], {}, T)
      await store.fold([frame(2, 5_000)], {}, T + 1)
      const speakers = async (since: number): Promise<readonly string[]> =>
        (await store.instances(since)).map(({ instance }) => instance)
      expect(await speakers(T + DAY)).toEqual([instanceOf(1)])
      expect(await speakers(T + DAY + 1)).toEqual([instanceOf(2)])
    })
  })

  test('are complete: one that was cleared and comes back says what it says from then on', async () => {
    await inStore(fresh(), async (store) => {
      const frame = (number: number, n: number, to: number): Frame =>
        frameOf(number, {
          instance: instanceOf(n),
          covered: [{ hop: enrich, partition: 0, from: to - 5, to }],
        })
      await store.fold([frame(0, 1, 5)], {}, T)
      await store.fold([frame(0, 2, 10)], {}, T + HOUR)
      await store.prune(T + 10 * DAY)
      expect(await store.instances()).toMatchObject([{ instance: instanceOf(2) }])
      expect(await store.fold([frame(0, 1, 5), frame(1, 1, 15)], {}, T + 11 * DAY)).toMatchObject({
        ...{ taken: 1, repeated: 1 },
      })
      const back = (await store.instances()).find(({ instance }) => instance === instanceOf(1))
      expect(back).toMatchObject({ seen: [[0, 2]], hops: [hopKey(enrich)], reach: [{ to: 15 }] })
    })
  })
})

describe('offsets watched long ago', () => {
  /** From, to, and when it was watched first and last, in days from `T`. */
  type Days = readonly [from: number, to: number, firstDay: number, lastDay: number]
  const OLD = 9

  async function remaining(path: string, spans: readonly Days[]): Promise<readonly number[]> {
    return inStore(path, async (store) => {
      const frames = spans.flatMap(([from, to, firstDay, lastDay], i) =>
        [firstDay, lastDay].map((day, j) =>
          frameOf(2 * i + j, {
            ...{ instance: instanceOf(7), sentAt: T + day * DAY },
            covered: [{ hop: enrich, partition: 0, from, to }],
          }),
        ),
      )
      await store.fold(frames, {}, T + 20 * DAY)
      const before = await store.coverage()
      // A day for clocks that disagree.
      await store.prune(T + (OLD + 1) * DAY)
      const after = (await store.coverage())[0]?.spans.get(0) as readonly CoverSpan[]
      // Nothing is changed or added.
      const known = before[0]?.spans.get(0) as readonly CoverSpan[]
      const texts = new Set(known.map((span) => JSON.stringify(span)))
      expect(after.filter((span) => !texts.has(JSON.stringify(span)))).toEqual([])
      return after.map(({ from }) => from)
    })
  }

  test.each<readonly [what: string, spans: readonly Days[], left: readonly number[]]>([
    ['one alone stays: the scope begins there', [[0, 5, 1, 2]], [0]],
    [
      'the last one stays',
      [
        [0, 5, 1, 2],
        [6, 9, 3, 4],
      ],
      [6],
    ],
    // The hole behind it holds what came later.
    [
      'the newest old one stays',
      [
        [0, 5, 1, 2],
        [6, 9, 3, 4],
        [20, 21, 15, 15],
      ],
      [6, 20],
    ],
    [
      'one that began then is not old',
      [
        [0, 5, 1, 2],
        [6, 9, OLD, OLD],
      ],
      [0, 6],
    ],
    [
      'one that goes on is old below',
      [
        [0, 5, 1, 2],
        [6, 9, OLD - 1, 19],
      ],
      [6],
    ],
    // Offsets begin again in a topic that was made again: low ones are young.
    [
      'young ones below stay',
      [
        [0, 5, 15, 16],
        [6, 9, 3, 4],
        [10, 12, 5, 6],
      ],
      [0, 6, 10],
    ],
    [
      'and what is above a young one',
      [
        [0, 1, 1, 1],
        [2, 5, 2, 16],
        [6, 9, 3, 4],
      ],
      [2, 6],
    ],
  ])('%s', async (_, spans, left) => {
    expect(await remaining(fresh(), spans)).toEqual(left)
  })

  test('stay where nobody knows when', async () => {
    const path = fresh()
    makeOlderStore(path, 3)
    // Of the older version are [4, 10) and [12, 20).
    expect(
      await remaining(path, [
        [30, 31, 1, 2],
        [40, 41, 3, 4],
      ]),
    ).toEqual([4, 12, 30, 40])
  })

  test('are 5,000 intervals a partition at most: the first, and the newest', async () => {
    const many = Array.from({ length: 5_002 }, (_, i): Days => [2 * i, 2 * i + 1, 15, 15])
    const left = await remaining(fresh(), many)
    expect(left).toHaveLength(5_000)
    expect(left.slice(0, 3)).toEqual([0, 6, 8])
    expect(left.at(-1)).toBe(10_002)
  })
})
