/** The report as data: strips, incidents, agreements, the headline, and what a detail leaves out. */
import { describe, expect, it } from 'vitest'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import { consumerHop } from '../../src/hop/hop.ts'
import type { Promises } from '../../src/objective/objective.ts'
import { CELLS_MAX, type Report } from '../../src/objective/report.ts'
import { type ReportInput, reportOf } from '../../src/objective/report-of.ts'
import { TimelinessFold } from '../../src/objective/timings.ts'
import {
  badRun,
  FLIGHTS,
  finding,
  goodRun,
  idOf,
  latency,
  NOW,
  once,
  START,
  verdict,
} from '../reports/build.ts'
import { objective, onEdge, promisesOf } from './promise.ts'

const MINUTE = 60_000
const FIRST = 'checkin → flights'
const TRANSFORM = 'enrich → enriched + dlq'

const report = (verdicts: readonly EdgeVerdict[], parts: Partial<ReportInput> = {}): Report =>
  reportOf({
    ...{ pipelines: [FLIGHTS], promises: [], verdicts, now: NOW, detail: 'ids', version: '0.0.0' },
    ...parts,
  })

const agreed: Promises = promisesOf(
  [objective({ scope: onEdge(FIRST) }), objective({ id: 'all' })],
  {
    agreement: {
      consumers: [
        { name: 'finance-bi', contact: '#bi' },
        { name: 'ml', contact: null },
      ],
      promises: ['no-loss', 'all'],
      ...{ driver: null, review: null, consequence: null },
    },
  },
)

describe('the report', () => {
  it('of nothing promised has no verdict, and holds all that was summed up', () => {
    const found = report(badRun())
    expect(found).toMatchObject({
      ...{ schema: 'quipu.report/v1', version: '0.0.0', detail: 'ids', verdict: null },
      ...{ standing: 'breached', objectives: [], agreements: [] },
    })
    expect(found.pipelines.map((p) => p.edges.length)).toEqual([4])
    expect(found.hops.map((h) => [h.hop, h.role, h.at, h.deadLetter])[4]).toEqual([
      ...['dlq', 'topic', 'topic flights.dlq', true],
    ])
  })

  it('is plain JSON', () => {
    const found = report(badRun(), { promises: [agreed], instances: [], gaps: [] })
    expect(JSON.parse(JSON.stringify(found))).toEqual(found)
  })

  it('has the worst verdict of all objectives, and of each agreement', () => {
    const met = report(goodRun(), { promises: [agreed] })
    expect([met.verdict, met.agreements[0]?.verdict]).toEqual(['met', 'met'])
    const bad = report(badRun(), { promises: [agreed] })
    expect(bad.objectives.map((o) => [o.objective.id, o.verdict])).toEqual([
      ['no-loss', 'met'],
      ['all', 'breached'],
    ])
    expect(bad.verdict).toBe('breached')
    expect(bad.agreements).toEqual([
      {
        ...{ pipeline: 'flights', agreement: agreed.agreement },
        ...{ verdict: 'breached', objectives: ['no-loss', 'all'] },
      },
    ])
  })

  it('judges objectives of all verdicts and sums up those asked for', () => {
    // The losses are in window 1.
    const found = report(badRun(), { promises: [agreed], since: START + 2 * MINUTE })
    expect(found.objectives[1]?.verdict).toBe('breached')
    expect(found.pipelines[0]?.edges.map((e) => e.counts.lost)).toEqual([0, 0, 0, 0])
    expect(found.incidents.map((i) => i.edge)).toEqual(['enriched → store'])
    expect(found.strips.map((s) => s.cells.length)).toEqual([1, 1, 1, 1])
  })

  it('takes latencies as they are read, and sums up those asked for', () => {
    const enrich = consumerHop('default', 'flights', 'enrich')
    const timings = new TimelinessFold([], START + MINUTE)
    for (const w of [0, 1, 2]) timings.add(latency(enrich, { w, fromHop: [w * 10] }))
    const found = report(badRun(), { timings, since: START + MINUTE })
    expect(found.pipelines[0]?.edges[1]?.latency?.fromHop).toMatchObject({ count: 2, minMs: 10 })
  })

  it('without ids shows how many, and none', () => {
    const all = report(badRun())
    const few = report(badRun(), { detail: 'summary' })
    const ids = (r: Report): number =>
      [...r.pipelines.flatMap((p) => p.edges), ...r.incidents]
        .flatMap((e) => e.findings)
        .reduce((n, f) => n + f.ids.length, 0)
    expect([ids(all), ids(few)]).toEqual([8, 0])
    expect(few.incidents.flatMap((i) => i.findings.map((f) => f.count))).toEqual([100, 3, 2])
    // There are no keys and no contents in the books.
    for (const detail of ['keys', 'samples'] as const)
      expect({ ...report(badRun(), { detail }), detail: 'ids' }).toEqual(all)
    expect(JSON.stringify(few)).not.toContain(idOf(7, 1).slice(-12))
  })
})

