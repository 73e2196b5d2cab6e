import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Estimate, estimateOf } from '../../src/sketch/estimate.ts'
import { type PeeledId, peelTable } from '../../src/sketch/peel.ts'
import { CELLS } from '../../src/sketch/shape.ts'
import { Table } from '../../src/sketch/table.ts'
import { random } from './ids.ts'

/** So many distinct ids with these multiplicities in turn. */
function estimateOfTurns(ids: number, turns: readonly number[], seed = 1): Estimate {
  const next = random(seed)
  const table = new Table(seed)
  for (let i = 0; i < ids; i++) table.add(next(), next(), next(), i, turns[i % turns.length]!)
  return estimateOf(table.counts(), peelTable(table))
}

interface Row {
  readonly family: string
  readonly cases: number
  readonly [figure: string]: string | number
}

/** In a process of its own: where modules are instrumented for tests, an add takes thrice as long. */
describe('over independent differences of 10^3 to 10^6 ids, as the bench finds', () => {
  const rows: Row[] = []
  const figures = (prefix: string, figure: string): number[] =>
    rows.filter(({ family }) => family.startsWith(prefix)).map((row) => Number(row[figure]))

  beforeAll(() => {
    const bench = ['--import', 'tsx', 'bench/main.ts', 'estimate', '--json']
    rows.push(...JSON.parse(execFileSync(process.execPath, bench, { encoding: 'utf8' })).rows)
  }, 600_000)

  test('95% of the intervals hold the truth, give or take, and they are of some use', () => {
    expect(figures('all', 'cases')[0]).toBeGreaterThan(2000)
    expect(figures('all', 'covered, %')[0]).toBeGreaterThanOrEqual(93)
    expect(figures('all', 'covered, %')[0]).toBeLessThanOrEqual(99)
    expect(figures('all', 'intervals, %')[0]).toBeGreaterThan(95)
    expect(figures('all', 'width, %')[0]).toBeLessThan(11)
  })

  test.each([
    ['ids:', 3],
    ['sides:', 7],
    ['times:', 7],
  ])('90% in each of the families by %s', (prefix, families) => {
    const covered = figures(prefix, 'covered, %')
    expect(covered.length).toBe(families)
    for (const percent of covered) expect(percent).toBeGreaterThanOrEqual(90)
  })

  test('where ids have many copies, an interval is seldom said', () => {
    const intervals = figures('heavy:', 'intervals, %')
    expect(intervals.length).toBe(5)
    for (const percent of intervals) expect(percent).toBeLessThan(20)
  })
})

describe('a difference', () => {
  test('of which all is missing: at the least net, and little extra at the most', () => {
    const { missing, extra, kind } = estimateOfTurns(20_000, [1])
    expect(kind).toBe('interval')
    expect(missing).toMatchObject({ likely: 20_000, low: 20_000 })
    expect(extra).toMatchObject({ likely: 0, low: 0 })
    expect(extra.high).toBeGreaterThan(0)
    expect(extra.high).toBeLessThan(2000)
  })

  test('of which all was sent twice too often: counted in pairs, likewise', () => {
    const { missing, extra, kind } = estimateOfTurns(20_000, [-2])
    expect(kind).toBe('interval')
    expect(extra).toMatchObject({ likely: 40_000, low: 40_000 })
    expect(missing.low).toBe(0)
  })

  test('whose ids are in it 12 times each is counted by the dozen', () => {
    const { missing, extra, kind } = estimateOfTurns(20_000, [12, -12])
    expect(kind).toBe('interval')
    for (const { likely, low, high } of [missing, extra]) {
      expect(Math.abs(likely - 120_000)).toBeLessThan(20_000)
      expect(low).toBeLessThan(likely)
      expect(high - low).toBeLessThan(40_000)
    }
  })

  test('with equally many missing and extra: net 0 hides neither', () => {
    const { missing, extra, kind } = estimateOfTurns(50_000, [1, -1])
    expect(kind).toBe('interval')
    expect(missing).toEqual(extra)
    expect(Math.abs(missing.likely - 25_000)).toBeLessThan(4000)
  })
})

describe('only "at least" is said', () => {
  const atLeast = ({ kind, missing, extra }: Estimate): void => {
    expect(kind).toBe('at-least')
    expect(missing).toMatchObject({ likely: missing.low, high: Number.POSITIVE_INFINITY })
    expect(extra).toMatchObject({ likely: extra.low, high: Number.POSITIVE_INFINITY })
  }

  test('where the sample shows more than 3 copies of an id', () => {
    const estimate = estimateOfTurns(10_000, [1, 1, 4, -1])
    atLeast(estimate)
    expect(estimate.missing.low).toBeGreaterThanOrEqual(12_500)
    expect(estimate.missing.low).toBeLessThanOrEqual(15_000)
    expect(estimate.missing.low - estimate.extra.low).toBe(12_500)
  })

  test('where ids with many copies are too few to be sampled, yet weigh on the counts', () => {
    const turns = Array.from({ length: 200 }, (_, i) => (i === 0 ? 30 : i % 2 === 0 ? 1 : -1))
    const table = new Table(5)
    const next = random(5)
    for (let i = 0; i < 100_000; i++) table.add(next(), next(), next(), i, turns[i % 200]!)
    const peeled = peelTable(table)
    expect(peeled.ids.every(({ times }) => Math.abs(times) === 1)).toBe(true)
    expect(peeled.ids.length).toBeGreaterThan(10)
    atLeast(estimateOf(table.counts(), peeled))
  })

  test('where fewer than five ids were sampled', () => {
    const table = new Table(1)
    const next = random(1)
    for (let i = 0; i < 5000; i++) table.add(next(), next(), next(), i, i % 2 === 0 ? 1 : -1)
    const { net, ids } = peelTable(table)
    expect(estimateOf(table.counts(), { net, ids: ids.slice(0, 5) }).kind).toBe('interval')
    atLeast(estimateOf(table.counts(), { net, ids: ids.slice(0, 4) }))
  })

  test('of nothing', () => {
    const nothing = estimateOf(new Float64Array(CELLS), { net: 0, ids: [] })
    atLeast(nothing)
    expect([nothing.missing.low, nothing.extra.low]).toEqual([0, 0])
  })
})

