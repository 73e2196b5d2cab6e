/** Histories that invite a wrong word: large windows, loops, samples, changed plans. */
import { describe, expect, it } from 'vitest'
import type { StoredTally } from '../../src/hop/evidence.ts'
import { consumerHop, type HopRef, hopKey, topicHop } from '../../src/hop/hop.ts'
import type { EdgeDeclaration } from '../../src/hop/pipeline.ts'
import { preserveName } from '../../src/message/digest.ts'
import { type IdWords, wordsOfParts } from '../../src/message/id.ts'
import type { EdgeContext } from '../../src/reconcile/edge-context.ts'
import type { WindowEvidence } from '../../src/reconcile/evidence.ts'
import { type Judgement, judgeEdge } from '../../src/reconcile/judge-edge.ts'
import { judgeWindow } from '../../src/reconcile/judge-window.ts'
import { settle } from '../../src/reconcile/settle.ts'
import { isSampled } from '../../src/sketch/sample.ts'
import { DEFAULT_SEED } from '../../src/sketch/sketch.ts'
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
  type TallyWords,
  tally,
  W,
} from './build.ts'
import { codesOf, expectSums, idsOf } from './expect.ts'

const ALL_HOPS = [HOPS.flights, HOPS.enrich, HOPS.enriched, HOPS.dlq, HOPS.warehouse]

function judge(
  edge: EdgeDeclaration,
  words: Partial<WindowEvidence>,
  more: Partial<EdgeContext> = {},
): Judgement {
  const judgement = judgeEdge({
    pipeline: PIPELINE,
    edge,
    evidence: evidence({
      coverage: new Map(ALL_HOPS.map((hop) => covered(hop, [0, 100_000]))),
      instances: [instance({ hops: [HOPS.checkin] }), instance({ hops: [HOPS.flights] })],
      logEnds: new Map([HOPS.enriched, HOPS.dlq].map((h) => [hopKey(h), new Map([[0, 0]])])),
      ...words,
    }),
    passages: new Map(),
    inherited: new Map(),
    ...more,
  })
  expectSums(judgement)
  return judgement
}

describe('more differences than can be named', () => {
  it('are not lost where a service sent its inputs on under new ids', () => {
    const fresh = ids(10_000, 12_000)
    const j = judge(EDGES.transform, {
      tallies: [
        tally({ hop: HOPS.enrich, ids: ids(0, 2_000) }),
        tally({ hop: HOPS.enricher, ids: fresh }),
        tally({ hop: HOPS.enriched, ids: fresh }),
      ],
      instances: [instance({ hops: [HOPS.enrich, HOPS.enricher], service: 'enrich' })],
      minted: new Map([[hopKey(HOPS.enricher), 2_000]]),
    })
    expect(codesOf(j)).toContain('identity_not_carried')
    expect(j.counts.lost).toBe(0)
    expect(j.counts.undetermined).toBeGreaterThanOrEqual(2_000)
    expect(j.verdict).toBe('indeterminate')
  })

  it('are not lost where they may be copies that are known further up', () => {
    const big = ids(0, 3_000)
    const copies = ids(0, 600)
    const strangers = ids(20_000, 20_500)
    const j = judge(
      EDGES.transform,
      {
        tallies: [
          tally({ hop: HOPS.enrich, ids: [...big, ...copies] }),
          tally({ hop: HOPS.enriched, ids: [...big, ...strangers] }),
        ],
      },
      { inherited: new Map(copies.map((_, n) => [hex(n), 1])) },
    )
    expect(codesOf(j)).toContain('undecodable')
    expect(j.counts.lost).toBe(0)
  })
})

describe('a topic that anybody may write to', () => {
  const big = ids(0, 2_000)
  const stranger = wordsOfParts({ birth: W + 9, version: 8, tag: 7, sequence: 9, ordinal: 0 })
  const came = (extra: readonly IdWords[], witness: boolean): Judgement =>
    judge(EDGES.produce, {
      tallies: [
        tally({ hop: HOPS.checkin, ids: big, witness }),
        tally({ hop: HOPS.flights, ids: [...big, ...extra] }),
      ],
    })

  it('may hold messages of senders that nobody can know of: they accuse nobody', () => {
    expect(codesOf(came([stranger], true))).toEqual(['undetermined_extra'])
    expect(codesOf(came([id(5)], false))).toEqual(['undetermined_extra'])
    expect(came([id(5)], false).verdict).toBe('indeterminate')
  })

  it('holds copies all the same where their sender is heard', () => {
    expect(codesOf(came([id(5)], true))).toEqual(['duplicated'])
  })
})

