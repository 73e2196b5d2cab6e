/** What holds for every objective, whatever the verdicts, and how they come. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EdgeVerdict, WindowVerdict } from '../../src/finding/verdict.ts'
import { consumerHop, hopKey, sinkHop } from '../../src/hop/hop.ts'
import { sumCounts } from '../../src/objective/counts.ts'
import { allOf } from '../../src/objective/events.ts'
import { indicators, type Objective } from '../../src/objective/objective.ts'
import { BURN_POINTS_MAX } from '../../src/objective/report.ts'
import { sentenceOf } from '../../src/objective/sentence.ts'
import { FLIGHTS, finding, instance, latency, NOW, START, verdict } from '../reports/build.ts'
import { assess, DAY_MS, objective, onEdge } from './promise.ts'

const MINUTE = 60_000
const PRESERVE = { value: true, key: false, headers: [] }
const pipeline = { ...FLIGHTS, edges: FLIGHTS.edges.map((e) => ({ ...e, preserve: PRESERVE })) }
const EDGES = FLIGHTS.edges.map((e) => e.name)

const nat = (max: number): fc.Arbitrary<number> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(max) })

const counts = fc
  .record({
    ...{ delivered: fc.nat(500), lost: nat(20), altered: nat(20), filtered: nat(20) },
    ...{ dead_lettered: nat(20), in_flight: nat(20), undetermined: nat(20) },
  })
  .map((parts) => ({
    ...sumCounts([]),
    ...parts,
    expected: Object.values(parts).reduce((a, b) => a + b, 0),
  }))

const aside = fc.record({ ...{ duplicated: nat(10), extra: nat(10), recovered: nat(10) } })
const passage = fc.constantFrom('passed', 'passed', 'passed', 'behind', 'hole', 'out_of_scope')

const one: fc.Arbitrary<EdgeVerdict> = fc
  .record({
    edge: fc.constantFrom(...EDGES),
    w: fc.nat(9),
    counts,
    aside,
    ...{ from: passage, to: passage },
    state: fc.constantFrom('open', 'settled', 'settled', 'settled'),
    verdict: fc.constantFrom<WindowVerdict>('met', 'breached', 'indeterminate'),
    sampled: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
    extra: nat(5),
  })
  .map(({ edge, w, from, to, sampled, extra, ...rest }) => {
    const plain = verdict(edge, {
      ...{ w, state: rest.state as EdgeVerdict['state'], verdict: rest.verdict },
      counts: { ...rest.counts, ...rest.aside },
      findings: extra > 0 ? [finding('undetermined_extra', { count: extra })] : [],
    })
    const oneIn = sampled ? 64 : 1
    return {
      ...plain,
      oneIn,
      from: plain.from.map((p) => ({ ...p, passage: from as 'passed' })),
      to: plain.to.map((p) => ({ ...p, passage: to as 'passed', count: rest.counts.delivered })),
      counts: Object.fromEntries(
        Object.entries(plain.counts).map(([name, n]) => [name, n * oneIn]),
      ) as unknown as EdgeVerdict['counts'],
    }
  })

/** One verdict of each edge and window at most. */
const verdicts = fc.uniqueArray(one, {
  selector: (v) => `${v.edge}/${v.window.start}`,
  maxLength: 30,
})

const asked: fc.Arbitrary<Partial<Objective>> = fc
  .record({
    indicator: fc.constantFrom(...indicators),
    scope: fc.constantFrom<Objective['scope']>({ kind: 'end-to-end' }, ...EDGES.map(onEdge)),
    target: fc.constantFrom(1, 0.999, 0.9, 0.5),
    byWindow: fc.boolean(),
    refundLate: fc.boolean(),
    minEvents: fc.constantFrom(0, 100, 5_000),
    calendar: fc.boolean(),
  })
  .map(({ byWindow, calendar, ...rest }) => ({
    ...rest,
    ...{ thresholdMs: 2 * MINUTE, volume: { min: 100, max: 600 } },
    budget: byWindow ? 'windows' : 'messages',
    windowTarget: byWindow ? 0.95 : null,
    period: calendar
      ? { kind: 'calendar', unit: 'day', timeZone: 'Europe/Berlin' }
      : { kind: 'rolling', ms: DAY_MS },
  }))

