import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LatencyRuns } from '../../src/hop/latency-runs.ts'
import { Latencies } from '../../src/sketch/latency.ts'

/** Runs of every length around the one from which they are recorded at once. */
const run = fc.tuple(fc.integer({ min: -100_000, max: 100_000 }), fc.integer({ min: 1, max: 9 }))

test('runs have the bytes of what was recorded one by one, also when read between', () => {
  fc.assert(
    fc.property(fc.array(run, { maxLength: 20 }), fc.nat({ max: 20 }), (runs, readAfter) => {
      const thresholds = [0, 10, 1_000]
      const [all, each] = [new LatencyRuns(thresholds), new Latencies(thresholds)]
      for (const [i, [ms, times]] of runs.entries()) {
        if (i === readAfter) all.toBytes()
        for (let n = 0; n < times; n++) {
          all.record(ms)
          each.record(ms)
        }
      }
      expect(all.toBytes()).toEqual(each.toBytes())
    }),
  )
})

test('a run goes on after it was read', () => {
  const all = new LatencyRuns([])
  for (let i = 0; i < 7; i++) {
    all.record(0)
    all.toBytes()
  }
  expect(Latencies.fromBytes(all.toBytes())).toMatchObject({ count: 7, max: 0 })
})

test('what is no number is passed over', () => {
  const all = new LatencyRuns([])
  for (const ms of [5, Number.NaN, Number.NaN, 5]) all.record(ms)
  expect(Latencies.fromBytes(all.toBytes()).count).toBe(2)
})
