/** Right shape: what was looked at, against what the edges counted, at each boundary. */
import { describe, expect, it } from 'vitest'
import type { ValidityCell } from '../../src/drift/judge.ts'
import type { ShapePlan } from '../../src/drift/shape.ts'
import type { EdgeVerdict, HopPassage } from '../../src/finding/verdict.ts'
import type { EdgeDeclaration, HopDeclaration, Pipeline } from '../../src/hop/pipeline.ts'
import type { Objective } from '../../src/objective/objective.ts'
import type { Events, ObjectiveAssessment } from '../../src/objective/report.ts'
import { stretchesOf } from '../../src/objective/stretches.ts'
import { unlookedOf } from '../../src/objective/unlooked.ts'
import { FLIGHTS, NOW, START, verdict } from '../reports/build.ts'
import { assess, DAY_MS, onEdge } from './promise.ts'

const MINUTE = 60_000

const plan = (oneIn: number): ShapePlan => ({
  ...{ oneIn, framing: null, format: null, file: null, message: null },
  ...{ subject: null, versions: null, registry: null, values: false },
})

/** The flights pipeline, whose topics of these names declare a schema. */
function looking(oneIn: number, ...names: readonly string[]): Pipeline {
  const hops = new Map(
    FLIGHTS.hops.map((d): [string, HopDeclaration] => [
      d.name,
      names.includes(d.name) ? { ...d, shape: plan(oneIn) } : d,
    ]),
  )
  const of = (list: readonly HopDeclaration[]): HopDeclaration[] =>
    list.map((d) => hops.get(d.name) ?? d)
  const edges = FLIGHTS.edges.map(
    (e): EdgeDeclaration => ({ ...e, from: of(e.from), to: of(e.to) }),
  )
  return { ...FLIGHTS, hops: [...hops.values()], edges }
}

function cell(hop: string, w: number, parts: Partial<ValidityCell> = {}): ValidityCell {
  return {
    ...{ hop, window: START + w * MINUTE, spanMs: MINUTE, oneIn: 1 },
    ...{ looked: 0, invalid: 0, unknown: 0, tombstones: 0, ...parts },
  }
}

/** All hops of the four edges counted as many in window `w`; `other` hops stand otherwise. */
function counted(
  w: number,
  n: number,
  other: Readonly<Record<string, Partial<HopPassage>>> = {},
  parts: Partial<EdgeVerdict> = {},
): EdgeVerdict[] {
  return FLIGHTS.edges.map((e) => {
    const side = (list: readonly HopDeclaration[]): HopPassage[] =>
      list.map(({ name, deadLetter }) => ({
        ...{ hop: name, declared: true, passage: 'passed', why: [] },
        ...{ count: deadLetter ? 0 : n, ...other[name] },
      }))
    const counts = { expected: n, delivered: n }
    return verdict(e.name, { w, counts, ...parts, from: side(e.from), to: side(e.to) })
  })
}

interface Looked {
  readonly pipeline?: Pipeline
  readonly verdicts: readonly EdgeVerdict[]
  readonly cells: readonly ValidityCell[]
  readonly now?: number
}

const LOOKING = looking(1, 'flights')

const judged = (
  { pipeline = LOOKING, ...rest }: Looked,
  parts: Partial<Objective> = {},
): ObjectiveAssessment =>
  assess({ indicator: 'validity', target: 0.99, ...parts }, { pipeline, ...rest })

const events = (looked: Looked, parts: Partial<Objective> = {}): Events =>
  judged(looked, parts).events

