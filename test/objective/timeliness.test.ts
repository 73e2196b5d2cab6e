/** On time, by the clock: what is late now, what is not known, and what is too young to say. */
import { describe, expect, it } from 'vitest'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import type { InstanceState, StoredLatency } from '../../src/hop/evidence.ts'
import { consumerHop, hopKey, producerHop, sinkHop } from '../../src/hop/hop.ts'
import type { Objective } from '../../src/objective/objective.ts'
import type { Events } from '../../src/objective/report.ts'
import { judgeWindow } from '../../src/reconcile/judge-window.ts'
import {
  covered,
  DEADLINE,
  evidence,
  HOPS,
  ids,
  instance as instanceAt,
  PIPELINE,
  tally,
} from '../reconcile/build.ts'
import { edge, FLIGHTS, instance, latency, START, verdict } from '../reports/build.ts'
import { assess, onEdge } from './promise.ts'

const MINUTE = 60_000
const STORE = sinkHop('warehouse')
const LAST = 'enriched → store'
const SERVICE = producerHop('default', 'flights.enriched', 'enrich')

/** So many that took so long, in ms. */
const took = (...runs: readonly (readonly [n: number, ms: number])[]): number[] =>
  runs.flatMap(([n, ms]) => Array.from({ length: n }, () => ms))

const stored = (
  fromBirth: readonly number[],
  parts: Parameters<typeof latency>[1] = {},
): StoredLatency => latency(STORE, { fromBirth, thresholdsMs: [MINUTE], ...parts })

/** An agent of the warehouse that spoke two seconds ago. */
const alive = (parts: Partial<InstanceState> = {}): InstanceState =>
  instance('warehouse', { hops: [hopKey(STORE)], ...parts })

interface Case {
  readonly verdicts: readonly EdgeVerdict[]
  readonly latencies?: readonly StoredLatency[]
  readonly instances?: readonly InstanceState[]
  readonly now?: number
}

/** One edge alone is the whole way: from birth to the warehouse, in a minute. */
const lastOnly = { ...FLIGHTS, edges: [edge(['enriched'], ['store'])] }
const events = (run: Case, parts: Partial<Objective> = {}): Events =>
  assess(
    { indicator: 'timeliness', thresholdMs: MINUTE, ...parts },
    { pipeline: lastOnly, instances: [alive()], ...run },
  ).events

const window = (counts: object, parts: Parameters<typeof verdict>[1] = {}): EdgeVerdict =>
  verdict(LAST, { counts, ...parts })

const behind = {
  hop: 'store',
  declared: true,
  count: 300,
  passage: 'behind' as const,
  why: ['lag'],
}
const lagging = (parts: Parameters<typeof verdict>[1] = {}): EdgeVerdict =>
  window(
    { expected: 400, delivered: 300, in_flight: 100 },
    { verdict: 'indeterminate', to: [behind], ...parts },
  )

