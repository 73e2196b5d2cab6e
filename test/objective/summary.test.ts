import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkCode } from '../../reports/ci/exit-code.ts'
import { outcomesOf } from '../../reports/ci/outcome.ts'
import type { Counts, EdgeVerdict, WindowVerdict } from '../../src/finding/verdict.ts'
import { sumCounts } from '../../src/objective/counts.ts'
import { summarizeEdge } from '../../src/objective/edge.ts'
import { lossRows } from '../../src/objective/losses.ts'
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
} from '../reports/build.ts'
import { ciReport } from '../reports/ci.ts'

const DISPOSITIONS = [
  'delivered',
  'lost',
  'altered',
  'filtered',
  'dead_lettered',
  'in_flight',
  'undetermined',
] as const

const counts: fc.Arbitrary<Counts> = fc
  .array(fc.nat(10_000), { minLength: 7, maxLength: 7 })
  .map((parts) => {
    const named = Object.fromEntries(DISPOSITIONS.map((name, i) => [name, parts[i] as number]))
    return { ...sumCounts([]), ...named, expected: parts.reduce((a, b) => a + b, 0) }
  })

const kinds: readonly WindowVerdict[] = ['met', 'breached', 'indeterminate', 'no_data']

describe('the summary of an edge', () => {
  it('adds up: its dispositions sum to what was expected, in any order of windows', () => {
    fc.assert(
      fc.property(fc.array(counts, { maxLength: 20 }), (list) => {
        const verdicts = list.map((c, w) => verdict('a → b', { w, counts: c }))
        const summary = summarizeEdge('p', null, verdicts)
        const sum = DISPOSITIONS.reduce((n, name) => n + summary.counts[name], 0)
        expect(sum).toBe(summary.counts.expected)
        expect(summarizeEdge('p', null, verdicts.toReversed())).toEqual(summary)
        if (summary.completeness === null) return
        const { part, best, whole } = summary.completeness
        expect(0 <= part && part <= best && best <= whole).toBe(true)
      }),
    )
  })

  it.each<readonly [string, readonly (readonly [WindowVerdict, EdgeVerdict['state']])[], string]>([
    ['nothing', [], 'no_data'],
    ['one met', [['met', 'settled']], 'met'],
    [
      'silence beside met takes nothing away',
      [
        ['met', 'settled'],
        ['no_data', 'settled'],
      ],
      'met',
    ],
    [
      'an open window beside met',
      [
        ['met', 'settled'],
        ['indeterminate', 'open'],
      ],
      'met',
    ],
    [
      'one that cannot be judged',
      [
        ['met', 'settled'],
        ['indeterminate', 'settled'],
      ],
      'indeterminate',
    ],
    [
      'the worst wins',
      [
        ['indeterminate', 'settled'],
        ['breached', 'revised'],
        ['met', 'settled'],
      ],
      'breached',
    ],
    ['proven early', [['breached', 'open']], 'breached'],
    // Open and met so far: more may come before the deadline.
    ['not settled', [['met', 'open']], 'open'],
    ['silence', [['no_data', 'settled']], 'no_data'],
  ])('%s', (_, windows, standing) => {
    const verdicts = windows.map(([v, state], w) => verdict('a → b', { w, verdict: v, state }))
    expect(summarizeEdge('p', null, verdicts).standing).toBe(standing)
  })

  it('is never better than its worst settled window', () => {
    const order = ['breached', 'indeterminate', 'open', 'met', 'no_data']
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...kinds), { minLength: 1 }), (list) => {
        const verdicts = list.map((v, w) => verdict('a → b', { w, verdict: v }))
        const at = order.indexOf(summarizeEdge('p', null, verdicts).standing)
        for (const v of list) expect(at).toBeLessThanOrEqual(order.indexOf(v))
      }),
    )
  })

  it('puts findings of one code together and keeps the first ids', () => {
    const verdicts = [0, 1, 2].map((w) =>
      verdict('a → b', {
        w,
        verdict: 'breached',
        findings: [
          finding('lost', {
            w,
            ids: Array.from({ length: 15 }, (_, n) => once(idOf(n, w))),
            evidence: w === 1 ? 'estimated' : 'exact',
            args: { unacknowledged: w, ranges: [{ partition: 3, low: 10 * w, high: 10 * w + 5 }] },
          }),
          finding('hole', { w, args: { hop: w === 0 ? 'a' : 'b', end: 'to', why: [`${w}`] } }),
        ],
      }),
    )
    const { findings } = summarizeEdge('p', null, verdicts)
    expect(findings.map((f) => [f.code, f.count, f.windows, f.ids.length, f.evidence])).toEqual([
      ['lost', 45, 3, 20, 'estimated'],
      ['hole', 0, 1, 0, 'exact'],
      ['hole', 0, 2, 0, 'exact'],
    ])
    expect(findings[0]?.args).toEqual({
      unacknowledged: 3,
      ranges: [{ partition: 3, low: 0, high: 25 }],
    })
    expect(findings[2]?.args.why).toEqual(['1', '2'])
  })
})

