/** What was seen of a hop: first something is taken away, then it must be named. */
import { describe, expect, it } from 'vitest'
import type { HopPassage } from '../../src/finding/verdict.ts'
import type { HopCoverage, HopGap, InstanceState } from '../../src/hop/evidence.ts'
import { consumerHop, hopKey, producerHop, topicHop } from '../../src/hop/hop.ts'
import {
  coverageCode,
  type HopCoverageInput,
  type HopSummary,
  summarizeHops,
} from '../../src/objective/hop-coverage.ts'
import { edge, FLIGHTS, instance, NOW, START, verdict } from '../reports/build.ts'

const MINUTE = 60_000
const iso = (ms: number): string => new Date(ms).toISOString()
const checkin = producerHop('default', 'flights', 'checkin')
const flights = topicHop('default', 'flights')
const enrich = consumerHop('default', 'flights', 'enrich')
const [produced, consumed] = [edge(['checkin'], ['flights']), edge(['flights'], ['enrich'])]
const LINE = {
  ...FLIGHTS,
  hops: [...produced.from, ...produced.to, ...consumed.to],
  edges: [produced, consumed],
}

const speaker = (hop: typeof enrich, parts: Partial<InstanceState> = {}): InstanceState =>
  instance('audit', { hops: [hopKey(hop)], ...parts })

/** From, to, and when it was watched first and last. */
type Watched = readonly [from: number, to: number, firstAt: number, lastAt: number]

const watched = (hop: typeof enrich, partition: number, ...spans: Watched[]): HopCoverage => ({
  ...{ key: hopKey(hop), hop },
  partitions: new Map([[partition, spans.map(([from, to]) => [from, to] as const)]]),
  spans: new Map([
    [partition, spans.map(([from, to, firstAt, lastAt]) => ({ from, to, firstAt, lastAt }))],
  ]),
})

const end = (
  passage: HopPassage['passage'],
  hop = 'enrich',
  why: readonly string[] = [],
): HopPassage => ({ hop, declared: true, count: 0, passage, why })

/** Windows of the second edge, with how the group stood to each. */
const run = (states: readonly HopPassage['passage'][]) =>
  states.map((state, w) => verdict('flights → enrich', { w, to: [end(state)] }))

function summary(parts: Partial<HopCoverageInput> = {}): HopSummary[] {
  return summarizeHops({
    pipelines: [LINE],
    verdicts: [0, 1].flatMap((w) => LINE.edges.map(({ name }) => verdict(name, { w }))),
    coverage: [watched(enrich, 0, [0, 800, START, NOW])],
    instances: [checkin, flights, enrich].map((hop) => speaker(hop)),
    gaps: [],
    now: NOW,
    since: START,
    ...parts,
  })
}

/** What is said of the group. */
function enrichOf(parts: Partial<HopCoverageInput> = {}): HopSummary {
  return summary(parts).find(({ hop }) => hop === 'enrich') as HopSummary
}