describe('of messages that arrived', () => {
  it.each<readonly [string, object, readonly number[], Events]>([
    // At the threshold is within it.
    ['at the threshold', {}, took([390, 60_000], [10, 60_001]), { good: 390, bad: 10, unknown: 0 }],
    // Clocks that disagree: below 0 is within.
    ['before they were born', {}, took([400, -5]), { good: 400, bad: 0, unknown: 0 }],
    ['and were not measured', {}, [], { good: 0, bad: 0, unknown: 400 }],
    ['half of them measured', {}, took([200, 5]), { good: 200, bad: 0, unknown: 200 }],
    [
      'and of others that were lost: those are not on time',
      { expected: 400, delivered: 390, lost: 10 },
      took([390, 5]),
      { good: 390, bad: 10, unknown: 0 },
    ],
    [
      'and of others of which nothing is known',
      { expected: 400, delivered: 380, undetermined: 20 },
      took([380, 5]),
      { good: 380, bad: 0, unknown: 20 },
    ],
    [
      'dropped on purpose and dead letters are no promise',
      { expected: 400, delivered: 380, filtered: 15, dead_lettered: 5 },
      took([380, 5]),
      { good: 380, bad: 0, unknown: 0 },
    ],
    [
      // 120 deliveries of 100: 110 in time, of which 20 may be second ones; all 100 may be on time.
      'and came again: which of two was in time is not known',
      { expected: 100, delivered: 100, duplicated: 20 },
      took([110, 5], [10, 90_000]),
      { good: 90, bad: 0, unknown: 10 },
    ],
    [
      // 40 in time at most: 60 are late however the copies lie.
      'and came again: too few were in time',
      { expected: 100, delivered: 100, duplicated: 20 },
      took([40, 5], [80, 90_000]),
      { good: 20, bad: 60, unknown: 20 },
    ],
  ])('%s', (_, counts, measured, expected) => {
    const list = [window({ expected: 400, delivered: 400, ...counts })]
    expect(events({ verdicts: list, latencies: [stored(measured)] })).toEqual(expected)
  })

  it('a threshold that nobody counted lies between its neighbours', () => {
    // Within 30 s: 100; within 2 m: 350; of the rest 50 took longer.
    const measured = stored(took([100, 20_000], [250, 90_000], [50, 200_000]), {
      thresholdsMs: [30_000, 120_000],
    })
    expect(
      events({ verdicts: [window({ expected: 400, delivered: 400 })], latencies: [measured] }),
    ).toEqual({ good: 100, bad: 50, unknown: 250 })
  })

  it.each([
    // The least and the most say it without any threshold.
    [took([400, 60_000]), { good: 400, bad: 0, unknown: 0 }],
    [took([400, 60_001]), { good: 0, bad: 400, unknown: 0 }],
  ])('all on one side of it need no count', (measured, expected) => {
    const latencies = [stored(measured, { thresholdsMs: [] })]
    expect(events({ verdicts: [window({ expected: 400, delivered: 400 })], latencies })).toEqual(
      expected,
    )
  })

  it('a sample counts at the ends of its interval', () => {
    // 2 of the 1,000 looked at are late: at least 15 and at most 463 of 64,000.
    const latencies = [stored(took([998, 5], [2, 90_000]), { oneIn: 64 })]
    const list = [
      window({ expected: 64_000, delivered: 64_000 }, { oneIn: 64, evidence: 'sampled' }),
    ]
    expect(events({ verdicts: list, latencies })).toEqual({ good: 63_537, bad: 15, unknown: 448 })
  })
})