const STORE = sinkHop('warehouse')
const ENRICH = consumerHop('default', 'flights', 'enrich')
const measured = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].flatMap((w) =>
  [STORE, ENRICH].map((hop) =>
    latency(hop, {
      ...{ w, thresholdsMs: [2 * MINUTE] },
      fromBirth: [5, 90_000, 150_000],
      fromHop: [5, 80_000, 140_000],
    }),
  ),
)
const instances = [instance('all', { hops: [hopKey(STORE), hopKey(ENRICH)] })]
const run = (list: readonly EdgeVerdict[]) => ({
  ...{ verdicts: list, latencies: measured, instances, pipeline },
})

describe('every assessment', () => {
  it('has shares between 0 and 1, events that add up, and budgets that follow from them', () => {
    fc.assert(
      fc.property(verdicts, asked, (list, parts) => {
        const { events, value, budget, burn, burnDown, verdict: is } = assess(parts, run(list))
        const { good, bad, unknown } = events
        for (const n of [good, bad, unknown]) {
          expect(Number.isSafeInteger(n)).toBe(true)
          expect(n).toBeGreaterThanOrEqual(0)
        }
        expect(value === null).toBe(allOf(events) === 0)
        if (value === null || budget === null) {
          expect([is, budget]).toEqual(['no_data', null])
          return
        }
        expect(0 <= value.low && value.low <= value.high && value.high <= 1).toBe(true)
        expect(budget.spent).toEqual({ low: bad, high: bad + unknown })
        expect(burnDown.length).toBeLessThanOrEqual(BURN_POINTS_MAX)
        if (budget.left !== null) expect(burnDown.at(-1)?.left).toEqual(budget.left)
        for (const { long, short } of burn)
          for (const rate of [long, short])
            if (rate !== null) expect(rate).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 200 },
    )
  })

  it('is the same in any order, twice, and with older revisions beside', () => {
    const shuffled = verdicts.chain((list) =>
      fc.tuple(
        fc.constant(list),
        fc.shuffledSubarray(list, { minLength: list.length }),
        fc.subarray(list),
      ),
    )
    fc.assert(
      fc.property(shuffled, asked, ([list, other, older], parts) => {
        const newest = list.map((v) => ({ ...v, revision: 1 }))
        const first = assess(parts, run(newest))
        const before = older.map((v) => ({ ...v, counts: { ...v.counts, lost: 7 }, revision: 0 }))
        const again = [...other.map((v) => ({ ...v, revision: 1 })), ...before]
        expect(assess(parts, run([...again, ...newest]))).toEqual(first)
        expect(assess(parts, run([...before, ...newest]))).toEqual(first)
      }),
      { numRuns: 100 },
    )
  })

  it('of settled counts is never met while a loss could break it, nor breached by what could be good', () => {
    fc.assert(
      fc.property(verdicts, asked, (list, parts) => {
        const one = { ...parts, indicator: 'completeness' } as const
        const certain = (name: 'delivered' | 'lost'): EdgeVerdict[] =>
          list.map((v) => {
            // What is not settled yet, or was not audited, is no event before something is proven in it.
            const isOutside = [...v.from, ...v.to].some((p) => p.passage === 'out_of_scope')
            if (v.state === 'open' || isOutside) return v
            const { undetermined, in_flight } = v.counts
            const known = { ...v.counts, undetermined: 0, in_flight: 0 }
            const counts = { ...known, [name]: known[name] + undetermined + in_flight }
            const is = undetermined + in_flight > 0 ? 'breached' : v.verdict
            return { ...v, counts, verdict: is }
          })
        const { verdict: is } = assess(one, run(list))
        if (is === 'met') expect(assess(one, run(certain('lost'))).verdict).toMatch(/met|at_risk/)
        // What is handed on comes to the end: only over one edge is it known where.
        const isEdge = one.scope?.kind === 'edge'
        if (is === 'breached' && isEdge) {
          expect(assess(one, run(certain('delivered'))).verdict).toBe('breached')
        }
      }),
      { numRuns: 200 },
    )
  })
})

describe('windows of a period', () => {
  it('begin in it: half-open', () => {
    const now = START + 10 * MINUTE
    const list = [0, 1, 2].map((w) => verdict(EDGES[0] as string, { w }))
    const of = (ms: number) =>
      assess(
        { scope: onEdge(EDGES[0] as string), period: { kind: 'rolling', ms } },
        { verdicts: list, now },
      ).events.good
    // Exactly ten minutes ago the first one began.
    expect([of(10 * MINUTE), of(10 * MINUTE - 1), of(DAY_MS)]).toEqual([1_200, 800, 1_200])
  })
})

describe('at risk', () => {
  const bad = (w: number, lost: number): EdgeVerdict =>
    verdict(EDGES[0] as string, {
      ...{ w, counts: { expected: 1_000, delivered: 1_000 - lost, lost } },
    })
  const scope = onEdge(EDGES[0] as string)
  const hours = (n: number, lost: (w: number) => number) => ({
    verdicts: Array.from({ length: n * 60 }, (_, w) => bad(w, lost(w))),
    now: START + n * 60 * MINUTE,
  })

  it('is what is met and burns: 2% of the budget of 30 days in an hour', () => {
    // A week in which all was well but its last hour: 15 in 1,000, of which 1 is allowed.
    const found = assess(
      { scope },
      hours(7 * 24, (w) => (w >= 167 * 60 ? 15 : 0)),
    )
    expect(found.verdict).toBe('at_risk')
    // 60 windows with 15 each; allowed are 0.1% of 10,080,000.
    expect(found.budget).toMatchObject({ allowed: 10_080, spent: { low: 900, high: 900 } })
    expect(found.burn.map((b) => b.firing)).toEqual([true, false, false, false])
    expect(found.reasons).toContain(
      'The budget burns 15 times as fast as it may over 1 hour, 15 times over 5 minutes; the ' +
        'limit for a page (quick) is 14.4.',
    )
  })

  it('is not what burnt and does no more', () => {
    const found = assess(
      { scope },
      hours(7 * 24, (w) => (w >= 166 * 60 && w < 167 * 60 ? 15 : 0)),
    )
    expect(found.verdict).toBe('met')
  })

  it('is not what has too few events to say', () => {
    const last = hours(7 * 24, (w) => (w >= 167 * 60 ? 15 : 0))
    const few = assess({ scope, minEvents: 10_080_001 }, last)
    expect(few.verdict).toBe('met')
    expect(few.burn.map(({ long, short }) => [long, short])).toEqual(
      few.burn.map(() => [null, null]),
    )
    expect(assess({ scope, minEvents: 10_080_000 }, last).verdict).toBe('at_risk')
  })
})

describe('an early loss of a calendar month', () => {
  const scope = onEdge(EDGES[0] as string)
  const period = { kind: 'calendar', unit: 'month', timeZone: 'UTC' } as const
  const list = [
    verdict(EDGES[0] as string, { counts: { expected: 1_000, delivered: 999, lost: 1 } }),
  ]

  it.each<readonly [number, number, string]>([
    // 1 of 1,000 is more than 1 in 10,000.
    [0.9999, 0, 'breached'],
    [0.9999, 10_000, 'indeterminate'],
    [1, 10_000, 'breached'],
    [0.999, 0, 'met'],
  ])('with a target of %f and at least %i events: %s', (target, minEvents, expected) => {
    const parts = { scope, period, target, minEvents }
    expect(assess(parts, { verdicts: list, now: NOW }).verdict).toBe(expected)
  })
})

it('says apart what was lost and what came too late', () => {
  const name = EDGES[0] as string
  const counts = { expected: 400, delivered: 398, lost: 2, recovered: 5 }
  const run = { verdicts: [verdict(name, { counts })] }
  const { reasons, worst } = assess({ scope: onEdge(name) }, run)
  expect(reasons[0]).toBe('2 of 400 messages were lost, 5 came after the deadline; 0.4 allowed.')
  expect(worst.map((w) => w.bad)).toEqual([7])
  const [first] = assess({ scope: onEdge(name), refundLate: true }, run).reasons
  expect(first).toBe('2 of 400 messages were lost; 0.4 allowed.')
})

it('the worst of several paths counts, and one without messages only if all are', () => {
  const hops = new Map(FLIGHTS.hops.map((d) => [d.name, d]))
  const to = (from: string, ...ends: string[]) => ({
    ...{ name: `${from} → ${ends.join(' + ')}`, filter: [], preserve: null },
    from: [hops.get(from) as never],
    to: ends.map((name) => hops.get(name) as never),
  })
  const forked = {
    ...FLIGHTS,
    edges: [to('checkin', 'flights'), to('flights', 'enrich'), to('flights', 'store')],
  }
  const of = (enrich: object, store: object) =>
    assess(
      {},
      {
        pipeline: forked,
        verdicts: [
          verdict('checkin → flights'),
          verdict('flights → enrich', { counts: enrich }),
          verdict('flights → store', { counts: store }),
        ],
      },
    )
  const worse = of({ expected: 400, delivered: 400 }, { expected: 400, delivered: 390, lost: 10 })
  expect(worse).toMatchObject({ verdict: 'breached', events: { good: 390, bad: 10, unknown: 0 } })
  expect(worse.reasons.at(-1)).toBe('Of 2 paths the worst is checkin to store.')
  expect(worse.worst).toEqual([
    {
      ...{ edge: 'flights → store', bad: 10 },
      ...{ start: '2026-11-23T01:00:00.000Z', end: '2026-11-23T01:01:00.000Z' },
    },
  ])
  expect(of({ expected: 400, delivered: 400 }, {}).verdict).toBe('met')
  expect(of({}, {}).verdict).toBe('no_data')
})

describe('sentences', () => {
  it.each<readonly [Partial<Objective>, string]>([
    [{ target: 0.9999 }, 'Of the messages of 30 days at least 99.99% arrive.'],
    [{ target: 1 }, 'Of the messages of 30 days all arrive.'],
    [
      { indicator: 'timeliness', thresholdMs: MINUTE, target: 0.995, scope: onEdge('a → b') },
      'Of the messages of 30 days at least 99.5% arrive within 1 minute, over a → b.',
    ],
    [
      { budget: 'windows', windowTarget: 0.999, target: 0.99 },
      'In at least 99% of the windows of 30 days 99.9% of the messages arrive.',
    ],
    [
      {
        ...{ indicator: 'freshness', thresholdMs: 300_000, target: 0.99 },
        period: { kind: 'calendar', unit: 'month', timeZone: 'Europe/Berlin' },
      },
      'At the end of at least 99% of the windows of a calendar month (Europe/Berlin) the newest ' +
        'message is no older than 5 minutes.',
    ],
    [
      { indicator: 'volume', volume: { min: 1_000, max: null }, target: 0.95 },
      'Of the windows of 30 days at least 95% hold 1,000 messages or more.',
    ],
    [
      { indicator: 'audit-coverage', target: 0.99, period: { kind: 'rolling', ms: 5_400_000 } },
      'Of what the audit was to see in 90 minutes it saw at least 99%.',
    ],
  ])('%j', (parts, sentence) => {
    expect(sentenceOf(objective(parts))).toBe(sentence)
  })
})