describe('a hop', () => {
  it('is whole where windows passed, offsets are unbroken and its agent is heard', () => {
    const hops = summary()
    expect(hops.map(({ hop, standing, since }) => [hop, standing, since])).toEqual([
      ['checkin', 'whole', null],
      ['flights', 'whole', null],
      ['enrich', 'whole', null],
    ])
    expect(hops[2]).toMatchObject({
      role: 'consumer',
      at: 'group enrich on flights',
      passedUntil: '2026-11-23T01:02:00.000Z',
      partitions: [
        { ...{ partition: 0, low: 0, high: 799, covered: 800 }, coveredUntil: iso(NOW) },
      ],
      holeCount: 0,
    })
    expect(coverageCode(hops)).toBe(0)
  })

  const heardAt = NOW - MINUTE
  const silent = speaker(enrich, { lastHeardAt: heardAt, lastSentAt: heardAt })
  const broken = [watched(enrich, 3, [10, 20, START, START + 1], [25, 30, START + 9, START + 20])]
  const healing = [watched(enrich, 3, [10, 20, START, NOW], [25, 30, START + 9, START + 20])]
  const ageless = [watched(enrich, 3, [10, 20, 0, 0], [25, 30, 0, 0])]
  const old = [watched(enrich, 3, [10, 20, 0, 0], [25, 30, 0, START + 7])]
  const slow = speaker(enrich, { lastHeardAt: heardAt - 1, flushMs: MINUTE })
  it.each<readonly [string, Partial<HopCoverageInput>, HopSummary['standing'], number | null]>([
    ['nobody spoke for it', { instances: [] }, 'unseen', null],
    ['offsets are missing', { coverage: broken }, 'hole', START + 1],
    // It ended at START + 9: a moment later it is no more of the time asked for.
    ['a hole that ended then', { coverage: broken, since: START + 9 }, 'hole', START + 1],
    ['a hole that ended before', { coverage: broken, since: START + 10 }, 'whole', null],
    ['a hole that began before the end', { coverage: broken, until: START + 2 }, 'hole', START + 1],
    ['a hole that began then', { coverage: broken, until: START + 1 }, 'whole', null],
    // Somebody fills it from below: it began when those behind it were watched, at the latest.
    ['a hole that is being filled', { coverage: healing }, 'hole', START + 9],
    // Nobody knows when: the windows decide.
    ['a hole of unknown times', { coverage: ageless }, 'whole', null],
    ['a hole that ended by then', { coverage: old, since: START + 7 }, 'hole', null],
    ['a hole that had ended by then', { coverage: old, since: START + 8 }, 'whole', null],
    [
      'a window and an ended hole, the earlier one',
      { coverage: broken, verdicts: run(['passed', 'hole']) },
      'hole',
      START + 1,
    ],
    ['a window has a hole', { verdicts: run(['passed', 'hole']) }, 'hole', START + MINUTE],
    ['a hole is worse than behind', { verdicts: run(['hole', 'behind']) }, 'hole', START],
    ['a window is behind', { verdicts: run(['passed', 'behind']) }, 'behind', START + MINUTE],
    ['its agent fell silent', { instances: [silent] }, 'silent', heardAt],
    ['it was silent after that', { instances: [silent], until: heardAt + 1 }, 'silent', heardAt],
    // It was heard at `until`: it has spoken for all before.
    ['it was silent only later', { instances: [silent], until: heardAt }, 'whole', null],
    ['a slower one lives, heard before it', { instances: [silent, slow] }, 'whole', null],
    ['another took over', { instances: [silent, speaker(enrich)] }, 'whole', null],
    ['it said goodbye', { instances: [{ ...silent, goodbye: 11 }] }, 'whole', null],
    ['no window was judged', { verdicts: [] }, 'open', null],
    ['no window is in its scope', { verdicts: run(['out_of_scope']) }, 'open', null],
    [
      'the first window is out of scope',
      { verdicts: run(['out_of_scope', 'passed']) },
      'whole',
      null,
    ],
  ])('%s', (_, parts, standing, since) => {
    const found = enrichOf(parts)
    expect(found.standing).toBe(standing)
    expect(found.since).toBe(since === null ? null : new Date(since).toISOString())
    expect(coverageCode([found])).toBe(standing === 'whole' ? 0 : 3)
  })

  it('is not whole since the first window of the present run, not of an earlier one', () => {
    const verdicts = run(['hole', 'passed', 'behind', 'out_of_scope', 'hole'])
    const found = enrichOf({ verdicts })
    expect(found.since).toBe(new Date(START + 2 * MINUTE).toISOString())
    expect(found.windows).toEqual({ passed: 1, out_of_scope: 1, behind: 1, hole: 2, open: 0 })
  })

  it('stands as on the worst of its edges; an edge that is open says nothing', () => {
    const [first, second, third] = [
      verdict('checkin → flights', { to: [end('hole', 'flights', ['frames 3'])] }),
      verdict('flights → enrich', { from: [end('passed', 'flights')] }),
      verdict('flights → enrich', { w: 9, state: 'open', from: [end('behind', 'flights')] }),
    ]
    for (const verdicts of [
      [first, second, third],
      [third, second, first],
    ]) {
      const found = summary({ verdicts }).find(({ hop }) => hop === 'flights')
      expect(found?.windows).toMatchObject({ hole: 1, passed: 0, behind: 0, open: 1 })
      expect(found?.why).toEqual(['frames 3'])
    }
  })

  it('is taken at its last known word in a window that nobody settled by its deadline', () => {
    const [verdict] = run(['behind']).map((v) => ({ ...v, state: 'open' as const }))
    const verdicts = verdict === undefined ? [] : [verdict]
    const deadline = START + MINUTE + LINE.latenessMs
    const at = (now: number) => enrichOf({ verdicts, now }).windows
    expect(at(deadline - 1)).toMatchObject({ open: 1, behind: 0 })
    expect(at(deadline)).toMatchObject({ open: 0, behind: 1 })
  })

  it('tells why of the newest window that it has not passed, each reason once', () => {
    const verdicts = [
      verdict('flights → enrich', { to: [end('hole', 'enrich', ['frames 3'])] }),
      verdict('flights → enrich', {
        w: 1,
        to: [end('behind', 'enrich', ['read to 7', 'read to 7'])],
      }),
      verdict('flights → enrich', { w: 2 }),
    ]
    expect(enrichOf({ verdicts }).why).toEqual(['read to 7'])
  })

  it('is not blamed for one that nobody declared', () => {
    const stray = { ...end('hole'), declared: false }
    const verdicts = run(['passed']).map((v) => ({ ...v, from: [stray] }))
    expect(enrichOf({ verdicts }).windows).toMatchObject({ passed: 1, hole: 0 })
  })

  it('of the same name in another pipeline is another hop', () => {
    const verdicts = run(['hole']).map((v) => ({ ...v, pipeline: 'bookings' }))
    expect(enrichOf({ verdicts }).windows.hole).toBe(0)
  })
})

