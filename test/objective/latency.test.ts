/** Who measured what of an edge, put together over windows, hops and samples. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { consumerHop, producerHop, sinkHop, topicHop } from '../../src/hop/hop.ts'
import type { EdgeDeclaration } from '../../src/hop/pipeline.ts'
import { type EdgeLatency, latencyOf, mergeLatencies } from '../../src/objective/latency.ts'
import { summarize } from '../../src/objective/summary.ts'
import { edge, FLIGHTS, goodRun, latency, NOW } from '../reports/build.ts'
import { declare } from '../support/declare.ts'

const flights = topicHop('default', 'flights')
const enriched = topicHop('default', 'flights.enriched')
const dlq = topicHop('default', 'flights.dlq')
const checkin = producerHop('default', 'flights', 'checkin')
const enrich = consumerHop('default', 'flights', 'enrich')
const store = sinkHop('warehouse')
const fromEnrich = { topic: 'flights', group: 'enrich' }

const INTO_TOPIC = edge(['checkin'], ['flights'])
const INTO_GROUP = edge(['flights'], ['enrich'])
const THROUGH = edge(['enrich'], ['enriched', 'dlq'])
const INTO_SINK = edge(['enriched'], ['store'])

/** What was measured, as the least and the most of it. */
const spans = (found: EdgeLatency | null): unknown => {
  const span = (s: EdgeLatency['fromHop'] | undefined): unknown =>
    s === null || s === undefined ? null : [s.count, s.minMs, s.maxMs]
  return found === null ? null : [span(found.fromHop), span(found.fromBirth)]
}

describe('the latency of an edge', () => {
  const service = producerHop('default', 'flights.enriched', 'svc')
  const dead = producerHop('default', 'flights.dlq', 'svc')

  it.each<readonly [string, EdgeDeclaration, readonly ReturnType<typeof latency>[], unknown]>([
    ['nobody measured', INTO_TOPIC, [], null],
    [
      'into a topic: its producers, at acknowledgement',
      INTO_TOPIC,
      [latency(checkin, { fromHop: [5, 7], fromBirth: [9, 11] })],
      [
        [2, 5, 7],
        [2, 9, 11],
      ],
    ],
    [
      'into a topic: what was forwarded from a group is of another edge',
      INTO_TOPIC,
      [
        latency(checkin, { fromHop: [5], fromBirth: [9] }),
        latency(checkin, { origin: fromEnrich, fromHop: [500], fromBirth: [900] }),
      ],
      [
        [1, 5, 5],
        [1, 9, 9],
      ],
    ],
    [
      'into a topic that notes arrival: since birth the log tells',
      INTO_TOPIC,
      [
        latency(checkin, { fromHop: [5], fromBirth: [9] }),
        latency(flights, { fromBirth: [6, 7, 8] }),
      ],
      [
        [1, 5, 5],
        [3, 6, 8],
      ],
    ],
    [
      'into a group: its own',
      INTO_GROUP,
      [
        latency(enrich, { fromHop: [40], fromBirth: [50] }),
        latency(consumerHop('default', 'flights', 'other'), { fromHop: [1], fromBirth: [1] }),
      ],
      [
        [1, 40, 40],
        [1, 50, 50],
      ],
    ],
    [
      'through a service: what it forwarded of that group, into all topics of the edge',
      THROUGH,
      [
        latency(service, { origin: fromEnrich, fromHop: [3], fromBirth: [60] }),
        latency(dead, { origin: fromEnrich, fromHop: [4], fromBirth: [61] }),
        latency(service, { fromHop: [1_000], fromBirth: [1_000] }),
        latency(service, { origin: { topic: 'flights', group: 'b' }, fromHop: [2_000] }),
        latency(service, { origin: { topic: 'x', group: 'enrich' }, fromHop: [3_000] }),
      ],
      [
        [2, 3, 4],
        [2, 60, 61],
      ],
    ],
    [
      'into a sink that only knows births',
      INTO_SINK,
      [latency(store, { fromBirth: [70] })],
      [null, [1, 70, 70]],
    ],
    [
      'of another cluster: another topic',
      INTO_TOPIC,
      [latency(producerHop('eu', 'flights', 'checkin'), { fromHop: [5], fromBirth: [5] })],
      null,
    ],
    ['of a hop that measured nothing', INTO_GROUP, [latency(enrich, {})], null],
  ])('%s', (_, declared, list, expected) => {
    expect(spans(latencyOf(declared, list))).toEqual(expected)
  })

  it('into a topic fed by a producer and a retry loop: both', () => {
    const retry = declare('retry', enrich)
    const loop = { ...INTO_TOPIC, from: [...INTO_TOPIC.from, retry] }
    const list = [
      latency(checkin, { fromHop: [5] }),
      latency(producerHop('default', 'flights', 'svc'), { origin: fromEnrich, fromHop: [8] }),
    ]
    expect(spans(latencyOf(loop, list))).toEqual([[2, 5, 8], null])
  })

  it('has quantiles, and counts within each threshold exactly', () => {
    const list = Array.from({ length: 100 }, (_, i) => i)
    const found = latencyOf(INTO_GROUP, [
      latency(enrich, { fromHop: list, thresholdsMs: [49, 1_000] }),
    ])
    expect(found?.fromHop).toMatchObject({
      count: 100,
      minMs: 0,
      p50Ms: 49,
      maxMs: 99,
      within: [
        { thresholdMs: 49, count: 50, share: 0.5 },
        { thresholdMs: 1_000, count: 100, share: 1 },
      ],
    })
    expect(found?.fromHop?.p95Ms).toBeGreaterThanOrEqual(94 * 0.99)
    expect(found?.fromHop?.p99Ms).toBeLessThanOrEqual(99)
  })

  it('leaves out a threshold that was not counted all along', () => {
    const list = [
      latency(enrich, { w: 0, fromHop: [5], thresholdsMs: [10] }),
      latency(enrich, { w: 1, fromHop: [5], thresholdsMs: [10, 20] }),
    ]
    expect(latencyOf(INTO_GROUP, list)?.fromHop?.within).toEqual([
      { thresholdMs: 10, count: 2, share: 1 },
    ])
  })

  it('scales samples, so that each message weighs the same', () => {
    const found = latencyOf(THROUGH, [
      // 30 fast ones, all measured; 3 slow ones that stand for 192.
      latency(service, { origin: fromEnrich, fromHop: Array(30).fill(1) }),
      latency(dead, {
        ...{ origin: fromEnrich, oneIn: 64, fromHop: [50, 50, 51] },
        thresholdsMs: [],
      }),
    ])
    expect(found).toMatchObject({ oneIn: 64, fromBirth: null })
    expect(found?.fromHop).toMatchObject({ count: 30 + 192, minMs: 1, p50Ms: 50, maxMs: 51 })
  })

  it('scales counts within a threshold too', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 65_536 }),
        fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 20 }),
        (oneIn, fromHop) => {
          const found = latencyOf(INTO_GROUP, [
            latency(enrich, { oneIn, fromHop, thresholdsMs: [0] }),
          ])
          const within = fromHop.filter((ms) => ms <= 0).length * oneIn
          const count = fromHop.length * oneIn
          expect(found?.fromHop).toMatchObject({
            ...{ count, minMs: Math.min(...fromHop), maxMs: Math.max(...fromHop) },
            within: [{ thresholdMs: 0, count: within, share: within / count }],
          })
        },
      ),
    )
  })
})