describe('of every message', () => {
  it('is what was found valid, of what the edges counted', () => {
    const cells = [cell('flights', 0, { looked: 400, invalid: 3 })]
    const found = judged({ verdicts: counted(0, 400), cells })
    expect(found.events).toEqual({ good: 397, bad: 3, unknown: 0 })
    expect(found.verdict).toBe('met')
    expect(found.reasons[0]).toBe('3 of 400 messages were invalid; 4 allowed.')
    // One more than 1% of 400.
    const more = [cell('flights', 0, { looked: 400, invalid: 5 })]
    expect(judged({ verdicts: counted(0, 400), cells: more }).verdict).toBe('breached')
  })

  it('has no data where no topic of its path declares a schema', () => {
    const cells = [cell('flights', 0, { looked: 400 })]
    const none = judged({ verdicts: counted(0, 400), cells, pipeline: FLIGHTS })
    expect(none.verdict).toBe('no_data')
    expect(none.reasons).toEqual(['No topic on this path declares a schema.'])
    // The path of this edge does not lead over the topic that does.
    const scope = onEdge('enriched → store')
    expect(judged({ verdicts: counted(0, 400), cells }, { scope }).reasons).toEqual([
      'No topic on this path declares a schema.',
    ])
  })

  it('asks no schema of dead letters', () => {
    const pipeline = looking(1, 'dlq')
    for (const scope of [{ kind: 'end-to-end' }, onEdge('enrich → enriched + dlq')] as const) {
      const found = judged({ verdicts: counted(0, 400), cells: [], pipeline }, { scope })
      expect(found.reasons).toEqual(['No topic on this path declares a schema.'])
    }
  })

  it('is not known where nobody looked: silence is no shape', () => {
    const found = judged({ verdicts: counted(0, 400), cells: [] })
    expect(found.events).toEqual({ good: 0, bad: 0, unknown: 400 })
    expect(found.verdict).toBe('indeterminate')
    expect(found.reasons[0]).toBe(
      '400 messages cannot be judged: nobody looked at them, or they could not be read. ' +
        'Taken as good the target is met, taken as bad it is not.',
    )
  })

  it('is not known of those that nobody looked at', () => {
    const cells = [cell('flights', 0, { looked: 390, invalid: 1 })]
    expect(events({ verdicts: counted(0, 400), cells })).toEqual({ good: 389, bad: 1, unknown: 10 })
  })

  it('is not known of those that could not be read: a registry that is down breaches nothing', () => {
    const cells = [cell('flights', 0, { looked: 400, unknown: 400 })]
    const found = judged({ verdicts: counted(0, 400), cells })
    expect(found.events).toEqual({ good: 0, bad: 0, unknown: 400 })
    expect(found.verdict).toBe('indeterminate')
  })

  it('begins with the first message that was looked at', () => {
    const cells = [cell('flights', 1, { looked: 400 })]
    const verdicts = [...counted(0, 400), ...counted(1, 400)]
    expect(events({ verdicts, cells })).toEqual({ good: 400, bad: 0, unknown: 0 })
    // Looked at before, and no more: that is not known.
    const first = [cell('flights', 0, { looked: 400 })]
    expect(events({ verdicts, cells: first })).toEqual({ good: 400, bad: 0, unknown: 400 })
  })

  it('does not count what deletes', () => {
    const cells = [cell('flights', 0, { looked: 300, invalid: 2, tombstones: 100 })]
    expect(events({ verdicts: counted(0, 400), cells })).toEqual({ good: 298, bad: 2, unknown: 0 })
  })

  it('is no event where nothing came', () => {
    expect(judged({ verdicts: counted(0, 0), cells: [] }).verdict).toBe('no_data')
  })

  it('counts what was looked at where no edge was judged', () => {
    const cells = [cell('flights', 0, { looked: 50, invalid: 1 })]
    expect(events({ verdicts: [], cells })).toEqual({ good: 49, bad: 1, unknown: 0 })
  })
})

describe('hops of one topic', () => {
  it('speak for each other: what one of them has looked at is known', () => {
    const cells = [
      cell('checkin', 0, { looked: 100, invalid: 1 }),
      cell('flights', 0, { looked: 400, invalid: 3 }),
      cell('enrich', 0, { looked: 250, invalid: 2, unknown: 100 }),
    ]
    expect(events({ verdicts: counted(0, 400), cells })).toEqual({ good: 397, bad: 3, unknown: 0 })
  })

  it('add up where they are several instances of one', () => {
    const half = cell('flights', 0, { looked: 200, invalid: 2 })
    expect(events({ verdicts: counted(0, 400), cells: [half, half] })).toEqual({
      ...{ good: 396, bad: 4, unknown: 0 },
    })
  })
})

