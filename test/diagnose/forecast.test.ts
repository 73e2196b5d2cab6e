/** Whether and when a group loses what it has not read: known histories, and laws over any. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import {
  FORECAST_AHEAD_MS,
  forecastOf,
  type GroupForecast,
  type LagSample,
} from '../../src/diagnose/forecast.ts'
import { factOfLags, lagsOf } from '../../src/diagnose/lags.ts'
import { consumerHop } from '../../src/hop/hop.ts'

const NOW = 1_800_000_000_000
const GROUP = consumerHop('default', 'flights', 'enrich')

interface History {
  /** At the newest sample. */
  readonly low: number
  readonly high: number
  readonly committed: number
  /** Offsets a second until then. */
  readonly deletes: number
  readonly writes: number
  readonly reads: number
}

const STEADY: History = {
  low: 0,
  high: 200_000,
  committed: 100_000,
  deletes: 0,
  writes: 0,
  reads: 0,
}

/** One sample a minute for ten minutes. */
function samplesOf({ low, high, committed, deletes, writes, reads }: History): LagSample[] {
  return Array.from({ length: 11 }, (_, i) => {
    const ago = 60 * (10 - i)
    return {
      at: NOW - 1_000 * ago,
      low: low - deletes * ago,
      high: high - writes * ago,
      committed: committed - reads * ago,
    }
  })
}

function foretold(samples: readonly LagSample[], isCompacted = false, now = NOW): GroupForecast {
  const partitions = [{ partition: 0, samples }]
  return forecastOf([{ group: GROUP, isCompacted, partitions }], now)[0] as GroupForecast
}

const of = (history: Partial<History>): GroupForecast =>
  foretold(samplesOf({ ...STEADY, ...history }))

test('an empty log has nothing to lose, though markers lay behind what the group has read', () => {
  const forecast = of({ low: 100_001, high: 100_001 })
  expect(forecast).toMatchObject({ lossInMs: null, willLose: null, why: null, isWhole: true })
})

describe('a start that has jumped once', () => {
  const jumped = (apartMs: number, committed = 100_000): GroupForecast =>
    foretold(
      [0, 0, 0, 50_000].map((low, i) => ({
        ...{ at: NOW - (3 - i) * apartMs, low, high: 200_000, committed },
      })),
    )

  test('within less than brokers take to look for what is to be deleted tells no speed', () => {
    const why = 'its log was cut once only, too few samples'
    expect(jumped(5_000)).toMatchObject({ lossInMs: null, willLose: null, why, isWhole: false })
    expect(jumped(99_999)).toMatchObject({ why })
    expect(jumped(100_000)).toMatchObject({ lossInMs: 300_000, why: null })
  })

  test('beyond the group is told at once', () => {
    expect(jumped(5_000, 49_999)).toMatchObject({ lossInMs: 0, why: null })
  })
})

