import { describe, expect, it } from 'vitest'
import { consumerHop, type HopRef, hopKey, topicHop } from '../../src/hop/hop.ts'
import type { EdgeDeclaration } from '../../src/hop/pipeline.ts'
import type { IdWords } from '../../src/message/id.ts'
import type { WindowEvidence } from '../../src/reconcile/evidence.ts'
import type { Judgement } from '../../src/reconcile/judge-edge.ts'
import { inOrder, judgeWindow } from '../../src/reconcile/judge-window.ts'
import { declare } from '../support/declare.ts'
import {
  covered,
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
} from './build.ts'
import { codesOf, expectSums, idsOf } from './expect.ts'

const edge = (
  from: Readonly<Record<string, HopRef>>,
  to: Readonly<Record<string, HopRef>>,
): EdgeDeclaration => {
  const list = (hops: Readonly<Record<string, HopRef>>) =>
    Object.entries(hops).map(([name, hop]) => declare(name, hop))
  return {
    name: `${Object.keys(from).join(' + ')} → ${Object.keys(to).join(' + ')}`,
    from: list(from),
    to: list(to),
    filter: [],
    preserve: null,
  }
}

interface Line {
  readonly sent?: readonly IdWords[]
  readonly read?: readonly IdWords[]
  readonly handled?: readonly IdWords[]
  readonly made?: readonly IdWords[]
  readonly dead?: readonly IdWords[]
  readonly stored?: readonly IdWords[]
}

const TEN = ids(0, 10)

/** All four edges; every hop complete unless `words` says otherwise. */
function line(
  { sent = TEN, read = TEN, handled = TEN, made = TEN, dead = [], stored = TEN }: Line,
  words: Partial<WindowEvidence> = {},
): Record<'produce' | 'consume' | 'transform' | 'load', Judgement> {
  const judgements = judgeWindow(
    PIPELINE,
    evidence({
      tallies: [
        tally({ hop: HOPS.checkin, ids: sent }),
        tally({ hop: HOPS.flights, ids: read }),
        tally({ hop: HOPS.enrich, ids: handled }),
        tally({
          hop: HOPS.enricher,
          ids: made,
          origin: { topic: 'flights', group: 'enrich' },
        }),
        tally({ hop: HOPS.enriched, ids: made }),
        tally({ hop: HOPS.dlq, ids: dead }),
        tally({ hop: HOPS.warehouse, ids: stored }),
      ].filter((t) => t.count > 0),
      coverage: coverage(),
      instances: [
        instance({ hops: [HOPS.checkin] }),
        instance({ hops: [HOPS.flights, HOPS.enriched, HOPS.dlq], instance: 'b'.repeat(32) }),
        instance({ hops: [HOPS.enrich, HOPS.enricher], instance: 'c'.repeat(32) }),
        instance({ hops: [HOPS.warehouse], instance: 'd'.repeat(32) }),
      ],
      logEnds: new Map(
        [HOPS.flights, HOPS.enriched, HOPS.dlq].map((hop) => [hopKey(hop), new Map([[0, 20]])]),
      ),
      ...words,
    }),
  )
  judgements.forEach(expectSums)
  const [produce, consume, transform, load] = judgements as [
    Judgement,
    Judgement,
    Judgement,
    Judgement,
  ]
  return { produce, consume, transform, load }
}

function coverage(...instead: ReturnType<typeof covered>[]): WindowEvidence['coverage'] {
  const hops = [HOPS.flights, HOPS.enrich, HOPS.enriched, HOPS.dlq, HOPS.warehouse]
  return new Map([...hops.map((hop) => covered(hop, [0, 100])), ...instead])
}

const verdicts = (judged: ReturnType<typeof line>) =>
  Object.values(judged).map(({ verdict }) => verdict)