describe('merging windows', () => {
  const measured = fc.record({
    hop: fc.constantFrom(enrich, checkin, enriched),
    origin: fc.constantFrom(null, fromEnrich),
    w: fc.nat(5),
    oneIn: fc.constantFrom(1, 64),
    fromHop: fc.array(fc.integer({ min: -1_000, max: 100_000 }), { maxLength: 5 }),
    fromBirth: fc.array(fc.nat(100_000), { maxLength: 5 }),
  })

  it('first changes nothing, in whatever parts, and no input', () => {
    fc.assert(
      fc.property(fc.array(measured, { maxLength: 12 }), fc.nat(12), (parts, at) => {
        const list = parts.map(({ hop, ...rest }) => latency(hop, rest))
        const before = list.map((l) => l.fromHop.toBytes())
        const halves = [...mergeLatencies(list.slice(0, at)), ...list.slice(at)]
        for (const declared of [INTO_TOPIC, INTO_GROUP, THROUGH]) {
          expect(latencyOf(declared, mergeLatencies(halves))).toEqual(latencyOf(declared, list))
        }
        expect(list.map((l) => l.fromHop.toBytes())).toEqual(before)
      }),
    )
  })

  it('leaves one entry for each hop, origin and rate', () => {
    const list = [0, 1, 2].flatMap((w) => [
      latency(enrich, { w, fromHop: [w] }),
      latency(enrich, { w, oneIn: 64, fromHop: [w] }),
      latency(dlq, { w, fromBirth: [w] }),
    ])
    expect(mergeLatencies(list).map((l) => [l.key, l.oneIn, l.fromHop.count])).toEqual([
      [list[0]?.key, 1, 3],
      [list[0]?.key, 64, 3],
      [list[2]?.key, 1, 0],
    ])
  })
})

it('the summary has it for each declared edge, and null where nobody measured', () => {
  const { pipelines } = summarize({
    pipelines: [FLIGHTS],
    verdicts: goodRun(),
    latencies: [0, 1].map((w) => latency(enrich, { w, fromHop: [10 + w] })),
    now: NOW,
  })
  expect(pipelines[0]?.edges.map((e) => spans(e.latency))).toEqual([
    null,
    [[2, 10, 11], null],
    null,
    null,
  ])
})
