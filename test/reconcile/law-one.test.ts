/** Law 1, case by case: shapes of evidence that invite a wrong accusation or acquittal. */
import { describe, expect, it } from 'vitest'
import { type HopRef, hopKey, producerHop, sinkHop, streamHop } from '../../src/hop/hop.ts'
import type { EdgeDeclaration } from '../../src/hop/pipeline.ts'
import type { EdgeContext } from '../../src/reconcile/edge-context.ts'
import type { WindowEvidence } from '../../src/reconcile/evidence.ts'
import { type Judgement, judgeEdge } from '../../src/reconcile/judge-edge.ts'
import { judgeWindow } from '../../src/reconcile/judge-window.ts'
import { declare } from '../support/declare.ts'
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
  tally,
  W,
  WINDOW_MS,
} from './build.ts'
import { codesOf, expectSums, idsOf } from './expect.ts'

function judge(
  edge: EdgeDeclaration,
  words: Partial<WindowEvidence>,
  more: Partial<EdgeContext> = {},
): Judgement {
  const judgement = judgeEdge({
    pipeline: PIPELINE,
    edge,
    evidence: evidence(words),
    passages: new Map(),
    inherited: new Map(),
    ...more,
  })
  expectSums(judgement)
  return judgement
}

const ends = (hop: HopRef, end: number): WindowEvidence['logEnds'] =>
  new Map([[hopKey(hop), new Map([[0, end]])]])

const edgeOf = (from: HopRef, to: HopRef): EdgeDeclaration => ({
  name: 'from → to',
  from: [declare('from', from)],
  to: [declare('to', to)],
  filter: [],
  preserve: null,
})

describe('sends without an offset', () => {
  it('may lie in any hole below the polled end of the log', () => {
    const j = judge(EDGES.produce, {
      tallies: [
        tally({ hop: HOPS.checkin, ids: ids(0, 100), range: null }),
        tally({ hop: HOPS.flights, ids: [...ids(0, 40), ...ids(60, 100)], range: [0, 99] }),
      ],
      coverage: new Map([covered(HOPS.flights, [0, 40], [60, 100])]),
      instances: [instance({ hops: [HOPS.checkin] }), instance({ hops: [HOPS.flights] })],
      logEnds: ends(HOPS.flights, 100),
    })
    expect(codesOf(j)).toEqual(['undetermined', 'hole'])
    expect(j.counts).toMatchObject({ lost: 0, undetermined: 20 })
  })
})

describe('a service whose acknowledgements are missing', () => {
  const cut = (words: Partial<WindowEvidence> = {}): Judgement =>
    judge(EDGES.transform, {
      // Frame 4 held what the producer side acknowledged; frame 5 held what was handled.
      tallies: [
        tally({ hop: HOPS.enrich, ids: ids(0, 10) }),
        tally({ hop: HOPS.enriched, ids: ids(0, 6) }),
      ],
      coverage: new Map([
        covered(HOPS.enrich, [0, 10]),
        covered(HOPS.enriched, [0, 6]),
        covered(HOPS.dlq, [0, 1]),
      ]),
      instances: [
        instance({
          hops: [HOPS.enrich, HOPS.enricher],
          seen: [
            [0, 4],
            [5, 10],
          ],
          missing: [{ number: 4, from: W, to: W }],
        }),
      ],
      ...words,
    })

  it('leaves its messages in flight until the topic is read to a polled end', () => {
    expect(cut().counts).toMatchObject({ lost: 0, in_flight: 4 })
    const polled = (end: number): WindowEvidence['logEnds'] =>
      new Map([...ends(HOPS.enriched, end), ...ends(HOPS.dlq, 0)])
    // Boundary: the log ends at 6, all of it read: they are not there. At 7 one may be.
    expect(cut({ logEnds: polled(7) }).counts).toMatchObject({ lost: 0, in_flight: 4 })
    expect(cut({ logEnds: polled(6) }).counts).toMatchObject({ lost: 4 })
  })
})

