import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hopKey } from '../../src/hop/hop.ts'
import type { HopLatency } from '../../src/objective/latency.ts'
import { Latencies } from '../../src/sketch/latency.ts'
import { boundsOf, latencySamples, latencySums } from '../../src/telemetry/latency-sums.ts'
import type { LatencySample } from '../../src/telemetry/snapshot.ts'
import { objective, promisesOf } from '../objective/promise.ts'
import { edge } from '../reports/build.ts'

const EDGE = edge(['enriched'], ['store'])
const [TO] = EDGE.to

function latencyOf(
  values: readonly number[],
  thresholds: readonly number[],
  oneIn = 1,
): HopLatency {
  if (TO === undefined) throw new Error('no hop')
  const [fromBirth, fromHop] = [new Latencies(thresholds), new Latencies(thresholds)]
  for (const ms of values) fromBirth.record(ms)
  return { hop: TO.hop, key: hopKey(TO.hop), origin: null, oneIn, fromBirth, fromHop }
}

/** Of windows that are added up. */
function samplesOf(
  windows: readonly (readonly HopLatency[])[],
  bounds: readonly number[],
): readonly LatencySample[] {
  const totals = new Map<string, number>()
  for (const list of windows)
    for (const [name, n] of Object.entries(latencySums(EDGE, list, bounds)))
      totals.set(name, (totals.get(name) ?? 0) + n)
  const place = { pipeline: 'flights', edge: EDGE.name }
  return latencySamples(
    {},
    [...totals].map(([name, value]) => ({ ...place, name, value })),
    bounds,
  )
}

const full = (samples: readonly LatencySample[]): LatencySample =>
  samples.find((s) => s.attributes['quipu.latency.kind'] === 'full') as LatencySample

it('never falls along its bounds, is exact at thresholds and near elsewhere, also of several windows', () => {
  const thresholds = [40, 700, 60_000]
  const bounds = boundsOf([promisesOf(thresholds.map((thresholdMs) => timely(thresholdMs)))])
  const values = fc.array(fc.oneof(fc.integer({ min: -50, max: 2_000 }), fc.nat(10_000_000)), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(fc.array(values, { maxLength: 4 }), (windows) => {
      const all = windows.flat()
      const { buckets, count, sumMs } = full(
        samplesOf(
          windows.map((own) => [latencyOf(own, thresholds)]),
          bounds,
        ),
      )
      expect(count).toBe(all.length)
      expect(sumMs).toBeGreaterThanOrEqual(0)
      let before = 0
      for (const { leMs, count: n } of buckets) {
        expect(n).toBeGreaterThanOrEqual(before)
        before = n
        const within = (ms: number): number => all.filter((v) => v <= ms).length
        if (thresholds.includes(leMs)) expect(n).toBe(within(leMs))
        expect(n).toBeGreaterThanOrEqual(within(Math.floor(leMs * 0.98)))
        expect(n).toBeLessThanOrEqual(within(Math.ceil(leMs * 1.02)))
      }
      expect(before).toBeLessThanOrEqual(count)
    }),
  )
})

const timely = (thresholdMs: number): ReturnType<typeof objective> =>
  objective({ id: `t${thresholdMs}`, indicator: 'timeliness', thresholdMs })

it('scales samples, and says 0 where nobody measured', () => {
  const samples = samplesOf([[latencyOf([10, 20, 400], [], 8)]], [5, 25, 500])
  expect(full(samples).buckets.map((b) => b.count)).toEqual([0, 16, 24])
  expect([full(samples).count, full(samples).sumMs]).toEqual([24, 8 * 430])
  const other = samples.find((s) => s.attributes['quipu.latency.kind'] === 'edge')
  expect([other?.count, other?.buckets.map((b) => b.count)]).toEqual([0, [0, 0, 0]])
})

it('begins anew with other bounds, so that none holds less than the one below it', () => {
  const totals = Object.entries(latencySums(EDGE, [latencyOf([10, 20], [])], [5, 25])).map(
    ([name, value]) => ({ pipeline: 'flights', edge: EDGE.name, name, value }),
  )
  const at = (bounds: readonly number[]): readonly number[] =>
    full(latencySamples({}, totals, bounds)).buckets.map((b) => b.count)
  expect(at([5, 25])).toEqual([0, 2])
  expect(at([5, 25, 30])).toEqual([0, 0, 0])
})

it('has a bucket at every threshold of the file, in order, each once', () => {
  const bounds = boundsOf([promisesOf([timely(60_000), timely(7), objective()])])
  expect(bounds.slice(0, 4)).toEqual([5, 7, 10, 25])
  expect(bounds.filter((ms) => ms === 60_000)).toHaveLength(1)
})

it('lets an estimate give way to the exact count of the threshold above it', () => {
  // What stands for the bucket of the highest value in it is lower than a threshold that it is beyond.
  const latencies = new Latencies()
  for (const ms of [1, 10_090, 1e7]) latencies.record(ms)
  const middle = latencies.quantile(0.5) as number
  const high = Array.from({ length: 400 }, (_, i) => 10_090 + i).findLast((ms) => {
    const other = new Latencies()
    for (const value of [1, ms, 1e7]) other.record(value)
    return other.quantile(0.5) === middle
  }) as number
  const [estimated, threshold] = [Math.ceil(middle), high - 1]
  expect(estimated).toBeLessThan(threshold)
  const values = [1, high, 1e7]
  const { buckets } = full(samplesOf([[latencyOf(values, [threshold])]], [estimated, threshold]))
  expect(buckets.map((b) => b.count)).toEqual([1, 1])
})
