/**
 * Each indicator that waits for settlement against a run counted by hand: first judged from tallies, then
 * by verdicts for what a tally does not easily make.
 */
import { describe, expect, it } from 'vitest'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import type { StoredTally } from '../../src/hop/evidence.ts'
import { type HopRef, hopKey } from '../../src/hop/hop.ts'
import type { Pipeline } from '../../src/hop/pipeline.ts'
import { preserveName } from '../../src/message/digest.ts'
import type { IdWords } from '../../src/message/id.ts'
import type { Objective } from '../../src/objective/objective.ts'
import type { Events } from '../../src/objective/report.ts'
import type { WindowEvidence } from '../../src/reconcile/evidence.ts'
import { judgeWindow } from '../../src/reconcile/judge-window.ts'
import { settle } from '../../src/reconcile/settle.ts'
import {
  covered,
  DEADLINE,
  evidence,
  HOPS,
  id,
  ids,
  instance,
  PIPELINE,
  tally,
  W,
  WINDOW_MS,
} from '../reconcile/build.ts'
import { edge, FLIGHTS, finding, idOf, once, sampledVerdict, verdict } from '../reports/build.ts'
import { assess, onEdge } from './promise.ts'

const PRESERVE = { value: true, key: false, headers: [] }

/** The first deadline is over: each window settles as it is judged. */
function judged(pipeline: Pipeline, words: Partial<WindowEvidence>): EdgeVerdict[] {
  const times = { now: words.now ?? DEADLINE, deadline: DEADLINE, flushMs: 5_000 }
  return judgeWindow(pipeline, evidence(words)).map((j) => settle(j, undefined, times))
}

const hops = [HOPS.flights, HOPS.enrich, HOPS.enriched, HOPS.dlq, HOPS.warehouse]
const WHOLE: Partial<WindowEvidence> = {
  coverage: new Map(hops.map((hop) => covered(hop, [0, 10_000]))),
  instances: [
    instance({ hops: [HOPS.checkin] }),
    instance({ hops: [HOPS.flights, HOPS.enriched, HOPS.dlq], instance: 'b'.repeat(32) }),
    instance({ hops: [HOPS.enrich, HOPS.enricher], instance: 'c'.repeat(32) }),
    instance({ hops: [HOPS.warehouse], instance: 'd'.repeat(32) }),
  ],
  logEnds: new Map(
    [HOPS.flights, HOPS.enriched, HOPS.dlq].map((hop) => [hopKey(hop), new Map([[0, 2_000]])]),
  ),
}

const forwarded = { topic: 'flights', group: 'enrich' }

/**
 * 1,000 sent. 4 are lost on the way to the topic, 996 come; the group handles all but 6: 990. Of these 20
 * are cancelled, 10 go to the dead letters, 957 come out and 3 are lost. 2 of the 957 come out twice. The
 * warehouse reads 955 of the 957, and both copies.
 */
const COUNTED: Partial<WindowEvidence> = {
  ...WHOLE,
  tallies: [
    tally({ hop: HOPS.checkin, ids: ids(0, 1_000) }),
    tally({ hop: HOPS.flights, ids: ids(4, 1_000) }),
    tally({ hop: HOPS.enrich, ids: ids(10, 1_000) }),
    tally({ hop: HOPS.enrich, ids: ids(980, 1_000), channel: 'filtered', reason: 'cancelled' }),
    tally({ hop: HOPS.dlq, ids: ids(970, 980) }),
    tally({ hop: HOPS.enricher, ids: ids(10, 967), origin: forwarded }),
    tally({ hop: HOPS.enriched, ids: [...ids(10, 967), id(10, 1), id(11, 1)] }),
    tally({ hop: HOPS.warehouse, ids: [...ids(12, 967), id(10, 1), id(11, 1)] }),
  ],
}
const NOW = DEADLINE + 1_000

const assessed = (parts: Partial<Objective>, words = COUNTED, pipeline = PIPELINE): Events =>
  assess(parts, { verdicts: judged(pipeline, words), pipeline, now: NOW }).events