describe('a service that died between two frames of one cut', () => {
  it('counted beyond what it covers: its acknowledgements may be in the frame that never came', () => {
    const j = (handledTo: number): Judgement =>
      judge(EDGES.transform, {
        tallies: [
          tally({ hop: HOPS.enrich, ids: ids(0, 10) }),
          tally({ hop: HOPS.enriched, ids: ids(0, 6) }),
        ],
        coverage: new Map([
          covered(HOPS.enrich, [0, handledTo]),
          covered(HOPS.enriched, [0, 6]),
          covered(HOPS.dlq, [0, 1]),
        ]),
        instances: [instance({ hops: [HOPS.enrich, HOPS.enricher] })],
        logEnds: ends(HOPS.dlq, 0),
      })
    // Boundary: it counted up to offset 9; covered to 10 includes that.
    expect(j(9).counts).toMatchObject({ lost: 0, in_flight: 4 })
    expect(j(10).counts).toMatchObject({ lost: 4 })
  })
})

describe('copies made further up', () => {
  const line = (
    handled: readonly number[],
    enriched: readonly number[],
    stored: readonly number[],
  ): Judgement[] => {
    const list = (numbers: readonly number[]) => numbers.map((n) => id(n))
    const judgements = judgeWindow(
      PIPELINE,
      evidence({
        tallies: [
          tally({ hop: HOPS.checkin, ids: ids(0, 3) }),
          tally({ hop: HOPS.flights, ids: ids(0, 3) }),
          tally({ hop: HOPS.enrich, ids: list(handled) }),
          tally({ hop: HOPS.enriched, ids: list(enriched) }),
          tally({ hop: HOPS.warehouse, ids: list(stored) }),
        ],
        coverage: new Map(
          [HOPS.flights, HOPS.enrich, HOPS.enriched, HOPS.dlq, HOPS.warehouse].map((hop) =>
            covered(hop, [0, 100]),
          ),
        ),
        instances: [instance({ hops: [HOPS.checkin] })],
        logEnds: new Map([HOPS.enriched, HOPS.dlq].map((h) => [hopKey(h), new Map([[0, 0]])])),
      }),
    )
    judgements.forEach(expectSums)
    return judgements
  }

  it('excuse a missing message no more once they have been removed', () => {
    const [, consume, transform, load] = line([0, 1, 2, 2], [0, 1, 2], [0, 1])
    expect(codesOf(consume as Judgement)).toEqual(['duplicated'])
    expect(codesOf(transform as Judgement)).toEqual(['copy_removed'])
    expect(idsOf(load as Judgement, 'lost')).toEqual([hex(2)])
  })

  it('are counted one by one: the last of them is the message', () => {
    const [, , , load] = line([0, 1, 2, 2], [0, 1, 2, 2], [0, 1])
    expect(load?.counts).toMatchObject({ lost: 1, copies_removed: 1, expected: 3 })
  })

  it('that nobody above knows of excuse too, where the message is seen to be there', () => {
    const j = judge(EDGES.consume, {
      tallies: [
        tally({ hop: HOPS.flights, ids: [...ids(0, 3), id(2)] }),
        tally({ hop: HOPS.enrich, ids: ids(0, 3) }),
      ],
      coverage: new Map([covered(HOPS.flights, [0, 4]), covered(HOPS.enrich, [0, 4])]),
      logEnds: ends(HOPS.flights, 4),
    })
    expect(codesOf(j)).toEqual(['copy_removed'])
    expect(j.verdict).toBe('met')
  })

  it('that could not be named make a shortage prove nothing', () => {
    const big = ids(0, 3_000)
    const judgements = judgeWindow(
      PIPELINE,
      evidence({
        tallies: [
          tally({ hop: HOPS.checkin, ids: big }),
          tally({ hop: HOPS.flights, ids: big }),
          // Everything was handled twice, and sent on once.
          tally({ hop: HOPS.enrich, ids: [...big, ...big] }),
          tally({ hop: HOPS.enriched, ids: big }),
          tally({ hop: HOPS.warehouse, ids: big }),
        ],
        coverage: new Map(
          [HOPS.flights, HOPS.enrich, HOPS.enriched, HOPS.dlq, HOPS.warehouse].map((hop) =>
            covered(hop, [0, 10_000]),
          ),
        ),
        instances: [instance({ hops: [HOPS.checkin] })],
        logEnds: new Map([HOPS.enriched, HOPS.dlq].map((h) => [hopKey(h), new Map([[0, 0]])])),
      }),
    )
    judgements.forEach(expectSums)
    expect(judgements[2]?.counts).toMatchObject({ lost: 0 })
    expect(judgements[2]?.verdict).toBe('indeterminate')
  })
})

