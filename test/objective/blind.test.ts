/** What is not known of a window: by what its verdict says, indicator by indicator. */
import { describe, expect, it } from 'vitest'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import type { Objective } from '../../src/objective/objective.ts'
import type { Events } from '../../src/objective/report.ts'
import { FLIGHTS, finding, idOf, type VerdictParts, verdict } from '../reports/build.ts'
import { assess, onEdge } from './promise.ts'

const LAST = 'enriched → store'
const PRESERVE = { value: true, key: false, headers: [] }
const pipeline = { ...FLIGHTS, edges: FLIGHTS.edges.map((e) => ({ ...e, preserve: PRESERVE })) }

const events = (list: readonly EdgeVerdict[], parts: Partial<Objective>): Events =>
  assess(parts, { verdicts: list, pipeline }).events

const of = (indicator: Objective['indicator'], parts: VerdictParts): readonly number[] => {
  const { good, bad, unknown } = events([verdict(LAST, parts)], { indicator, scope: onEdge(LAST) })
  return [good, bad, unknown]
}

const end = (hop: string, passage: EdgeVerdict['to'][number]['passage']) => [
  { hop, declared: true, count: 100, passage, why: [] },
]
const HUNDRED = { expected: 100, delivered: 100 }

describe('of a hundred that arrived', () => {
  it.each<
    readonly [
      string,
      VerdictParts,
      complete: readonly number[],
      once: readonly number[],
      same: readonly number[],
    ]
  >([
    ['all is known', {}, [100, 0, 0], [100, 0, 0], [100, 0, 0]],
    // More may have been sent: of those that came all is known.
    [
      'the sender has a hole',
      { verdict: 'indeterminate', from: end('enriched', 'hole') },
      ...([
        [0, 0, 100],
        [100, 0, 0],
        [100, 0, 0],
      ] as const),
    ],
    [
      'the sender is still read',
      { verdict: 'indeterminate', from: end('enriched', 'behind') },
      ...([
        [0, 0, 100],
        [100, 0, 0],
        [100, 0, 0],
      ] as const),
    ],
    // More may come: the same messages, again.
    [
      'the receiver is behind',
      { verdict: 'indeterminate', to: end('store', 'behind') },
      ...([
        [100, 0, 0],
        [0, 0, 100],
        [100, 0, 0],
      ] as const),
    ],
    [
      'the receiver has a hole',
      { verdict: 'indeterminate', to: end('store', 'hole') },
      ...([
        [100, 0, 0],
        [0, 0, 100],
        [100, 0, 0],
      ] as const),
    ],
    [
      'five came besides that the sender has not told of',
      {
        verdict: 'indeterminate',
        findings: [finding('undetermined_extra', { count: 5 })],
      },
      ...([
        [0, 0, 100],
        [100, 0, 5],
        [100, 0, 5],
      ] as const),
    ],
    [
      'one came of a producer that nobody heard',
      {
        verdict: 'indeterminate',
        findings: [finding('unconfirmed', { count: 1, args: { unheard: true } })],
      },
      ...([
        [0, 0, 100],
        [100, 0, 0],
        [100, 0, 0],
      ] as const),
    ],
    [
      'one landed whose outcome was not known: now it is',
      { findings: [finding('unconfirmed', { count: 1, args: { landed: true } })] },
      ...([
        [100, 0, 0],
        [100, 0, 0],
        [100, 0, 0],
      ] as const),
    ],
    [
      'a silent producer minted more',
      { verdict: 'indeterminate', findings: [finding('minted_not_here', { count: 3 })] },
      ...([
        [0, 0, 100],
        [100, 0, 0],
        [100, 0, 0],
      ] as const),
    ],
    [
      'a member was killed before it told',
      { verdict: 'indeterminate', findings: [finding('repetition_unknown')] },
      ...([
        [100, 0, 0],
        [0, 0, 100],
        [100, 0, 0],
      ] as const),
    ],
    [
      'of forty the content was not compared',
      {
        ...{ verdict: 'indeterminate', counts: { ...HUNDRED, unverified: 40 } },
        findings: [finding('integrity_unknown', { count: 40 })],
      },
      ...([
        [100, 0, 0],
        [100, 0, 0],
        [60, 0, 40],
      ] as const),
    ],
    // What the verdict does not say must be of the sender.
    [
      'and nothing says why it cannot be judged',
      { verdict: 'indeterminate' },
      ...([
        [0, 0, 100],
        [100, 0, 0],
        [100, 0, 0],
      ] as const),
    ],
    [
      'both ends were counted in different ways',
      {
        ...{ verdict: 'indeterminate', counts: { expected: 100, undetermined: 100 } },
        findings: [finding('params_differ', { count: 100 })],
      },
      ...([
        [0, 0, 100],
        [0, 0, 1],
        [0, 0, 100],
      ] as const),
    ],
  ])('%s', (_, parts, complete, once, same) => {
    const all = { counts: HUNDRED, ...parts }
    expect(of('completeness', all)).toEqual(complete)
    expect(of('uniqueness', all)).toEqual(once)
    expect(of('integrity', all)).toEqual(same)
  })

  it('one is lost, and the sender has not told of others: how many were sent nobody knows', () => {
    const parts: VerdictParts = {
      ...{ verdict: 'breached', counts: { expected: 101, delivered: 100, lost: 1 } },
      findings: [finding('undetermined_extra', { count: 5 })],
    }
    expect(of('completeness', parts)).toEqual([0, 1, 100])
  })

  it('nobody is acquitted where none was told of: one event is not known', () => {
    const nothing = { verdict: 'indeterminate', counts: {}, from: end('enriched', 'hole') } as const
    expect(of('completeness', nothing)).toEqual([0, 0, 1])
    // Of nothing that was sent, nothing can come twice.
    expect(of('uniqueness', { ...nothing, from: [], to: end('store', 'hole') })).toEqual([0, 0, 0])
  })
})

