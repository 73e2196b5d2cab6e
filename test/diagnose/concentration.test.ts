/** Where bad messages concentrate: known tables, few messages, many looks, and chance alone. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Concentration,
  concentrationOf,
  type Dimension,
  SIGNIFICANCE,
  type Spread,
} from '../../src/diagnose/concentration.ts'

function spread(
  dimension: Dimension,
  values: Readonly<Record<string, readonly [bad: number, all: number]>>,
): Spread {
  const rows = Object.entries(values).map(([value, [bad, all]]) => ({ value, bad, all }))
  return { dimension, values: rows, badUnknown: 0, counted: 'every message of the window' }
}

const named = (rows: readonly Concentration[]): string[] =>
  rows.filter((row) => row.significant).map(({ dimension, value }) => `${dimension} ${value}`)

test('one guilty partition is named, with its shares and its lift', () => {
  const rows = concentrationOf([
    spread('partition', { '0': [0, 1_000], '1': [0, 1_000], '2': [40, 1_000], '3': [0, 1_000] }),
  ])
  expect(rows).toHaveLength(1)
  const [row] = rows as [Concentration]
  expect(row).toMatchObject({ dimension: 'partition', value: '2', bad: 40, significant: true })
  expect([row.badShare, row.allShare, row.lift]).toEqual([1, 0.25, 4])
  expect(row.pValue).toBeLessThan(1e-20)
  expect(row.counted).toBe('every message of the window')
})

describe('few messages', () => {
  test('3 of 3 on one of two partitions say little: 1 in 8, and twice that for two looks', () => {
    const rows = concentrationOf([
      spread('partition', { '0': [0, 5_000_000], '1': [3, 5_000_000] }),
    ])
    expect(rows[0]?.pValue).toBeCloseTo(0.25, 6)
    expect(named(rows)).toEqual([])
  })

  test('3 of 3 from one of a thousand producers do', () => {
    const others = Object.fromEntries(
      Array.from({ length: 999 }, (_, i) => [`p${i}`, [0, 10] as const]),
    )
    // (10/10000)³ or so, of a thousand looks.
    expect(named(concentrationOf([spread('producer', { ...others, guilty: [3, 10] })]))).toEqual([
      'producer guilty',
    ])
  })

  test('the only value that there is is never one', () => {
    expect(named(concentrationOf([spread('host', { 'host-7': [900, 1_000] })]))).toEqual([])
  })
})

test('each look more makes the same row less sure', () => {
  const guilty = spread('partition', { '0': [1, 50], '1': [9, 50] })
  const [alone] = concentrationOf([guilty]) as [Concentration]
  const look = (dimension: Dimension): Spread => spread(dimension, { a: [5, 50], b: [5, 50] })
  const among = concentrationOf([guilty, look('host'), look('client'), look('schema')])
  const [first] = among as [Concentration]
  expect(first.value).toBe('1')
  // Held against eight values instead of two.
  expect(first.pValue / alone.pValue).toBeCloseTo(4, 9)
})

test('of two that are alike none is surer than the other', () => {
  const one = { a: [9, 50], b: [1, 50] } as const
  const rows = concentrationOf([spread('host', one), spread('client', one)])
  const [host, client] = rows.filter(({ value }) => value === 'a')
  expect(host?.pValue).toBe(client?.pValue)
})

test('what chance explains least comes first, however great the lift of the next', () => {
  const rows = concentrationOf([
    spread('host', { rare: [1, 2], other: [60, 998] }),
    spread('partition', { '0': [61, 500], '1': [0, 500] }),
  ])
  expect(rows.map(({ value }) => value)).toEqual(['0', 'rare', 'other'])
  expect(rows[1]?.lift).toBeGreaterThan(rows[0]?.lift ?? 0)
})

test('those that chance explains least come first, then those of the greatest lift', () => {
  const rows = concentrationOf([
    spread('key_bucket', { '3': [2, 1_000], '4': [2, 2_000], '5': [2, 4_000] }),
    spread('producer', { one: [50, 500], other: [0, 6_500] }),
  ])
  expect(rows.map(({ value }) => value)).toEqual(['one', '3', '4', '5'])
})

test('nothing bad gives no row', () => {
  expect(concentrationOf([spread('host', { a: [0, 10], b: [0, 10] })])).toEqual([])
  expect(concentrationOf([])).toEqual([])
})

test('more bad messages than messages are refused', () => {
  expect(() => concentrationOf([spread('host', { a: [11, 10], b: [0, 100] })])).toThrow(RangeError)
})

test('a bad message more under the surest value never makes it less sure', () => {
  const count = fc.integer({ min: 0, max: 30 })
  fc.assert(
    fc.property(count, count, count, (here, elsewhere, more) => {
      const first = (bad: number): Concentration | undefined =>
        concentrationOf([spread('partition', { '0': [bad, 100], '1': [elsewhere, 300] })])[0]
      const [before, after] = [first(here), first(here + more)]
      if (before?.value !== '0') return
      expect(after?.value).toBe('0')
      expect(after?.pValue).toBeLessThanOrEqual(before.pValue)
      expect(after?.lift ?? 0).toBeGreaterThanOrEqual(before.lift ?? 0)
    }),
  )
})

test('chance alone gives a significant row in one of a hundred looks at most', () => {
  // A fixed seed: the same looks at every run.
  let state = 20_261_123
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const RUNS = 4_000
  const sizes: Readonly<Record<'partition' | 'producer' | 'key_bucket', number>> = {
    ...{ partition: 12, producer: 3, key_bucket: 17 },
  }
  let alarms = 0
  for (let run = 0; run < RUNS; run++) {
    const bad = 1 + Math.floor(random() * 40)
    const all = 400
    const spreads = Object.entries(sizes).map(([dimension, n]): Spread => {
      const values = Array.from({ length: n }, (_, i) => ({ value: String(i), bad: 0, all: 0 }))
      // Who is bad was drawn before anything of the message: the first so many are.
      for (let message = 0; message < all; message++) {
        // Values of unequal weight, as they are.
        const value = values[Math.floor(random() * random() * n)] as (typeof values)[number]
        value.all++
        if (message < bad) value.bad++
      }
      return { dimension: dimension as Dimension, values, badUnknown: 0, counted: '' }
    })
    if (concentrationOf(spreads).some((row) => row.significant)) alarms++
  }
  // Three standard deviations of so many runs above what is promised.
  const most = RUNS * SIGNIFICANCE + 3 * Math.sqrt(RUNS * SIGNIFICANCE)
  expect(alarms).toBeLessThan(most)
  // And it is no test that cannot fail: some chance alarms there are.
  expect(alarms).toBeGreaterThan(0)
})