describe('of messages under way', () => {
  const measured = [stored(took([300, 5]))]

  it.each<readonly [string, Partial<Case>, Events]>([
    ['an hour old: late now, lost never', {}, { good: 300, bad: 100, unknown: 0 }],
    // Nobody can say what a hop did that has no agent.
    ['and nobody tells of the receiver', { instances: [] }, { good: 300, bad: 0, unknown: 100 }],
    [
      // It spoke last a minute after the window: what it did in the next minute it may yet tell.
      'and the receiver has not told so far',
      { instances: [alive({ lastSentAt: START + 2 * MINUTE - 1 })] },
      { good: 300, bad: 0, unknown: 100 },
    ],
    [
      'and the receiver has told just so far',
      { instances: [alive({ lastSentAt: START + 2 * MINUTE })] },
      { good: 300, bad: 100, unknown: 0 },
    ],
    [
      'and a member died while they came: it may have handled them',
      {
        instances: [
          alive(),
          alive({ instance: 'd'.repeat(32), lastSentAt: START + 1, lastHeardAt: START + 1 }),
        ],
      },
      { good: 300, bad: 0, unknown: 100 },
    ],
    [
      // 15 s are three heartbeats: after them it handled nothing that was born later.
      'and a member died before they were born',
      {
        instances: [
          alive(),
          alive({ instance: 'd'.repeat(32), lastSentAt: START - 15_000, lastHeardAt: START }),
        ],
      },
      { good: 300, bad: 100, unknown: 0 },
    ],
    [
      'and the receiver said goodbye, after which nobody was heard: it may have come back',
      { instances: [alive({ goodbye: 11, lastSentAt: START + 1, lastHeardAt: START + 1 })] },
      { good: 300, bad: 0, unknown: 100 },
    ],
    [
      'and the receiver said goodbye: it stopped',
      { instances: [alive({ goodbye: 11, lastSentAt: START + 1 })] },
      { good: 300, bad: 100, unknown: 0 },
    ],
  ])('%s', (_, run, expected) => {
    expect(events({ verdicts: [lagging()], latencies: measured, ...run })).toEqual(expected)
  })

  it('an open window counts as soon as it is due: a stopped consumer is noticed today', () => {
    // The window ended at 01:01; a minute later, and two seconds for the agent to tell, its lag is late.
    const at = (now: number) => ({
      ...{ verdicts: [lagging({ state: 'open' })], latencies: measured, now },
      instances: [alive({ lastSentAt: now - 2_000, lastHeardAt: now - 2_000 })],
    })
    expect(events(at(START + 2 * MINUTE + 1_999))).toEqual({ good: 0, bad: 0, unknown: 0 })
    expect(events(at(START + 2 * MINUTE + 2_000))).toEqual({ good: 300, bad: 100, unknown: 0 })
  })

  it('a young window counts what is late in it already', () => {
    const list = [lagging({ w: 9, state: 'open' })]
    expect(events({ verdicts: list, latencies: [stored(took([300, 5]), { w: 9 })] })).toEqual({
      ...{ good: 0, bad: 0, unknown: 0 },
    })
    const late = [stored(took([293, 5], [7, 60_001]), { w: 9 })]
    expect(events({ verdicts: list, latencies: late })).toEqual({ good: 0, bad: 7, unknown: 393 })
  })

  it('what a group has committed and nobody told of may have been in time', () => {
    const why = ['committed by the group, but not told by an agent yet']
    const list = [lagging({ state: 'open', to: [{ ...behind, why }] })]
    const now = START + 2.5 * MINUTE
    const run = { verdicts: list, latencies: measured, now }
    expect(events({ ...run, instances: [alive({ lastSentAt: now, lastHeardAt: now })] })).toEqual({
      ...{ good: 0, bad: 0, unknown: 0 },
    })
  })

  it('the words of such a verdict are those that the judge uses', () => {
    // The group committed all ten; its agent has told of five.
    const open = judgeWindow(
      PIPELINE,
      evidence({
        now: DEADLINE - 1,
        tallies: [
          tally({ hop: HOPS.checkin, ids: ids(0, 10) }),
          tally({ hop: HOPS.flights, ids: ids(0, 10) }),
          tally({ hop: HOPS.enrich, ids: ids(0, 5) }),
        ],
        coverage: new Map([covered(HOPS.flights, [0, 10]), covered(HOPS.enrich, [0, 5])]),
        instances: [HOPS.checkin, HOPS.flights, HOPS.enrich].map((hop) =>
          instanceAt({ hops: [hop] }),
        ),
        commits: new Map([
          [hopKey(HOPS.enrich), new Map([[0, { committed: [[0, 10]], deleted: [] }]])],
        ]),
      }),
    ).find((j) => j.edge === 'flights → enrich')
    expect(open?.counts.in_flight).toBe(5)
    expect(open?.to[0]?.why.some((w) => w.startsWith('committed by the group'))).toBe(true)
  })

  it('are not known where the auditor itself has gone', () => {
    const list = [lagging({ state: 'open' })]
    expect(events({ verdicts: list, latencies: measured }).bad).toBe(0)
    expect(events({ verdicts: list, latencies: measured }).unknown).toBe(400)
  })
})

