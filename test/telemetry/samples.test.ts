import { expect, it } from 'vitest'
import { hopKey } from '../../src/hop/hop.ts'
import { uuidOfHex } from '../../src/message/id.ts'
import { attributesOf } from '../../src/telemetry/catalogue.ts'
import { hopEdge } from '../../src/telemetry/hop-sums.ts'
import type { SumTotal } from '../../src/telemetry/snapshot.ts'
import { assess, objective, promisesOf } from '../objective/promise.ts'
import { FLIGHTS, idOf, instance, NOW, START, verdict } from '../reports/build.ts'
import { taken, VERDICTS, valuesOf } from './taken.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'

it('counts what is settled, with 0 for every edge that has none', async () => {
  const snapshot = await taken()
  expect(valuesOf(snapshot, 'quipu.messages.expected')).toEqual({
    ...{ 'checkin flights': 400, 'flights enrich': 400, 'enrich enriched + dlq': 800 },
    'enriched store': 400,
  })
  expect(valuesOf(snapshot, 'quipu.messages.lost')).toEqual({
    ...{ 'checkin flights': 0, 'flights enrich': 0, 'enrich enriched + dlq': 2 },
    'enriched store': 0,
  })
  expect(valuesOf(snapshot, 'quipu.message.missing')['enriched store']).toBe(7)
  expect(valuesOf(snapshot, 'quipu.window.closed')['enrich enriched + dlq exact']).toBe(2)
  const none = await taken({ totals: [], verdicts: [] })
  expect(new Set(Object.values(valuesOf(none, 'quipu.messages.lost')))).toEqual(new Set([0]))
})

it('says nothing of what is not known: silence is not 0', async () => {
  const { samples } = await taken({ totals: [], verdicts: [] })
  const said = new Set(samples.map((s) => s.metric))
  for (const metric of [
    'quipu.edge.freshness',
    'quipu.audit.coverage',
    'quipu.reconciler.lag',
    'quipu.agent.heartbeat.age',
    'quipu.clock.skew',
    'quipu.schema.invalid',
  ] as const)
    expect(said.has(metric)).toBe(false)
})

it('gives every series the attributes of the catalogue, and no two the same', async () => {
  const drifts = [{ pipeline: 'flights', edge: hopEdge('flights'), window: START }]
  const sums = drifts.map((place) => ({
    ...place,
    sums: { 'drift.missing': 1, invalid: 3, dropped: 2 },
  }))
  const verdicts = VERDICTS.map((v) => ({ ...v, to: v.to.map((p) => ({ ...p, count: 1 })) }))
  const objectives = [assess({}, { verdicts })]
  const timely = objective({ id: 'timely', indicator: 'timeliness', thresholdMs: 50 })
  const instances = [
    instance('checkin', { minDelayMs: -5_000, hops: FLIGHTS.hops.map((h) => hopKey(h.hop)) }),
  ]
  const snapshot = await taken(
    { verdicts, objectives, promises: [promisesOf([timely])], instances },
    sums,
  )
  const seen = new Set<string>()
  for (const { metric, attributes } of snapshot.samples) {
    expect([metric, Object.keys(attributes)]).toEqual([metric, attributesOf(metric)])
    const key = JSON.stringify([metric, attributes])
    expect(seen.has(key)).toBe(false)
    seen.add(key)
  }
  // All but the histogram, and what is made of it.
  expect(new Set(snapshot.samples.map((s) => s.metric)).size).toBe(27)
  for (const { attributes } of snapshot.latencies)
    expect(Object.keys(attributes)).toEqual(attributesOf('quipu.edge.latency'))
})

it('names a lost message as the exemplar, one with a trace if there is one', async () => {
  const lost = (await taken()).samples.filter((s) => s.exemplar !== undefined)
  expect(lost.map((s) => [s.metric, s.exemplar])).toEqual([
    ['quipu.messages.lost', { traceId: '', messageId: uuidOfHex(idOf(1)), at: START + 120_000 }],
  ])
  const traced = await taken({ traces: new Map([[idOf(2, 1), TRACE]]) })
  expect(traced.samples.flatMap((s) => s.exemplar ?? [])).toEqual([
    { traceId: TRACE, messageId: uuidOfHex(idOf(2, 1)), at: START + 120_000 },
  ])
})