describe('a strip', () => {
  const cells = (verdicts: readonly EdgeVerdict[], edge = FIRST) =>
    report(verdicts).strips.find((s) => s.edge === edge)?.cells ?? []

  it('has a cell for each window, of each edge in order', () => {
    const found = report(badRun()).strips
    expect(found.map((s) => s.edge)).toEqual(FLIGHTS.edges.map((e) => e.name))
    expect(found[2]?.cells.map((c) => [c.start, c.standing, c.lost, c.duplicated])).toEqual([
      ['2026-11-23T01:00:00.000Z', 'met', 0, 0],
      ['2026-11-23T01:01:00.000Z', 'breached', 3, 2],
      ['2026-11-23T01:02:00.000Z', 'met', 0, 0],
    ])
    expect(found[3]?.cells[2]).toMatchObject({ standing: 'indeterminate', inFlight: 100 })
  })

  it.each([
    [300, 300, 1],
    [301, 151, 2],
    [1_440, 288, 5],
  ])('of %i windows has %i cells of %i', (windows, n, each) => {
    const list = Array.from({ length: windows }, (_, w) =>
      // One bad minute, in the middle of nowhere.
      verdict(
        FIRST,
        w === 123 ? { w, verdict: 'breached', counts: { expected: 400, lost: 400 } } : { w },
      ),
    )
    const found = cells(list.toReversed())
    expect(found.length).toBe(n)
    expect(n).toBeLessThanOrEqual(CELLS_MAX)
    expect(found[0]?.windows).toBe(each)
    expect(found.reduce((sum, c) => sum + c.windows, 0)).toBe(windows)
    expect(found.flatMap((c, i) => (c.standing === 'breached' ? [i] : []))).toEqual([
      Math.floor(123 / each),
    ])
    expect(found.map((c) => c.start)).toEqual(found.map((c) => c.start).toSorted())
  })

  it('leaves out times of which nobody told; all edges share a grid', () => {
    const list = [0, 1, 800].map((w) => verdict(FIRST, { w }))
    const found = report([...list, verdict(TRANSFORM, { w: 700 })]).strips
    // 801 windows are three a cell.
    expect(found[0]?.cells.map((c) => [c.start, c.windows])).toEqual([
      ['2026-11-23T01:00:00.000Z', 2],
      ['2026-11-23T14:20:00.000Z', 1],
    ])
    expect(found[2]?.cells.map((c) => c.windows)).toEqual([1])
  })
})