describe('derived ids', () => {
  it('stand for their parent only where ids are derived, not between a topic and its readers', () => {
    const j = judge(EDGES.load, {
      tallies: [
        tally({ hop: HOPS.enriched, ids: [id(9), id(9, 1)] }),
        tally({ hop: HOPS.warehouse, ids: [id(9, 1), id(9, 1)] }),
      ],
      coverage: new Map([covered(HOPS.enriched, [0, 2]), covered(HOPS.warehouse, [0, 2])]),
      logEnds: ends(HOPS.enriched, 2),
    })
    expect(codesOf(j)).toEqual(['lost', 'duplicated'])
    expect(idsOf(j, 'lost')).toEqual([hex(9)])
  })
})

describe('ids from a producer that is not heard', () => {
  const kiosk = producerHop('default', 'flights.enriched', 'kiosk')
  const transform = (words: Partial<WindowEvidence> = {}): Judgement =>
    judge(EDGES.transform, {
      tallies: [
        tally({ hop: HOPS.enrich, ids: ids(0, 3) }),
        tally({ hop: HOPS.enriched, ids: [...ids(0, 3), id(700)] }),
      ],
      coverage: new Map(
        [HOPS.enrich, HOPS.enriched, HOPS.dlq].map((hop) => covered(hop, [0, 100])),
      ),
      instances: [instance({ hops: [HOPS.enrich, HOPS.enricher] }), instance({ hops: [kiosk] })],
      logEnds: new Map([HOPS.enriched, HOPS.dlq].map((h) => [hopKey(h), new Map([[0, 0]])])),
      ...words,
    })

  it('are unconfirmed in a topic after a group too, for anybody may write to a topic', () => {
    expect(codesOf(transform())).toEqual(['unconfirmed'])
  })

  it('leave the window undecided: all is well only if all senders are heard', () => {
    expect(transform().verdict).toBe('indeterminate')
  })
})

describe('a topic at the head of a pipeline', () => {
  it('has not passed a window that its producers, though undeclared, have not sealed', () => {
    const words = (sealedUntil: number): Partial<WindowEvidence> => ({
      now: W + WINDOW_MS + 6_000,
      tallies: [
        tally({ hop: HOPS.checkin, ids: ids(0, 3) }),
        tally({ hop: HOPS.flights, ids: ids(0, 3) }),
        tally({ hop: HOPS.enrich, ids: ids(0, 3) }),
      ],
      coverage: new Map([covered(HOPS.flights, [0, 3]), covered(HOPS.enrich, [0, 3])]),
      instances: [
        instance({
          hops: [HOPS.checkin],
          seals: [{ hop: HOPS.checkin, sealedUntil, open: [], number: 9 }],
        }),
      ],
    })
    // Boundary: sealed up to the window's end is sealed.
    expect(judge(EDGES.consume, words(W + WINDOW_MS)).verdict).toBe('met')
    expect(judge(EDGES.consume, words(W + WINDOW_MS - 1)).verdict).toBe('indeterminate')
  })
})