describe('at steady rates', () => {
  test.each<[what: string, history: Partial<History>, lossInMs: number | null]>([
    ['the start stands still', { writes: 10 }, null],
    ['the start is no faster than the group', { deletes: 10, reads: 10, writes: 10 }, null],
    [
      'the start is faster by 10 a second and 100,000 behind',
      { deletes: 20, reads: 10, writes: 20 },
      10_000_000,
    ],
    ['the group stands, the start comes', { deletes: 100, writes: 100 }, 1_000_000],
    ['the start has passed the group already', { low: 100_001, deletes: 1, writes: 1 }, 0],
    ['the start stands where the group goes on', { low: 100_000, deletes: 1, writes: 1 }, 0],
    [
      'the group is at the end and as fast as the writers',
      { high: 100_000, deletes: 50, writes: 10, reads: 10 },
      null,
    ],
    [
      'the group has read up before the start comes',
      { high: 101_000, deletes: 90, writes: 0, reads: 10 },
      null,
    ],
    ['nobody writes, and the group stands before the end', { deletes: 100 }, 1_000_000],
    ['nobody writes, and the group stands at the end', { high: 100_000, deletes: 100 }, null],
  ])('%s', (_what, history, lossInMs) => {
    expect(of(history).lossInMs).toBe(lossInMs)
  })

  test('says lag, room, rates and what is lost in the hour after', () => {
    const forecast = of({ deletes: 20, reads: 10, writes: 20 })
    expect(forecast).toMatchObject({ at: NOW, spanMs: 600_000, lag: 100_000, why: null })
    expect(forecast.partitions).toEqual([
      {
        ...{ partition: 0, lag: 100_000, room: 100_000, lossInMs: 10_000_000 },
        ...{ reads: 10, deletes: 20, writes: 20 },
      },
    ])
    // 10 a second for an hour; the start may rest or jump by one step of 1,200 more in ten minutes.
    const likely = (10 * FORECAST_AHEAD_MS) / 1_000
    expect(forecast.willLose?.low).toBeLessThan(likely)
    expect(forecast.willLose?.high).toBeGreaterThan(likely)
  })

  test('never more is lost than there is', () => {
    const forecast = of({ high: 100_500, deletes: 1_000, writes: 0, reads: 0 })
    expect(forecast.lossInMs).toBe(100_000)
    expect(forecast.willLose).toEqual({ low: 500, high: 500 })
  })

  test('what was lost before all was deleted stays lost though the group draws level', () => {
    const forecast = of({ low: 90_000, high: 110_000, deletes: 1_000, writes: 10, reads: 11 })
    // The start is at the end after 20.2 s, when the group has read 222 of its 20,000.
    expect(forecast.willLose?.low).toBeGreaterThan(9_900)
    expect(forecast.willLose?.high).toBeLessThan(10_100)
  })
})

describe('a start that jumps by segments', () => {
  const jumping = (jumpsAt: readonly number[]): LagSample[] =>
    samplesOf({ ...STEADY, writes: 100 }).map((sample, i) => ({
      ...sample,
      low: 6_000 * jumpsAt.filter((at) => at <= i).length,
    }))

  it('has the speed of all its jumps, with one more or less as the range', () => {
    const forecast = foretold(jumping([2, 4, 6, 8]))
    expect(forecast.partitions[0]).toMatchObject({ deletes: 40 })
    const seconds = ((forecast.lossInMs as number) + FORECAST_AHEAD_MS) / 1_000
    const lostAt = (jumps: number): number => 24_000 + (jumps * 6_000 * seconds) / 600 - 100_000
    expect(forecast.willLose).toEqual({
      low: Math.floor(lostAt(3)),
      high: Math.ceil(lostAt(5)),
    })
  })

  it('may rest for ever after a single jump', () => {
    expect(foretold(jumping([5])).willLose?.low).toBe(0)
  })
})

describe('nothing is foretold, and says why', () => {
  const steady = samplesOf({ ...STEADY, deletes: 10, writes: 10 })

  test.each<[what: string, samples: readonly LagSample[], why: string]>([
    ['no samples', [], 'too few samples'],
    ['two samples', steady.slice(-2), 'too few samples'],
    [
      'three in nine seconds',
      steady.slice(-3).map((s, i) => ({ ...s, at: NOW - 4_500 * (2 - i) })),
      'too few samples',
    ],
    [
      'a log made anew',
      steady.map((s, i) => (i < 9 ? { ...s, low: 10 * s.low, high: 10 * s.high } : s)),
      'its log began anew, too few samples since',
    ],
  ])('%s', (_what, samples, why) => {
    expect(foretold(samples)).toMatchObject({ why, partitions: [], lossInMs: null, willLose: null })
  })

  test('an auditor that stopped', () => {
    expect(foretold(steady, false, NOW + 900_000).why).toBeNull()
    expect(foretold(steady, false, NOW + 900_001).why).toMatch('too old')
  })

  test('a group that has committed nothing', () => {
    const [forecast] = forecastOf([{ group: GROUP, isCompacted: false, partitions: [] }], NOW)
    expect(forecast).toMatchObject({ at: 0, why: 'it has committed nothing', lossInMs: null })
  })

  test('a compacted topic; but where its start moves, it is deleted by age as well', () => {
    const still = samplesOf({ ...STEADY, writes: 10 })
    expect(foretold(still, true).why).toMatch('compacted')
    expect(foretold(steady, true)).toMatchObject({ why: null, willLose: { low: 0 } })
  })

  test('of one partition, while another loses', () => {
    const partitions = [
      { partition: 0, samples: steady.slice(-2) },
      { partition: 1, samples: steady },
    ]
    const [forecast] = forecastOf([{ group: GROUP, isCompacted: false, partitions }], NOW)
    expect(forecast?.why).toBe('too few samples (1 of 2 partitions)')
    expect(forecast?.lossInMs).toBe(10_000_000)
  })
})

