/** The dense-sequence witness: a producer mints, sends, and dies before it reports. */
import { describe, expect, it } from 'vitest'
import type { StoredTally } from '../../src/hop/evidence.ts'
import { wordsOfParts } from '../../src/message/id.ts'
import type { WindowEvidence } from '../../src/reconcile/evidence.ts'
import { type Judgement, judgeEdge } from '../../src/reconcile/judge-edge.ts'
import {
  covered,
  DEADLINE,
  EDGES,
  evidence,
  HOPS,
  id,
  ids,
  instance,
  PIPELINE,
  type TallyWords,
  tally,
  W,
} from './build.ts'
import { codesOf, expectSums } from './expect.ts'

const witnessed = (words: TallyWords): StoredTally => tally({ ...words, witness: true })
const ends = new Map([
  [covered(HOPS.flights, [0, 1])[0], new Map([[0, 1_000]])],
]) as WindowEvidence['logEnds']

/** The producer sealed the window's start, and was not heard again. */
const silent = instance({
  hops: [HOPS.checkin],
  lastHeardAt: W + 5_000,
  lastSentAt: W + 5_000,
  seals: [{ hop: HOPS.checkin, sealedUntil: W + 5_000, open: [], number: 9 }],
})

function judge(tallies: readonly StoredTally[], words: Partial<WindowEvidence> = {}): Judgement {
  const judgement = judgeEdge({
    pipeline: PIPELINE,
    edge: EDGES.produce,
    evidence: evidence({
      tallies,
      coverage: new Map([covered(HOPS.flights, [0, 1_000])]),
      instances: [silent, instance({ hops: [HOPS.flights] })],
      logEnds: ends,
      ...words,
    }),
    passages: new Map(),
    inherited: new Map(),
  })
  expectSums(judgement)
  return judgement
}

const reported = (n: number): StoredTally => witnessed({ hop: HOPS.checkin, ids: ids(0, n) })
const unseen = (j: Judgement): number =>
  j.findings.find((f) => f.code === 'minted_not_here')?.count ?? 0

describe('a producer that died before it could report', () => {
  it('is found to have minted what its topic lacks, between what it holds', () => {
    const j = judge([
      reported(20),
      witnessed({ hop: HOPS.flights, ids: [...ids(0, 40), ...ids(47, 60)] }),
    ])
    expect(unseen(j)).toBe(7)
    expect(codesOf(j)).not.toContain('lost')
    expect(j).toMatchObject({ verdict: 'indeterminate', counts: { lost: 0, expected: 20 } })
    expect(j.counts.unconfirmed).toBeGreaterThanOrEqual(7)
  })

  it('is not suspected of what lies beyond the last that arrived', () => {
    expect(unseen(judge([reported(20), witnessed({ hop: HOPS.flights, ids: ids(0, 40) })]))).toBe(0)
  })

  it('has what it reported as failed, and what is named as lost, taken off', () => {
    const j = judge([
      witnessed({ hop: HOPS.checkin, ids: [...ids(0, 10), ...ids(12, 20)] }),
      witnessed({ hop: HOPS.checkin, ids: ids(10, 12), channel: 'rejected' }),
      // 5 is lost by name, 10 and 11 were rejected; 30 to 32 nobody reported.
      witnessed({
        hop: HOPS.flights,
        ids: [...ids(0, 5), ...ids(6, 10), ...ids(12, 30), ...ids(33, 40)],
      }),
    ])
    expect(unseen(j)).toBe(3)
    expect(j.counts.lost).toBe(1)
  })

  it.each<[string, readonly StoredTally[], Partial<WindowEvidence>]>([
    [
      'reports everything',
      [reported(20), witnessed({ hop: HOPS.flights, ids: [...ids(0, 40), ...ids(47, 60)] })],
      { instances: [instance({ hops: [HOPS.checkin] }), instance({ hops: [HOPS.flights] })] },
    ],
    [
      'minted for another topic: its tag is not known here',
      [
        tally({ hop: HOPS.checkin, ids: ids(0, 20) }),
        witnessed({ hop: HOPS.flights, ids: [...ids(0, 40), ...ids(47, 60)] }),
      ],
      {},
    ],
    [
      'sent through a topic whose agent does not witness',
      [reported(20), tally({ hop: HOPS.flights, ids: [...ids(0, 40), ...ids(47, 60)] })],
      {},
    ],
    [
      'sent to a topic that was not read to its end',
      [reported(20), witnessed({ hop: HOPS.flights, ids: [...ids(0, 40), ...ids(47, 60)] })],
      { coverage: new Map([covered(HOPS.flights, [0, 999])]) },
    ],
    [
      'is judged before the deadline',
      [reported(20), witnessed({ hop: HOPS.flights, ids: [...ids(0, 40), ...ids(47, 60)] })],
      { now: DEADLINE - 1 },
    ],
    [
      'has copies enough in the topic to fill the gap',
      [
        reported(20),
        witnessed({ hop: HOPS.flights, ids: [...ids(0, 40), ...ids(47, 60), ...ids(0, 7)] }),
      ],
      {},
    ],
  ])('is accused of nothing where it %s', (_, tallies, words) => {
    expect(unseen(judge(tallies, words))).toBe(0)
  })
})

describe('between two windows', () => {
  const earlier = (from: number, to: number): StoredTally =>
    witnessed({
      hop: HOPS.flights,
      ids: Array.from({ length: to - from }, (_, i) =>
        wordsOfParts({
          birth: W - 1,
          version: 7,
          tag: 0xabcdef1234,
          sequence: from + i,
          ordinal: 0,
        }),
      ),
      range: [0, 9],
    })
  const here = [
    witnessed({ hop: HOPS.checkin, ids: [id(100)] }),
    witnessed({ hop: HOPS.flights, ids: ids(100, 110), range: [10, 19] }),
  ]

  it('what lies between the last of the one and the first of the other is counted once', () => {
    expect(unseen(judge(here, { before: [earlier(80, 95)] }))).toBe(5)
    expect(unseen(judge(here, { before: [earlier(80, 100)] }))).toBe(0)
    // Nothing is known before the first: it may be the first of its life.
    expect(unseen(judge(here))).toBe(0)
  })

  it('nothing is said where the window before was not watched without a break', () => {
    const coverage = new Map([covered(HOPS.flights, [0, 5], [6, 1_000])])
    expect(unseen(judge(here, { before: [earlier(80, 95)], coverage }))).toBe(0)
  })

  it('nothing is said of what a producer reported', () => {
    const known = witnessed({ hop: HOPS.checkin, ids: ids(93, 98), channel: 'rejected' })
    expect(unseen(judge(here, { before: [earlier(80, 95), known] }))).toBe(0)
  })
})
