import { describe, expect, it } from 'vitest'
import { columnsOf } from '../../reports/lines.ts'
import { renderText } from '../../reports/text.ts'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import { consumerHop, type HopRef, producerHop, sinkHop } from '../../src/hop/hop.ts'
import type { Pipeline } from '../../src/hop/pipeline.ts'
import { summarize } from '../../src/objective/summary.ts'
import { declare } from '../support/declare.ts'
import {
  badRun,
  edge,
  FLIGHTS,
  finding,
  goodRun,
  idOf,
  instance,
  latency,
  NOW,
  once,
  sampledVerdict,
  verdict,
} from './build.ts'

function report(
  verdicts: readonly EdgeVerdict[],
  pipelines: readonly Pipeline[] = [FLIGHTS],
): string {
  return renderText(summarize({ pipelines, verdicts, now: NOW }))
}

/** The part of a report above the details. */
const graph = (text: string): string => text.slice(0, text.search(/\n\n[✓✗?…!] |\n\nAudit/))

describe('a report for the terminal', () => {
  it('of a healthy run', () => {
    const instances = [instance('checkin'), instance('enrich')]
    const assessment = summarize({ pipelines: [FLIGHTS], verdicts: goodRun(), instances, now: NOW })
    expect(renderText(assessment)).toMatchInlineSnapshot(`
      "✓ flights: all well. Every message arrived, once, on all 4 edges (2 windows).

      flights  owner: network-ops, #flights

        checkin
        │ ✓ met  800 of 800 delivered
        ▼ flights
        │ ✓ met  800 of 800 delivered
        ▼ enrich
        │ ✓ met  800 of 800 delivered
        ▼ enriched + dlq
        │ ✓ met  800 of 800 delivered
        ▼ store

      Audit coverage
        18 of 18 hop windows seen whole (100%)
        ✓ checkin: 1 agent, 12 frames, last heard 2026-11-23 01:09:58Z
        ✓ enrich: 1 agent, 12 frames, last heard 2026-11-23 01:09:58Z
      "
    `)
  })

  it('of a run with losses, copies and a consumer that is behind', () => {
    const assessment = summarize({
      pipelines: [FLIGHTS],
      verdicts: badRun(),
      instances: [
        instance('checkin'),
        instance('enrich', {
          seen: [
            [0, 5],
            [7, 12],
          ],
          lastHeardAt: NOW - 60_000,
        }),
        instance('enrich', { goodbye: 11, lastHeardAt: NOW - 90_000 }),
      ],
      gaps: [{ key: 'k' as never, reason: 'tallies-full', count: 12, fromWindow: 0, toWindow: 0 }],
      foreign: 1,
      now: NOW,
    })
    expect(renderText(assessment)).toMatchInlineSnapshot(`
      "✗ flights: 3 of 1,200 messages lost, 2 doubled on enrich → enriched + dlq; 1 edge cannot be judged.

      flights  owner: network-ops, #flights

        checkin
        │ ✓ met            1,200 of 1,200 delivered
        ▼ flights
        │ ✓ met            1,200 of 1,200 delivered
        ▼ enrich
        │ ✗ breached       1,192 of 1,200 delivered, 3 lost, 2 filtered, 3 dead-lettered; 2 doubled
        ▼ enriched + dlq
        │ ? indeterminate  1,100 of 1,200 delivered, 100 in flight
        ▼ store

      ✗ enrich → enriched + dlq: breached
        1,200 expected = 1,192 delivered + 3 lost + 2 filtered + 3 dead-lettered
        besides: 2 doubled
        99.74% arrived · 3 windows judged (2 met, 1 breached)
        born 2026-11-23 01:00:00Z – 01:03:00Z
        ✗ 3 messages that enrich passed are not at enriched + dlq, which has seen the whole window.
          Proven: each is known by its id.
          window 2026-11-23 01:01:00Z – 01:02:00Z
          partition 3: offsets 120–450
          01a205eb-a8e7-7000-82af-37bc00001c00  born 2026-11-23 01:01:00.007Z
          01a205eb-a8e8-7000-82af-37bc00002000  born 2026-11-23 01:01:00.008Z
          01a205eb-a8e9-7000-82af-37bc00002400  born 2026-11-23 01:01:00.009Z
          → Look at what stands between enrich and enriched + dlq in this window.
        ✗ 2 messages are at enriched + dlq more often than enrich passed them. Proven: each is known by
          its id.
          window 2026-11-23 01:01:00Z – 01:02:00Z
          01a205eb-a8f4-7000-82af-37bc00005001 ×2  copy of 01a205eb-a8f4-7000-82af-37bc00005000
          → Look for a retry or a redelivery whose work was done twice.

      ? enriched → store: indeterminate
        1,200 expected = 1,100 delivered + 100 in flight
        91.66% to 100% arrived · 3 windows judged (2 met, 1 indeterminate)
        born 2026-11-23 01:00:00Z – 01:03:00Z
        · 100 messages are under way to store (partition 2 at 1,204 of 1,300). Lag is not loss.
          window 2026-11-23 01:02:00Z – 01:03:00Z
        ? store had not passed in 1 window: partition 2 at 1,204 of 1,300

      Audit coverage
        26 of 27 hop windows seen whole (96.29%)
        ✓ checkin: 1 agent, 12 frames, last heard 2026-11-23 01:09:58Z
        ! enrich: 2 agents, 22 frames, 2 missing, 1 silent, last heard 2026-11-23 01:09:00Z
        ! evidence given up: tallies-full (12)
        ! 1 record on the audit topic is no frame
      "
    `)
  })

  it('of a store that holds nothing yet', () => {
    const text = renderText(summarize({ pipelines: [], verdicts: [], instances: [], now: NOW }))
    expect(text).toMatchInlineSnapshot(`
      "No pipeline has been audited into this store. Start with \`quipu audit\`.

      Audit coverage
        no window has been judged
        no agent has reported: wrap a client with \`audited()\`, or run \`quipu audit\`
      "
    `)
  })

  it('of a pipeline from which nothing was heard: silence is not well', () => {
    expect(report([])).toMatchInlineSnapshot(`
      "? flights: no data. None of its messages has been counted yet: does an agent report?

      flights  owner: network-ops, #flights

        checkin
        │ ? no data  nothing expected
        ▼ flights
        │ ? no data  nothing expected
        ▼ enrich
        │ ? no data  nothing expected
        ▼ enriched + dlq
        │ ? no data  nothing expected
        ▼ store

      Audit coverage
        no window has been judged
      "
    `)
  })

  it('of windows that are all open', () => {
    const open = verdict('checkin → flights', {
      state: 'open',
      verdict: 'indeterminate',
      counts: { expected: 10, delivered: 4, in_flight: 6 },
    })
    expect(
      report([open], [{ ...FLIGHTS, edges: [edge(['checkin'], ['flights'])] }]),
    ).toMatchInlineSnapshot(`
      "… flights: not settled yet. Nothing is proven, good or bad.

      flights  owner: network-ops, #flights

        checkin
        │ … open  4 of 10 delivered, 6 in flight
        ▼ flights

      … checkin → flights: open
        10 expected = 4 delivered + 6 in flight
        40.00% to 100% arrived · 0 windows judged, 1 open
        born 2026-11-23 01:00:00Z – 01:01:00Z

      Audit coverage
        no window has been judged
      "
    `)
  })

  it('of more losses than can be named', () => {
    const bad = verdict('checkin → flights', {
      verdict: 'breached',
      evidence: 'estimated',
      counts: { expected: 1_000_000, delivered: 0, lost: 4_000, undetermined: 996_000 },
      findings: [
        finding('lost', {
          edge: 'checkin → flights',
          count: 4_000,
          evidence: 'estimated',
          args: { unacknowledged: 0 },
        }),
        finding('undecodable', { edge: 'checkin → flights', count: 4_000, args: { net: 4_000 } }),
      ],
    })
    expect(
      report([bad], [{ ...FLIGHTS, edges: [edge(['checkin'], ['flights'])] }]),
    ).toMatchInlineSnapshot(`
      "✗ flights: at least 4,000 of 1,000,000 messages lost on checkin → flights.

      flights  owner: network-ops, #flights

        checkin
        │ ✗ breached  0 of 1,000,000 delivered, 4,000 lost, 996,000 undetermined
        ▼ flights

      ✗ checkin → flights: breached
        1,000,000 expected = 4,000 lost + 996,000 undetermined
        0% to 99.60% arrived · 1 window judged (1 breached)
        born 2026-11-23 01:00:00Z – 01:01:00Z
        ✗ At least 4,000 messages that checkin passed are not at flights, which has seen the whole window.
          More differ than can be named: so many at least, with a confidence of 95% or more.
          window 2026-11-23 01:00:00Z – 01:01:00Z
          → Look at what stands between checkin and flights in this window.
        ! checkin and flights differ in more messages than can be named. Exactly 4,000 messages more are
          missing than extra.
          window 2026-11-23 01:00:00Z – 01:01:00Z
          → Make the window smaller, or find the cause from the ids that could be named.

      Audit coverage
        2 of 2 hop windows seen whole (100%)
      "
    `)
  })

  it('of latencies and clocks', () => {
    const assessment = summarize({
      pipelines: [FLIGHTS],
      verdicts: goodRun(),
      latencies: [
        latency(producerHop('default', 'flights', 'checkin'), {
          fromHop: [2, 3, 4],
          fromBirth: [2, 4, 5],
        }),
        latency(consumerHop('default', 'flights', 'enrich'), {
          fromHop: [-2_600, 20, 3_400],
          fromBirth: [30, 40, 70_000],
          thresholdsMs: [1_000, 60_000],
        }),
      ],
      instances: [
        instance('checkin', { minDelayMs: -3_300 }),
        instance('enrich', { minDelayMs: 60_000 }),
      ],
      now: NOW,
    })
    expect(renderText(assessment)).toMatchInlineSnapshot(`
      "✓ flights: all well. Every message arrived, once, on all 4 edges (2 windows).

      flights  owner: network-ops, #flights

        checkin
        │ ✓ met  800 of 800 delivered
        │   p50 3 ms  p95 3 ms  p99 3 ms  max 4 ms; since birth p99 4 ms
        ▼ flights
        │ ✓ met  800 of 800 delivered
        │   min −2.6 s  p50 20 ms  p95 20 ms  p99 20 ms  max 3.4 s; since birth p99 40 ms,
        │     66.66% within 1 s, 66.66% within 60 s
        ▼ enrich
        │ ✓ met  800 of 800 delivered
        ▼ enriched + dlq
        │ ✓ met  800 of 800 delivered
        ▼ store

      Audit coverage
        18 of 18 hop windows seen whole (100%)
        ✓ checkin: 1 agent, 12 frames, last heard 2026-11-23 01:09:58Z
        ✓ enrich: 1 agent, 12 frames, last heard 2026-11-23 01:09:58Z
        ! checkin: clock ahead of the auditor's by at least 3.2 s
        ! enrich: clock behind the auditor's by up to 61 s, or its frames were slow
        ! flights → enrich (flights): negative latencies, so the clock at its end was behind the one at
          its beginning by at least 2.5 s
        · latencies: quantiles within 1%; least, most and shares exact, of what was measured
      "
    `)
  })

  it('of a sampled pipeline: what was not looked at is not said to be well', () => {
    const verdicts = FLIGHTS.edges.map(({ name }, i) =>
      i < 2 ? sampledVerdict(name, { oneIn: 64, expected: 100 }) : verdict(name),
    )
    expect(report(verdicts)).toMatchInlineSnapshot(`
      "✓ flights: all well in the sample. Every message looked at arrived, once, on all 4 edges (1 window);
        2 of 4 edges are judged on one message in 64.

      flights  owner: network-ops, #flights

        checkin
        │ ✓ met  about 6,400 of 6,400 delivered; sampled 1/64
        │   none lost in the sample: at most 237 (95%; sampled 1/64)
        ▼ flights
        │ ✓ met  about 6,400 of 6,400 delivered; sampled 1/64
        │   none lost in the sample: at most 237 (95%; sampled 1/64)
        ▼ enrich
        │ ✓ met  400 of 400 delivered
        ▼ enriched + dlq
        │ ✓ met  400 of 400 delivered
        ▼ store

      Audit coverage
        9 of 9 hop windows seen whole (100%)
        · 2 edges sampled: counts are scaled up; their intervals hold the truth in 95% of cases
      "
    `)
  })

  it('of losses in a sample: scaled, with their interval', () => {
    const lost = Array.from({ length: 10 }, (_, n) => once(idOf(n)))
    const bad = sampledVerdict('checkin → flights', { oneIn: 64, expected: 120, lost })
    expect(
      report([bad], [{ ...FLIGHTS, edges: [edge(['checkin'], ['flights'])] }]),
    ).toMatchInlineSnapshot(`
      "✗ flights: about 640 of 7,680 messages lost (95%: 306 to 1,177; sampled 1/64) on checkin → flights.

      flights  owner: network-ops, #flights

        checkin
        │ ✗ breached  about 7,040 of 7,680 delivered, 640 lost; sampled 1/64
        │   about 640 lost (95%: 306 to 1,177; sampled 1/64)
        ▼ flights

      ✗ checkin → flights: breached
        about 7,680 expected = 7,040 delivered + 640 lost
        84.67% to 96.01% arrived · 1 window judged (1 breached)
        born 2026-11-23 01:00:00Z – 01:01:00Z
        ✗ About 640 messages that checkin passed are not at flights, which has seen the whole window.
          Scaled up from one message in 64: 10 found there, 306 to 1,177 in all (95%).
          window 2026-11-23 01:00:00Z – 01:01:00Z
          01a205ea-be80-7000-82af-37bc00000000  born 2026-11-23 01:00:00Z
          01a205ea-be81-7000-82af-37bc00000400  born 2026-11-23 01:00:00.001Z
          01a205ea-be82-7000-82af-37bc00000800  born 2026-11-23 01:00:00.002Z
          01a205ea-be83-7000-82af-37bc00000c00  born 2026-11-23 01:00:00.003Z
          01a205ea-be84-7000-82af-37bc00001000  born 2026-11-23 01:00:00.004Z
          … and 5 more: quipu losses --edge 'checkin → flights' --kind lost
          → Look at what stands between checkin and flights in this window.

      Audit coverage
        2 of 2 hop windows seen whole (100%)
        · 1 edge sampled: counts are scaled up; their intervals hold the truth in 95% of cases
      "
    `)
  })

  it('of a sample that cannot be judged: no upper end is told', () => {
    const dark = verdict('checkin → flights', {
      ...{ oneIn: 64, evidence: 'sampled', verdict: 'indeterminate' },
      counts: { expected: 6_400, delivered: 5_760, undetermined: 640 },
    })
    const text = report([dark])
    expect(text).toContain('none lost in the sample so far as it can be told (sampled 1/64)')
    expect(text).not.toContain('at most')
  })

  it('of a sample in which nothing came: nothing is said of losses', () => {
    const empty = sampledVerdict('checkin → flights', { oneIn: 64, expected: 0 })
    const text = report([{ ...empty, verdict: 'no_data' }])
    expect(text).toContain('nothing expected; sampled 1/64')
    expect(text).not.toContain('none lost')
  })

  it('of copies in a sample: their number is not exact', () => {
    const bad = verdict('checkin → flights', {
      ...{ oneIn: 64, evidence: 'sampled', verdict: 'breached' },
      counts: { expected: 6_400, delivered: 6_400, duplicated: 128 },
    })
    const [first, , , , , , counts] = report([bad]).split('\n')
    expect(first).toContain('flights: about 128 messages doubled on checkin → flights')
    expect(counts).toBe(
      '  │   none lost in the sample: at most 237 (95%; sampled 1/64), about 128 doubled (95%: 15 to 463)',
    )
  })

  it('of altered and unverified messages', () => {
    const declared = {
      ...edge(['enrich'], ['enriched', 'dlq']),
      preserve: { value: true, key: false, headers: [] },
    }
    const bad = verdict(declared.name, {
      verdict: 'breached',
      counts: { expected: 120, delivered: 108, altered: 12, unverified: 40 },
      findings: [
        finding('altered', { ids: Array.from({ length: 12 }, (_, n) => once(idOf(n))) }),
        finding('integrity_unknown', { count: 40, args: { hops: ['group enrich on flights'] } }),
      ],
    })
    expect(report([bad], [{ ...FLIGHTS, edges: [declared] }])).toMatchInlineSnapshot(`
      "✗ flights: 12 messages altered on enrich → enriched + dlq.

      flights  owner: network-ops, #flights

        enrich
        │ ✗ breached  108 of 120 delivered, 12 altered; 40 unverified
        ▼ enriched + dlq

      ✗ enrich → enriched + dlq: breached
        120 expected = 108 delivered + 12 altered
        besides: 40 unverified
        100% arrived · 56.66% to 90.00% unaltered · 1 window judged (1 breached)
        born 2026-11-23 01:00:00Z – 01:01:00Z
        ✗ 12 messages reached enriched + dlq altered: the same id, but not the content that enrich passed.
          Proven: each is known by its id.
          window 2026-11-23 01:00:00Z – 01:01:00Z
          01a205ea-be80-7000-82af-37bc00000000  born 2026-11-23 01:00:00Z
          01a205ea-be81-7000-82af-37bc00000400  born 2026-11-23 01:00:00.001Z
          01a205ea-be82-7000-82af-37bc00000800  born 2026-11-23 01:00:00.002Z
          01a205ea-be83-7000-82af-37bc00000c00  born 2026-11-23 01:00:00.003Z
          01a205ea-be84-7000-82af-37bc00001000  born 2026-11-23 01:00:00.004Z
          … and 7 more: quipu losses --edge 'enrich → enriched + dlq' --kind altered
          → Compare one of them at enrich and at enriched + dlq. What may change on the way does not
            belong in \`preserve\`.
        ! Whether 40 messages reached enriched + dlq unaltered cannot be told: digests are missing from
          group enrich on flights. That they arrived is known; that nothing in them was changed is not.
          window 2026-11-23 01:00:00Z – 01:01:00Z
          → Give all agents the same file (\`QUIPU_CONFIG\`), and start them again.

      Audit coverage
        3 of 3 hop windows seen whole (100%)
      "
    `)
  })

  it.each([
    ['a range', 600, 'flights: 4,000 to 4,600 of 10,000 messages lost on checkin → flights.'],
    ['its low end', 6_000, 'flights: at least 4,000 of 10,000 messages lost on checkin → flights.'],
    ['at least', 0, 'flights: at least 4,000 of 10,000 messages lost on checkin → flights.'],
  ])('of an estimate: %s, with %i not acquitted', (_, undetermined, sentence) => {
    const bad = verdict('checkin → flights', {
      ...{ verdict: 'breached', evidence: 'estimated' },
      counts: { expected: 10_000, delivered: 6_000 - undetermined, lost: 4_000, undetermined },
    })
    const edges = [edge(['checkin'], ['flights'])]
    expect(report([bad], [{ ...FLIGHTS, edges }]).split('\n')[0]).toBe(`✗ ${sentence}`)
  })

  it('puts the verdict of every pipeline first', () => {
    const other = { ...FLIGHTS, name: 'baggage', edges: [edge(['a'], ['b'])] }
    const verdicts = [...badRun(), { ...verdict('a → b'), pipeline: 'baggage' }]
    const [first, second] = report(verdicts, [FLIGHTS, other]).split('\n')
    expect(first).toBe(
      '✗ flights: 3 of 1,200 messages lost, 2 doubled on enrich → enriched + dlq; 1 edge cannot be judged.',
    )
    expect(second).toBe('✓ baggage: all well. Every message arrived, once, on its edge (1 window).')
  })

  it('keeps an edge that is no longer declared', () => {
    const text = report(
      [
        verdict('old → new', {
          verdict: 'breached',
          counts: { expected: 2, delivered: 1, lost: 1 },
        }),
      ],
      [],
    )
    expect(text).toContain('✗ old → new: breached (no longer declared)')
  })
})