describe('of a sample', () => {
  it('what is not known may be bad, to the bad end of its interval', () => {
    // 1 lost and 1 undetermined of 1,000 looked at: at least 1 of them is bad, at most what 2 may stand
    // for: 7.2247 · 64 = 463. And 1 stands for 0.0253 · 64 at least, of which 1 is proven.
    const sampled: VerdictParts = {
      ...{ oneIn: 64, evidence: 'sampled', verdict: 'breached' },
      counts: { expected: 64_000, delivered: 63_872, lost: 64, undetermined: 64 },
    }
    expect(of('completeness', sampled)).toEqual([63_537, 1, 462])
  })

  it('copies that have no name are so many of all, not of the sample', () => {
    const sampled: VerdictParts = {
      ...{
        oneIn: 64,
        evidence: 'sampled',
        verdict: 'indeterminate',
        counts: { expected: 64_000, delivered: 64_000 },
      },
      findings: [finding('undecodable', { args: { extraHigh: 10 } })],
    }
    // Ten of the sample: as many as 18.390 · 64 of all.
    expect(of('uniqueness', sampled)).toEqual([64_000 - 1_177, 0, 1_177])
  })

  it('copies of one original are one clump: they scatter more than their number tells', () => {
    const copies = (list: readonly string[]): number => {
      const found = finding('duplicated', {
        ...{ count: 64 * list.length, args: { sampled: list.length, oneIn: 64 } },
        ids: list.map((id) => ({ id, times: 1 })),
      })
      const counts = { expected: 64_000, delivered: 64_000, duplicated: 64 * list.length }
      const parts = { oneIn: 64, evidence: 'sampled', verdict: 'breached', counts } as const
      const [, bad = 0, unknown = 0] = of('uniqueness', { ...parts, findings: [found] })
      return bad + unknown
    }
    const apart = [1, 2, 3, 4].map((n) => idOf(n))
    const together = [1, 2, 3, 4].map((ordinal) => idOf(1, 0, ordinal))
    expect(copies(together)).toBeGreaterThan(copies(apart))
  })
})