describe('an edge to several hops that promises to preserve', () => {
  const PRESERVE = { value: true, key: false, headers: [] }
  const both = (words: TallyWords, digest: (id: IdWords) => number): StoredTally[] => [
    tally(words),
    tally({ ...words, element: preserveName(PRESERVE), digest }),
  ]

  it('is not met by altered messages among the dead letters', () => {
    const j = judge(
      { ...EDGES.transform, preserve: PRESERVE },
      {
        tallies: [
          ...both({ hop: HOPS.enrich, ids: ids(0, 4) }, () => 1),
          ...both({ hop: HOPS.dlq, ids: ids(0, 4) }, () => 2),
        ],
      },
    )
    expect(idsOf(j, 'altered')).toEqual([0, 1, 2, 3].map((n) => hex(n)))
    expect(j.counts).toMatchObject({ altered: 4, dead_lettered: 0, delivered: 0 })
    expect(j.verdict).toBe('breached')
  })

  it('acquits no dead letter whose digest is not known', () => {
    const j = judge(
      { ...EDGES.transform, preserve: PRESERVE },
      {
        tallies: [
          ...both({ hop: HOPS.enrich, ids: ids(0, 4) }, () => 1),
          tally({ hop: HOPS.dlq, ids: ids(0, 4) }),
        ],
      },
    )
    expect(j.findings).toMatchObject([{ code: 'integrity_unknown', count: 4 }])
    expect(j.counts).toMatchObject({ dead_lettered: 4, delivered: 0, unverified: 0 })
    expect(j.verdict).toBe('indeterminate')
  })

  it('calls no copy beside a hole altered', () => {
    // Two of one id, with values of their own: of the second only a hole is known, the first came twice.
    const from = { hop: HOPS.flights, ids: [id(1), id(1), id(2)] }
    const values = [1, 2, 1][Symbol.iterator]()
    const to = { hop: HOPS.enrich, ids: [id(1), id(1), id(2)], range: [0, 2] as const }
    const j = judge(
      { ...EDGES.consume, preserve: PRESERVE },
      {
        tallies: [...both(from, () => values.next().value ?? 0), ...both(to, () => 1)],
        coverage: new Map([covered(HOPS.flights, [0, 3]), covered(HOPS.enrich, [0, 1], [2, 3])]),
        logEnds: new Map([[hopKey(HOPS.flights), new Map([[0, 3]])]]),
      },
    )
    expect(j).toMatchObject({ verdict: 'indeterminate', counts: { altered: 0, unverified: 1 } })
  })

  it('calls nothing altered while another message of the same id may still be reported', () => {
    // Two services wrote the same id, with values of their own. Of one only the send was reported,
    // of the other only that it came.
    const j = (sealedUntil: number, now: number): Judgement =>
      judge(
        { ...EDGES.produce, preserve: PRESERVE },
        {
          now,
          tallies: [
            ...both({ hop: HOPS.checkin, ids: [id(1)] }, () => 1),
            ...both({ hop: HOPS.flights, ids: [id(1)] }, () => 2),
          ],
          instances: [
            instance({
              hops: [HOPS.checkin],
              seals: [{ hop: HOPS.checkin, sealedUntil, open: [], number: 9 }],
            }),
          ],
        },
      )
    expect(codesOf(j(0, DEADLINE - 1))).not.toContain('altered')
    expect(j(0, DEADLINE - 1)).toMatchObject({ verdict: 'indeterminate', counts: { altered: 0 } })
    expect(codesOf(j(DEADLINE, DEADLINE - 1))).toContain('altered')
    // By then the topic has all of it: what was sent is not there.
    expect(codesOf(j(0, DEADLINE))).toContain('altered')
  })
})