describe('more than can be named', () => {
  it('is no empty window, even where nothing was expected', () => {
    const j = judge(EDGES.produce, {
      tallies: [tally({ hop: HOPS.flights, ids: ids(0, 3_000) })],
      coverage: new Map([covered(HOPS.flights, [0, 3_000])]),
      instances: [instance({ hops: [HOPS.checkin] })],
    })
    expect(j.verdict).toBe('indeterminate')
  })

  it('in what was rejected leaves an extra open: it may have landed', () => {
    const sent = ids(0, 1_500)
    const refused = ids(2_000, 5_000)
    const j = judge(EDGES.produce, {
      tallies: [
        tally({ hop: HOPS.checkin, ids: sent }),
        tally({ hop: HOPS.checkin, ids: refused, channel: 'rejected', range: null }),
        tally({ hop: HOPS.flights, ids: [...sent, ...refused.slice(0, 50)] }),
      ],
      coverage: new Map([covered(HOPS.flights, [0, 2_000])]),
      instances: [instance({ hops: [HOPS.checkin] })],
    })
    expect(j.counts).toMatchObject({ extra: 0, duplicated: 0, unexpected: 0 })
    expect(j.verdict).toBe('indeterminate')
  })
})

describe('a rejected send that was tried again under the same id', () => {
  it('makes a copy if both landed', () => {
    const j = judge(EDGES.produce, {
      tallies: [
        tally({ hop: HOPS.checkin, ids: ids(0, 3) }),
        tally({ hop: HOPS.checkin, ids: [id(2)], channel: 'rejected', range: null }),
        tally({ hop: HOPS.flights, ids: [...ids(0, 3), id(2)] }),
      ],
      coverage: new Map([covered(HOPS.flights, [0, 4])]),
      instances: [instance({ hops: [HOPS.checkin] })],
    })
    expect(codesOf(j)).toEqual(['duplicated'])
  })
})

describe('a sink', () => {
  const warehouse = sinkHop('warehouse')
  const words = (handledTo: number, seen: number, more: Partial<WindowEvidence> = {}) => ({
    tallies: [
      tally({ hop: HOPS.enriched, ids: ids(0, 10) }),
      tally({ hop: HOPS.warehouse, ids: ids(0, handledTo) }),
      tally({ hop: warehouse, ids: ids(0, seen), range: null }),
    ],
    coverage: new Map([
      covered(HOPS.enriched, [0, 10]),
      covered(HOPS.warehouse, [0, handledTo] as const),
    ]),
    instances: [instance({ hops: [HOPS.warehouse, warehouse] })],
    logEnds: ends(HOPS.enriched, 10),
    newestWindow: new Map([[hopKey(warehouse), W + WINDOW_MS]]),
    ...more,
  })
  const edge = edgeOf(HOPS.enriched, warehouse)

  it('that is fed by a group which is behind is behind, whatever else it has seen', () => {
    // Boundary: handled up to offset 8 of 9 is behind, up to 9 is there.
    expect(judge(edge, words(9, 9)).counts).toMatchObject({ lost: 0, in_flight: 1 })
    expect(judge(edge, words(10, 9)).counts).toMatchObject({ lost: 1 })
  })

  it('that is fed by nobody known proves no loss, and is met when all is there', () => {
    const alone = { instances: [instance({ hops: [warehouse] })] }
    expect(judge(edge, words(10, 9, alone)).counts).toMatchObject({ lost: 0, in_flight: 1 })
    expect(judge(edge, words(10, 10, alone)).verdict).toBe('met')
  })

  it('is passed by a stream as by what feeds it: something later has come through', () => {
    const [a, b] = [streamHop('a'), streamHop('b')]
    const stream = (newest: number): Judgement =>
      judge(edgeOf(a, b), {
        tallies: [
          tally({ hop: a, ids: ids(0, 3), range: null }),
          tally({ hop: b, ids: ids(0, 2), range: null }),
        ],
        instances: [instance({ hops: [a, b] })],
        newestWindow: new Map([
          [hopKey(a), W + WINDOW_MS],
          [hopKey(b), newest],
        ]),
      })
    expect(stream(W + WINDOW_MS).counts).toMatchObject({ lost: 1 })
  })
})