describe('the graph', () => {
  const draw = (...edges: ReturnType<typeof edge>[]): string =>
    graph(
      report(
        edges.map(({ name }) => verdict(name)),
        [{ ...FLIGHTS, owner: {}, edges }],
      ),
    )
      .split('\n')
      .slice(3)
      .join('\n')

  it('branches', () => {
    expect(
      draw(
        edge(['a'], ['b']),
        edge(['b'], ['c']),
        edge(['b'], ['d']),
        edge(['c'], ['e', 'f']),
        edge(['f'], ['g']),
        edge(['d'], ['h']),
      ),
    ).toMatchInlineSnapshot(`
      "
        a
        │ ✓ met  400 of 400 delivered
        ▼ b
        ├─╮ ✓ met  400 of 400 delivered
        │ ▼ c
        │ │ ✓ met  400 of 400 delivered
        │ ▼ e + f
        │ │ ✓ met  400 of 400 delivered
        │ ▼ g
        ╰─╮ ✓ met  400 of 400 delivered
          ▼ d
          │ ✓ met  400 of 400 delivered
          ▼ h"
    `)
  })

  it('carries what was measured along its branches', () => {
    const edges = [edge(['a'], ['b']), edge(['a'], ['c']), edge(['b'], ['d'])].map((e, i) => ({
      ...e,
      to: [declare(e.to[0]?.name ?? '', sinkHop(`${i}`))],
    }))
    const text = renderText(
      summarize({
        pipelines: [{ ...FLIGHTS, owner: {}, edges }],
        verdicts: edges.map(({ name }) => verdict(name)),
        latencies: edges.map((_, i) => latency(sinkHop(`${i}`), { fromHop: [i] })),
        now: NOW,
      }),
    )
    expect(graph(text).split('\n').slice(3).join('\n')).toMatchInlineSnapshot(`
      "
        a
        ├─╮ ✓ met  400 of 400 delivered
        │ │   p50 0 ms  p95 0 ms  p99 0 ms  max 0 ms
        │ ▼ b
        │ │ ✓ met  400 of 400 delivered
        │ │   p50 2 ms  p95 2 ms  p99 2 ms  max 2 ms
        │ ▼ d
        ╰─╮ ✓ met  400 of 400 delivered
          │   p50 1 ms  p95 1 ms  p99 1 ms  max 1 ms
          ▼ c"
    `)
  })

  it('has several heads, and edges that several hops feed', () => {
    expect(
      draw(edge(['a'], ['b']), edge(['x'], ['y']), edge(['b', 'y'], ['z'])),
    ).toMatchInlineSnapshot(`
      "
        a
        │ ✓ met  400 of 400 delivered
        ▼ b
        │ ✓ met  400 of 400 delivered  (with y)
        ▼ z

        x
        │ ✓ met  400 of 400 delivered
        ▼ y"
    `)
  })

  it('ends in a ring', () => {
    expect(draw(edge(['a', 'retry'], ['b']), edge(['b'], ['c', 'retry']))).toMatchInlineSnapshot(`
      "
        a + retry
        │ ✓ met  400 of 400 delivered
        ▼ b
        │ ✓ met  400 of 400 delivered
        ▼ c + retry"
    `)
    expect(draw(edge(['a'], ['b']), edge(['b'], ['a']))).toMatchInlineSnapshot(`
      "
        a
        │ ✓ met  400 of 400 delivered
        ▼ b
        │ ✓ met  400 of 400 delivered
        ▼ a"
    `)
  })
})

