/** What an auditor tells of drift while it runs, and how it keeps shapes small. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DriftTeller, driftLine } from '../../src/cli/audit-drift.ts'
import { House } from '../../src/cli/audit-house.ts'
import { driftOf } from '../../src/cli/drift-reader.ts'
import type { DriftFinding } from '../../src/drift/finding.ts'
import type { Pipeline } from '../../src/hop/pipeline.ts'
import { REGISTRY_FACT } from '../../src/store/facts.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { NOW, START } from '../reports/build.ts'
import { checkin, deltaOf, flights, frameOf, WINDOW_MS } from '../store/frames.ts'
import { type Look, shapeDelta, shapeOf } from '../store/shapes.ts'
import { lookedAt } from './looked.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const ODD: Look = { declared: '00112233aabbccdd', isOdd: true }

let store: Store
let now = 0
let frames = 0
beforeEach(async () => {
  store = await openSqliteStore(':memory:')
  now = NOW
  frames = 0
})
afterEach(() => store.close())

const put = (window: number, ids: readonly number[], look?: Look, hop = flights) =>
  store.fold([frameOf(frames++, { shapes: [shapeDelta(hop, window, ids, look)] })], {}, now)

describe('drift', () => {
  let told: string[]
  let troubles: string[]
  const teller = (pipelines: readonly Pipeline[] = [lookedAt()]): DriftTeller =>
    new DriftTeller({
      ...{ store, pipelines, clock: () => now },
      tell: ({ code, hop, path }: DriftFinding) => told.push(`${code} ${hop} ${path}`),
      tellMore: (n) => told.push(`${n} more`),
      onTrouble: (text) => troubles.push(text),
    })
  const lookAgain = (drift: DriftTeller): Promise<void> => {
    now += 5_000
    return drift.turn()
  }
  beforeEach(() => {
    told = []
    troubles = []
  })

  it('is told once, when its window and the lateness are over', async () => {
    const drift = teller()
    await drift.open()
    await put(NOW, [1, 2], ODD)
    await drift.turn()
    expect(told).toEqual([])
    // Window and lateness take 3 minutes.
    now = NOW + 3 * WINDOW_MS - 1
    await drift.turn()
    expect(told).toEqual([])
    await put(NOW + WINDOW_MS, [3], ODD)
    await lookAgain(drift)
    expect(told).toEqual(['type_changed flights /delay'])
    await put(NOW + 2 * WINDOW_MS, [4], ODD)
    await lookAgain(drift)
    await drift.close(true)
    expect(told).toHaveLength(1)
    expect(troubles).toEqual([])
  })

  it('is one line, which says when, where, how bad and what', async () => {
    await put(START, [1, 2], ODD)
    const [drift] = await driftOf(store, { audited: [lookedAt()], now })
    const [line = ''] = drift?.findings.map(driftLine) ?? []
    expect(line).toMatch(/^01:00:00 {2}flights {2}flights {2}error {2}.*`\/delay`.*\.$/)
    expect(line).not.toContain('\n')
  })

  it('is not looked for more often than every 5 s', async () => {
    const drift = teller()
    await drift.turn()
    await put(START, [1], ODD)
    now += 4_999
    await drift.turn()
    expect(told).toEqual([])
    now += 1
    await drift.turn()
    expect(told).toHaveLength(1)
  })

  it('that was there at the start is not told again, and what is new beside it is', async () => {
    await put(START, [1], ODD)
    const drift = teller()
    await drift.open()
    await drift.turn()
    expect(told).toEqual([])
    await put(START, [2], { claim: 'empty' })
    await lookAgain(drift)
    expect(told).toEqual(['empty_value flights '])
  })

  it('since the last look is told when the audit is stopped, and no old one', async () => {
    const drift = teller()
    await drift.open()
    await drift.turn()
    await put(START, [1], ODD)
    await put(NOW - DAY_MS, [2], { claim: 'empty' })
    await drift.close(false)
    expect(told).toEqual(['type_changed flights /delay'])
  })

  it('of old messages that came late is told at the end of an audit that ends', async () => {
    const drift = teller()
    await drift.open()
    await put(NOW - DAY_MS, [1], ODD)
    await drift.turn()
    expect(told).toEqual([])
    await drift.close(true)
    expect(told).toEqual(['type_changed flights /delay'])
  })

  it('of no weight is left to the report', async () => {
    const url = 'https://registry.example'
    const registry = { url, workingFolder: '/', access: {} }
    const pipeline = lookedAt({ subject: 'flights-value', registry })
    const at = (version: number) => ({
      ...{ state: 'registered', places: [{ subject: 'flights-value', version }], fields: [] },
    })
    const schemas = { '7': at(1), '8': at(2) }
    const versions = [1, 2].map((version) => ({ version, id: String(version + 6) }))
    const subjects = { 'flights-value': { state: 'registered', versions } }
    await store.setFact(REGISTRY_FACT, { [url]: { at: 1, schemas, subjects } })
    for (let w = 0; w < 5; w++)
      await put(START + w * WINDOW_MS, [w], { claim: 'confluent', schema: w < 3 ? '7' : '8' })
    const [drift] = await driftOf(store, { audited: [pipeline], now })
    expect(drift?.findings.map(({ code }) => code)).toEqual(['new_version'])
    await teller([pipeline]).turn()
    expect(told).toEqual([])
  })

  it('is nothing where no topic says anything of its schema', async () => {
    await put(START, [1], ODD)
    const drift = teller([{ ...lookedAt(), hops: [] }])
    await drift.turn()
    await drift.close(true)
    expect(told).toEqual([])
  })

  it('that cannot be looked for is a trouble, and no end', async () => {
    const drift = teller()
    const broken = await openSqliteStore(':memory:')
    await broken.close()
    const [own] = [store]
    store = broken
    const failing = teller()
    store = own
    await failing.turn()
    expect(troubles).toHaveLength(1)
    await drift.turn()
    expect(troubles).toHaveLength(1)
  })
})

describe('an auditor’s store', () => {
  const spans = async () => (await store.shapes()).map(({ window, spanMs }) => [window, spanMs])

  it('tells shapes by the hour after a day, and by six hours after a week', async () => {
    now = 20 * DAY_MS
    const at = (ageMs: number): number => now - ageMs
    await store.fold(
      [
        frameOf(0, {
          shapes: [8 * DAY_MS, 8 * DAY_MS - HOUR_MS, 2 * DAY_MS, DAY_MS, 60_000].map((age, i) =>
            shapeDelta(checkin, at(age), [i]),
          ),
        }),
      ],
      {},
      now,
    )
    const house = new House(store, 30 * DAY_MS, () => now)
    for (let i = 0; i < 3; i++) await house.turn()
    expect(await spans()).toEqual([
      [at(8 * DAY_MS), 6 * HOUR_MS],
      [at(2 * DAY_MS), HOUR_MS],
      [at(DAY_MS), WINDOW_MS],
      [at(60_000), WINDOW_MS],
    ])
    expect((await store.shapes())[0]?.shape).toEqual(shapeOf([0, 1]))
    // Not before an hour has passed.
    now += HOUR_MS - 1
    for (let i = 0; i < 3; i++) await house.turn()
    expect((await spans())[2]).toEqual([19 * DAY_MS, WINDOW_MS])
    now += 1
    for (let i = 0; i < 3; i++) await house.turn()
    expect((await spans())[2]).toEqual([19 * DAY_MS, HOUR_MS])
  })

  it('forgets windows after the retention, and takes many turns where there is much', async () => {
    now = 20 * DAY_MS
    const old = deltaOf(checkin, 9 * DAY_MS, [1])
    const shapes = Array.from({ length: 500 }, (_, i) =>
      shapeDelta(checkin, 11 * DAY_MS + i * WINDOW_MS, [i]),
    )
    await store.fold([frameOf(0, { deltas: [old], shapes })], {}, now)
    const house = new House(store, 10 * DAY_MS, () => now)
    await house.turn()
    expect(await store.windows()).toEqual([])
    await house.turn()
    expect((await spans()).length).toBeGreaterThan(200)
    for (let i = 0; i < 8; i++) await house.turn()
    expect(await spans()).toEqual([
      [11 * DAY_MS, 6 * HOUR_MS],
      [11 * DAY_MS + 6 * HOUR_MS, 6 * HOUR_MS],
    ])
  })
})
