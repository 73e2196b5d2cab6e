/** What commits, deaths, deletions and compaction make of a whole window: flaws made, findings demanded. */
import { describe, expect, it } from 'vitest'
import { type Intervals, union } from '../../src/base/intervals.ts'
import type { InstanceState, StoredTally } from '../../src/hop/evidence.ts'
import { consumerHop, type HopKey, type HopRef, hopKey, topicHop } from '../../src/hop/hop.ts'
import type { EdgeDeclaration, Pipeline } from '../../src/hop/pipeline.ts'
import { preserveName } from '../../src/message/digest.ts'
import type { Judgement } from '../../src/reconcile/judge-edge.ts'
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
  instance,
  PIPELINE,
  tally,
  W,
} from './build.ts'
import { codesOf, expectSums, idsOf } from './expect.ts'

const PRESERVE = { value: true, key: false, headers: [] }
const ORIGIN = { topic: 'flights', group: 'enrich' }
const upTo = (end: number): number[] => Array.from({ length: end }, (_, n) => n)
const TEN = upTo(10)
/** All but these. */
const but = (...gone: readonly number[]): number[] => TEN.filter((n) => !gone.includes(n))
const names = (...numbers: readonly number[]): string[] => numbers.map((n) => hex(n))

/**
 * Message n lies at offset n of `flights`. What the group did it did to all that `done` lists; its
 * agent told of `told` only, and watched those offsets and no others.
 */
interface Line {
  readonly read?: readonly number[]
  readonly told?: readonly number[]
  /** Offsets that the group watched, where they are more than it told of. */
  readonly watched?: Intervals
  /** What came out of the group. */
  readonly made?: readonly number[]
  readonly stored?: readonly number[]
  readonly committed?: Intervals
  readonly deleted?: Intervals
  /** Compacted: so many empty offsets. */
  readonly empty?: number
  readonly dead?: Partial<Omit<InstanceState, 'hops'>>
  readonly now?: number
  readonly preserve?: boolean
  /** Those that the service altered. */
  readonly altered?: readonly number[]
  /** Hops that count one message in four. */
  readonly sampled?: readonly string[]
}

type Judged = Record<'produce' | 'consume' | 'transform' | 'load', Judgement>
const ALL = [EDGES.produce, EDGES.consume, EDGES.transform, EDGES.load]
const ONE_IN = 4
const isLooked = (n: number): boolean => isSampled(...id(n), DEFAULT_SEED, ONE_IN)

function pipelineOf({ preserve, sampled = [] }: Line): Pipeline {
  const rate = <T extends { readonly name: string }>(d: T) => ({
    ...d,
    oneIn: sampled.includes(d.name) ? ONE_IN : 1,
  })
  const edges = ALL.map(
    (e): EdgeDeclaration => ({
      ...e,
      from: e.from.map(rate),
      to: e.to.map(rate),
      preserve: preserve === true ? PRESERVE : null,
    }),
  )
  return { ...PIPELINE, edges, hops: edges.flatMap((e) => [...e.from, ...e.to]) }
}