describe('proven', () => {
  const counts = new Float64Array(CELLS)
  /** In one sub-table: +9, −5, −1. */
  counts.set([9, -5, -1], 220)

  test('is what the cells of a sub-table count above and below 0', () => {
    const { missing, extra } = estimateOf(counts, { net: 3, ids: [] })
    expect([missing.low, extra.low]).toEqual([9, 6])
  })

  test('is what the sample holds, with its copies, on either side', () => {
    const ids = (...times: number[]): PeeledId[] =>
      times.map((times, i) => ({ hex: i.toString(16).padStart(32, '0'), times }))
    const missing = estimateOf(counts, { net: 3, ids: ids(7, 7, -1) })
    expect([missing.missing.low, missing.extra.low]).toEqual([14, 11])
    const extra = estimateOf(counts, { net: 3, ids: ids(1, -40) })
    expect([extra.missing.low, extra.extra.low]).toEqual([43, 40])
  })
})

test('the truth is never below the low end of "at least"', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const next = random(seed)
    const table = new Table(seed)
    const truth = { missing: 0, extra: 0 }
    for (let i = 0; i < 1000 * seed; i++) {
      const times = (next() % 41) - 20
      truth[times > 0 ? 'missing' : 'extra'] += Math.abs(times)
      table.add(1, 2, 3, i, times)
    }
    const { kind, missing, extra } = estimateOf(table.counts(), peelTable(table))
    expect(kind).toBe('at-least')
    expect(missing.low).toBeLessThanOrEqual(truth.missing)
    expect(extra.low).toBeLessThanOrEqual(truth.extra)
    expect(missing.low + extra.low).toBeGreaterThan(Math.abs(truth.missing - truth.extra))
  }
})

describe('whatever the counts are', () => {
  const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
  /** By seed, for arrays of so many cells shrink for minutes. */
  const anyCounts = fc
    .tuple(fc.nat(), fc.constantFrom(1, 3, 61, 2 ** 32), fc.constantFrom(1, 2, 2 ** 31 - 1))
    .map(([seed, kinds, unit]) => {
      const next = random(seed)
      const bounded = (count: number): number => Math.max(Math.min(count, 2 ** 31 - 1), -(2 ** 31))
      return Array.from({ length: CELLS }, () =>
        bounded(((next() % kinds) - Math.floor(kinds / 2)) * unit),
      )
    })
  const anyTimes = fc.oneof(fc.integer({ min: -3, max: 3 }), int32).filter((times) => times !== 0)
  const anyIds = fc.oneof(
    fc.array(anyTimes, { maxLength: 40 }),
    fc.array(fc.constantFrom(-2, -1, 1, 1, 1, 2, 3), { minLength: 5, maxLength: 900 }),
  )
  const anyNet = fc.oneof(fc.integer({ min: -9, max: 9 }), int32, fc.constantFrom(0, 2 ** 38))

  interface Told {
    readonly net: number
    readonly ids: readonly PeeledId[]
  }

  function expectLawful({ missing, extra, kind }: Estimate, { net, ids }: Told): void {
    for (const { low, likely, high } of [missing, extra]) {
      expect(Number.isInteger(low) && Number.isInteger(likely)).toBe(true)
      expect(Number.isInteger(high)).toBe(kind === 'interval')
      expect(low).toBeGreaterThanOrEqual(0)
      expect(likely).toBeGreaterThanOrEqual(low)
      expect(high).toBeGreaterThanOrEqual(likely)
    }
    const sampled = ids.reduce((sum, { times }) => sum + Math.max(times, 0), 0)
    expect(missing.low).toBeGreaterThanOrEqual(sampled)
    expect(missing.low - extra.low).toBe(net)
    expect(missing.likely - extra.likely).toBe(net)
    if (kind === 'interval') expect(missing.high - extra.high).toBe(net)
  }

  test('it ends, low ≤ likely ≤ high, all whole, and differs by net', () => {
    fc.assert(
      fc.property(anyCounts, anyIds, fc.option(anyNet), (counts, times, net) => {
        const sum = counts.slice(0, 220).reduce((total, count) => total + count, 0)
        const ids = times.map((times, i) => ({ hex: i.toString(16).padStart(32, '0'), times }))
        const told = { net: net ?? sum, ids }
        expectLawful(estimateOf(Float64Array.from(counts), told), told)
      }),
      { numRuns: 150 },
    )
  })

  test('so also of sound tables, of which an interval is said nearly always', () => {
    let intervals = 0
    for (let seed = 1; seed <= 20; seed++) {
      const next = random(seed)
      const table = new Table(seed)
      for (let i = 0; i < 1000 * seed; i++) table.add(1, 2, 3, i, next() % 7 < 3 ? 1 : -1)
      const peeled = peelTable(table)
      const estimate = estimateOf(table.counts(), peeled)
      expectLawful(estimate, peeled)
      if (estimate.kind === 'interval') intervals++
    }
    expect(intervals).toBeGreaterThan(16)
  })
})