describe('topics of one path', () => {
  const pipeline = looking(1, 'flights', 'enriched')

  it('may have found the same messages: most are proven, the sum is not excluded', () => {
    const cells = [
      cell('flights', 0, { looked: 400, invalid: 5 }),
      cell('enriched', 0, { looked: 400, invalid: 3 }),
    ]
    const found = judged({ verdicts: counted(0, 400), cells, pipeline })
    expect(found.events).toEqual({ good: 392, bad: 5, unknown: 3 })
    expect(found.worst).toMatchObject([{ edge: 'checkin → flights', bad: 5 }])
  })

  it('are both looked at, or it is not known', () => {
    const cells = [cell('flights', -1, { looked: 1 }), cell('enriched', 0, { looked: 400 })]
    const verdicts = counted(0, 400)
    expect(events({ verdicts, cells, pipeline })).toEqual({ good: 401 - 400, bad: 0, unknown: 400 })
  })

  it('of an edge are those at its ends', () => {
    const cells = [cell('flights', 0, { looked: 400, invalid: 5 })]
    const scope = onEdge('flights → enrich')
    expect(events({ verdicts: counted(0, 400), cells, pipeline }, { scope })).toEqual({
      ...{ good: 395, bad: 5, unknown: 0 },
    })
  })
})

describe('evidence', () => {
  it('that is missing at every hop of the topic makes all unknown that is not proven', () => {
    const hole = { passage: 'hole', why: ['offsets 5 to 9'] } as const
    const all = { checkin: hole, flights: hole, enrich: hole }
    const cells = [cell('flights', 0, { looked: 400, invalid: 3 })]
    expect(events({ verdicts: counted(0, 400, all), cells })).toEqual({
      ...{ good: 0, bad: 3, unknown: 397 },
    })
    // The producer has told of all of them.
    const behind = { flights: hole, enrich: hole }
    expect(events({ verdicts: counted(0, 400, behind), cells })).toEqual({
      ...{ good: 397, bad: 3, unknown: 0 },
    })
  })

  it('of an open window is what is proven in it', () => {
    const open = { state: 'open', verdict: 'indeterminate' } as const
    const now = START + 2 * MINUTE
    const verdicts = counted(0, 400, {}, open)
    const bad = [cell('flights', 0, { looked: 200, invalid: 3 })]
    expect(events({ verdicts, cells: bad, now })).toEqual({ good: 0, bad: 3, unknown: 397 })
    const good = [cell('flights', 0, { looked: 200 })]
    expect(judged({ verdicts, cells: good, now }).verdict).toBe('no_data')
    // Nobody judged it in time.
    expect(events({ verdicts, cells: good, now: NOW })).toEqual({ good: 0, bad: 0, unknown: 400 })
  })

  it('of a window that no edge knows yet waits for its deadline', () => {
    const cells = [cell('flights', 0, { looked: 20 })]
    expect(judged({ verdicts: [], cells, now: START + MINUTE }).verdict).toBe('no_data')
  })
})

describe('of a sample', () => {
  const pipeline = looking(64, 'flights')
  const sampled = (w: number, looked: number, invalid = 0): ValidityCell =>
    cell('flights', w, { oneIn: 64, looked, invalid })

  it('keeps the interval of the sample, of all windows together', () => {
    const verdicts = [0, 1].flatMap((w) => counted(w, 64_000))
    const found = events({
      verdicts,
      cells: [sampled(0, 1_000, 1), sampled(1, 1_000, 1)],
      pipeline,
    })
    // Two found: Poisson limits 0.2422 and 7.2247, times 64.
    expect(found).toEqual({ good: 128_000 - 463, bad: 15, unknown: 448 })
  })

  it('proves little where none was found', () => {
    const found = events({ verdicts: counted(0, 64_000), cells: [sampled(0, 1_000)], pipeline })
    expect(found).toEqual({ good: 64_000 - 237, bad: 0, unknown: 237 })
  })

  it('is not known where nobody looked, however small the windows are', () => {
    const verdicts = Array.from({ length: 10 }, (_, w) => counted(w, 100)).flat()
    const now = START + DAY_MS
    expect(events({ verdicts, cells: [], pipeline, now })).toEqual({
      ...{ good: 0, bad: 0, unknown: 1_000 },
    })
  })

  it('holds windows of which no message was chosen', () => {
    // 1.6 of 100 are to be expected, so none of some windows is no wonder.
    const cells = [0, 2, 3, 5, 6, 8, 9].map((w) => sampled(w, 2))
    const verdicts = Array.from({ length: 10 }, (_, w) => counted(w, 100)).flat()
    const found = events({ verdicts, cells, pipeline, now: START + DAY_MS })
    expect(found).toEqual({ good: 1_000 - 237, bad: 0, unknown: 237 })
  })
})

