/** Frames of `quipu top`, and the state that they are made of. */
import { describe, expect, it } from 'vitest'
import { columnsOf } from '../../reports/lines.ts'
import { renderTop } from '../../reports/top.ts'
import { TOP_FINDINGS_MAX, type TopState, topJson } from '../../reports/top-state.ts'
import { type TopLook, topStateOf } from '../../src/cli/top-state.ts'
import type { GroupLags } from '../../src/diagnose/forecast.ts'
import type { HopRef } from '../../src/hop/hop.ts'
import { errorsOf } from '../support/json-schemas.ts'
import {
  badRun,
  FLIGHTS,
  finding,
  goodRun,
  instance,
  NOW,
  START,
  type VerdictParts,
  verdict,
} from './build.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const enrich = FLIGHTS.hops.find(({ name }) => name === 'enrich')?.hop as HopRef

const stateOf = (parts: Partial<TopLook> = {}): TopState =>
  topStateOf({
    ...{ pipelines: [FLIGHTS], verdicts: [], instances: [instance('checkin')], lags: [] },
    ...{ seenUntil: NOW - 1_500, since: NOW - HOUR, now: NOW },
    ...parts,
  })

/** One partition, asked each minute: the start goes `deletes` a minute. */
const lagsOf = (deletes: number, last = NOW): GroupLags => ({
  ...{ group: enrich, isCompacted: false },
  partitions: [0, 1].map((partition) => ({
    partition,
    samples: Array.from({ length: 11 }, (_, i) => ({
      ...{ at: last - (10 - i) * MINUTE, low: 10_000 - (10 - i) * deletes },
      ...{ high: 50_900 + partition, committed: 50_000 },
    })),
  })),
})

const bad = (): TopState =>
  stateOf({
    ...{ verdicts: badRun(), lags: [lagsOf(4_000)] },
    instances: [
      instance('checkin'),
      instance('checkin', { instance: '1'.repeat(32), lastHeardAt: NOW - 4 * MINUTE }),
    ],
  })

const frame = { width: 80, height: 24, color: false, foot: 'q quits; looks every 2 s' }
const text = (state: TopState, parts: Partial<typeof frame> = {}): string =>
  renderTop(state, { ...frame, ...parts }).join('\n')

const edge = (state: TopState, name: string): TopState['pipelines'][number]['edges'][number] => {
  const found = state.pipelines.flatMap((p) => p.edges).find((e) => e.edge === name)
  if (found === undefined) throw new Error(`no edge ${name}`)
  return found
}

