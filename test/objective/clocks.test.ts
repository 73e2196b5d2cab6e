/** Clocks that disagree: said where it is proven, and as a doubt where it is not. */
import { expect, it } from 'vitest'
import { consumerHop } from '../../src/hop/hop.ts'
import type { ClockNote } from '../../src/objective/clocks.ts'
import { summarize } from '../../src/objective/summary.ts'
import { FLIGHTS, goodRun, instance, latency, NOW } from '../reports/build.ts'

const enrich = consumerHop('default', 'flights', 'enrich')

const clocks = (
  instances: readonly ReturnType<typeof instance>[],
  latencies: readonly ReturnType<typeof latency>[] = [],
): readonly ClockNote[] =>
  summarize({ pipelines: [FLIGHTS], verdicts: goodRun(), latencies, instances, now: NOW }).coverage
    .clocks

it.each<readonly [string, number, readonly ClockNote[]]>([
  // Whole ms on both sides may be 1 ms off, so 1,000 ms are proven from 1,001 on.
  ['within the tolerance', -1_000, []],
  ['ahead', -1_001, [{ kind: 'ahead', service: 'a', instances: 1, atLeastMs: 1_000 }]],
  ['as slow as a flush', 6_000, []],
  [
    'behind, or slow',
    6_001,
    [{ kind: 'behind_or_slow', service: 'a', instances: 1, atMostMs: 6_002 }],
  ],
])('%s: frames that took %i ms at least', (_, minDelayMs, expected) => {
  expect(clocks([instance('a', { minDelayMs, flushMs: 5_000 })])).toEqual(expected)
})

it('tells of the worst instance of a service, both ways, by name', () => {
  const found = clocks([
    instance('b', { minDelayMs: -2_001 }),
    instance('a', { minDelayMs: 60_000 }),
    instance('b', { minDelayMs: -5_001 }),
    instance('b', { minDelayMs: 0 }),
    instance('b', { minDelayMs: 90_000 }),
  ])
  expect(found).toEqual([
    { kind: 'behind_or_slow', service: 'a', instances: 1, atMostMs: 60_001 },
    { kind: 'ahead', service: 'b', instances: 2, atLeastMs: 5_000 },
    { kind: 'behind_or_slow', service: 'b', instances: 1, atMostMs: 90_001 },
  ])
})

it('tells of an edge whose latencies are below zero', () => {
  expect(clocks([], [latency(enrich, { fromHop: [-2_501, 40] })])).toEqual([
    { kind: 'edge_behind', pipeline: 'flights', edge: 'flights → enrich', atLeastMs: 2_500 },
  ])
  expect(clocks([], [latency(enrich, { fromHop: [-1_000, 40] })])).toEqual([])
})