describe('the order of edges', () => {
  it('is the way of a message, however the file lists them', () => {
    const way = [EDGES.produce, EDGES.consume, EDGES.transform, EDGES.load]
    expect(inOrder([...way].reverse())).toEqual(way)
    expect(inOrder([EDGES.load, EDGES.produce, EDGES.transform, EDGES.consume])).toEqual(way)
  })

  it('keeps the order of the file where nothing joins two edges', () => {
    const a = edge({ a: topicHop('default', 'a') }, { ga: consumerHop('default', 'a', 'g') })
    const b = edge({ b: topicHop('default', 'b') }, { gb: consumerHop('default', 'b', 'g') })
    expect(inOrder([b, a])).toEqual([b, a])
  })

  it('ends in a retry loop, with every edge once', () => {
    const retry = topicHop('default', 'retry')
    const worker = consumerHop('default', 'jobs', 'work')
    const into = edge({ jobs: topicHop('default', 'jobs'), retry }, { worker })
    const back = edge({ worker }, { retry })
    for (const order of [inOrder([into, back]), inOrder([back, into])])
      expect(new Set(order)).toEqual(new Set([into, back]))
    expect(inOrder([into, back])).toHaveLength(2)
    // An edge from a hop to itself feeds itself.
    const self = edge({ retry }, { retry })
    expect(inOrder([self])).toEqual([self])
  })
})

describe('a retry loop', () => {
  const jobs = topicHop('default', 'jobs')
  const retry = topicHop('default', 'retry')
  const done = topicHop('default', 'done')
  const first = consumerHop('default', 'jobs', 'work')
  const again = consumerHop('default', 'retry', 'work')
  const edges = [
    edge({ jobs }, { first }),
    edge({ retry }, { again }),
    edge({ first, again }, { done, retry }),
  ]
  const judge = (finished: readonly IdWords[], retried: readonly IdWords[]): Judgement[] => {
    const judgements = judgeWindow(
      { ...PIPELINE, edges, hops: edges.flatMap((e) => [...e.from, ...e.to]) },
      evidence({
        tallies: [
          tally({ hop: jobs, ids: TEN }),
          tally({ hop: first, ids: TEN }),
          tally({ hop: retry, ids: retried }),
          tally({ hop: again, ids: retried }),
          tally({ hop: done, ids: finished }),
        ].filter((t) => t.count > 0),
        coverage: new Map(
          [jobs, retry, done, first, again].map((hop) => covered(hop, [0, 100] as const)),
        ),
        instances: [instance({ hops: [first, again] })],
        logEnds: new Map([jobs, retry, done].map((hop) => [hopKey(hop), new Map([[0, 20]])])),
      }),
    )
    judgements.forEach(expectSums)
    return judgements
  }

  it('balances what goes round: three tries are no copies', () => {
    // Numbers 8 and 9 fail twice and succeed at the third try.
    const judgements = judge(TEN, [id(8), id(9), id(8), id(9)])
    expect(judgements.map((j) => j.verdict)).toEqual(['met', 'met', 'met'])
    expect(judgements.flatMap(codesOf)).toEqual([])
  })

  it('names the message that went in once more than it came out', () => {
    const judgements = judge(ids(0, 9), [id(8), id(9)])
    const balance = judgements.find((j) => j.edge.startsWith('first'))
    // The retry topic still holds one of its tries, but all of that was handled again.
    expect(idsOf(balance as Judgement, 'lost')).toEqual([hex(9)])
    const none = judge(ids(0, 9), [id(8)]).find((j) => j.edge.startsWith('first'))
    expect(idsOf(none as Judgement, 'lost')).toEqual([hex(9)])
  })
})

