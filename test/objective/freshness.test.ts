/** Still flowing: fresh, proven stale, or not known, at the end of each window and now. */
import { describe, expect, it } from 'vitest'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import type { InstanceState, StoredLatency } from '../../src/hop/evidence.ts'
import { hopKey, sinkHop } from '../../src/hop/hop.ts'
import type { Objective } from '../../src/objective/objective.ts'
import type { Events } from '../../src/objective/report.ts'
import { edge, FLIGHTS, instance, latency, START, verdict } from '../reports/build.ts'
import { assess } from './promise.ts'

const MINUTE = 60_000
const STORE = sinkHop('warehouse')
const LAST = 'enriched → store'
const lastOnly = { ...FLIGHTS, edges: [edge(['enriched'], ['store'])] }

type Passage = EdgeVerdict['to'][number]['passage']

/** Window `w` of which so many came to the warehouse. */
const came = (
  w: number,
  count: number,
  parts: { passage?: Passage; state?: EdgeVerdict['state'] } = {},
) => {
  const { passage = 'passed', state = 'settled' } = parts
  const to = { hop: 'store', declared: true, count, passage, why: [] }
  return verdict(LAST, { w, state, counts: { expected: count, delivered: count }, to: [to] })
}
const took = (w: number, ms: number): StoredLatency =>
  latency(STORE, { w, fromBirth: [ms, ms + 5_000] })

interface Case {
  readonly verdicts: readonly EdgeVerdict[]
  readonly latencies?: readonly StoredLatency[]
  readonly instances?: readonly InstanceState[]
  readonly now: number
}

const told = (until: number, parts: Partial<InstanceState> = {}): InstanceState =>
  instance('warehouse', { hops: [hopKey(STORE)], lastSentAt: until, lastHeardAt: until, ...parts })

const events = (run: Case, parts: Partial<Objective> = {}): Events =>
  assess(
    { indicator: 'freshness', thresholdMs: 3 * MINUTE, ...parts },
    { pipeline: lastOnly, ...run },
  ).events

const flowing = (windows: number): Case => ({
  verdicts: Array.from({ length: windows }, (_, w) => came(w, 10)),
  latencies: Array.from({ length: windows }, (_, w) => took(w, 2_000)),
  // Just past the end of the last window, of which all was told.
  now: START + windows * MINUTE,
  instances: [told(START + windows * MINUTE)],
})

describe('a pipeline that flows', () => {
  it('is fresh at the end of each window, the first one aside', () => {
    // At the end of the first window nobody can say: its messages came in it, or 2 s after it.
    expect(events(flowing(6))).toEqual({ good: 5, bad: 0, unknown: 1 })
  })

  it('is not known to be where nobody measured when messages came', () => {
    // But at the last end: what is known now has come by now.
    expect(events({ ...flowing(6), latencies: [] })).toEqual({ good: 1, bad: 0, unknown: 5 })
  })

  it('is asked now too, as far as its agent has told', () => {
    const run = flowing(6)
    const now = run.now + 30_000
    const found = events({ ...run, now, instances: [told(now - 1_000)] })
    expect(found).toEqual({ good: 6, bad: 0, unknown: 1 })
  })

  it('a window that was not told of yet is no event yet', () => {
    const run = flowing(6)
    expect(events({ ...run, instances: [told(run.now - 1)] })).toEqual({
      good: 4,
      bad: 0,
      unknown: 1,
    })
  })
})

describe('a pipeline that stopped', () => {
  // Messages in the first two windows, and none in the next eight: at 3 minutes it is stale from the
  // end of window 4 on (born before 01:02, asked at 01:05).
  const now = START + 10 * MINUTE
  const two = {
    verdicts: [came(0, 10), came(1, 10)],
    latencies: [took(0, 2_000), took(1, 2_000)],
  }

  it('is stale where its agent goes on telling: nothing was sent at all', () => {
    // 1 not known, 3 fresh (at 01:02, 01:03 and 01:04), and 6 stale.
    expect(events({ ...two, now, instances: [told(now)] })).toEqual({ good: 3, bad: 6, unknown: 1 })
  })

  it('is stale by its settled windows alone, whatever became of its agents', () => {
    const silent = [2, 3, 4, 5, 6, 7, 8, 9].map((w) => came(w, 0))
    expect(events({ ...two, verdicts: [...two.verdicts, ...silent], now })).toEqual({
      ...{ good: 3, bad: 6, unknown: 1 },
    })
  })

  it('is stale while the receiver lags: nothing newer was handled', () => {
    const lagging = [2, 3, 4, 5, 6, 7, 8, 9].map((w) => came(w, 0, { passage: 'behind' }))
    expect(events({ ...two, verdicts: [...two.verdicts, ...lagging], now })).toMatchObject({
      bad: 6,
    })
  })

  it('is not known to be stale behind a hole', () => {
    const holes = [2, 3, 4, 5, 6, 7, 8, 9].map((w) => came(w, 0, { passage: 'hole' }))
    const run = { ...two, verdicts: [...two.verdicts, ...holes], now, instances: [told(now)] }
    expect(events(run)).toEqual({ good: 3, bad: 0, unknown: 7 })
  })

  it('is not known to be stale where its agent is not heard', () => {
    expect(events({ ...two, now, instances: [] })).toEqual({ good: 3, bad: 0, unknown: 7 })
    // All fell silent at 01:02: whoever came since, nobody listened.
    const other = instance('other', { lastHeardAt: now })
    expect(events({ ...two, now, instances: [told(START + 2 * MINUTE)] }).bad).toBe(0)
    // It alone died at 01:02 and may have worked for 15 s more: of 01:05 nobody can say.
    const dead = told(START + 2 * MINUTE)
    expect(events({ ...two, now, instances: [dead, other] })).toEqual({
      good: 3,
      bad: 5,
      unknown: 2,
    })
  })

  it('what came too late is no news', () => {
    // Born in window 2 and 5 minutes on the way: at 01:03 to 01:07 it was not there for sure.
    const late = {
      ...two,
      verdicts: [...two.verdicts, came(2, 5)],
      latencies: [...two.latencies, took(2, 300_000)],
    }
    expect(events({ ...late, now, instances: [told(now)] })).toEqual({
      good: 3,
      bad: 6,
      unknown: 1,
    })
  })
})

it('before the audit began nothing is stale', () => {
  const found = events({
    ...{ verdicts: [came(0, 0)], now: START + 2 * MINUTE, instances: [told(START + 2 * MINUTE)] },
  })
  expect(found).toEqual({ good: 0, bad: 0, unknown: 0 })
})

it('a threshold below two windows leaves a doubt at each', () => {
  expect(events(flowing(6), { thresholdMs: MINUTE })).toEqual({ good: 1, bad: 0, unknown: 5 })
})

it('a message of a window that begins before the threshold may be too old', () => {
  // At 01:04 with 2.5 minutes: born since 01:01:30, so of window 1 some may be younger; nothing later came.
  const one = { verdicts: [came(0, 10), came(1, 10)], latencies: [took(0, 2_000), took(1, 2_000)] }
  const now = START + 4 * MINUTE
  const run = { ...one, now, instances: [told(now)] }
  expect(events(run, { thresholdMs: 150_000 })).toEqual({ good: 2, bad: 0, unknown: 2 })
})