describe('the terminal is safe', () => {
  it('from names that are too long: no line is wider than 100 columns', () => {
    const long = 'x'.repeat(249)
    const wide = '航'.repeat(90)
    const store = declare(wide, sinkHop(wide))
    const edges = [
      { ...edge([long], [wide]), to: [store] },
      { ...edge([wide], ['c']), to: [declare('c', sinkHop('c'))] },
    ]
    const verdicts = edges.map(({ name }) =>
      verdict(name, {
        verdict: 'breached',
        counts: { expected: 5, delivered: 4, lost: 1 },
        findings: [finding('lost', { edge: name, ids: [once(idOf(1))] })],
      }),
    )
    const measured = { thresholdsMs: [5, 1_500, 60_000, 90_000], fromHop: [-9_000], fromBirth: [4] }
    const text = renderText(
      summarize({
        pipelines: [{ ...FLIGHTS, edges }],
        verdicts: [
          ...verdicts,
          ...edges.map(({ name }) => sampledVerdict(name, { w: 1, oneIn: 64, expected: 1e12 })),
        ],
        latencies: edges.map((e) => latency(e.to[0]?.hop as HopRef, measured)),
        instances: [instance(long, { minDelayMs: -5_000 }), instance(wide, { minDelayMs: 1e9 })],
        now: NOW,
      }),
    )
    expect(text).toContain('sampled 1/64')
    expect(text).toContain('since birth')
    expect(text).toContain('clock ahead')
    expect(Math.max(...text.split('\n').map(columnsOf))).toBeLessThanOrEqual(100)
  })

  it('from names that carry control and bidi characters', () => {
    const name = 'a\u001b[2J\u202e → b\n\u0007'
    const bad = verdict(name, {
      pipeline: 'p\u009b31m',
      findings: [
        finding('hole', { edge: name, args: { hop: '\u001b]0;x\u0007', why: ['\u200b'] } }),
      ],
    })
    const instances = [instance('s\u001b[2J\u202e', { minDelayMs: -5_000 })]
    const text = renderText(summarize({ pipelines: [], verdicts: [bad], instances, now: NOW }))
    expect(text).toContain('s\\u{1b}[2J\\u{202e}: clock ahead')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e]/)
  })

  it('colours only when asked to', () => {
    const assessment = summarize({ pipelines: [FLIGHTS], verdicts: badRun(), now: NOW })
    const plain = renderText(assessment)
    const colored = renderText(assessment, { color: true })
    expect(plain).not.toContain('\u001b')
    expect(colored).toContain('\u001b[31m')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(plain)
  })
})