describe('a frame', () => {
  it('shows rates, lag, what is wrong, and what was seen', () => {
    expect(text(bad())).toMatchInlineSnapshot(`
      "quipu top: 1 pipeline, 4 edges                              2026-11-23 01:10:00Z
      born in the last 1 hour; judged up to 2026-11-23 01:09:58Z
      ! group enrich reaches the start of flights in 10 minutes, and loses what it ha…
      ! 1 of 2 agents of checkin silent since 2026-11-23 01:06:00Z
                                             msg/s flight behind missing doubled  seen
      flights: ✗ breached
      checkin → flights    ✓ met               6.6      0      –       0       0  100%
      flights → enrich     ✓ met               6.6      0   1801       0       0  100%
      enrich → enriched +… ✗ breached          6.6      0      –       3       2  100%
      enriched → store     ? indeterminate     6.6    100      –       ?       ? 83.3%

      newest findings (2)
      ✗ 01:01:00Z enrich → enriched + dlq: 3 messages that enrich passed are not at e…
      ✗ 01:01:00Z enrich → enriched + dlq: 2 messages are at enriched + dlq more ofte…









      q quits; looks every 2 s"
    `)
  })

  it('has room for names where the terminal is wide', () => {
    expect(text(bad(), { width: 140, height: 16 })).toMatchInlineSnapshot(`
      "quipu top: 1 pipeline, 4 edges                                                                                          2026-11-23 01:10:00Z
      born in the last 1 hour; judged up to 2026-11-23 01:09:58Z
      ! group enrich reaches the start of flights in 10 minutes, and loses what it has not read
      ! 1 of 2 agents of checkin silent since 2026-11-23 01:06:00Z
                                                msg/s flight behind missing doubled  seen
      flights: ✗ breached
      checkin → flights       ✓ met               6.6      0      –       0       0  100%
      flights → enrich        ✓ met               6.6      0   1801       0       0  100%
      enrich → enriched + dlq ✗ breached          6.6      0      –       3       2  100%
      enriched → store        ? indeterminate     6.6    100      –       ?       ? 83.3%

      newest findings (2)
      ✗ 01:01:00Z enrich → enriched + dlq: 3 messages that enrich passed are not at enriched + dlq, which has seen the whole window.
      ✗ 01:01:00Z enrich → enriched + dlq: 2 messages are at enriched + dlq more often than enrich passed them.

      q quits; looks every 2 s"
    `)
  })

  it('calls nothing met, and shows no 0 and no 100%, where nothing was judged', () => {
    const open = FLIGHTS.edges.map(({ name }) =>
      verdict(name, {
        state: 'open',
        verdict: 'indeterminate',
        counts: { expected: 9, in_flight: 9 },
      }),
    )
    for (const verdicts of [[], open]) {
      const shown = text(stateOf({ verdicts }))
      expect(shown).not.toMatch(/✓|met|100%| 0\b/)
      expect(shown).toMatch(verdicts.length === 0 ? /\? no data/ : /… open/)
    }
    const idle = goodRun().map((v) => ({ ...v, verdict: 'no_data', counts: verdict('x').counts }))
    for (const one of stateOf({ verdicts: idle as typeof open }).pipelines[0]?.edges ?? []) {
      expect(one).toMatchObject({ standing: 'no_data', missing: null, duplicated: null })
    }
  })

  it('says at least so many where windows could not be judged', () => {
    const parts = (counts: NonNullable<VerdictParts['counts']>): VerdictParts[] => [
      { w: 0, verdict: 'breached', counts },
      { w: 1, verdict: 'indeterminate' },
    ]
    const verdicts = parts({ expected: 400, delivered: 397, lost: 3 }).map((p) =>
      verdict('checkin → flights', p),
    )
    const row = text(stateOf({ verdicts }))
      .split('\n')
      .find((line) => line.includes('checkin → flights'))
    expect(row).toMatch(/≥3 +\? +100%$/)
  })

  it('says that an auditor has stopped, that none was there, and that no agent reports', () => {
    const verdicts = goodRun()
    expect(text(stateOf({ verdicts }))).toContain('judged up to 2026-11-23 01:09:58Z')
    expect(text(stateOf({ verdicts }))).not.toContain('!')
    const stopped = text(stateOf({ verdicts, seenUntil: NOW - 5 * MINUTE }))
    expect(stopped).toContain('01:05:00Z, 5 minutes ago: does `quipu audit` run?')
    expect(text(stateOf({ verdicts, seenUntil: null }))).toContain('! born in the last 1 hour; no')
    expect(text(stateOf({ verdicts, instances: [] }))).toContain('! no agent has reported')
    expect(text(stateOf({ pipelines: [] }))).toContain('Start with `quipu audit`.')
  })

  it('shows what others named as text, and colours only what it is asked to', () => {
    const name = 'a\u001b[31m → b\u202e'
    const edges = [{ ...(FLIGHTS.edges[0] as (typeof FLIGHTS.edges)[number]), name }]
    const pipelines = [{ ...FLIGHTS, name: 'p\u0007', edges }]
    const lost = finding('lost', { pipeline: 'p\u0007', edge: name, count: 1 })
    const verdicts = [
      {
        ...verdict(name, { verdict: 'breached', counts: { expected: 1, lost: 1 } }),
        ...{ pipeline: 'p\u0007', findings: [lost] },
      },
    ]
    const state = stateOf({ pipelines, verdicts, instances: [instance('s\u001b]0;')] })
    expect(text(state, { width: 120 })).toContain('a\\u{1b}[31m → b\\u{202e}')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none may be there
    expect(text(state)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
    const colored = renderTop(state, { ...frame, color: true }).join('\n')
    expect(colored).toContain('\u001b[31m✗')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what colours are made of
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(text(state))
  })

  it('is never wider or higher than the terminal, and counts what it leaves out', () => {
    const many = Array.from({ length: 40 }, (_, i) => ({
      ...(FLIGHTS.edges[0] as (typeof FLIGHTS.edges)[number]),
      name: `edge number ${i} 漢字 → elsewhere`,
    }))
    const verdicts = many.map(({ name }, i) =>
      verdict(name, i === 33 ? { verdict: 'breached', findings: [finding('lost')] } : {}),
    )
    const state = stateOf({ pipelines: [{ ...FLIGHTS, edges: many }], verdicts })
    for (const width of [10, 20, 79, 80, 100, 400]) {
      for (const height of [1, 2, 5, 24, 100]) {
        const lines = renderTop(state, { ...frame, width, height })
        expect(lines).toHaveLength(height)
        for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(width)
      }
    }
    const shown = renderTop(state, { ...frame, height: 20 })
    expect(shown[3]).toMatch(/^edge number 33 .*✗ breached/)
    expect(shown.join('\n')).toMatch(/… and \d+ more edges: \d+ met/)
    expect(shown.join('\n')).toContain('newest findings (1)')
    expect(renderTop(state, { ...frame, height: Infinity }).length).toBeGreaterThan(40)
  })
})

describe('a state', () => {
  it('has the rate of the newest settled windows, and none without any', () => {
    const name = 'checkin → flights'
    const counts = (n: number) => ({ expected: n, delivered: n })
    const verdicts = [9_000, 60, 120, 60, 60, 300, 6_000].map((n, w) =>
      verdict(name, { w, counts: counts(n), ...(w === 6 ? { state: 'open' as const } : {}) }),
    )
    const span = { start: START + MINUTE, end: START + 6 * MINUTE }
    expect(edge(stateOf({ verdicts }), name)).toMatchObject({ rate: 2, rateSpan: span, open: 1 })
    expect(edge(stateOf(), name)).toMatchObject({ rate: null, rateSpan: null, inFlight: null })
  })

  it('has what groups have not read, unless nobody asked lately', () => {
    const name = 'flights → enrich'
    expect(edge(stateOf({ lags: [lagsOf(0)] }), name).behind).toBe(1_801)
    expect(edge(stateOf({ lags: [lagsOf(0, NOW - 3 * MINUTE)] }), name).behind).toBeNull()
    expect(edge(stateOf(), name).behind).toBeNull()
    expect(edge(stateOf({ lags: [lagsOf(0)] }), 'checkin → flights').behind).toBeNull()
  })

  it('foretells a loss within a day', () => {
    expect(stateOf({ lags: [lagsOf(4_000)] }).losing).toMatchObject([
      { group: 'enrich', topic: 'flights', lossInMs: 10 * MINUTE },
    ])
    expect(stateOf({ lags: [lagsOf(1)] }).losing).toEqual([])
  })

  it('tells a fault once, where it is newest, and passes over what is none', () => {
    const name = 'enrich → enriched + dlq'
    const verdicts = [0, 1, 2].map((w) =>
      verdict(name, {
        ...{ w, verdict: 'breached' },
        findings: [
          ...(w < 2 ? [finding('lost', { w, count: 2 })] : []),
          finding('in_flight', { w, count: 5, args: { why: [] } }),
        ],
      }),
    )
    const state = stateOf({ verdicts })
    expect(state.findings).toMatchObject([{ code: 'lost', windows: 2, count: 4 }])
    expect(state.findings[0]?.window.start).toBe(START + MINUTE)
    expect(state.findings[0]?.sentence).toContain('2 messages')
  })

  it('lists no more findings than it may, and how many there are', () => {
    const pipelines = Array.from({ length: TOP_FINDINGS_MAX + 5 }, (_, i) => `p${i}`)
    const verdicts = pipelines.map((pipeline) => ({
      ...verdict('a → b', { verdict: 'breached' }),
      ...{ pipeline, findings: [finding('lost', { pipeline, count: 1 })] },
    }))
    const { findings, findingCount } = stateOf({ pipelines: [], verdicts })
    expect([findings.length, findingCount]).toEqual([TOP_FINDINGS_MAX, TOP_FINDINGS_MAX + 5])
  })

  it('names services of which an agent fell silent without a goodbye', () => {
    const old = { lastHeardAt: NOW - 4 * MINUTE }
    const instances = [
      instance('a'),
      instance('a', { ...old, instance: '1'.repeat(32) }),
      instance('b', { ...old, goodbye: 12 }),
    ]
    expect(stateOf({ instances })).toMatchObject({
      agents: 3,
      silent: [{ service: 'a', silent: 1, instances: 2, since: NOW - 4 * MINUTE }],
    })
  })

  it('is as JSON what its schema promises, and no more', () => {
    for (const state of [bad(), stateOf(), stateOf({ seenUntil: null, pipelines: [] })]) {
      const printed = JSON.parse(JSON.stringify(topJson(state), spansAsText))
      expect(errorsOf('top', printed)).toEqual([])
      expect(errorsOf('top', { ...printed, more: 1 })).not.toEqual([])
    }
    const printed = JSON.parse(JSON.stringify(topJson(bad()), spansAsText))
    expect(errorsOf('top', { ...printed, findings: [{}] })).not.toEqual([])
  })
})

/** As `jsonText` writes windows. */
function spansAsText(key: string, value: unknown): unknown {
  if ((key !== 'span' && key !== 'window') || value === null) return value
  const { start, end } = value as { start: number; end: number }
  return { start: new Date(start).toISOString(), end: new Date(end).toISOString() }
}