describe('incidents', () => {
  type Kind = 'met' | 'breached' | 'indeterminate' | 'no_data' | 'waiting'
  const run = (...kinds: readonly (Kind | null)[]): EdgeVerdict[] =>
    kinds.flatMap((kind, w) => {
      if (kind === null) return []
      if (kind === 'waiting')
        return [verdict(FIRST, { w, state: 'open', verdict: 'indeterminate' })]
      return [verdict(FIRST, { w, verdict: kind })]
    })
  const shown = (verdicts: readonly EdgeVerdict[]) =>
    report(verdicts)
      .incidents.map(({ start, windows, open, standing }) => {
        return [(Date.parse(start) - START) / MINUTE, windows, standing, open ? 'open' : 'over']
      })
      .toReversed()

  it.each<readonly [string, readonly (Kind | null)[], unknown]>([
    ['none', ['met', 'met', 'no_data'], []],
    ['one that is over', ['met', 'breached', 'met'], [[1, 1, 'breached', 'over']]],
    ['one that goes on', ['met', 'breached', 'breached'], [[1, 2, 'breached', 'open']]],
    [
      'what follows belongs to it, the worst of it names it',
      ['indeterminate', 'breached', 'indeterminate', 'met'],
      [[0, 3, 'breached', 'over']],
    ],
    [
      'two, with a window between that was met',
      ['breached', 'met', 'indeterminate'],
      [
        [0, 1, 'breached', 'over'],
        [2, 1, 'indeterminate', 'open'],
      ],
    ],
    // A window that saw nothing heals nothing.
    ['silence between', ['breached', 'no_data', 'breached', 'met'], [[0, 2, 'breached', 'over']]],
    ['not judged yet', ['breached', 'waiting'], [[0, 1, 'breached', 'open']]],
    ['waiting is none', ['met', 'waiting'], []],
    [
      'a time of which nobody told',
      ['breached', null, 'breached'],
      [
        [0, 1, 'breached', 'over'],
        [2, 1, 'breached', 'open'],
      ],
    ],
  ])('%s', (_, kinds, expected) => {
    expect(shown(run(...kinds))).toEqual(expected)
    expect(shown(run(...kinds).toReversed())).toEqual(expected)
  })

  it('say what they reach, put findings together, and keep their name as they grow', () => {
    const bad = (w: number): EdgeVerdict =>
      verdict(TRANSFORM, {
        ...{ w, verdict: 'breached', counts: { expected: 400, delivered: 398, lost: 2 } },
        findings: [finding('lost', { w, ids: [once(idOf(1, w)), once(idOf(2, w))] })],
      })
    const [one] = report([bad(1), bad(2)], { promises: [agreed] }).incidents
    expect(one).toMatchObject({
      id: 'flights/enrich → enriched + dlq/2026-11-23T01:01:00.000Z',
      ...{ start: '2026-11-23T01:01:00.000Z', end: '2026-11-23T01:03:00.000Z', windows: 2 },
      reaches: ['enriched', 'dlq', 'store', 'finance-bi', 'ml'],
    })
    expect(one?.findings.map((f) => [f.code, f.count, f.windows])).toEqual([['lost', 4, 2]])
    expect(report([bad(1)]).incidents[0]?.id).toBe(one?.id)
  })

  it('are told newest first, and no more than 200', () => {
    const many = Array.from({ length: 500 }, (_, w): Kind => (w % 2 === 0 ? 'breached' : 'met'))
    const found = report(run(...many)).incidents
    expect(found.length).toBe(200)
    expect(Date.parse(found[0]?.start ?? '')).toBe(START + 498 * MINUTE)
  })
})

describe('the headline', () => {
  it.each<readonly [string, readonly EdgeVerdict[], readonly Promises[], string]>([
    ['nothing', [], [], 'Nothing was audited: no agent has told of any window.'],
    ['all well', goodRun(), [], 'Of 800 messages none was lost, doubled or altered.'],
    [
      'all well and promised',
      goodRun(),
      [agreed],
      'Of 800 messages none was lost, doubled or altered. All 2 objectives are met.',
    ],
    [
      'one edge of four',
      [verdict(FIRST)],
      [],
      'Of 400 messages none is known to be lost or doubled.',
    ],
    [
      'numbers before shares, and what is not known',
      badRun(),
      [agreed],
      '3 of 1,200 messages were lost and 2 doubled. Of 100 it is not known whether they arrived. ' +
        'The objective all is breached.',
    ],
    [
      'one, estimated',
      [
        verdict(FIRST, {
          evidence: 'estimated',
          counts: { expected: 400, delivered: 399, lost: 1 },
        }),
      ],
      [],
      'At least 1 of 400 messages was lost.',
    ],
    [
      'kinds of three',
      [
        verdict(FIRST, {
          counts: { expected: 10, delivered: 7, lost: 2, altered: 1, duplicated: 1 },
        }),
      ],
      [],
      '2 of 10 messages were lost, 1 altered and 1 doubled.',
    ],
    [
      'nothing sent',
      [verdict(FIRST, { verdict: 'no_data', counts: {} })],
      [promisesOf([objective({ scope: onEdge(FIRST) })])],
      'No messages were sent in the windows that were judged. The objective no-loss has no data.',
    ],
    [
      'several that cannot be judged',
      [
        verdict(FIRST, {
          ...{ verdict: 'indeterminate', counts: { expected: 10, delivered: 9, undetermined: 1 } },
        }),
      ],
      [
        promisesOf([
          objective({ scope: onEdge(FIRST) }),
          objective({ id: 'b', scope: onEdge(FIRST) }),
        ]),
      ],
      'Of 10 messages none is known to be lost or doubled. Of 1 it is not known whether they ' +
        'arrived. 2 of 2 objectives cannot be judged: evidence is missing.',
    ],
  ])('%s', (_, verdicts, promises, words) => {
    expect(report(verdicts, { promises }).headline).toBe(words)
  })
})
