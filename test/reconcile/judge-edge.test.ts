import { describe, expect, it } from 'vitest'
import type { FindingCode } from '../../src/finding/finding.ts'
import type { Counts } from '../../src/finding/verdict.ts'
import { hopKey } from '../../src/hop/hop.ts'
import type { IdWords } from '../../src/message/id.ts'
import type { WindowEvidence } from '../../src/reconcile/evidence.ts'
import { type Judgement, judgeEdge } from '../../src/reconcile/judge-edge.ts'
import {
  covered,
  DEADLINE,
  EDGES,
  evidence,
  HOPS,
  hex,
  id,
  ids,
  instance,
  PIPELINE,
  type TallyWords,
  tally,
  W,
  WINDOW_MS,
} from './build.ts'

function judge(edge: keyof typeof EDGES, words: Partial<WindowEvidence>): Judgement {
  return judgeEdge({
    pipeline: PIPELINE,
    edge: EDGES[edge],
    evidence: evidence(words),
    passages: new Map(),
    inherited: new Map(),
  })
}

/** checkin → flights: what the producer acknowledged, what the topic holds. */
function produce(
  sent: readonly IdWords[],
  read: readonly IdWords[],
  words: Partial<WindowEvidence> & { readonly more?: readonly TallyWords[] } = {},
): Judgement {
  const { more = [], ...rest } = words
  return judge('produce', {
    tallies: [
      tally({ hop: HOPS.checkin, ids: sent }),
      tally({ hop: HOPS.flights, ids: read }),
      ...more.map(tally),
    ],
    coverage: new Map([covered(HOPS.flights, [0, 1000])]),
    instances: [instance({ hops: [HOPS.checkin] }), instance({ hops: [HOPS.flights] })],
    ...rest,
  })
}

function expectSum(counts: Counts): void {
  const { delivered, lost, altered, filtered, dead_lettered, in_flight, undetermined } = counts
  expect(delivered + lost + altered + filtered + dead_lettered + in_flight + undetermined).toBe(
    counts.expected,
  )
}

function codes(judgement: Judgement): FindingCode[] {
  expectSum(judgement.counts)
  return judgement.findings.map((f) => f.code)
}

const named = (j: Judgement, code: FindingCode): string[] =>
  j.findings.filter((f) => f.code === code).flatMap((f) => f.ids.map((i) => i.id))