describe('completeness of a run of 1,000', () => {
  it.each<readonly [string, Events]>([
    ['checkin → flights', { good: 996, bad: 4, unknown: 0 }],
    ['flights → enrich', { good: 990, bad: 6, unknown: 0 }],
    // 990 less 20 dropped and 10 dead letters: 960 were to come, 3 did not.
    ['enrich → enriched + dlq', { good: 957, bad: 3, unknown: 0 }],
  ])('on %s', (name, events) => {
    expect(assessed({ scope: onEdge(name) })).toEqual(events)
  })

  it('end to end: 970 were to come, 13 were lost, of 2 only the copy arrived', () => {
    // The warehouse lacks the originals of 10 and 11 and has their copies: it has the messages.
    const last = assessed({ scope: onEdge('enriched → warehouse') })
    expect(last).toEqual({ good: 957, bad: 0, unknown: 0 })
    expect(assessed({})).toEqual({ good: 957, bad: 4 + 6 + 3, unknown: 0 })
  })

  it('is not known behind a hole: what may have passed unseen is neither lost nor delivered', () => {
    // The group has not watched offsets 500 to 509, and 10 messages are missing there besides the 6.
    const words: Partial<WindowEvidence> = {
      ...COUNTED,
      coverage: new Map([
        ...(COUNTED.coverage ?? []),
        covered(HOPS.enrich, [0, 500], [510, 10_000]),
      ]),
    }
    // Which 6 of those not handled lie in the hole nobody knows: all of them may.
    expect(assessed({ scope: onEdge('flights → enrich') }, words)).toEqual({
      ...{ good: 990, bad: 0, unknown: 6 },
    })
  })

  it('is not known at all where the sender may have sent more than it told', () => {
    const silent = instance({
      ...{ hops: [HOPS.checkin], lastHeardAt: DEADLINE - WINDOW_MS * 2 },
      seals: [{ hop: HOPS.checkin, sealedUntil: W, open: [], number: 9 }],
    })
    const words = { ...COUNTED, instances: [silent, ...(WHOLE.instances?.slice(1) ?? [])] }
    // The 4 are lost whoever else was sent; nothing is known of how many there were.
    expect(assessed({ scope: onEdge('checkin → flights') }, words)).toEqual({
      ...{ good: 0, bad: 4, unknown: 996 },
    })
  })
})

describe('uniqueness of the same run', () => {
  it.each<readonly [string, Events]>([
    ['checkin → flights', { good: 996, bad: 0, unknown: 0 }],
    // 957 and 10 dead letters came, and 2 copies.
    ['enrich → enriched + dlq', { good: 967, bad: 2, unknown: 0 }],
    // Handed on as they were: that edge doubles nothing.
    ['enriched → warehouse', { good: 957, bad: 0, unknown: 0 }],
  ])('on %s', (name, events) => {
    expect(assessed({ indicator: 'uniqueness', scope: onEdge(name) })).toMatchObject(events)
  })
})

describe('integrity', () => {
  const preserving = {
    ...PIPELINE,
    edges: PIPELINE.edges.map((e) =>
      e.name === 'checkin → flights' ? { ...e, preserve: PRESERVE } : e,
    ),
  }
  /** By id and by content; the first few are altered. */
  const both = (hop: HopRef, list: readonly IdWords[], altered: number): StoredTally[] => {
    let n = 0
    const digest = (): number => (n++ < altered ? 2 : 1)
    return [
      tally({ hop, ids: list }),
      tally({ hop, ids: list, element: preserveName(PRESERVE), digest }),
    ]
  }

  it('counts those that arrived altered, of those that arrived', () => {
    // 100 sent, 5 lost, 3 of the 95 altered.
    const list = ids(0, 100)
    const words = (altered: number): Partial<WindowEvidence> => ({
      ...WHOLE,
      tallies: [...both(HOPS.checkin, list, 0), ...both(HOPS.flights, list.slice(0, 95), altered)],
    })
    const on = { indicator: 'integrity', scope: onEdge('checkin → flights') } as const
    expect(assessed(on, words(0), preserving)).toEqual({ good: 95, bad: 0, unknown: 0 })
    expect(assessed(on, words(3), preserving)).toEqual({ good: 92, bad: 3, unknown: 0 })
  })

  it('is not promised where no edge says what it preserves', () => {
    const found = assess({ indicator: 'integrity' }, { verdicts: [verdict('checkin → flights')] })
    expect(found).toMatchObject({ verdict: 'no_data', value: null })
    expect(found.reasons[0]).toContain('No edge here says what it preserves')
  })
})