describe('end to end', () => {
  const way = (edit: Readonly<Record<string, VerdictParts>>): EdgeVerdict[] =>
    FLIGHTS.edges.map(({ name }) => verdict(name, { counts: HUNDRED, ...edit[name] }))
  const [FIRST, SECOND, THIRD] = FLIGHTS.edges.map((e) => e.name) as [string, string, string]
  const three = { counts: { ...HUNDRED, duplicated: 3 } }
  const more = { counts: { expected: 103, delivered: 103 } }

  it('a copy counts once, wherever it was made, and is no message', () => {
    const list = way({ [FIRST]: three, [SECOND]: more, [THIRD]: more, [LAST]: more })
    expect(events(list, { indicator: 'uniqueness' })).toEqual({ good: 100, bad: 3, unknown: 0 })
    expect(events(list, { indicator: 'completeness' })).toEqual({ good: 100, bad: 0, unknown: 0 })
  })

  it('a copy that may have been dropped on the way is not known to have arrived', () => {
    const dropped = { counts: { expected: 103, delivered: 101, filtered: 2 } }
    const list = way({
      [FIRST]: three,
      [SECOND]: more,
      [THIRD]: dropped,
      [LAST]: { counts: { expected: 101, delivered: 101 } },
    })
    expect(events(list, { indicator: 'uniqueness' })).toEqual({ good: 98, bad: 1, unknown: 2 })
  })

  it('as many messages as were sent, less those dropped, are good, lost or unknown', () => {
    // 5,000 sent: 8 lost and 1 copied; of 4,993 handled 5 lost, 3 dropped, 6 copied; of 4,991 1 lost.
    // 5,000 − 3 were to come, 14 did not. One of the 3 dropped may have been the first copy, or not.
    const whole = { counts: { expected: 4_993, delivered: 4_993 } }
    const list = way({
      [FIRST]: { counts: { expected: 5_000, delivered: 4_992, lost: 8, duplicated: 1 } },
      [SECOND]: whole,
      [THIRD]: {
        counts: { expected: 4_993, delivered: 4_985, lost: 5, filtered: 3, duplicated: 6 },
      },
      [LAST]: { counts: { expected: 4_991, delivered: 4_990, lost: 1 } },
    })
    expect(events(list, {})).toEqual({ good: 4_997 - 14, bad: 14, unknown: 0 })
  })

  it('what was dropped before the copies were made takes none of them', () => {
    const list = way({
      [FIRST]: { counts: { expected: 110, delivered: 100, filtered: 10 } },
      [SECOND]: three,
      [THIRD]: more,
      [LAST]: more,
    })
    expect(events(list, { indicator: 'uniqueness' })).toEqual({ good: 100, bad: 3, unknown: 0 })
  })

  it('a copy may have become a dead letter where it was made', () => {
    const to = [...end('enriched', 'passed'), { ...end('dlq', 'passed')[0], count: 2 } as never]
    const list = way({
      [THIRD]: { counts: { expected: 100, delivered: 98, dead_lettered: 2, duplicated: 3 }, to },
      [LAST]: { counts: { expected: 101, delivered: 101 } },
    })
    expect(events(list, { indicator: 'uniqueness' })).toEqual({ good: 98, bad: 1, unknown: 2 })
  })

  it('what was altered anywhere arrives altered', () => {
    const list = way({ [SECOND]: { counts: { expected: 100, delivered: 96, altered: 4 } } })
    expect(events(list, { indicator: 'integrity' })).toEqual({ good: 96, bad: 4, unknown: 0 })
  })

  it('integrity is asked of the edges that promise it', () => {
    const list = way({ [SECOND]: { counts: { expected: 100, delivered: 96, altered: 4 } } })
    const some = {
      ...pipeline,
      edges: FLIGHTS.edges.map((e) => (e.name === FIRST ? { ...e, preserve: PRESERVE } : e)),
    }
    const found = assess({ indicator: 'integrity' }, { verdicts: list, pipeline: some })
    expect(found.events).toEqual({ good: 100, bad: 0, unknown: 0 })
  })

  it('an edge that nobody judged leaves all open', () => {
    const list = way({}).filter((v) => v.edge !== SECOND)
    expect(events(list, {})).toEqual({ good: 0, bad: 0, unknown: 100 })
  })

  it('an edge that is open keeps the window back, unless something is proven on another', () => {
    const open = { w: 9, state: 'open', verdict: 'indeterminate' } as const
    const nine = Object.fromEntries(FLIGHTS.edges.map((e) => [e.name, { w: 9 }]))
    expect(events(way({ ...nine, [LAST]: open }), {})).toEqual({ good: 0, bad: 0, unknown: 0 })
    const lost = { w: 9, counts: { expected: 101, delivered: 100, lost: 1 } }
    const proven = way({ ...nine, [FIRST]: lost, [LAST]: open })
    expect(events(proven, {})).toEqual({ good: 0, bad: 1, unknown: 100 })
  })
})
