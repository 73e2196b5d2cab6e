import { expect, it } from 'vitest'
import type { Objective } from '../../src/objective/objective.ts'
import { lateSums } from '../../src/telemetry/late-sums.ts'
import { objective, onEdge, promisesOf } from '../objective/promise.ts'
import { FLIGHTS, latency, START, verdict } from '../reports/build.ts'
import { taken, valuesOf } from './taken.ts'

const STORE = FLIGHTS.hops.find((h) => h.name === 'store')?.hop
const LAST = 'enriched → store'

const timely = (thresholdMs: number, parts: Partial<Objective> = {}): Objective =>
  objective({ id: `t${thresholdMs}`, indicator: 'timeliness', thresholdMs, ...parts })

interface Measured {
  readonly fromBirth?: readonly number[]
  readonly fromHop?: readonly number[]
  readonly thresholdsMs?: readonly number[]
  readonly oneIn?: number
}

function lateOf(
  objectives: readonly Objective[],
  measured: Measured,
  verdicts = [verdict(LAST)],
): Readonly<Record<string, unknown>> {
  if (STORE === undefined) throw new Error('no hop')
  const list = [latency(STORE, measured)]
  return Object.fromEntries(lateSums(FLIGHTS, [promisesOf(objectives)], list, verdicts))
}

it('counts what took longer than the threshold: since birth end to end, of an edge from the hop before', () => {
  const thresholdsMs = [100, 500]
  const measured = { thresholdsMs, fromBirth: [100, 101, 499, 900], fromHop: [90, 99, 100, 501] }
  expect(lateOf([timely(100)], measured)).toEqual({ [LAST]: { 'late.full.100': 3 } })
  const onLast = { scope: onEdge(LAST) }
  expect(lateOf([timely(100), timely(500), timely(500, onLast)], measured)).toEqual({
    [LAST]: { 'late.full.100': 3, 'late.full.500': 1, 'late.edge.500': 1 },
  })
  expect(lateOf([objective(), timely(900)], measured)).toEqual({})
})

it('calls nothing late that is not surely above: between what agents counted at nobody knows', () => {
  const measured = { thresholdsMs: [100, 500], fromBirth: [50, 300, 400, 700, 800] }
  // 300 and 400 are in one count with what is above 200, and not apart from what is below.
  expect(lateOf([timely(200)], measured)).toEqual({ [LAST]: { 'late.full.200': 2 } })
})

it('takes as many copies for on time as there are, also of those that were made further up', () => {
  const measured = { thresholdsMs: [100], fromBirth: [50, 200, 300, 400] }
  const above = verdict('checkin → flights', { counts: { expected: 3, duplicated: 1 } })
  const own = verdict(LAST, { counts: { expected: 3, delivered: 3, duplicated: 1 } })
  expect(lateOf([timely(100)], measured, [own])).toEqual({ [LAST]: { 'late.full.100': 2 } })
  expect(lateOf([timely(100)], measured, [above, own])).toEqual({ [LAST]: { 'late.full.100': 1 } })
  // Copies on another edge are none on this one.
  const onLast = timely(100, { scope: onEdge(LAST) })
  const hopped = { thresholdsMs: [100], fromHop: [200, 300] }
  const plain = verdict(LAST, { counts: { expected: 2, delivered: 2 } })
  expect(lateOf([onLast], hopped, [above, plain])).toEqual({ [LAST]: { 'late.edge.100': 2 } })
})

it('waits until all edges are settled on which copies may have been made', () => {
  const measured = { thresholdsMs: [100], fromBirth: [50, 200, 300] }
  const open = verdict('checkin → flights', { state: 'open' })
  expect(lateOf([timely(100)], measured, [open, verdict(LAST)])).toEqual({})
  expect(lateOf([timely(100)], measured, [verdict(LAST, { state: 'open' })])).toEqual({})
  expect(lateOf([timely(100)], measured, [])).toEqual({})
  const hopped = { thresholdsMs: [100], fromHop: [200, 300] }
  const onLast = timely(100, { scope: onEdge(LAST) })
  expect(lateOf([onLast], hopped, [open, verdict(LAST)])).toEqual({
    [LAST]: { 'late.edge.100': 2 },
  })
})

it('scales samples', () => {
  const measured = { thresholdsMs: [100], fromBirth: [50, 200, 300], oneIn: 8 }
  expect(lateOf([timely(100)], measured)).toEqual({ [LAST]: { 'late.full.100': 16 } })
})

it('has a series from the start for each threshold of the edge, whoever promises it', async () => {
  const objectives = [
    timely(100),
    timely(100, { id: 'again' }),
    timely(100, { scope: onEdge(LAST) }),
  ]
  const promises = [promisesOf(objectives), promisesOf([timely(7)], { pipeline: 'other' })]
  const place = { pipeline: 'flights', edge: LAST, window: START }
  expect(valuesOf(await taken({ promises }), 'quipu.messages.late')).toEqual({
    ...{ 'enriched store full 100ms': 0, 'enriched store edge 100ms': 0 },
  })
  const sums = [{ ...place, sums: { 'late.full.100': 4, 'late.full.101': 9 } }]
  expect(valuesOf(await taken({ promises }, sums), 'quipu.messages.late')).toEqual({
    ...{ 'enriched store full 100ms': 4, 'enriched store edge 100ms': 0 },
  })
  expect(valuesOf(await taken(), 'quipu.messages.late')).toEqual({})
})