describe('messages without an id', () => {
  const nameless = (hop: HopRef, range: readonly [number, number] | null = [0, 2]) =>
    tally({ hop, ids: ids(0, 3), channel: 'unidentified', range })

  it('are found again in a sink by their place', () => {
    const warehouse = sinkHop('warehouse')
    const j = judge(edgeOf(HOPS.warehouse, warehouse), {
      tallies: [nameless(HOPS.warehouse), nameless(warehouse, null)],
      coverage: new Map([covered(HOPS.warehouse, [0, 3]), covered(HOPS.enriched, [0, 3])]),
      instances: [instance({ hops: [HOPS.warehouse, warehouse] })],
      logEnds: ends(HOPS.enriched, 3),
    })
    expect(codesOf(j)).toEqual([])
  })

  it('are not expected where no place can be compared: in a stream, in another topic', () => {
    for (const to of [streamHop('s'), HOPS.enriched]) {
      const j = judge(edgeOf(HOPS.flights, to), {
        tallies: [nameless(HOPS.flights)],
        coverage: new Map([covered(HOPS.flights, [0, 3]), covered(HOPS.enriched, [0, 3])]),
        instances: [instance({ hops: [streamHop('s')] })],
        logEnds: new Map([...ends(HOPS.flights, 3), ...ends(HOPS.enriched, 3)]),
        newestWindow: new Map([[hopKey(streamHop('s')), W + WINDOW_MS]]),
      })
      expect(j.counts).toMatchObject({ lost: 0, expected: 0 })
    }
  })

  it('hide no other difference of parameters', () => {
    const keyed = tally({ hop: HOPS.enrich, ids: ids(0, 3) })
    const byKey = { ...keyed, params: { ...keyed.params, identity: 'key;time=timestamp' } }
    const other = { ...HOPS.enrich, group: 'other' }
    const j = judge(
      {
        ...EDGES.consume,
        to: [...EDGES.consume.to, declare('other', other)],
      },
      {
        tallies: [nameless(HOPS.flights), byKey, tally({ hop: other, ids: ids(3, 4) })],
        now: DEADLINE,
      },
    )
    expect(codesOf(j)).toContain('params_differ')
  })
})

describe('counts', () => {
  it('add up though what was filtered was never counted as handled', () => {
    const j = judge(EDGES.transform, {
      tallies: [
        tally({ hop: HOPS.enrich, ids: ids(0, 1) }),
        tally({ hop: HOPS.enrich, ids: ids(1, 2), channel: 'filtered', reason: 'cancelled' }),
      ],
      coverage: new Map(
        [HOPS.enrich, HOPS.enriched, HOPS.dlq].map((hop) => covered(hop, [0, 100])),
      ),
      instances: [instance({ hops: [HOPS.enrich, HOPS.enricher] })],
      logEnds: new Map([HOPS.enriched, HOPS.dlq].map((h) => [hopKey(h), new Map([[0, 0]])])),
    })
    expect(j.counts.expected).toBe(1)
  })
})

describe('a frame that claims to be number 10^12', () => {
  it('costs no time', () => {
    const j = judge(EDGES.produce, {
      tallies: [tally({ hop: HOPS.checkin, ids: ids(0, 3) })],
      coverage: new Map([covered(HOPS.flights, [0, 3])]),
      instances: [
        instance({
          hops: [HOPS.checkin],
          lastSentAt: W - 10 * WINDOW_MS,
          seen: [
            [0, 10],
            [1e12, 1e12 + 1],
          ],
        }),
      ],
    })
    expect(j.counts.expected).toBe(3)
  })
})