describe('shapes that were put together', () => {
  const HOUR = 60 * MINUTE
  const verdicts = Array.from({ length: 60 }, (_, w) => counted(w, 10)).flat()
  const now = START + 2 * HOUR

  it('are one event of all their windows', () => {
    const cells = [cell('flights', 0, { spanMs: HOUR, looked: 600, invalid: 2 })]
    const found = judged({ verdicts, cells, now })
    expect(found.events).toEqual({ good: 598, bad: 2, unknown: 0 })
    expect(found.worst).toMatchObject([
      { start: '2026-11-23T01:00:00.000Z', end: '2026-11-23T02:00:00.000Z' },
    ])
  })

  it('weigh as many windows as they hold, one of them bad', () => {
    const budget = { budget: 'windows', windowTarget: 1 } as const
    const bad = [cell('flights', 0, { spanMs: HOUR, looked: 600, invalid: 2 })]
    expect(events({ verdicts, cells: bad, now }, budget)).toEqual({ good: 0, bad: 1, unknown: 59 })
    const good = [cell('flights', 0, { spanMs: HOUR, looked: 600 })]
    expect(events({ verdicts, cells: good, now }, budget)).toEqual({ good: 60, bad: 0, unknown: 0 })
  })

  it('are left out where they reach back before the period', () => {
    const cells = [cell('flights', 0, { spanMs: HOUR, looked: 600, invalid: 2 })]
    // From half an hour after the start on.
    const period = { kind: 'rolling', ms: HOUR + HOUR / 2 } as const
    expect(judged({ verdicts, cells, now }, { period }).verdict).toBe('no_data')
  })
})

describe('stretches', () => {
  it('are windows, and cells with the windows that they touch', () => {
    const cells = [
      { start: 10, end: 40 },
      { start: 35, end: 50 },
      { start: 70, end: 80 },
    ]
    expect(stretchesOf([0, 10, 20, 50], 10, cells)).toEqual([
      { start: 0, end: 10, windows: [0] },
      { start: 10, end: 50, windows: [10, 20] },
      { start: 50, end: 60, windows: [50] },
      { start: 70, end: 80, windows: [] },
    ])
  })
})

describe('what nobody looked at', () => {
  const row = (
    all: number,
    looked: number,
    oneIn = 64,
  ): Parameters<typeof unlookedOf>[0][number] => ({
    ...{ oneIn, all, looked },
  })

  it.each<readonly [string, Parameters<typeof unlookedOf>[0], readonly number[]]>([
    ['of every message is the difference', [row(10, 7, 1), row(10, 12, 1)], [3, 0]],
    ['is nothing where nothing is known', [null], [0]],
    ['14 to be expected and none came: once in 1.2 million', [row(896, 0)], [896]],
    ['one came of 14: chance does so', [row(896, 64)], [0]],
    ['one came of 20', [row(1_280, 64)], [1_216]],
    // A block of 14, 10 of them there; the next one is empty.
    ['ends where somebody looks', [row(896, 640), row(896, 0)], [0, 896]],
    // The last 5 go with the block before them, so nobody tells them from chance.
    ['is seen from half a block on', [row(896, 896), row(320, 0)], [0, 0]],
    ['too few to tell, and somebody looked', [row(300, 64), row(100, 0)], [0, 0]],
    ['too few to tell, and nobody looked', [row(300, 0), row(100, 0)], [300, 100]],
  ])('%s', (_, rows, expected) => {
    expect(unlookedOf(rows)).toEqual(expected)
  })
})