describe('on an edge', () => {
  const scope = onEdge(LAST)
  const from = { hop: 'enriched', declared: true, count: 400, passage: 'passed' as const, why: [] }
  const slow = lagging({ from: [from] })
  const hopped = latency(STORE, { fromHop: took([300, 5]), thresholdsMs: [MINUTE] })
  const sentAfter = (ms: number): StoredLatency =>
    latency(SERVICE, {
      ...{ origin: { topic: 'flights', group: 'enrich' }, fromBirth: took([400, ms]) },
    })

  it('time runs from the hop before: what came there late is not late here yet', () => {
    // They were in the topic 7 minutes after birth at the latest: due 9 minutes after the start.
    const run = (now: number): Case => ({
      verdicts: [slow],
      latencies: [hopped, sentAfter(7 * MINUTE)],
      ...{ now, instances: [alive({ lastSentAt: now, lastHeardAt: now })] },
    })
    const pipeline = FLIGHTS
    const of = (now: number): Events =>
      assess({ indicator: 'timeliness', thresholdMs: MINUTE, scope }, { ...run(now), pipeline })
        .events
    expect(of(START + 9 * MINUTE - 1)).toEqual({ good: 300, bad: 0, unknown: 100 })
    expect(of(START + 9 * MINUTE)).toEqual({ good: 300, bad: 100, unknown: 0 })
  })

  it('when nobody knows when they came there, nobody is late', () => {
    expect(events({ verdicts: [slow], latencies: [hopped] }, { scope })).toEqual({
      ...{ good: 300, bad: 0, unknown: 100 },
    })
  })

  it('into dead letters nothing is promised', () => {
    const name = 'enrich → enriched + dlq'
    const to = producerHop('default', 'flights.dlq', 'enrich')
    const origin = { topic: 'flights', group: 'enrich' }
    const latencies = [
      latency(SERVICE, { origin, fromHop: took([90, 5]), thresholdsMs: [MINUTE] }),
      latency(to, { origin, fromHop: took([10, 90_000]), thresholdsMs: [MINUTE] }),
    ]
    const counts = { expected: 100, delivered: 90, dead_lettered: 10 }
    const run = { verdicts: [verdict(name, { counts })], latencies, pipeline: FLIGHTS }
    expect(
      assess({ indicator: 'timeliness', thresholdMs: MINUTE, scope: onEdge(name) }, run).events,
    ).toEqual({ good: 90, bad: 0, unknown: 0 })
  })
})

describe('end to end', () => {
  const all = (edit: Partial<Record<string, Parameters<typeof verdict>[1]>> = {}): EdgeVerdict[] =>
    FLIGHTS.edges.map(({ name }) => verdict(name, edit[name] ?? {}))
  const of = (verdicts: readonly EdgeVerdict[], measured: readonly number[]): Events =>
    assess(
      { indicator: 'timeliness', thresholdMs: MINUTE },
      { verdicts, latencies: [stored(measured)], instances: [alive()] },
    ).events

  it('counts from birth to the end: what is under way anywhere is late', () => {
    const stuck = {
      'flights → enrich': {
        verdict: 'indeterminate' as const,
        counts: { expected: 400, delivered: 350, in_flight: 50 },
      },
      'enrich → enriched + dlq': {
        counts: { expected: 350, delivered: 330, filtered: 10, dead_lettered: 6, lost: 4 },
      },
      'enriched → store': { counts: { expected: 330, delivered: 330 } },
    }
    // 400 less 10 dropped and 6 dead letters: 384; 320 in time, 10 late, 50 under way, 4 lost.
    const measured = took([320, 5], [10, 90_000])
    expect(of(all(stuck), measured)).toEqual({ good: 320, bad: 64, unknown: 0 })
  })

  it('calls nobody late whom only an agent in between has not read yet', () => {
    // The topic agent is behind: nothing is known there, and all of it has come out in time.
    const reading = {
      'checkin → flights': {
        verdict: 'indeterminate' as const,
        counts: { expected: 400, in_flight: 400 },
      },
    }
    const { good, bad } = of(all(reading), took([400, 5]))
    expect({ good, bad }).toEqual({ good: 400, bad: 0 })
  })

  it('calls nobody late whom it would have to count twice: what was dropped has not gone missing', () => {
    // 50 not read yet by the topic agent; all 400 were handled, 80 dropped, 20 dead letters, 300 arrived.
    const reading = {
      'checkin → flights': {
        verdict: 'indeterminate' as const,
        counts: { expected: 400, delivered: 350, in_flight: 50 },
      },
      'enrich → enriched + dlq': {
        counts: { expected: 400, delivered: 300, filtered: 80, dead_lettered: 20 },
      },
      'enriched → store': { counts: { expected: 300, delivered: 300 } },
    }
    const { good, bad } = of(all(reading), took([300, 5]))
    expect({ good, bad }).toEqual({ good: 300, bad: 0 })
  })

  it('a copy made on the way is no message: one of the two must be on time', () => {
    const more = { counts: { expected: 403, delivered: 403 } }
    const list = all({
      'checkin → flights': { counts: { expected: 400, delivered: 400, duplicated: 3 } },
      ...{ 'flights → enrich': more, 'enrich → enriched + dlq': more, 'enriched → store': more },
    })
    expect(of(list, took([403, 5]))).toEqual({ good: 400, bad: 0, unknown: 0 })
    // 398 in time: with 3 copies among them as few as 395 messages may be; 2 messages are late at least.
    expect(of(list, took([398, 5], [5, 90_000]))).toEqual({ good: 395, bad: 2, unknown: 3 })
  })

  it('promises nothing of what went elsewhere', () => {
    // 300 of 400 to the store, 100 to a topic that leads on: those are on another path.
    const forked = {
      ...FLIGHTS,
      edges: [edge(['checkin'], ['store', 'enriched']), edge(['enriched'], ['enrich'])],
    }
    const passed = (hop: string, count: number) => ({
      ...{ hop, declared: true, count, passage: 'passed' as const, why: [] },
    })
    const list = [
      verdict('checkin → store + enriched', {
        counts: { expected: 400, delivered: 400 },
        to: [passed('store', 300), passed('enriched', 100)],
      }),
      verdict('enriched → enrich', { counts: { expected: 100, delivered: 100 } }),
    ]
    const enrich = consumerHop('default', 'flights', 'enrich')
    const latencies = [
      stored(took([300, 5])),
      latency(enrich, { fromBirth: took([100, 5]), thresholdsMs: [MINUTE] }),
    ]
    const parts = { indicator: 'timeliness', thresholdMs: MINUTE, target: 1 } as const
    const found = assess(parts, { verdicts: list, latencies, pipeline: forked })
    expect(found.verdict).toBe('met')
    // On the way to the group the 300 are not expected either.
    const slow = latency(enrich, { fromBirth: took([100, 90_000]), thresholdsMs: [MINUTE] })
    const late = assess(parts, {
      ...{ verdicts: list, pipeline: forked },
      latencies: [stored(took([300, 5])), slow],
    })
    expect(late.events).toEqual({ good: 0, bad: 100, unknown: 0 })
  })

  it('is not known where nobody judged the last edge', () => {
    const list = all().filter((v) => v.edge !== LAST)
    expect(of(list, took([400, 5]))).toMatchObject({ good: 0, bad: 0 })
    expect(of(list, took([400, 5])).unknown).toBeGreaterThan(0)
  })

  it('is judged behind a group by the agent of the end, not by its own', () => {
    const enrich = instance('svc', { hops: [hopKey(consumerHop('default', 'flights', 'enrich'))] })
    const run = {
      verdicts: all({
        [LAST]: { to: [behind], counts: { expected: 400, delivered: 300, in_flight: 100 } },
      }),
    }
    const parts = { indicator: 'timeliness', thresholdMs: MINUTE } as const
    const latencies = [stored(took([300, 5]))]
    const blind = assess(parts, { ...run, latencies, instances: [enrich] })
    expect(blind.events).toMatchObject({ bad: 0, unknown: 100 })
    const seen = assess(parts, { ...run, latencies, instances: [enrich, alive()] })
    expect(seen.events).toMatchObject({ bad: 100, unknown: 0 })
  })
})

