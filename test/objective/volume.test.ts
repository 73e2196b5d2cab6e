/** Expected amount: windows that hold too few, too many, or nobody knows. */
import { describe, expect, it } from 'vitest'
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import type { InstanceState } from '../../src/hop/evidence.ts'
import { hopKey, producerHop } from '../../src/hop/hop.ts'
import type { Objective } from '../../src/objective/objective.ts'
import type { Events } from '../../src/objective/report.ts'
import { instance, START, verdict } from '../reports/build.ts'
import { assess, onEdge } from './promise.ts'

const MINUTE = 60_000
const FIRST = 'checkin → flights'
const CHECKIN = producerHop('default', 'flights', 'checkin')

const sent = (w: number, expected: number, parts: Parameters<typeof verdict>[1] = {}) =>
  verdict(FIRST, { w, counts: { expected, delivered: expected }, ...parts })

/** All that the producer did up to then is told. */
const told = (until: number): InstanceState =>
  instance('checkin', { hops: [hopKey(CHECKIN)], lastSentAt: until, lastHeardAt: until })

const events = (
  volume: Objective['volume'],
  verdicts: readonly EdgeVerdict[],
  windows: number,
  instances: readonly InstanceState[] = [],
): Events =>
  assess(
    { indicator: 'volume', scope: onEdge(FIRST), volume },
    // The deadline of the last window is over.
    { verdicts, instances, now: START + (windows + 2) * MINUTE },
  ).events

describe('windows with messages', () => {
  it.each<readonly [number, Events]>([
    // Both bounds belong to it.
    [99, { good: 0, bad: 1, unknown: 0 }],
    [100, { good: 1, bad: 0, unknown: 0 }],
    [500, { good: 1, bad: 0, unknown: 0 }],
    [501, { good: 0, bad: 1, unknown: 0 }],
  ])('%i of 100 to 500', (n, expected) => {
    expect(events({ min: 100, max: 500 }, [sent(0, n)], 1)).toEqual(expected)
  })

  it.each<readonly [number, Events]>([
    // A sender with a hole may have sent more, not fewer.
    [99, { good: 0, bad: 0, unknown: 1 }],
    [300, { good: 0, bad: 0, unknown: 1 }],
    [501, { good: 0, bad: 1, unknown: 0 }],
  ])('%i told of by a sender with a hole', (n, expected) => {
    const from = { hop: 'checkin', declared: true, count: n, passage: 'hole' as const, why: [] }
    const hole = sent(0, n, { verdict: 'indeterminate', from: [from] })
    expect(events({ min: 100, max: 500 }, [hole], 1)).toEqual(expected)
  })

  it('that are sampled hold what their interval says', () => {
    const of = (k: number): Events =>
      events({ min: 6_400, max: null }, [sent(0, k * 64, { oneIn: 64, evidence: 'sampled' })], 1)
    // 95% of 100 in 64 is 5,207 to 7,785, of 150 it is 8,125 to 11,266, of 50 it is 2,375 to 4,219.
    expect([of(100), of(150), of(50)]).toEqual([
      { good: 0, bad: 0, unknown: 1 },
      { good: 1, bad: 0, unknown: 0 },
      { good: 0, bad: 1, unknown: 0 },
    ])
  })

  it('that are open are no events yet', () => {
    expect(events({ min: 100, max: null }, [sent(0, 5), sent(2, 5, { state: 'open' })], 1)).toEqual(
      {
        ...{ good: 0, bad: 1, unknown: 0 },
      },
    )
  })
})

it('a window that nobody judged in time may hold more', () => {
  // Its deadline was 10 minutes ago.
  const left = [sent(0, 300, { state: 'open' })]
  expect(events({ min: 100, max: 500 }, left, 11).unknown).toBe(11)
  expect(events({ min: 100, max: null }, left, 11)).toMatchObject({ good: 1, unknown: 10 })
})

describe('windows without any', () => {
  // Messages in window 0; windows 1 to 4 hold nothing.
  const list = [sent(0, 100)]

  it('held none if the senders have told of everything', () => {
    const live = [told(START + 7 * MINUTE)]
    expect(events({ min: 1, max: null }, list, 5, live)).toEqual({ good: 1, bad: 4, unknown: 0 })
    // That nothing is sent may be promised too.
    expect(events({ min: 0, max: 100 }, list, 5, live)).toEqual({ good: 5, bad: 0, unknown: 0 })
  })

  it('held nobody knows how many if the senders are not heard', () => {
    expect(events({ min: 1, max: null }, list, 5)).toEqual({ good: 1, bad: 0, unknown: 4 })
  })

  it('held nobody knows how many while the sender that died may have sent', () => {
    // Silent since 01:02; for 15 s it may have sent more: of window 2 that is not known.
    const died = [told(START + 2 * MINUTE), instance('other', { lastHeardAt: START + 7 * MINUTE })]
    expect(events({ min: 1, max: null }, list, 5, died)).toEqual({ good: 1, bad: 3, unknown: 1 })
    // And if nobody was heard since, whoever sent was not heard either.
    const [alone] = died
    expect(events({ min: 1, max: null }, list, 5, alone === undefined ? [] : [alone])).toEqual({
      ...{ good: 1, bad: 1, unknown: 3 },
    })
  })
})