describe('a message that went round a loop', () => {
  const [jobs, retry, done] = ['jobs', 'retry', 'done'].map((name) =>
    topicHop('default', name),
  ) as [HopRef, HopRef, HopRef]
  const first = consumerHop('default', 'jobs', 'work')
  const again = consumerHop('default', 'retry', 'work')
  const edge = (from: Record<string, HopRef>, to: Record<string, HopRef>): EdgeDeclaration => ({
    name: `${Object.keys(from).join(' + ')} → ${Object.keys(to).join(' + ')}`,
    from: Object.entries(from).map(([name, hop]) => declare(name, hop)),
    to: Object.entries(to).map(([name, hop]) => declare(name, hop)),
    filter: [],
    preserve: null,
  })
  const edges = [
    edge({ jobs }, { first }),
    edge({ retry }, { again }),
    edge({ first, again }, { done, retry }),
  ]
  const round = (
    retried: readonly IdWords[],
    redone: readonly IdWords[],
    finished: readonly IdWords[],
    { handled = ids(0, 10), read = 100 } = {},
  ): Judgement => {
    const judgements = judgeWindow(
      { ...PIPELINE, edges, hops: edges.flatMap((e) => [...e.from, ...e.to]) },
      evidence({
        tallies: [
          tally({ hop: jobs, ids: ids(0, 10) }),
          tally({ hop: first, ids: handled, range: [0, 9] }),
          tally({ hop: retry, ids: retried }),
          tally({ hop: again, ids: redone }),
          tally({ hop: done, ids: finished }),
        ].filter((t) => t.count > 0),
        coverage: new Map(
          [jobs, retry, done, first, again].map((hop) =>
            read === 0 && hop === again ? covered(hop) : covered(hop, [0, 100]),
          ),
        ),
        instances: [instance({ hops: [first, again] })],
        logEnds: new Map([jobs, retry, done].map((hop) => [hopKey(hop), new Map([[0, 20]])])),
      }),
    )
    judgements.forEach(expectSums)
    return judgements.find((j) => j.edge.startsWith('first')) as Judgement
  }

  it('and never came out is lost: that it is in the topic it came back from excuses nothing', () => {
    const j = round([id(8), id(9)], [id(8), id(9)], ids(0, 9))
    expect(idsOf(j, 'lost')).toEqual([hex(9)])
    expect(j.counts).toMatchObject({ lost: 1, copies_removed: 0 })
  })

  it('is not lost as long as it may be handled again', () => {
    // Handled twice at first, sent back once, which nobody has read again.
    const j = round([id(9)], [], ids(0, 9), { handled: [...ids(0, 10), id(9)], read: 0 })
    expect(j.counts.lost).toBe(0)
    expect(j.verdict).not.toBe('met')
  })
})

const ONE_IN = 4
const kept = (list: readonly IdWords[]): IdWords[] =>
  list.filter((words) => isSampled(...words, DEFAULT_SEED, ONE_IN))
const sample = (words: TallyWords): StoredTally =>
  tally({ ...words, ids: kept(words.ids), oneIn: ONE_IN })
const sampledFrom = (edge: EdgeDeclaration): EdgeDeclaration => ({
  ...edge,
  from: edge.from.map((d) => ({ ...d, oneIn: ONE_IN })),
})

describe('after a sampled edge', () => {
  const edges = [sampledFrom(EDGES.produce), EDGES.consume]
  const pipeline = { ...PIPELINE, edges, hops: edges.flatMap((e) => [...e.from, ...e.to]) }
  const line = (words: Partial<WindowEvidence>): [Judgement, Judgement] => {
    const judgements = judgeWindow(
      pipeline,
      evidence({
        instances: [instance({ hops: [HOPS.checkin] }), instance({ hops: [HOPS.flights] })],
        ...words,
      }),
    )
    judgements.forEach(expectSums)
    return judgements as [Judgement, Judgement]
  }

  it('a copy that it did not see is no loss of the message', () => {
    const big = ids(0, 2_000)
    const unkept = big.find((words) => kept([words]).length === 0) as IdWords
    const twice = [...big, unkept]
    const [produce, consume] = line({
      tallies: [
        sample({ hop: HOPS.checkin, ids: big }),
        tally({ hop: HOPS.flights, ids: twice }),
        sample({ hop: HOPS.flights, ids: twice }),
        tally({ hop: HOPS.enrich, ids: big, range: [0, 2_000] }),
      ],
      coverage: new Map([covered(HOPS.flights, [0, 2_001]), covered(HOPS.enrich, [0, 2_001])]),
      logEnds: new Map([[hopKey(HOPS.flights), new Map([[0, 2_001]])]]),
    })
    expect(produce.counts.duplicated).toBe(0)
    expect(consume.counts).toMatchObject({ lost: 0, undetermined: 1 })
  })

  it('a topic has not passed what lies beyond the last sampled offset', () => {
    const sent = ids(0, 100)
    const last = Math.max(
      ...kept(ids(0, 80)).map((words) => sent.findIndex((w) => w.join() === words.join())),
    )
    const read = sent.slice(0, last + 1)
    const words = (end: number): Partial<WindowEvidence> => ({
      tallies: [
        sample({ hop: HOPS.checkin, ids: read, range: [0, last] }),
        tally({ hop: HOPS.flights, ids: read }),
        sample({ hop: HOPS.flights, ids: read }),
        tally({ hop: HOPS.enrich, ids: read }),
      ],
      coverage: new Map([
        covered(HOPS.flights, [0, last + 1]),
        covered(HOPS.enrich, [0, last + 1]),
      ]),
      logEnds: new Map([[hopKey(HOPS.flights), new Map([[0, end]])]]),
    })
    // Boundary: the log ends where both have read to, or further: messages outside of the sample.
    expect(line(words(last + 1))[1].verdict).toBe('met')
    expect(line(words(100))[1].verdict).toBe('indeterminate')
    expect(line({ ...words(100), logEnds: new Map() })[1].verdict).toBe('indeterminate')
  })
})