describe('an edge from producer to topic', () => {
  it('is met when both ends passed and agree', () => {
    const j = produce(ids(0, 100), ids(0, 100))
    expect(codes(j)).toEqual([])
    expect(j).toMatchObject({ verdict: 'met', final: true, counts: { delivered: 100 } })
  })

  it('names exactly the lost', () => {
    const j = produce(ids(0, 100), [...ids(0, 50), ...ids(52, 100)])
    expect(codes(j)).toEqual(['lost'])
    expect(named(j, 'lost')).toEqual([hex(50), hex(51)])
    expect(j).toMatchObject({ verdict: 'breached', counts: { lost: 2, delivered: 98 } })
  })

  it('names loss and copy where the count stays right', () => {
    const j = produce(ids(0, 100), [...ids(0, 99), id(7)])
    expect(codes(j)).toEqual(['lost', 'duplicated'])
    expect(named(j, 'lost')).toEqual([hex(99)])
    expect(named(j, 'duplicated')).toEqual([hex(7)])
  })

  it('calls nothing lost before the deadline', () => {
    // Boundary: the deadline itself is due, one ms before is not.
    const before = produce(ids(0, 10), ids(0, 9), { now: DEADLINE - 1 })
    expect(codes(before)).toEqual(['in_flight'])
    expect(before.verdict).toBe('indeterminate')
    // Settled by then or not, it is judged again once it is due.
    expect(before.final).toBe(false)
    expect(codes(produce(ids(0, 10), ids(0, 9), { now: DEADLINE }))).toEqual(['lost'])
  })

  it('takes lag for lag: offsets not read yet are in flight, whatever the clock says', () => {
    // Boundary: the window ends at offset 99; covered to 99 excludes it, to 100 includes it.
    const behind = produce(ids(0, 100), ids(0, 99), {
      coverage: new Map([covered(HOPS.flights, [0, 99])]),
      now: DEADLINE + 86_400_000,
    })
    expect(codes(behind)).toContain('in_flight')
    expect(behind.counts).toMatchObject({ lost: 0, in_flight: 1 })
    const there = produce(ids(0, 100), ids(0, 99), {
      coverage: new Map([covered(HOPS.flights, [0, 100])]),
    })
    expect(codes(there)).toEqual(['lost'])
  })

  it('accuses nobody of what lies in a hole, and names the hole', () => {
    const j = produce(ids(0, 100), [...ids(0, 40), ...ids(60, 100)], {
      coverage: new Map([covered(HOPS.flights, [0, 40], [60, 200])]),
    })
    expect(codes(j)).toEqual(['undetermined', 'hole'])
    expect(j.counts).toMatchObject({ lost: 0, undetermined: 20 })
    expect(j.verdict).toBe('indeterminate')
    expect(j.findings[1]?.args).toMatchObject({
      why: ['partition 0: offsets 40–59 were not watched'],
    })
  })

  it('is not met by a hole even when nothing is missing', () => {
    const j = produce(ids(0, 100), ids(0, 100), {
      coverage: new Map([covered(HOPS.flights, [0, 40], [41, 200])]),
    })
    expect(j.verdict).toBe('indeterminate')
  })

  it('proves loss although a producer fell silent: direction of evidence', () => {
    const j = produce(ids(0, 100), [...ids(0, 99), id(500)], {
      instances: [
        instance({
          hops: [HOPS.checkin],
          lastHeardAt: DEADLINE - 60_000,
          seals: [{ hop: HOPS.checkin, sealedUntil: W + 30_000, open: [], number: 9 }],
        }),
        instance({ hops: [HOPS.flights] }),
      ],
    })
    expect(codes(j)).toEqual(['lost', 'undetermined_extra', 'hole'])
    expect(named(j, 'lost')).toEqual([hex(99)])
    expect(j.verdict).toBe('breached')
  })

  it('lets the hole of a dead producer end after three heartbeats', () => {
    const seals = (until: number) => [
      { hop: HOPS.checkin, sealedUntil: until, open: [], number: 9 },
    ]
    const dead = (until: number): Judgement =>
      produce(ids(0, 5), ids(0, 5), {
        instances: [
          instance({ hops: [HOPS.checkin], lastHeardAt: W - 1_000_000, seals: seals(until) }),
          instance({ hops: [HOPS.flights] }),
        ],
      })
    // Boundary: sealed 15,000 ms (3 × 5,000) before the window's start touches it no more.
    expect(dead(W - 15_000).verdict).toBe('met')
    expect(dead(W - 14_999).verdict).toBe('indeterminate')
    // Sealed up to its end: nothing of it is missing.
    expect(dead(W + WINDOW_MS).verdict).toBe('met')
    expect(dead(W + WINDOW_MS - 1).verdict).toBe('indeterminate')
  })

  it('says it cannot tell when no agent has reported', () => {
    const j = judge('produce', {
      tallies: [tally({ hop: HOPS.flights, ids: ids(0, 5) })],
      coverage: new Map([covered(HOPS.flights, [0, 5])]),
    })
    expect(j.verdict).toBe('indeterminate')
    expect(codes(j)).toContain('hole')
  })

  it('knows a frame that never came by its number and bounds it by its span', () => {
    const missing = (from: number, to: number): Judgement =>
      produce(ids(0, 5), ids(0, 5), {
        instances: [
          instance({
            hops: [HOPS.checkin],
            seen: [
              [0, 4],
              [5, 10],
            ],
            missing: [{ number: 4, from, to }],
          }),
          instance({ hops: [HOPS.flights] }),
        ],
      })
    expect(missing(W, W).verdict).toBe('indeterminate')
    expect(missing(W - WINDOW_MS, W - WINDOW_MS).verdict).toBe('met')
    // from > to: a frame that held no tally
    expect(missing(1, 0).verdict).toBe('met')
  })

  it('never calls what landed though the send failed unexpected', () => {
    const j = produce(ids(0, 10), ids(0, 11), {
      more: [{ hop: HOPS.checkin, ids: [id(10)], channel: 'rejected', range: null }],
    })
    expect(codes(j)).toEqual(['landed_though_failed'])
    expect(j.verdict).toBe('met')
  })

  it('does not expect what was withdrawn, and names it if it is delivered', () => {
    const withdrawn = {
      hop: HOPS.checkin,
      ids: [id(10)],
      channel: 'withdrawn',
      range: null,
    } as const
    expect(produce(ids(0, 10), ids(0, 10), { more: [withdrawn] })).toMatchObject({
      verdict: 'met',
      counts: { withdrawn: 1, expected: 10 },
    })
    expect(codes(produce(ids(0, 10), ids(0, 11), { more: [withdrawn] }))).toEqual([
      'withdrawn_delivered',
    ])
  })

  it('shows the unacknowledged at once, in flight until a polled log end is covered', () => {
    const words = (logEnd: number | null): Partial<WindowEvidence> => ({
      now: logEnd === null ? W + WINDOW_MS : DEADLINE,
      tallies: [
        tally({ hop: HOPS.checkin, ids: ids(0, 8) }),
        tally({ hop: HOPS.checkin, ids: ids(8, 10), range: null }),
        tally({ hop: HOPS.checkin, ids: ids(8, 10), range: null, channel: 'unacknowledged' }),
        tally({ hop: HOPS.flights, ids: ids(0, 9) }),
      ],
      coverage: new Map([covered(HOPS.flights, [0, 9])]),
      instances: [instance({ hops: [HOPS.checkin] }), instance({ hops: [HOPS.flights] })],
      logEnds:
        logEnd === null ? new Map() : new Map([[hopKey(HOPS.flights), new Map([[0, logEnd]])]]),
    })
    const early = judge('produce', words(null))
    expect(codes(early)).toEqual(['unacknowledged', 'in_flight'])
    expect(named(early, 'unacknowledged')).toEqual([hex(8), hex(9)])
    // Boundary: the log ends at 9, all read: number 9 is lost. Ends at 10: one may hold it.
    const j = judge('produce', words(9))
    expect(named(j, 'lost')).toEqual([hex(9)])
    expect(j.findings[0]?.args).toMatchObject({ unacknowledged: 1 })
    expect(judge('produce', words(10)).counts).toMatchObject({ lost: 0, in_flight: 1 })
  })

  it('never subtracts unlike tallies, and names both', () => {
    const j = judge('produce', {
      tallies: [
        tally({ hop: HOPS.checkin, ids: ids(0, 5) }),
        tally({ hop: HOPS.flights, ids: ids(0, 3), windowMs: 30_000 }),
      ],
      coverage: new Map([covered(HOPS.flights, [0, 100])]),
      instances: [instance({ hops: [HOPS.checkin] }), instance({ hops: [HOPS.flights] })],
    })
    expect(codes(j)).toEqual(['params_differ'])
    expect(j.findings[0]?.args).toEqual({ parameters: ['windowMs: 60000 and 30000'] })
    expect(j.verdict).toBe('indeterminate')
  })

  it('estimates beyond what can be named: at least so many are lost, and at most so many', () => {
    const j = produce(ids(0, 5_000), ids(0, 2_000), {
      coverage: new Map([covered(HOPS.flights, [0, 5_000])]),
    })
    expect(codes(j)).toContain('undecodable')
    expect(j).toMatchObject({ verdict: 'breached', evidence: 'estimated' })
    // `net` alone proves 3,000; who may be missing beyond is not acquitted.
    expect(j.counts.lost).toBe(3_000)
    expect(j.counts.undetermined).toBeGreaterThan(0)
    expect(j.counts.delivered).toBeLessThanOrEqual(2_000)
    expect(j.counts.delivered).toBeGreaterThan(1_000)
  })

  it('is no data before the audit began', () => {
    const j = produce(ids(0, 10), ids(5, 10), {
      coverage: new Map([covered(HOPS.flights, [5, 100])]),
    })
    expect(j).toMatchObject({ verdict: 'no_data', counts: { lost: 0 } })
  })

  it('adds producers that nobody declared, and shows them', () => {
    const other = { ...HOPS.checkin, name: 'kiosk' }
    const j = judge('produce', {
      tallies: [
        tally({ hop: HOPS.checkin, ids: ids(0, 5) }),
        tally({ hop: other, ids: ids(5, 8), range: [5, 7] }),
        tally({ hop: HOPS.flights, ids: ids(0, 8) }),
      ],
      coverage: new Map([covered(HOPS.flights, [0, 8])]),
      instances: [instance({ hops: [HOPS.checkin] }), instance({ hops: [other] })],
    })
    expect(codes(j)).toEqual(['undeclared_producer'])
    expect(j).toMatchObject({ verdict: 'met', counts: { expected: 8 } })
  })

  it('does not accuse a message of a producer that was never heard', () => {
    const j = produce(ids(0, 10), [...ids(0, 10), id(500)])
    expect(codes(j)).toEqual(['unconfirmed'])
    expect(j.counts).toMatchObject({ unconfirmed: 1, unexpected: 0 })
  })
})