function judge(line: Line): Judged {
  const { read = TEN, told = TEN, made = TEN, stored = made, empty, dead, sampled = [] } = line
  const watched = line.watched ?? told.reduce<Intervals>((set, n) => union(set, n, n + 1), [])
  const counted = (hop: HopRef, list: readonly number[], name: string): StoredTally[] => {
    const digest = (n: number): number => (line.altered?.includes(n) && name !== 'a' ? 8 : 7)
    // Copies lie behind all others.
    const range = [Math.min(...list), Math.max(...list, list.length - 1)] as const
    const rates = sampled.includes(name) ? [ONE_IN] : sampled.length > 0 ? [1, ONE_IN] : [1]
    return rates.flatMap((oneIn) => {
      const kept = list.filter((n) => oneIn === 1 || isLooked(n))
      let next = 0
      const words = {
        ...{ hop, ids: kept.map((n) => id(n)), range, oneIn, witness: hop.role === 'producer' },
        origin: hop === HOPS.enricher ? ORIGIN : null,
      }
      const element = preserveName(PRESERVE)
      const twin = { ...words, element, digest: () => digest(kept[next++] ?? 0) }
      return line.preserve === true ? [tally(words), tally(twin)] : [tally(words)]
    })
  }
  const { committed = [], deleted = [] } = line
  const judgements = judgeWindow(
    pipelineOf(line),
    evidence({
      now: line.now ?? DEADLINE,
      tallies: [
        ...counted(HOPS.checkin, TEN, 'a'),
        ...counted(HOPS.flights, read, 'a'),
        ...counted(HOPS.enrich, told, 'a'),
        ...counted(HOPS.enricher, made, 'enriched'),
        ...counted(HOPS.enriched, made, 'enriched'),
        ...counted(HOPS.warehouse, stored, 'enriched'),
      ].filter((t) => t.count > 0),
      coverage: new Map([
        ...[HOPS.flights, HOPS.enriched, HOPS.dlq, HOPS.warehouse].map((h) => covered(h, [0, 99])),
        covered(HOPS.enrich, ...watched),
      ]),
      commits: new Map([[hopKey(HOPS.enrich), new Map([[0, { committed, deleted }]])]]),
      compacted: new Map<HopKey, number>(
        empty === undefined ? [] : [[hopKey(HOPS.flights), empty]],
      ),
      instances: [
        instance({ hops: [HOPS.checkin] }),
        instance({ hops: [HOPS.flights, HOPS.enriched, HOPS.dlq], instance: 'b'.repeat(32) }),
        instance({ hops: [HOPS.enrich, HOPS.enricher], instance: 'c'.repeat(32) }),
        instance({ hops: [HOPS.warehouse], instance: 'd'.repeat(32) }),
        ...(dead === undefined ? [] : [instance({ hops: [HOPS.enrich], ...KILLED, ...dead })]),
      ],
      logEnds:
        (line.now ?? DEADLINE) < DEADLINE
          ? new Map()
          : new Map([HOPS.flights, HOPS.enriched, HOPS.dlq].map((h) => [hopKey(h), LOG_END])),
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

const LOG_END: ReadonlyMap<number, number> = new Map([[0, 10]])
/** In the middle of the window. */
const KILLED = { instance: 'e'.repeat(32), lastSentAt: W + 30_000, lastHeardAt: W + 30_000 }

const verdicts = (judged: Judged): string[] => Object.values(judged).map((j) => j.verdict)
const counted = (j: Judgement): Record<string, number> =>
  Object.fromEntries(Object.entries(j.counts).filter(([, n]) => n > 0))
const countsOf = (j: Judgement): Record<string, number> =>
  Object.fromEntries(j.findings.map(({ code, count }) => [code, count]))

describe('a hole at a group, of messages 3 and 4', () => {
  const told = but(3, 4)

  it('is healed by a commit beyond it, and by the weaker evidence it says so', () => {
    const judged = judge({ told, committed: [[0, 10]] })
    expect(verdicts(judged)).toEqual(['met', 'met', 'met', 'met'])
    expect(judged.consume.evidence).toBe('committed')
    expect(counted(judged.consume)).toEqual({ expected: 10, delivered: 10 })
    expect(countsOf(judged.consume)).toEqual({ committed: 2 })
    expect(idsOf(judged.consume, 'committed')).toEqual(names(3, 4))
    // What came of them is in the topic after it: neither unexpected nor missing there.
    expect(counted(judged.transform)).toEqual({ expected: 10, delivered: 10 })
    expect(codesOf(judged.transform)).toEqual([])
    expect(judged.load.evidence).toBe('exact')
  })

  it('is looked at again as long as a commit speaks for it: an agent may still tell', () => {
    expect(judge({ told, committed: [[0, 10]] }).consume.final).toBe(false)
    expect(judge({ committed: [[0, 10]] }).consume.final).toBe(true)
  })

  it.each<[string, Intervals, number]>([
    ['no commit', [], 0],
    ['a commit that ends where the hole begins', [[0, 3]], 0],
    ['a commit half way through it', [[0, 4]], 1],
    ['a commit after one that had vanished', [[5, 10]], 0],
  ])('stays a hole with %s', (_, committed) => {
    const judged = judge({ told, committed })
    expect(verdicts(judged)).toEqual(['met', 'indeterminate', 'indeterminate', 'met'])
    expect(counted(judged.consume)).toEqual({ expected: 10, delivered: 8, undetermined: 2 })
    expect(codesOf(judged.consume)).toEqual(['undetermined', 'hole'])
    expect(counted(judged.transform)).toMatchObject({ expected: 8, delivered: 8 })
  })

  it('leaves a message that is not in it lost: then nobody is named', () => {
    // The group watched offset 7 and did not handle what lies there.
    const watched: Intervals = [
      [0, 3],
      [5, 10],
    ]
    const judged = judge({ told: but(3, 4, 7), watched, made: but(7), committed: [[0, 10]] })
    expect(judged.consume.verdict).toBe('breached')
    expect(counted(judged.consume)).toEqual({ expected: 10, delivered: 9, lost: 1 })
    expect(countsOf(judged.consume)).toEqual({ lost: 1, committed: 2 })
    expect([...idsOf(judged.consume, 'lost'), ...idsOf(judged.consume, 'committed')]).toEqual([])
    // Which were handled nobody knows: what came of them is no surprise, and nobody is acquitted.
    expect(judged.transform.verdict).toBe('indeterminate')
    expect(countsOf(judged.transform)).toMatchObject({ undetermined_extra: 2, hole: 0 })
    expect(judged.load.verdict).toBe('met')
  })

  it('excuses no more than are missing', () => {
    // Offset 4 holds a message of another window.
    const judged = judge({ told: but(3), watched: HOLED, committed: [[0, 10]] })
    expect(countsOf(judged.consume)).toEqual({ committed: 1 })
    expect(idsOf(judged.consume, 'committed')).toEqual(names(3))
    expect(verdicts(judged)).toEqual(['met', 'met', 'met', 'met'])
  })

  it('says nothing where nothing is missing', () => {
    const judged = judge({ watched: HOLED, committed: [[0, 10]] })
    expect(verdicts(judged)).toEqual(['met', 'met', 'met', 'met'])
    expect(Object.values(judged).flatMap(codesOf)).toEqual([])
    expect(judged.consume.evidence).toBe('exact')
  })

  it('leaves undetermined what came of them where nothing came', () => {
    const judged = judge({ told, made: but(3, 4), committed: [[0, 10]] })
    expect(judged.transform.verdict).toBe('indeterminate')
    expect(counted(judged.transform)).toEqual({ expected: 10, delivered: 8, undetermined: 2 })
    expect(idsOf(judged.transform, 'undetermined')).toEqual(names(3, 4))
    expect(judged.load.verdict).toBe('met')
  })

  it('does not excuse what was told and is missing further on', () => {
    const judged = judge({ told, made: but(6), committed: [[0, 10]] })
    expect(judged.transform.verdict).toBe('breached')
    expect(idsOf(judged.transform, 'lost')).toEqual(names(6))
    expect(counted(judged.transform)).toEqual({ expected: 10, delivered: 9, lost: 1 })
  })

  it('shows what is proven further on beside what is not', () => {
    const judged = judge({ told, stored: but(8) })
    expect(verdicts(judged)).toEqual(['met', 'indeterminate', 'indeterminate', 'breached'])
    expect(idsOf(judged.load, 'lost')).toEqual(names(8))
  })

  it('accuses nobody before the deadline', () => {
    const judged = judge({ told, committed: [[0, 10]], now: DEADLINE - 1 })
    expect(verdicts(judged)).not.toContain('breached')
    expect(Object.values(judged).flatMap(codesOf)).not.toContain('unexpected')
    expect(counted(judged.consume)).toMatchObject({ in_flight: 2 })
  })
})

const HOLED: Intervals = [
  [0, 3],
  [5, 10],
]

describe('what was committed and not told', () => {
  const told = but(3, 4)
  const committed: Intervals = [[0, 10]]

  it('is no copy where the topic held one: both were handled, and both came out', () => {
    // A copy of 3 lies at offset 10, in a hole that is committed.
    const judged = judge({
      read: [...TEN, 3],
      watched: [
        [0, 10],
        [11, 20],
      ],
      made: [...TEN, 3],
      committed: [[0, 11]],
    })
    expect(judged.produce.verdict).toBe('breached')
    expect(countsOf(judged.produce)).toEqual({ duplicated: 1 })
    expect(codesOf(judged.transform)).not.toContain('duplicated')
  })

  it('may have been handled more than once: what came out of it twice is no proof of a copy', () => {
    const judged = judge({ told, made: [...TEN, 3], committed })
    expect(countsOf(judged.transform)).toEqual({ undetermined_extra: 1 })
    expect(judged.transform.verdict).toBe('indeterminate')
    // Nor of another message: which lie at the offsets that were committed nobody told.
    expect(countsOf(judge({ told, made: [...TEN, 5], committed }).transform)).toEqual({
      undetermined_extra: 1,
    })
  })

  it('is no stranger after a sample that does not show it', () => {
    const unseen = TEN.filter((n) => !isLooked(n)).slice(2, 3)
    const judged = judge({ told: but(...unseen), committed, sampled: ['flights'] })
    expect(judged.transform.oneIn).toBe(1)
    expect(codesOf(judged.transform)).not.toContain('unexpected')
    expect(verdicts(judged)).not.toContain('breached')
  })

  it('is named in a sample and not known beyond it', () => {
    const seen = TEN.filter(isLooked).slice(0, 1)
    expect(seen).toHaveLength(1)
    const judged = judge({ told: but(...seen), committed, sampled: ['flights'] })
    expect(judged.consume).toMatchObject({ verdict: 'met', evidence: 'sampled', oneIn: ONE_IN })
    expect(countsOf(judged.consume)).toEqual({ committed: ONE_IN })
    expect(idsOf(judged.consume, 'committed')).toEqual(names(...seen))
    expect(judged.transform.verdict).toBe('indeterminate')
    expect(codesOf(judged.transform)).not.toContain('unexpected')
  })

  it('is not known to be unaltered, and the others are', () => {
    const judged = judge({ told, committed, preserve: true })
    for (const edge of [judged.consume, judged.transform]) {
      expect(counted(edge)).toEqual({ expected: 10, delivered: 10, unverified: 2 })
      expect(countsOf(edge)).toMatchObject({ integrity_unknown: 2 })
      expect(edge.verdict).toBe('indeterminate')
    }
    expect(judged.produce.verdict).toBe('met')
    expect(judged.load.verdict).toBe('met')
  })

  it('hides no message that was altered beside it', () => {
    const judged = judge({ told, committed, preserve: true, altered: [6] })
    expect(judged.transform.verdict).toBe('breached')
    expect(idsOf(judged.transform, 'altered')).toEqual(names(6))
    expect(counted(judged.transform)).toMatchObject({ altered: 1, delivered: 9, unverified: 2 })
    expect(idsOf(judged.consume, 'altered')).toEqual([])
  })

  it('is not called altered, though it was: nobody took its digest before', () => {
    const judged = judge({ told, committed, preserve: true, altered: [3] })
    expect(Object.values(judged).flatMap((j) => idsOf(j, 'altered'))).toEqual([])
    expect(judged.transform.verdict).toBe('indeterminate')
  })
})

describe('offsets deleted unread', () => {
  it('are a loss, by name, with the count of offsets', () => {
    const judged = judge({ told: but(3, 4), made: but(3, 4), deleted: [[3, 5]] })
    expect(verdicts(judged)).toEqual(['met', 'breached', 'met', 'met'])
    expect(idsOf(judged.consume, 'lost')).toEqual(names(3, 4))
    const lost = judged.consume.findings.find((f) => f.code === 'lost')
    expect(lost?.args).toMatchObject({ deletedUnread: 2 })
  })

  it('stay a loss when the group has gone on and committed beyond them', () => {
    const line = { told: but(3, 4), made: but(3, 4), deleted: [[3, 5]] as Intervals }
    const judged = judge({ ...line, committed: [[0, 10]] })
    expect(idsOf(judged.consume, 'lost')).toEqual(names(3, 4))
    expect(codesOf(judged.consume)).toEqual(['lost'])
  })

  it.each<[string, Intervals]>([
    ['all but one', [[3, 4]]],
    ['the one before', [[2, 3]]],
    ['the one after', [[5, 6]]],
  ])('accuse nobody where they are %s of a hole', (_, deleted) => {
    const judged = judge({ told: but(3, 4), made: but(3, 4), deleted })
    expect(judged.consume.verdict).toBe('indeterminate')
    expect(counted(judged.consume)).toEqual({ expected: 10, delivered: 8, undetermined: 2 })
  })

  it('beside as many that are committed acquit nobody, and accuse nobody', () => {
    // One of both holes is of another window. Which one, nobody knows.
    const watched: Intervals = [
      [0, 3],
      [5, 6],
      [8, 10],
    ]
    const line = { told: but(3, 4), watched, made: but(3, 4), deleted: [[3, 5]] as Intervals }
    const judged = judge({ ...line, committed: [[0, 10]] })
    expect(judged.consume.verdict).toBe('indeterminate')
    expect(counted(judged.consume)).toEqual({ expected: 10, delivered: 8, undetermined: 2 })
    expect(judged.transform.verdict).toBe('indeterminate')
  })

  it('and committed ones that are all missing are told apart by number, not by name', () => {
    const judged = judge({
      told: but(3, 4, 6),
      made: but(3, 4),
      deleted: [[3, 5]],
      committed: [
        [0, 3],
        [5, 10],
      ],
    })
    expect(judged.consume.verdict).toBe('breached')
    expect(counted(judged.consume)).toEqual({ expected: 10, delivered: 8, lost: 2 })
    expect(countsOf(judged.consume)).toEqual({ lost: 2, committed: 1 })
    expect(judged.consume.findings.flatMap((f) => f.ids)).toEqual([])
  })
})

describe('a compacted topic', () => {
  /** Two messages are not in the topic when it is read. */
  const compacted = (empty?: number): Judgement => {
    const left = but(3, 4)
    return judge({
      ...{ read: left, told: left, made: left, watched: [[0, 20]] },
      ...(empty === undefined ? {} : { empty }),
    }).produce
  }

  it.each<[number | undefined, Record<string, number>, Record<string, number>]>([
    [undefined, { lost: 2 }, { lost: 2 }],
    [0, { lost: 2 }, { lost: 2 }],
    [1, { lost: 1, undetermined: 1 }, { lost: 1, compacted: 1 }],
    [2, { undetermined: 2 }, { compacted: 2 }],
    [3, { undetermined: 2 }, { compacted: 2 }],
  ])('with %s empty offsets', (empty, counts, findings) => {
    const judgement = compacted(empty)
    expect(counted(judgement)).toEqual({ expected: 10, delivered: 8, ...counts })
    expect(countsOf(judgement)).toEqual(findings)
    expect(judgement.verdict).toBe(counts.lost === undefined ? 'indeterminate' : 'breached')
    // One of two: nobody can say which.
    const isClear = Object.keys(findings).length === 1
    expect(judgement.findings.flatMap((f) => f.ids.map((i) => i.id))).toEqual(
      isClear ? names(3, 4) : [],
    )
  })

  it('may lack what its readers had read before: that is not unexpected', () => {
    const judged = judge({ read: but(3, 4), empty: 2 })
    expect(countsOf(judged.consume)).toEqual({ undetermined_extra: 2 })
    expect(judged.consume.verdict).toBe('indeterminate')
  })
})

describe('a member that was killed', () => {
  it('leaves unknown whether each message was handled once', () => {
    const judged = judge({ dead: {} })
    expect(verdicts(judged)).toEqual(['met', 'indeterminate', 'met', 'met'])
    expect(codesOf(judged.consume)).toEqual(['repetition_unknown'])
    expect(judged.consume.final).toBe(false)
  })

  it('may be why more came out than went in', () => {
    const made = [...TEN, 5]
    const judged = judge({ dead: {}, made })
    expect(counted(judged.transform)).toEqual({ expected: 10, delivered: 10 })
    expect(countsOf(judged.transform)).toEqual({ undetermined_extra: 1 })
    expect(verdicts(judged)).toEqual(['met', 'indeterminate', 'indeterminate', 'met'])
    // The same without it is a copy.
    expect(countsOf(judge({ made }).transform)).toEqual({ duplicated: 1 })
  })

  it('does not hide a loss, at its own edge or the next', () => {
    const judged = judge({ dead: {}, told: but(2), watched: [[0, 10]], made: but(2, 7) })
    expect(judged.consume.verdict).toBe('breached')
    expect(idsOf(judged.consume, 'lost')).toEqual(names(2))
    expect(idsOf(judged.transform, 'lost')).toEqual(names(7))
  })

  it('does not hide that messages came twice where both handlings were told', () => {
    const judged = judge({ dead: {}, told: [...TEN, 5], watched: [[0, 10]], made: [...TEN, 5] })
    expect(countsOf(judged.consume)).toMatchObject({ duplicated: 1, repetition_unknown: 0 })
    expect(idsOf(judged.consume, 'duplicated')).toEqual(names(5))
  })

  it.each<[string, Partial<Omit<InstanceState, 'hops'>>]>([
    ['long before the window', { lastSentAt: W - 15_000 }],
    ['after it had told of all', { reach: [{ key: hopKey(HOPS.enrich), partition: 0, to: 10 }] }],
    ['saying goodbye', { goodbye: 9 }],
  ])('%s touches nothing', (_, dead) => {
    expect(verdicts(judge({ dead }))).toEqual(['met', 'met', 'met', 'met'])
  })
})

describe('a group whose messages go to one of two consumers', () => {
  const other = consumerHop('default', 'flights', 'other')
  const edges: readonly EdgeDeclaration[] = [
    {
      ...EDGES.consume,
      name: 'flights → enrich + other',
      to: [declare('enrich', HOPS.enrich), declare('other', other)],
    },
    { ...EDGES.transform, name: 'enrich → enriched', to: [declare('enriched', HOPS.enriched)] },
  ]

  it('names what is committed, and makes no claim of what came of it', () => {
    const whole: Intervals = [[0, 10]]
    const judgements = judgeWindow(
      { ...PIPELINE, edges, hops: edges.flatMap((e) => [...e.from, ...e.to]) },
      evidence({
        tallies: [
          tally({ hop: HOPS.flights, ids: TEN.map((n) => id(n)) }),
          tally({ hop: HOPS.enrich, ids: [0, 1, 2].map((n) => id(n)) }),
          tally({ hop: other, ids: [6, 7, 8, 9].map((n) => id(n)) }),
          tally({ hop: HOPS.enriched, ids: [0, 1, 2, 3].map((n) => id(n)) }),
        ],
        coverage: new Map([
          ...[HOPS.flights, other, HOPS.enriched].map((h) => covered(h, [0, 99])),
          covered(HOPS.enrich, [0, 3], [6, 10]),
        ]),
        commits: new Map([
          [hopKey(HOPS.enrich), new Map([[0, { committed: whole, deleted: [] }]])],
        ]),
        instances: [instance({ hops: [HOPS.enrich] }), instance({ hops: [other, HOPS.flights] })],
        logEnds: new Map([
          [hopKey(HOPS.enriched), LOG_END],
          [hopKey(HOPS.flights), LOG_END],
        ]),
      }),
    )
    judgements.forEach(expectSums)
    const [consume, transform] = judgements as [Judgement, Judgement]
    expect(countsOf(consume)).toEqual({ committed: 3 })
    expect(idsOf(consume, 'committed')).toEqual(names(3, 4, 5))
    expect(transform.verdict).toBe('indeterminate')
    for (const code of ['lost', 'unexpected', 'duplicated'] as const)
      expect(codesOf(transform)).not.toContain(code)
  })
})

describe('a retry loop with a hole that is committed', () => {
  const jobs = topicHop('default', 'jobs')
  const retry = topicHop('default', 'retry')
  const done = topicHop('default', 'done')
  const first = consumerHop('default', 'jobs', 'work')
  const again = consumerHop('default', 'retry', 'work')
  const hops = { jobs, retry, done, first, again }
  type Name = keyof typeof hops
  const edge = (from: readonly Name[], to: readonly Name[]): EdgeDeclaration => ({
    name: `${from.join(' + ')} → ${to.join(' + ')}`,
    from: from.map((n) => declare(n, hops[n])),
    to: to.map((n) => declare(n, hops[n])),
    filter: [],
    preserve: null,
  })
  const edges = [
    edge(['jobs'], ['first']),
    edge(['retry'], ['again']),
    edge(['first', 'again'], ['done', 'retry']),
  ]
  const loop = (finished: readonly number[]): Judgement[] => {
    const list = (hop: HopRef, numbers: readonly number[]): StoredTally =>
      tally({ hop, ids: numbers.map((n) => id(n)) })
    const judgements = judgeWindow(
      { ...PIPELINE, edges, hops: edges.flatMap((e) => [...e.from, ...e.to]) },
      evidence({
        // Message 9 failed once; that it was handled again only the commit tells.
        tallies: [
          list(jobs, TEN),
          list(first, TEN),
          list(retry, [8, 9]),
          list(again, [8]),
          list(done, finished),
        ],
        coverage: new Map([
          ...[jobs, retry, done, first].map((hop) => covered(hop, [0, 99])),
          covered(again, [0, 1]),
        ]),
        commits: new Map([[hopKey(again), new Map([[0, { committed: [[0, 2]], deleted: [] }]])]]),
        instances: [instance({ hops: [first, again] })],
        logEnds: new Map([jobs, retry, done].map((hop) => [hopKey(hop), LOG_END])),
      }),
    )
    judgements.forEach(expectSums)
    return judgements
  }

  const balanceOf = (finished: readonly number[]): Judgement =>
    loop(finished).find((j) => j.edge.startsWith('first')) as Judgement

  it.each([
    ['came out', TEN],
    ['did not', but(9)],
  ])('neither accuses nor acquits where the message %s', (_, finished) => {
    expect(loop(finished).map((j) => [j.edge, j.verdict])).toEqual(
      expect.arrayContaining([
        ['jobs → first', 'met'],
        ['retry → again', 'met'],
        ['first + again → done + retry', 'indeterminate'],
      ]),
    )
  })

  it('names one that came out of neither', () => {
    expect(idsOf(balanceOf(but(5)), 'lost')).toEqual(names(5))
  })
})

describe('a group at the head of a pipeline, with a hole that is committed', () => {
  const head = (made: readonly number[]): Judgement => {
    const [judgement] = judgeWindow(
      { ...PIPELINE, edges: [EDGES.transform] },
      evidence({
        tallies: [
          tally({ hop: HOPS.flights, ids: TEN.map((n) => id(n)) }),
          tally({ hop: HOPS.enrich, ids: but(3).map((n) => id(n)) }),
          tally({ hop: HOPS.enriched, ids: made.map((n) => id(n)) }),
        ],
        coverage: new Map([
          ...[HOPS.flights, HOPS.enriched, HOPS.dlq].map((h) => covered(h, [0, 99])),
          covered(HOPS.enrich, [0, 3], [4, 10]),
        ]),
        commits: new Map([
          [hopKey(HOPS.enrich), new Map([[0, { committed: [[0, 10]], deleted: [] }]])],
        ]),
        instances: [instance({ hops: [HOPS.enrich] })],
        logEnds: new Map([HOPS.enriched, HOPS.dlq].map((h) => [hopKey(h), LOG_END])),
      }),
    )
    expectSums(judgement as Judgement)
    return judgement as Judgement
  }

  it('neither accuses nor acquits of that message, and names another', () => {
    expect(head(TEN).verdict).toBe('indeterminate')
    expect(head(but(3)).verdict).toBe('indeterminate')
    expect(idsOf(head(but(6)), 'lost')).toEqual(names(6))
  })
})

describe('settling what was in a hole', () => {
  const when = { deadline: DEADLINE, flushMs: 5_000 }
  const at = (
    now: number,
    line: Line,
    previous?: ReturnType<typeof settle>,
    edge: keyof Judged = 'consume',
  ) => settle(judge({ ...line, now })[edge], previous, { ...when, now })
  const told = but(3, 4)

  it('is healed by a commit, as a revision, and again by the agent itself', () => {
    const first = at(DEADLINE, { told })
    expect(first).toMatchObject({ state: 'settled', verdict: 'indeterminate', revision: 0 })
    const second = at(DEADLINE + 1, { told, committed: [[0, 10]] }, first)
    expect(second).toMatchObject({ state: 'revised', verdict: 'met', evidence: 'committed' })
    const third = at(DEADLINE + 2, { committed: [[0, 10]] }, second)
    expect(third).toMatchObject({ revision: 2, verdict: 'met', evidence: 'exact', findings: [] })
    // Nobody had been called lost.
    expect([second, third].map((v) => v.counts.recovered)).toEqual([0, 0])
  })

  it('is not healed by a commit that reaches half way', () => {
    const first = at(DEADLINE, { told })
    const later = at(DEADLINE + 1, { told, committed: [[0, 4]] }, first)
    expect([later.state, later.revision, later.verdict]).toEqual(['settled', 0, first.verdict])
    expect(later.counts).toEqual(first.counts)
    // Only what is known of the hole is said anew.
    expect(later.to[0]?.why).toEqual(['partition 0: offsets 4–4 were not watched'])
  })

  it('is a loss, as a revision, when it turns out that it was deleted unread', () => {
    const first = at(DEADLINE, { told })
    const second = at(DEADLINE + 1, { told, deleted: [[3, 5]] }, first)
    expect(second).toMatchObject({ state: 'revised', verdict: 'breached', counts: { lost: 2 } })
  })

  it('shows at once what is proven beside it, and keeps it when the hole is filled', () => {
    const watched = HOLED
    const first = at(DEADLINE, { told, watched, stored: but(8) }, undefined, 'load')
    expect(first).toMatchObject({ state: 'settled', verdict: 'breached', counts: { lost: 1 } })
    const second = at(DEADLINE + 1, { stored: but(8) }, first, 'load')
    expect(second).toMatchObject({ verdict: 'breached', counts: { lost: 1, recovered: 0 } })
  })

  it('calls recovered what a commit acquits by name, and nobody that it does not name', () => {
    // First nobody knew of the hole: an agent had said that it watched all of it.
    const watched: Intervals = [[0, 10]]
    const lost = at(DEADLINE, { told, watched })
    expect(lost.counts.lost).toBe(2)
    const excused = at(DEADLINE + 1, { told, committed: [[0, 10]] }, lost)
    expect(excused.counts).toMatchObject({ lost: 0, recovered: 2 })
    const half: Line = {
      ...{ told: but(3, 4), committed: [[0, 10]] as Intervals },
      watched: [
        [0, 3],
        [4, 10],
      ],
    }
    expect(at(DEADLINE + 1, half, lost).counts).toMatchObject({ lost: 1, recovered: 0 })
  })

  it('calls nobody recovered where some were deleted unread, and which of them nobody knows', () => {
    const lost = at(DEADLINE, { told, watched: [[0, 10]] })
    const doubtful: Line = {
      ...{ told, deleted: [[3, 5]] as Intervals },
      watched: [
        [0, 3],
        [5, 6],
        [7, 10],
      ],
      committed: [
        [0, 3],
        [5, 10],
      ],
    }
    const next = at(DEADLINE + 1, doubtful, lost)
    expect(next.counts).toMatchObject({ lost: 1, undetermined: 1, recovered: 0 })
  })

  it('calls nobody recovered who may have been compacted away', () => {
    const left = { read: told, told, made: told, watched: [[0, 20]] as Intervals }
    const lost = at(DEADLINE, left, undefined, 'produce')
    expect(lost.counts.lost).toBe(2)
    for (const empty of [1, 2]) {
      const next = at(DEADLINE + 1, { ...left, empty }, lost, 'produce')
      expect(next.counts).toMatchObject({ undetermined: empty, recovered: 0 })
    }
  })

  it('keeps to itself what only the next edges need', () => {
    expect(Object.keys(at(DEADLINE, { told, committed: [[0, 10]] })).sort()).toEqual(
      [
        ...['pipeline', 'edge', 'window', 'state', 'revision', 'verdict', 'evidence', 'oneIn'],
        ...['counts', 'from', 'to', 'findings'],
      ].sort(),
    )
  })
})