it('tells how many records agents have counted, at the rate that the hop declares', async () => {
  const hops = FLIGHTS.hops.map((h) => (h.name === 'enrich' ? { ...h, oneIn: 8 } : h))
  const keyOf = (name: string): string => {
    const place = hops.find((h) => h.name === name)?.hop
    return place === undefined ? '' : hopKey(place)
  }
  const of = (name: string, rate: number, value: number): SumTotal => ({
    ...{ pipeline: '', edge: keyOf(name), name: `records.${rate}`, value },
  })
  const totals = [of('checkin', 1, 400), of('checkin', 8, 50), of('enrich', 8, 49)]
  const elsewhere = { ...of('flights', 1, 7), pipeline: 'flights' }
  const snapshot = await taken({
    pipelines: [{ ...FLIGHTS, hops }],
    totals: [...totals, elsewhere],
  })
  expect(valuesOf(snapshot, 'quipu.agent.records')).toEqual({
    ...{ checkin: 400, flights: 0, enrich: 392, enriched: 0, dlq: 0, store: 0 },
  })
})

it('tells ages, coverage and clocks by what is proven', async () => {
  const [checkin] = FLIGHTS.hops
  const key = checkin === undefined ? undefined : hopKey(checkin.hop)
  const hops = key === undefined ? [] : [key]
  const snapshot = await taken({
    verdicts: [
      verdict('checkin → flights', { w: 3, to: [{ ...passage, count: 4 }] }),
      verdict('checkin → flights', { w: 5, from: [{ ...passage, passage: 'hole' }] }),
      verdict('flights → enrich', { w: -120 }),
    ],
    instances: [
      instance('checkin', { hops, lastHeardAt: NOW - 9_000 }),
      instance('checkin', { hops, lastHeardAt: NOW - 4_000, minDelayMs: -7_001 }),
      // One that said goodbye has nothing more to say; a slow one may just be slow.
      instance('gone', { hops, lastHeardAt: NOW, goodbye: 3 }),
      instance('slow', { minDelayMs: 60_000 }),
    ],
  })
  expect(valuesOf(snapshot, 'quipu.edge.freshness')).toEqual({ 'checkin flights': 6 * 60 })
  // Three of four were seen whole; what was settled more than an hour ago is not asked.
  expect(valuesOf(snapshot, 'quipu.audit.coverage')).toEqual({ 'checkin flights': 0.75 })
  expect(valuesOf(snapshot, 'quipu.reconciler.lag')).toEqual({ '': 4 * 60 })
  expect(valuesOf(snapshot, 'quipu.agent.heartbeat.age')).toEqual({ checkin: 4 })
  expect(valuesOf(snapshot, 'quipu.clock.skew')).toEqual({ checkin: 7 })
})

const passage = { hop: 'x', declared: true, count: 0, passage: 'passed', why: [] } as const

it('tells objectives as `quipu check` does', async () => {
  const assessed = assess({ target: 0.999 }, { verdicts: VERDICTS })
  const promises = [promisesOf([assessed.objective])]
  const snapshot = await taken({ objectives: [assessed], promises })
  expect(valuesOf(snapshot, 'quipu.objective.status')).toEqual(
    Object.fromEntries(
      ['met', 'at_risk', 'breached', 'no_data', 'indeterminate'].map((status) => [
        `no-loss ${status}`,
        status === assessed.verdict ? 1 : 0,
      ]),
    ),
  )
  expect(valuesOf(snapshot, 'quipu.objective.target')).toEqual({ 'no-loss': 0.999 })
  expect(valuesOf(snapshot, 'quipu.objective.compliance')).toEqual({
    'no-loss least': assessed.value?.low,
    'no-loss most': assessed.value?.high,
  })
  expect(valuesOf(snapshot, 'quipu.objective.budget.remaining')).toEqual({
    'no-loss least': assessed.budget?.left?.low,
    'no-loss most': assessed.budget?.left?.high,
  })
  const burn = valuesOf(snapshot, 'quipu.objective.burn_rate')
  expect(Object.keys(burn).sort()).toEqual(
    ['300000', '3600000', '1800000', '21600000', '7200000', '86400000', '259200000']
      .map((ms) => `no-loss ${ms}ms`)
      .sort(),
  )
  expect(burn['no-loss 3600000ms']).toBe(assessed.burn[0]?.long)
})