describe('boundaries', () => {
  it('the lowest offset of a window counts as much as its highest', () => {
    const at = (from: number): Judgement =>
      judge(EDGES.produce, {
        tallies: [
          tally({ hop: HOPS.checkin, ids: ids(0, 3), range: [5, 7] }),
          tally({ hop: HOPS.flights, ids: ids(1, 3), range: [6, 7] }),
        ],
        coverage: new Map([covered(HOPS.flights, [0, 4], [from, 10])]),
        instances: [instance({ hops: [HOPS.checkin] })],
      })
    // Boundary: watched again from 5 on includes offset 5, from 6 on does not.
    expect(at(5).counts).toMatchObject({ lost: 1 })
    expect(at(6).counts).toMatchObject({ lost: 0, undetermined: 1 })
  })

  it('a window with sends under way is not sealed, however late the seal', () => {
    const j = judge(EDGES.produce, {
      tallies: [
        tally({ hop: HOPS.checkin, ids: ids(0, 3) }),
        tally({ hop: HOPS.flights, ids: ids(0, 3) }),
      ],
      coverage: new Map([covered(HOPS.flights, [0, 3])]),
      instances: [
        instance({
          hops: [HOPS.checkin],
          seals: [{ hop: HOPS.checkin, sealedUntil: DEADLINE, open: [W], number: 9 }],
        }),
      ],
    })
    expect(j.from[0]?.passage).toBe('behind')
    expect(j.final).toBe(false)
  })

  it('too many to list: a copy that was removed once excuses nothing again', () => {
    const big = ids(0, 1_500)
    const hops = [HOPS.flights, HOPS.enrich, HOPS.enriched, HOPS.dlq, HOPS.warehouse]
    const judgements = judgeWindow(
      PIPELINE,
      evidence({
        tallies: [
          tally({ hop: HOPS.checkin, ids: big }),
          tally({ hop: HOPS.flights, ids: big }),
          tally({ hop: HOPS.enrich, ids: [...big, id(7, 1)], range: [0, 1_499] }),
          tally({ hop: HOPS.enriched, ids: big }),
          tally({ hop: HOPS.warehouse, ids: big.filter((_, i) => i !== 7) }),
        ],
        coverage: new Map(hops.map((hop) => covered(hop, [0, 2_000]))),
        instances: [instance({ hops: [HOPS.checkin] })],
        logEnds: new Map([HOPS.enriched, HOPS.dlq].map((h) => [hopKey(h), new Map([[0, 0]])])),
      }),
    )
    expect(judgements.map(codesOf)).toEqual([[], ['duplicated'], ['copy_removed'], ['lost']])
  })

  it('what was polled before the window bounds where its messages may be', () => {
    const j = (start: number): Judgement =>
      judge(EDGES.produce, {
        tallies: [
          tally({ hop: HOPS.checkin, ids: ids(0, 3), range: null }),
          tally({ hop: HOPS.flights, ids: ids(0, 2), range: [8, 9] }),
        ],
        coverage: new Map([covered(HOPS.flights, [0, 4], [6, 10])]),
        instances: [instance({ hops: [HOPS.checkin] })],
        logEnds: ends(HOPS.flights, 10),
        logStarts: ends(HOPS.flights, start),
      })
    // Boundary: the hole holds offsets 4 and 5; a log that ended at 6 held it already.
    expect(j(6).counts).toMatchObject({ lost: 1 })
    expect(j(5).counts).toMatchObject({ lost: 0, undetermined: 1 })
  })

  it('a sink whose agent died before the deadline may have seen more than it said', () => {
    const warehouse = sinkHop('warehouse')
    const dead = (lastSentAt: number): Judgement =>
      judge(edgeOf(HOPS.warehouse, warehouse), {
        tallies: [
          tally({ hop: HOPS.warehouse, ids: ids(0, 3) }),
          tally({ hop: warehouse, ids: ids(0, 2), range: null }),
        ],
        coverage: new Map([covered(HOPS.warehouse, [0, 3])]),
        instances: [instance({ hops: [warehouse], lastSentAt, lastHeardAt: DEADLINE - 60_000 })],
        logEnds: ends(HOPS.enriched, 3),
        newestWindow: new Map([[hopKey(warehouse), W + WINDOW_MS]]),
      })
    expect(dead(DEADLINE - 1).counts).toMatchObject({ lost: 0, undetermined: 1 })
    expect(dead(DEADLINE).counts).toMatchObject({ lost: 1 })
  })
})