test('after a log was made anew its own samples count, and no others', () => {
  const before = samplesOf({ ...STEADY, low: 500_000, high: 900_000, committed: 600_000 })
  const after = samplesOf({ ...STEADY, deletes: 20, writes: 20, reads: 10 })
  const samples = [...before.map((s) => ({ ...s, at: s.at - 700_000 })), ...after]
  expect(foretold(samples).lossInMs).toBe(10_000_000)
})

test('who has stopped lately has stopped, however fast it was', () => {
  const hour = samplesOf({ ...STEADY, committed: 100_000, reads: 0, deletes: 10, writes: 10 })
  const fast = Array.from({ length: 20 }, (_, i) => ({
    at: NOW - 60_000 * (40 - i),
    ...{ low: 0, high: 100_000, committed: 5_000 * i },
  })).map((s) => ({ ...s, low: Math.min(s.low, -20_000), high: 100_000 }))
  expect(foretold([...fast, ...hour]).partitions[0]?.reads).toBeLessThan(10)
})

test('a group that was set back is as fast as since then', () => {
  const samples = samplesOf({ ...STEADY, deletes: 10, writes: 10, reads: 5 })
  const back = samples.map((s, i) => (i < 5 ? { ...s, committed: s.committed + 50_000 } : s))
  expect(foretold(back).partitions[0]?.reads).toBe(5)
})

test('samples come out of the store as they went in', () => {
  const partitions = [{ partition: 3, samples: samplesOf({ ...STEADY, reads: 7 }) }]
  const lags = [{ group: GROUP, isCompacted: true, partitions }]
  expect(lagsOf(JSON.parse(JSON.stringify(factOfLags(lags))))).toEqual(lags)
  expect(lagsOf(undefined)).toEqual([])
})

describe('laws', () => {
  const rate = fc.integer({ min: 0, max: 1_000 })
  const histories = fc
    .record({
      ...{ low: fc.integer({ min: 0, max: 1e6 }), room: fc.integer({ min: 0, max: 1e6 }) },
      ...{ lag: fc.integer({ min: 0, max: 1e6 }), deletes: rate, writes: rate, reads: rate },
    })
    .map(({ low, room, lag, ...rates }) => ({
      ...{ low, committed: low + room, high: low + room + lag },
      ...rates,
    }))

  test('a log that never deletes never loses', () => {
    fc.assert(
      fc.property(histories, (history) => {
        expect(of({ ...history, deletes: 0 })).toMatchObject({ lossInMs: null, willLose: null })
      }),
    )
  })

  test('of two groups the faster one never loses sooner', () => {
    fc.assert(
      fc.property(histories, rate, (history, more) => {
        const slow = of(history).lossInMs ?? Number.POSITIVE_INFINITY
        const fast = of({ ...history, reads: history.reads + more }).lossInMs
        expect(fast ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(slow)
      }),
    )
  })

  test('what will be lost is a range, and never less than nothing', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { willLose } = of(history)
        if (willLose === null) return
        expect(willLose.low).toBeGreaterThanOrEqual(0)
        expect(willLose.high).toBeGreaterThanOrEqual(willLose.low)
      }),
    )
  })
})
