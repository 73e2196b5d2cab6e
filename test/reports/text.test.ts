import { describe, expect, it } from 'vitest'
import { columnsOf } from '../../reports/lines.ts'
import { renderText } from '../../reports/text.ts'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import type { Pipeline } from '../../src/hop/pipeline.ts'
import { summarize } from '../../src/objective/summary.ts'
import {
  badRun,
  edge,
  FLIGHTS,
  finding,
  goodRun,
  idOf,
  instance,
  NOW,
  once,
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
          Proven in number, not all by name: there are more differences than can be named.
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
    const edges = [edge([long], [wide]), edge([wide], ['c'])]
    const verdicts = edges.map(({ name }) =>
      verdict(name, {
        verdict: 'breached',
        counts: { expected: 5, delivered: 4, lost: 1 },
        findings: [finding('lost', { edge: name, ids: [once(idOf(1))] })],
      }),
    )
    const text = report(verdicts, [{ ...FLIGHTS, edges }])
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
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left
    expect(report([bad], [])).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e]/)
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