const LAST = 'enriched → store'
const lastOnly: Pipeline = { ...FLIGHTS, edges: FLIGHTS.edges.slice(-1) }
const on = (list: readonly EdgeVerdict[], parts: Partial<Objective> = {}): Events =>
  assess({ scope: onEdge(LAST), ...parts }, { verdicts: list, pipeline: lastOnly }).events

describe('what came late', () => {
  const late = verdict(LAST, {
    ...{ state: 'revised', revision: 1 },
    counts: { expected: 400, delivered: 398, lost: 2, recovered: 5 },
    findings: [finding('recovered', { count: 5 })],
  })

  it('was lost at its deadline: it spends the budget', () => {
    expect(on([late])).toEqual({ good: 393, bad: 7, unknown: 0 })
  })

  it('gives it back where that is asked for', () => {
    expect(on([late], { refundLate: true })).toEqual({ good: 398, bad: 2, unknown: 0 })
  })
})

describe('a window', () => {
  const open = (counts: EdgeVerdict['counts'] | object): EdgeVerdict =>
    verdict(LAST, { w: 9, state: 'open', verdict: 'indeterminate', counts })

  it('that is open is no event', () => {
    expect(on([open({ expected: 10, delivered: 4, in_flight: 6 })])).toEqual({
      ...{ good: 0, bad: 0, unknown: 0 },
    })
  })

  it('that is open counts what is proven in it, and nothing else is known', () => {
    const doubled = open({ expected: 10, delivered: 10, duplicated: 1 })
    expect(on([doubled], { indicator: 'uniqueness' })).toEqual({ good: 0, bad: 1, unknown: 10 })
  })

  it('that nobody judged in time is not known', () => {
    // The deadline is 2 minutes after the end; NOW is 7 minutes after that.
    const left = verdict(LAST, { state: 'open', counts: { expected: 10, delivered: 10 } })
    expect(on([left])).toEqual({ good: 0, bad: 0, unknown: 10 })
    const soon = { ...left, window: { start: left.window.start, end: left.window.end + 360_000 } }
    expect(on([soon])).toEqual({ good: 0, bad: 0, unknown: 0 })
  })

  it('before the audit began is no event', () => {
    const outside = { hop: 'store', declared: true, count: 0, passage: 'out_of_scope', why: [] }
    const early = verdict(LAST, { verdict: 'no_data', to: [outside as never] })
    expect(on([early])).toEqual({ good: 0, bad: 0, unknown: 0 })
  })

  it('of a newer revision replaces the older one, in either order', () => {
    const older = verdict(LAST, { counts: { expected: 400, delivered: 390, lost: 10 } })
    const newer = verdict(LAST, {
      ...{ state: 'revised', revision: 1 },
      counts: { expected: 400, delivered: 399, lost: 1 },
    })
    for (const list of [
      [older, newer],
      [newer, older],
    ])
      expect(on(list)).toEqual({ good: 399, bad: 1, unknown: 0 })
  })

  it('with a copy or a stranger that has no name is not known so far', () => {
    const list = [
      verdict(LAST, {
        ...{ verdict: 'indeterminate', evidence: 'estimated' },
        counts: { expected: 1_000, delivered: 900, undetermined: 100, extra: 20 },
        findings: [finding('undecodable', { args: { extraLow: 20, extraHigh: 50 } })],
      }),
    ]
    // 900 and 20 came; up to 50 of them too often, 20 of which may be strangers.
    expect(on(list, { indicator: 'uniqueness' })).toEqual({ good: 870, bad: 0, unknown: 50 })
  })

  it('of which only a commit speaks has arrived, how often nobody knows', () => {
    const list = [
      verdict(LAST, {
        ...{ evidence: 'committed', counts: { expected: 100, delivered: 100 } },
        findings: [finding('committed', { count: 30 })],
      }),
    ]
    expect(on(list)).toEqual({ good: 100, bad: 0, unknown: 0 })
    expect(on(list, { indicator: 'uniqueness' })).toEqual({ good: 70, bad: 0, unknown: 30 })
  })
})

