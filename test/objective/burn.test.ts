/** Burn rates and exhaustion: over which windows, how fast, and when it is too fast. */
import { describe, expect, it } from 'vitest'
import { type BurnInput, burnOf, exhaustsInMs, presentRate } from '../../src/objective/burn.ts'
import { sumEvents, type WindowEvents } from '../../src/objective/events.ts'
import { BURN_RATES_DEFAULT } from '../../src/objective/objective.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** One window a minute with 1,000 messages, of which so many are bad. */
const minutes = (bads: readonly number[]): WindowEvents[] =>
  bads.map((bad, i) => ({
    ...{ edge: 'a → b', start: i * MINUTE, end: (i + 1) * MINUTE, all: 1_000 },
    parts: [{ oneIn: 1, bad, unknown: 0, clumps: { sum: 0, squares: 0 } }],
  }))

const burn = (bads: readonly number[], parts: Partial<BurnInput> = {}) =>
  burnOf({
    ...{ windows: minutes(bads), sum: sumEvents, target: 0.999, rates: BURN_RATES_DEFAULT },
    ...{ periodMs: 30 * DAY, windowMs: MINUTE, ...parts },
  })

const repeat = (n: number, bad: number): number[] => Array.from({ length: n }, () => bad)

describe('the tiers', () => {
  it.each([
    // Of 30 days as they are written; the factors are those of the table in the workbook.
    [30 * DAY, [HOUR, 6 * HOUR, DAY, 3 * DAY], [5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR]],
    // Of 7 days: 7/30 of it, and never fewer than two windows.
    [7 * DAY, [14, 84, 336, 1_008].map((n) => n * MINUTE), [2, 7, 28, 84].map((n) => n * MINUTE)],
    // Of an hour: two windows at least, and the long one no shorter than the short one.
    [HOUR, [2, 2, 2, 6].map((n) => n * MINUTE), [2, 2, 2, 2].map((n) => n * MINUTE)],
  ])('of a period of %i ms', (periodMs, longs, shorts) => {
    const states = burn([], { periodMs })
    expect(states.map((s) => s.longMs)).toEqual(longs)
    expect(states.map((s) => s.shortMs)).toEqual(shorts)
    expect(states.map((s) => Number(s.factor.toFixed(9)))).toEqual([14.4, 6, 3, 1])
  })

  it('are none where nothing may burn', () => {
    expect(burn(repeat(60, 1), { target: 1 })).toEqual([])
  })
})

describe('a rate', () => {
  it('is 1 where the budget lasts just the period', () => {
    const [quick] = burn(repeat(60, 1))
    expect(quick?.long).toBeCloseTo(1, 9)
    expect(quick?.short).toBeCloseTo(1, 9)
    expect(quick?.firing).toBe(false)
  })

  it.each<readonly [string, readonly number[], boolean]>([
    // 15 in 1,000 of 1 in 1,000: 15 times as fast, in the hour and in its last five minutes.
    ['burns fast and still does', repeat(60, 15), true],
    // 14.4 times is the limit itself: it must be more.
    ['burns at the limit', [...repeat(59, 14), 14 + 24], false],
    ['burnt fast, and does no more', [...repeat(55, 20), ...repeat(5, 0)], false],
    [
      'has begun to burn: the hour does not show it yet',
      [...repeat(55, 0), ...repeat(5, 20)],
      false,
    ],
    ['has burnt long enough to show', [...repeat(10, 0), ...repeat(50, 20)], true],
  ])('of what %s', (_, bads, firing) => {
    expect(burn(bads)[0]?.firing).toBe(firing)
  })

  it('is taken at the newest window, however long ago that was', () => {
    const later = minutes(repeat(60, 15)).map((w) => ({
      ...w,
      start: w.start + 90 * DAY,
      end: w.end + 90 * DAY,
    }))
    expect(burn([], { windows: later })).toEqual(burn(repeat(60, 15)))
  })

  it('counts what is proven: unknown ones burn nothing', () => {
    const unknown = minutes(repeat(60, 0)).map((w) => ({
      ...w,
      parts: w.parts.map((p) => ({ ...p, unknown: 1_000 })),
    }))
    expect(burn([], { windows: unknown }).map((s) => s.long)).toEqual([0, 0, 0, 0])
  })

  it('is not known where there are no events', () => {
    expect(burn([]).map(({ long, short, firing }) => [long, short, firing])).toEqual(
      repeat(4, 0).map(() => [null, null, false]),
    )
  })

  it('at present is the lesser one of the widest tier', () => {
    // 3 days hold 300 times 2, the last six hours none of it.
    const over = burn([...repeat(300, 2), ...repeat(360, 0)])
    expect(presentRate(over)).toBe(0)
    expect(presentRate(burn(repeat(360, 2)))).toBeCloseTo(2, 9)
    expect(presentRate([])).toBe(0)
  })
})

describe('a budget runs out', () => {
  const rolling = (spent: number, rate: number): number | null =>
    exhaustsInMs({ spent, rate, periodMs: 100, elapsedMs: 100, isRolling: true })
  const monthly = (spent: number, rate: number, elapsedMs: number): number | null =>
    exhaustsInMs({ spent, rate, periodMs: 100, elapsedMs, isRolling: false })

  it.each<readonly [string, number | null, number | null]>([
    // Rolling: from spent towards the rate in one period; beyond 1 only with a rate above 1.
    ['rolling, at a rate it can stand', rolling(0.9, 1), null],
    ['rolling, nothing spent yet', rolling(0, 2), 50],
    ['rolling, half of it spent', rolling(0.5, 2), 100 / 3],
    ['rolling, used up already', rolling(1, 5), null],
    ['rolling, not burning', rolling(0.9, 0), null],
    // Calendar: at half time half of what was allowed so far is spent: a quarter of the whole. The other
    // three lasts 37.5 at double rate, before the 50 that are left.
    ['a month, at double rate', monthly(0.5, 2, 50), 37.5],
    ['a month, at a rate that it can stand', monthly(0.5, 1, 50), null],
    // (100 − 25) / 1.5 = 50: just at its end, not before it.
    ['a month, at the limit', monthly(0.5, 1.5, 50), null],
    ['a month, used up already', monthly(1, 9, 50), null],
    ['a month that has just begun', monthly(0, 4, 0), 25],
  ])('%s', (_, found, expected) => {
    if (expected === null) expect(found).toBeNull()
    else expect(found).toBeCloseTo(expected, 9)
  })
})
