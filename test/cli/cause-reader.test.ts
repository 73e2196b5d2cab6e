/** What the rules of causes are given of a store: all that is of the edge and its time, and nothing else. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { causeEvidenceOf } from '../../src/cli/cause-reader.ts'
import type { CauseEvidence } from '../../src/diagnose/cause-evidence.ts'
import { type HopRef, hopKey } from '../../src/hop/hop.ts'
import type { Mishap } from '../../src/hop/mishap.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { FLIGHTS, START, verdict } from '../reports/build.ts'
import { deltaOf, frameOf, instanceOf } from '../store/frames.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const hopOf = (name: string): HopRef =>
  FLIGHTS.hops.find((d) => d.name === name)?.hop ?? expect.fail(name)

const mishap = (hop: string, at: number, rest: Partial<Mishap> = {}): Mishap => ({
  ...{ hop: hopOf(hop), kind: 'rebalanced', at, partition: 0, from: -1, to: -1, id: '' },
  ...{ traceId: '', spanId: '', detail: '', count: 1, ...rest },
})

/** Details say which one it is. */
const MISHAPS: readonly Mishap[] = [
  mishap('enrich', START - HOUR, { detail: 'long before' }),
  mishap('enrich', START - MINUTE, { detail: 'shortly before' }),
  mishap('checkin', START + 1, { kind: 'rejected', detail: 'of who sends into its topic' }),
  mishap('dlq', START + 2, { kind: 'cut', detail: 'of another topic' }),
  mishap('enrich', START + 5 * HOUR, { kind: 'sought', from: 3, to: 9, detail: 'late, of places' }),
  mishap('enrich', START + 5 * HOUR, { detail: 'late, of none' }),
]

const dir = mkdtempSync(join(tmpdir(), 'quipu-causes-'))
let store: Store
beforeAll(async () => {
  store = await openSqliteStore(join(dir, 'quipu.db'))
  const tags = [{ tag: 7, low: 0, high: 1, count: 2 }]
  await store.fold(
    [
      frameOf(0, {
        host: 'host-7',
        deltas: [deltaOf(hopOf('checkin'), START, [1, 2], { tags })],
        mishaps: [...MISHAPS],
        counts: [
          { hop: hopOf('enrich'), name: 'mishaps-dropped', count: 3 },
          { hop: hopOf('dlq'), name: 'received', count: 3 },
        ],
      }),
    ],
    {},
    START + MINUTE,
  )
  const flights = hopKey(hopOf('flights'))
  const group = { committed: [[0, 4]], last: 4, newAt: null, doubt: null }
  await store.setFact('log-watch', {
    polls: [],
    cuts: [
      { topic: flights, partition: 2, since: 1, at: 2, was: 90, end: 40, coverage: {} },
      { topic: flights, partition: 0, since: 3, at: 4, was: 9, end: 0, coverage: {} },
    ],
    groups: {
      [hopKey(hopOf('enrich'))]: {
        0: { ...group, deleted: [] },
        1: { ...group, deleted: [[4, 9]] },
      },
    },
  })
})
afterAll(async () => {
  await store.close()
  rmSync(dir, { recursive: true, force: true })
})

const gather = (
  windows: readonly number[],
  name = 'flights → enrich',
  from = store,
): Promise<CauseEvidence[]> =>
  causeEvidenceOf(from, {
    pipeline: FLIGHTS,
    edge: FLIGHTS.edges.find((e) => e.name === name) ?? expect.fail(name),
    verdicts: windows.map((w) => verdict(name, { w })),
    now: START + 6 * HOUR,
    log: null,
  })

const details = ({ mishaps }: CauseEvidence): string[] => mishaps.map((m) => m.detail)

describe('mishaps', () => {
  test('are those of the edge and its topics, around the window', async () => {
    const [of] = (await gather([0])) as [CauseEvidence]
    expect(details(of)).toEqual([
      ...['shortly before', 'of who sends into its topic', 'late, of places'],
    ])
    expect(of.mishaps[0]).toMatchObject({ host: 'host-7', instance: instanceOf(1) })
  })

  test('of each window are its own', async () => {
    const [, later] = (await gather([0, 60])) as [CauseEvidence, CauseEvidence]
    expect(details(later)).toEqual(['late, of places'])
  })

  test('that were not noted are named by their hop', async () => {
    const [of] = (await gather([0])) as [CauseEvidence]
    expect([...of.unnoted]).toEqual([hopKey(hopOf('enrich'))])
  })

  test('that may be more than a store hands out at once are not taken for all, of any hop', async () => {
    const [one] = await store.mishaps({ since: 0, until: Number.MAX_SAFE_INTEGER })
    const unnotedOf = async (count: number): Promise<ReadonlySet<string>> => {
      const many = new Array(count).fill(one)
      const [of] = await gather([0], 'flights → enrich', {
        ...{ instances: () => store.instances(), minters: () => store.minters() },
        ...{ counts: () => store.counts(), tallies: (window: number) => store.tallies(window) },
        ...{ fact: (name: string) => store.fact(name), mishaps: async () => many },
      } as unknown as Store)
      return of?.unnoted ?? expect.fail('nothing')
    }
    expect((await unnotedOf(19_999)).size).toBe(1)
    const unnoted = await unnotedOf(20_000)
    for (const { hop } of FLIGHTS.hops) expect(unnoted).toContain(hopKey(hop))
  })
})

test('tallies are those of the window, minters those of all tags', async () => {
  const [of, later] = (await gather([0, 60])) as [CauseEvidence, CauseEvidence]
  expect(of.tallies.map((t) => [t.key, t.count])).toEqual([[hopKey(hopOf('checkin')), 2]])
  expect(later.tallies).toEqual([])
  expect(of.minters.get(7)).toMatchObject({ host: 'host-7', service: 'checkin' })
})

test('logs that were cut, and what was deleted unread, are told by hop and partition', async () => {
  const [of] = (await gather([0])) as [CauseEvidence]
  expect([...of.cuts]).toEqual([
    [
      hopKey(hopOf('flights')),
      [
        { partition: 2, since: 1, at: 2, was: 90, end: 40 },
        { partition: 0, since: 3, at: 4, was: 9, end: 0 },
      ],
    ],
  ])
  expect([...of.deleted]).toEqual([[hopKey(hopOf('enrich')), new Map([[1, [[4, 9]]]])]])
})

test('no windows, no evidence', async () => {
  expect(await gather([])).toEqual([])
})