it('what the sender may not have told of is not known to be on time', () => {
  const hole = { hop: 'enriched', declared: true, count: 400, passage: 'hole' as const, why: [] }
  const list = [
    window({ expected: 400, delivered: 400 }, { verdict: 'indeterminate', from: [hole] }),
  ]
  expect(events({ verdicts: list, latencies: [stored(took([390, 5], [10, 90_000]))] })).toEqual({
    ...{ good: 0, bad: 10, unknown: 390 },
  })
})

it('of two records of one hop and window the last one stands', () => {
  const list = [window({ expected: 400, delivered: 400 })]
  const latencies = [stored(took([100, 5])), stored(took([400, 5]))]
  expect(events({ verdicts: list, latencies })).toEqual({ good: 400, bad: 0, unknown: 0 })
})

it('before the audit began nobody is on time or late', () => {
  const outside = { ...behind, count: 0, passage: 'out_of_scope' as const }
  const list = [window({}, { verdict: 'no_data', to: [outside] })]
  expect(events({ verdicts: list })).toEqual({ good: 0, bad: 0, unknown: 0 })
  const some = [window({ expected: 400, delivered: 400 }, { to: [outside] })]
  expect(events({ verdicts: some, latencies: [stored(took([400, 5]))] })).toEqual({
    ...{ good: 0, bad: 0, unknown: 0 },
  })
})