describe('a line of edges', () => {
  it('is met from end to end', () => {
    expect(verdicts(line({}))).toEqual(['met', 'met', 'met', 'met'])
  })

  it('loses a message on one edge only: after it nobody expects it', () => {
    const judged = line({ handled: ids(0, 9), made: ids(0, 9), stored: ids(0, 9) })
    expect(verdicts(judged)).toEqual(['met', 'breached', 'met', 'met'])
    expect(idsOf(judged.consume, 'lost')).toEqual([hex(9)])
  })

  it('blames a copy on the edge that made it, however far it travels', () => {
    const twice = [...TEN, id(4)]
    const judged = line({ handled: twice, made: twice, stored: twice })
    expect(verdicts(judged)).toEqual(['met', 'breached', 'met', 'met'])
  })

  it('takes the loss of a copy through two edges for no loss of the message', () => {
    const twice = [...TEN, id(4)]
    const judged = line({ handled: twice, made: twice, stored: TEN })
    expect(codesOf(judged.load)).toEqual(['copy_removed'])
    expect(judged.load).toMatchObject({ verdict: 'met', counts: { expected: 10, delivered: 10 } })
  })

  it('accuses the edge that loses message and copy, of one message', () => {
    const twice = [...TEN, id(4)]
    const judged = line({ handled: twice, made: twice, stored: TEN.filter((_, i) => i !== 4) })
    expect(judged.load.counts).toMatchObject({ expected: 10, lost: 1, copies_removed: 1 })
    expect(idsOf(judged.load, 'lost')).toEqual([hex(4)])
  })

  it('forgets a copy that was dead-lettered: the other one is the message', () => {
    const judged = line({
      handled: [...TEN, id(4)],
      dead: [id(4)],
      stored: TEN.filter((_, i) => i !== 4),
    })
    expect(idsOf(judged.load, 'lost')).toEqual([hex(4)])
  })
})

describe('a hole', () => {
  it('of a topic agent touches the edges at that topic, not those after', () => {
    const gap = coverage(covered(HOPS.flights, [0, 3], [5, 100]))
    const judged = line({ read: [...ids(0, 3), ...ids(5, 10)] }, { coverage: gap })
    // Out of the topic nothing can be called unexpected, but what was handled is known.
    expect(verdicts(judged)).toEqual(['indeterminate', 'indeterminate', 'met', 'met'])
    expect(codesOf(judged.produce)).toEqual(['undetermined', 'hole'])
    expect(codesOf(judged.consume)).toEqual(['undetermined_extra', 'hole'])
  })

  it('of a dead producer touches the edge of that producer only', () => {
    const silent = instance({
      hops: [HOPS.checkin],
      lastHeardAt: W,
      seals: [{ hop: HOPS.checkin, sealedUntil: W + 1, open: [], number: 9 }],
    })
    const others = [
      instance({ hops: [HOPS.enrich, HOPS.enricher], instance: 'c'.repeat(32) }),
      instance({ hops: [HOPS.flights, HOPS.enriched], instance: 'b'.repeat(32) }),
    ]
    const judged = line({}, { instances: [silent, ...others] })
    expect(verdicts(judged)).toEqual(['indeterminate', 'met', 'met', 'met'])
    // Without a polled end of the log nobody knows what else that producer wrote.
    const unpolled = line({}, { instances: [silent, ...others], logEnds: new Map() })
    expect(verdicts(unpolled)).not.toContain('met')
    expect(Object.values(unpolled).flatMap(codesOf)).not.toContain('lost')
  })

  it('leaves losses provable further on', () => {
    const gap = coverage(covered(HOPS.flights, [0, 3], [5, 100]))
    const judged = line(
      { read: [...ids(0, 3), ...ids(5, 10)], stored: ids(0, 9) },
      { coverage: gap },
    )
    expect(idsOf(judged.load, 'lost')).toEqual([hex(9)])
  })
})

describe('lag', () => {
  it('is passed on: what has not come in yet can be missing nowhere after', () => {
    const judged = line(
      { handled: ids(0, 6), made: ids(0, 6), stored: ids(0, 6) },
      { coverage: coverage(covered(HOPS.enrich, [0, 6])) },
    )
    expect(judged.consume.counts).toMatchObject({ in_flight: 4, lost: 0 })
    expect(verdicts(judged)).toEqual(['met', 'indeterminate', 'indeterminate', 'indeterminate'])
    expect(judged.load.final).toBe(false)
  })
})