describe('after a sampled topic', () => {
  it('a group with a hole outside of the sample has not passed the window', () => {
    const unkept = ids(0, 50).filter((words) => kept([words]).length === 0)
    const [one, other] = unkept as [IdWords, IdWords]
    const edges = [
      { ...EDGES.consume, from: EDGES.consume.from.map((d) => ({ ...d, oneIn: ONE_IN })) },
      EDGES.transform,
    ]
    const judgements = judgeWindow(
      { ...PIPELINE, edges, hops: edges.flatMap((e) => [...e.from, ...e.to]) },
      evidence({
        // The other one lies at offset 1 as well as at 2; the group handled both and counted one.
        tallies: [
          tally({ hop: HOPS.enrich, ids: [one, other], range: [0, 2] }),
          sample({ hop: HOPS.enrich, ids: [one, other] }),
          tally({ hop: HOPS.dlq, ids: [one, other, other] }),
        ],
        coverage: new Map([
          covered(HOPS.flights, [0, 3]),
          covered(HOPS.enrich, [0, 1], [2, 3]),
          covered(HOPS.enriched, [0, 1]),
          covered(HOPS.dlq, [0, 3]),
        ]),
        instances: [instance({ hops: [HOPS.enrich, HOPS.enricher] })],
        logEnds: new Map(
          [HOPS.flights, HOPS.dlq].map((hop) => [hopKey(hop), new Map([[0, 3]])] as const),
        ),
      }),
    )
    judgements.forEach(expectSums)
    expect(judgements.map((j) => j.counts.duplicated)).toEqual([0, 0])
  })
})

describe('a hop whose plan changed within the window', () => {
  const edge = sampledFrom(EDGES.consume)
  const all = ids(0, 400)
  const whole = [tally({ hop: HOPS.flights, ids: all }), sample({ hop: HOPS.flights, ids: all })]

  it('loses nothing that it counted by the plan before', () => {
    const j = judge(edge, {
      tallies: [
        ...whole,
        tally({ hop: HOPS.enrich, ids: ids(0, 200) }),
        sample({ hop: HOPS.enrich, ids: ids(200, 400) }),
      ],
    })
    expect(codesOf(j)).toEqual(['params_differ'])
    expect(j).toMatchObject({ verdict: 'indeterminate', counts: { lost: 0 } })
  })

  it('does so in a series of its own too', () => {
    const origin = { topic: 'elsewhere', group: 'g' }
    const j = judge(sampledFrom(EDGES.produce), {
      tallies: [
        sample({ hop: HOPS.checkin, ids: ids(200, 400) }),
        tally({ hop: HOPS.checkin, ids: ids(0, 200), origin }),
        sample({ hop: HOPS.flights, ids: all }),
      ],
    })
    expect(codesOf(j)).toEqual(['params_differ'])
    expect(j.verdict).toBe('indeterminate')
  })

  it('is judged where both tallies hold the same messages', () => {
    const handled = all.filter((_, n) => n !== 7)
    const j = judge(edge, {
      tallies: [
        ...whole,
        tally({ hop: HOPS.enrich, ids: handled }),
        sample({ hop: HOPS.enrich, ids: handled }),
      ],
    })
    expect(codesOf(j)).not.toContain('params_differ')
  })
})

describe('a sampled window', () => {
  it('that was revised tells as many recovered as it had told lost', () => {
    const all = kept(ids(0, 400))
    const edge = sampledFrom(EDGES.consume)
    const of = (handled: readonly IdWords[]): Judgement =>
      judge(edge, {
        tallies: [
          sample({ hop: HOPS.flights, ids: all }),
          sample({ hop: HOPS.enrich, ids: handled }),
        ],
      })
    const times = { now: DEADLINE, deadline: DEADLINE, flushMs: 5_000 }
    const before = settle(of(all.slice(2)), undefined, times)
    expect(before.counts.lost).toBe(2 * ONE_IN)
    const after = settle(of(all), before, times)
    expect(after.counts.recovered).toBe(2 * ONE_IN)
    expect(after.findings).toMatchObject([{ code: 'recovered', count: 8, evidence: 'sampled' }])
    expect(settle(of(all), after, times)).toBe(after)
  })
})