describe('an edge from topic to group', () => {
  const consume = (
    read: readonly IdWords[],
    handled: readonly IdWords[],
    words: Partial<WindowEvidence> = {},
  ): Judgement =>
    judge('consume', {
      tallies: [
        tally({ hop: HOPS.checkin, ids: read }),
        tally({ hop: HOPS.flights, ids: read }),
        tally({ hop: HOPS.enrich, ids: handled }),
      ],
      coverage: new Map([covered(HOPS.flights, [0, 100]), covered(HOPS.enrich, [0, 100])]),
      instances: [
        instance({ hops: [HOPS.checkin] }),
        instance({ hops: [HOPS.flights] }),
        instance({ hops: [HOPS.enrich] }),
      ],
      ...words,
    })

  it('finds skipped and doubly handled messages', () => {
    const j = consume(ids(0, 10), [...ids(0, 5), ...ids(6, 10), id(3)])
    expect(codes(j)).toEqual(['lost', 'duplicated'])
    expect(named(j, 'lost')).toEqual([hex(5)])
    expect(named(j, 'duplicated')).toEqual([hex(3)])
  })

  it('calls a message unexpected only where the topic is known not to hold it', () => {
    expect(codes(consume(ids(0, 10), [...ids(0, 10), id(77)]))).toEqual(['unexpected'])
    // The group has read further than the topic's agent: that one may still count it.
    const ahead = consume(ids(0, 10), [...ids(0, 10), id(77)], {
      tallies: [
        tally({ hop: HOPS.flights, ids: ids(0, 10) }),
        tally({ hop: HOPS.enrich, ids: [...ids(0, 10), id(77)], range: [0, 10] }),
      ],
      coverage: new Map([covered(HOPS.flights, [0, 10]), covered(HOPS.enrich, [0, 11])]),
    })
    expect(codes(ahead)).toEqual(['undetermined_extra'])
  })
})

