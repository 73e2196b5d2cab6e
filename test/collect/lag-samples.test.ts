/** Which samples of lags are kept: soon some, a day of them later, and never more than the limit. */
import { expect, test } from 'vitest'
import { LagSamples } from '../../src/collect/lag-samples.ts'
import { LAG_SAMPLES_MAX } from '../../src/diagnose/forecast.ts'
import { consumerHop, type HopKey, hopKey } from '../../src/hop/hop.ts'

const GROUP = consumerHop('default', 'flights', 'enrich')
const ALL: ReadonlySet<HopKey> = new Set([hopKey(GROUP)])
const POLL_MS = 5_000
const MINUTE = 60_000
const DAY = 86_400_000

/** Polls as the auditor does; position = time. */
function polled(untilMs: number, partitions = 1, samples = new LagSamples()): LagSamples {
  for (let now = 0; now <= untilMs; now += POLL_MS) {
    if (!samples.isDue(now)) continue
    const at = new Map(Array.from({ length: partitions }, (_, i) => [i, now]))
    samples.add(GROUP, now, { lows: at, ends: at, commits: at }, false)
    samples.taken(now)
  }
  return samples
}

const timesOf = (samples: LagSamples, partition = 0): readonly number[] =>
  samples.lags(ALL)[0]?.partitions[partition]?.samples.map(({ at }) => at) ?? []

test('an auditor that has just begun samples at each poll', () => {
  expect(timesOf(polled(3 * POLL_MS))).toEqual([0, POLL_MS, 2 * POLL_MS, 3 * POLL_MS])
})

test('one that runs has a sample a minute lately, and a day of them', () => {
  const times = timesOf(polled(1.5 * DAY))
  expect(times.length).toBeLessThanOrEqual(LAG_SAMPLES_MAX)
  expect(times.at(-1)).toBeGreaterThan(1.5 * DAY - MINUTE)
  expect((times.at(-1) as number) - (times.at(-2) as number)).toBe(MINUTE)
  expect(times[0]).toBeGreaterThanOrEqual(0.5 * DAY)
  expect(times[0]).toBeLessThan(0.6 * DAY)
  expect([...times].sort((a, b) => a - b)).toEqual(times)
})

test('with many partitions each has fewer, and beyond the limit some have none', () => {
  const samples = polled(2 * MINUTE, 20_000)
  const { partitions } = samples.lags(ALL)[0] as { partitions: readonly unknown[] }
  expect(partitions).toHaveLength(10_000)
  expect(timesOf(samples).length).toBeLessThanOrEqual(6)
})

test('what was kept goes on after a restart, with the groups that are audited', () => {
  const before = polled(5 * MINUTE)
  const after = new LagSamples(before.lags(ALL))
  expect(timesOf(after)).toEqual(timesOf(before))
  expect(after.isDue(5 * MINUTE + POLL_MS)).toBe(false)
  expect(after.lags(new Set())).toEqual([])
})

test('a group without a commit is known, a partition whose start is not known is not sampled', () => {
  const samples = new LagSamples()
  const one = new Map([[0, 1]])
  samples.add(GROUP, 0, { lows: one, ends: one, commits: new Map() }, false)
  expect(samples.lags(ALL)).toEqual([{ group: GROUP, isCompacted: false, partitions: [] }])
  samples.add(GROUP, 1, { lows: new Map(), ends: one, commits: one }, true)
  expect(samples.lags(ALL)).toEqual([{ group: GROUP, isCompacted: true, partitions: [] }])
})

test('where the clock was set back, what was sampled later is forgotten', () => {
  const samples = polled(5 * MINUTE)
  const now = 2 * MINUTE
  expect(samples.isDue(now)).toBe(true)
  const at = new Map([[0, now]])
  samples.add(GROUP, now, { lows: at, ends: at, commits: at }, false)
  samples.taken(now)
  expect(timesOf(samples).at(-1)).toBe(now)
  expect(samples.isDue(now)).toBe(false)
})