describe('a sample', () => {
  const lost = [0, 1].map((n) => once(idOf(n)))

  it('counts at the ends of its interval', () => {
    // 2 of 64,000: at least 2 · 0.242/2 · 64 = 15, at most 7.2247 · 64 = 463 (Poisson, 95%).
    const list = [sampledVerdict(LAST, { oneIn: 64, expected: 1_000, lost })]
    expect(on(list)).toEqual({ good: 64_000 - 463, bad: 15, unknown: 448 })
  })

  it('is one over all windows: none found in ten says as much as none in one', () => {
    const list = Array.from({ length: 10 }, (_, w) =>
      sampledVerdict(LAST, { oneIn: 64, expected: 100, w }),
    )
    // At most 3.6889 · 64, not ten times as much.
    expect(on(list)).toEqual({ good: 64_000 - 237, bad: 0, unknown: 237 })
  })
})

describe('windows as a budget', () => {
  it('are good if enough of their messages are, bad if too few can be', () => {
    const list = [
      // 99% of 400 are 396.
      verdict(LAST, { w: 0, counts: { expected: 400, delivered: 396, lost: 4 } }),
      verdict(LAST, { w: 1, counts: { expected: 400, delivered: 395, lost: 5 } }),
      verdict(LAST, { w: 2, counts: { expected: 400, delivered: 395, undetermined: 5 } }),
      verdict(LAST, { w: 3, counts: { expected: 400, delivered: 396, undetermined: 4 } }),
      // Nothing was expected: nothing to promise.
      verdict(LAST, { w: 4, verdict: 'no_data', counts: {} }),
    ]
    const found = on(list, { budget: 'windows', windowTarget: 0.99 })
    expect(found).toEqual({ good: 2, bad: 1, unknown: 1 })
  })
})

describe('audit coverage', () => {
  it('counts hops that saw whole windows', () => {
    const hole = { hop: 'store', declared: true, count: 0, passage: 'hole' as const, why: [] }
    const list = [
      ...FLIGHTS.edges.map((e) => verdict(e.name)),
      verdict(LAST, { w: 1, verdict: 'indeterminate', to: [hole] }),
    ]
    // 2 + 2 + 3 + 2 hops in the first window, 2 in the second.
    const found = assess({ indicator: 'audit-coverage' }, { verdicts: list })
    expect(found.events).toEqual({ good: 10, bad: 1, unknown: 0 })
  })

  it('counts what nobody judged in time as not seen, and what is open not at all', () => {
    const open = { state: 'open' } as const
    const left = [verdict(LAST), verdict(LAST, { w: 1, ...open }), verdict(LAST, { w: 9, ...open })]
    const found = assess({ indicator: 'audit-coverage' }, { verdicts: left })
    expect(found.events).toEqual({ good: 2, bad: 2, unknown: 0 })
  })
})

it('of an edge that is not declared nothing is said', () => {
  const found = assess({ scope: onEdge('a → b') }, { verdicts: [verdict('a → b')] })
  expect(found).toMatchObject({ verdict: 'no_data', value: null, budget: null })
  expect(found.reasons).toEqual(['The pipeline flights has no edge a → b.'])
  expect(edge(['a'], ['b']).name).toBe('a → b')
})