describe('an edge from group to topics', () => {
  const ORIGIN = { topic: 'flights', group: 'enrich' }
  const transform = (
    handled: readonly IdWords[],
    out: readonly IdWords[],
    words: Partial<WindowEvidence> & { readonly more?: readonly TallyWords[] } = {},
  ): Judgement => {
    const { more = [], ...rest } = words
    return judge('transform', {
      tallies: [
        tally({ hop: HOPS.enrich, ids: handled }),
        tally({ hop: HOPS.enricher, ids: out, origin: ORIGIN }),
        tally({ hop: HOPS.enriched, ids: out }),
        ...more.map(tally),
      ],
      coverage: new Map([
        covered(HOPS.flights, [0, 100]),
        covered(HOPS.enrich, [0, 100]),
        covered(HOPS.enriched, [0, 100]),
        covered(HOPS.dlq, [0, 100]),
      ]),
      instances: [instance({ hops: [HOPS.enrich, HOPS.enricher] })],
      ...rest,
      logEnds: new Map([
        [hopKey(HOPS.dlq), new Map([[0, 0]])],
        [hopKey(HOPS.enriched), new Map([[0, 0]])],
      ]),
    })
  }

  it('counts what was filtered and dead-lettered as arrived', () => {
    const j = transform(ids(0, 10), ids(0, 7), {
      more: [
        { hop: HOPS.dlq, ids: ids(7, 9) },
        { hop: HOPS.enrich, ids: [id(9)], channel: 'filtered', reason: 'cancelled' },
      ],
    })
    expect(codes(j)).toEqual([])
    expect(j.counts).toMatchObject({ delivered: 7, dead_lettered: 2, filtered: 1, lost: 0 })
  })

  it('calls a drop for an undeclared reason a loss with its cause', () => {
    const j = transform(ids(0, 10), ids(0, 9), {
      more: [{ hop: HOPS.enrich, ids: [id(9)], channel: 'filtered', reason: 'whim' }],
    })
    expect(codes(j)).toEqual(['filtered_undeclared'])
    expect(j.findings[0]?.args).toEqual({ reasons: ['whim'] })
    expect(j).toMatchObject({ verdict: 'breached', counts: { lost: 1 } })
  })

  it('takes a derived id for a copy of its parent', () => {
    const j = transform(ids(0, 10), [...ids(0, 10), id(4, 1)])
    expect(codes(j)).toEqual(['duplicated'])
    expect(j.findings[0]?.ids).toEqual([{ id: hex(4, 1), times: 1, copyOf: hex(4) }])
  })

  it('takes a message for arrived when its own copy came instead', () => {
    const j = transform(ids(0, 10), [...ids(0, 9), id(9, 1)])
    expect(codes(j)).toEqual([])
    expect(j.verdict).toBe('met')
  })

  it('waits for sends that have not resolved', () => {
    const open = instance({
      hops: [HOPS.enrich, HOPS.enricher],
      seals: [{ hop: HOPS.enricher, sealedUntil: DEADLINE, open: [W], number: 9 }],
    })
    const j = transform(ids(0, 10), ids(0, 9), { instances: [open] })
    expect(codes(j)).toEqual(['in_flight'])
  })

  it('does not call lost what a service sent on under a new id', () => {
    const fresh = [id(900), id(901)]
    const j = transform(ids(0, 10), ids(0, 8), {
      more: [
        { hop: HOPS.enricher, ids: fresh },
        { hop: HOPS.enriched, ids: fresh, range: [8, 9] },
      ],
      minted: new Map([[hopKey(HOPS.enricher), 2]]),
    })
    expect(codes(j)).toEqual(['identity_not_carried', 'undeclared_producer'])
    expect(j.counts).toMatchObject({ lost: 0, undetermined: 2 })
  })

  it('calls the loss of a copy made further up no loss of the message', () => {
    const words = evidence({
      tallies: [
        tally({ hop: HOPS.enriched, ids: [...ids(0, 10), id(4, 1)] }),
        tally({ hop: HOPS.warehouse, ids: ids(0, 10) }),
      ],
      coverage: new Map([covered(HOPS.enriched, [0, 100]), covered(HOPS.warehouse, [0, 100])]),
      instances: [instance({ hops: [HOPS.enricher] })],
    })
    const context = { pipeline: PIPELINE, edge: EDGES.load, evidence: words, passages: new Map() }
    const j = judgeEdge({ ...context, inherited: new Map([[hex(4), 1]]) })
    expect(codes(j)).toEqual(['copy_removed'])
    expect(j).toMatchObject({ verdict: 'met', counts: { expected: 10, delivered: 10 } })
    expect(codes(judgeEdge({ ...context, inherited: new Map() }))).toEqual(['lost'])
  })
})