describe('what is missing is named', () => {
  it('offsets, by partition, both ends included, since when and until when', () => {
    const coverage = [
      watched(
        enrich,
        3,
        [10, 20, START, START + 5],
        [25, 30, START + 60, START + 65],
        [31, 40, START + 80, START + 90],
        [50, 51, START + 30, 0],
        [60, 61, 0, 0],
      ),
      watched(flights, 3, [0, 1, START, START], [9, 10, START, START]),
    ]
    const found = enrichOf({ coverage, since: START + 60 })
    expect(found.partitions).toEqual([
      { partition: 3, low: 10, high: 60, covered: 26, coveredUntil: null },
    ])
    const hole = (low: number, high: number, since: number | null, until: number | null) => ({
      ...{ partition: 3, low, high, since: since && iso(since), until: until && iso(until) },
    })
    // The one that ended last comes first; then that of which nobody knows when.
    expect(found.holes).toEqual([
      hole(30, 30, START + 65, START + 80),
      hole(20, 24, START + 5, START + 60),
      hole(51, 59, null, null),
    ])
    // Offsets 40 to 49, which ended at START + 30.
    expect([found.holeCount, found.otherHoleCount]).toEqual([3, 1])
  })

  it('no more than 100 holes are listed, and all are counted', () => {
    const spans = Array.from({ length: 151 }, (_, i): Watched => [2 * i, 2 * i + 1, NOW, NOW])
    const { holes, holeCount } = enrichOf({ coverage: [watched(enrich, 0, ...spans)] })
    expect([holes.length, holeCount]).toEqual([100, 150])
  })

  it('windows in a row that it stands to alike, the newest 100 of such rows', () => {
    const at = (w: number): string => iso(START + w * MINUTE)
    const some = enrichOf({ verdicts: run(['hole', 'passed', 'passed', 'behind']) })
    expect(some.runs).toEqual([
      { state: 'hole', from: at(0), to: at(1), windows: 1 },
      { state: 'passed', from: at(1), to: at(3), windows: 2 },
      { state: 'behind', from: at(3), to: at(4), windows: 1 },
    ])
    const states = Array.from({ length: 130 }, (_, i) => (i % 2 === 0 ? 'passed' : 'hole'))
    const many = enrichOf({ verdicts: run(states as HopPassage['passage'][]) })
    expect([many.runs.length, many.runCount]).toEqual([100, 130])
    expect(many.runs.at(-1)?.to).toBe(at(130))
  })

  it('frames, and what an agent has sealed, the one heard last first', () => {
    const seal = { hop: checkin, sealedUntil: START + MINUTE, open: [], number: 7 }
    const [old, live] = [
      speaker(checkin, {
        instance: 'a'.repeat(32),
        lastHeardAt: START,
        seen: [
          [2, 5],
          [6, 8],
        ],
      }),
      speaker(checkin, { seals: [seal] }),
    ]
    const [hop] = summary({ instances: [old, live] })
    expect(hop?.agents).toEqual([
      {
        ...{ service: 'audit', instance: '0'.repeat(32), state: 'live' },
        ...{ lastHeard: new Date(NOW - 2_000).toISOString(), frames: 12, missingFrames: 0 },
        sealedUntil: new Date(START + MINUTE).toISOString(),
      },
      {
        ...{ service: 'audit', instance: 'a'.repeat(32), state: 'silent' },
        // 0, 1 and 5
        ...{ lastHeard: new Date(START).toISOString(), frames: 5, missingFrames: 3 },
        sealedUntil: null,
      },
    ])
  })

  it('evidence given up, of the windows asked for and of this hop alone', () => {
    const gap = (parts: Partial<HopGap>): HopGap => ({
      ...{ key: hopKey(enrich), reason: 'tallies-full', count: 5 },
      ...{ fromWindow: START, toWindow: START + MINUTE, ...parts },
    })
    const gaps = [
      gap({}),
      gap({ count: 2, fromWindow: START + MINUTE }),
      gap({ key: hopKey(flights) }),
    ]
    const of = (parts: Partial<HopCoverageInput>) => enrichOf({ gaps, ...parts }).dropped
    expect(of({})).toEqual([{ reason: 'tallies-full', count: 7 }])
    expect(of({ until: START + MINUTE })).toEqual([{ reason: 'tallies-full', count: 5 }])
    expect(of({ since: START + MINUTE })).toEqual([{ reason: 'tallies-full', count: 7 }])
    expect(of({ since: START + MINUTE + 1 })).toEqual([])
  })
})

it('a store without a pipeline proves nothing', () => {
  expect(coverageCode(summary({ pipelines: [] }))).toBe(3)
})