describe('the whole', () => {
  const of = (verdicts: readonly EdgeVerdict[]) =>
    summarize({ pipelines: [FLIGHTS], verdicts, now: NOW })

  it.each([
    ['all met', goodRun(), 'met', 0],
    ['one breached', badRun(), 'breached', 1],
    ['nothing', [], 'no_data', 3],
    ['three edges without data', [verdict('checkin → flights')], 'indeterminate', 3],
    ['nothing settled', FLIGHTS.edges.map((e) => verdict(e.name, { state: 'open' })), 'open', 3],
    [
      'one settled window that cannot be judged',
      [...goodRun(), verdict('enriched → store', { w: 2, verdict: 'indeterminate' })],
      'indeterminate',
      3,
    ],
    [
      'breached is above what cannot be judged',
      [
        verdict('checkin → flights', { verdict: 'breached' }),
        verdict('enriched → store', { verdict: 'indeterminate' }),
      ],
      'breached',
      1,
    ],
  ])('%s', (_, verdicts, standing, code) => {
    const assessment = of(verdicts)
    expect(assessment.standing).toBe(standing)
    expect(checkCode(outcomesOf(ciReport({ verdicts })))).toBe(code)
  })

  it('of no pipeline is not met', () => {
    expect(checkCode(outcomesOf(ciReport({ pipelines: [], verdicts: [] })))).toBe(3)
  })

  it('keeps pipelines with names such as __proto__ apart', () => {
    const pipelines = ['__proto__', 'constructor'].map((name) => ({
      ...FLIGHTS,
      name,
      edges: [edge(['a'], ['b'])],
    }))
    const verdicts = [{ ...verdict('a → b', { verdict: 'breached' }), pipeline: '__proto__' }]
    expect(summarize({ pipelines, verdicts, now: NOW }).pipelines.map((p) => p.standing)).toEqual([
      'breached',
      'no_data',
    ])
  })

  it('counts agents, silence and frames that never came', () => {
    const { coverage } = summarize({
      pipelines: [],
      verdicts: [],
      instances: [
        instance('b', {
          seen: [
            [1, 3],
            [5, 6],
          ],
          lastHeardAt: NOW - 15_001,
        }),
        instance('a', { lastHeardAt: NOW - 15_000 }),
        instance('a', { goodbye: 3, lastHeardAt: 0 }),
      ],
      now: NOW,
    })
    expect(coverage.agents).toMatchObject([
      { service: 'a', instances: 2, silent: 0, frames: 24, missingFrames: 0 },
      // 0, 3 and 4 are missing.
      { service: 'b', instances: 1, silent: 1, frames: 3, missingFrames: 3 },
    ])
  })
})

describe('the rows of losses', () => {
  it('name each id once and count what cannot be named', () => {
    const found = finding('lost', { count: 10, ids: [once(idOf(1)), { id: idOf(2), times: 3 }] })
    const rows = [...lossRows([verdict('a → b', { findings: [found] })])]
    expect(rows.map((r) => [r.id, r.times, r.born])).toEqual([
      ['01a205ea-be81-7000-82af-37bc00000400', 1, '2026-11-23T01:00:00.001Z'],
      ['01a205ea-be82-7000-82af-37bc00000800', 3, '2026-11-23T01:00:00.002Z'],
      [null, 6, null],
    ])
  })

  it('leave out what is not asked for', () => {
    const kindsOf = (...list: Parameters<typeof lossRows>[1][]): string[] => [
      ...new Set([...lossRows(badRun(), ...list)].map((r) => r.kind)),
    ]
    expect(kindsOf()).toEqual(['lost', 'duplicated'])
    expect(kindsOf(['in_flight'])).toEqual(['in_flight'])
  })
})
