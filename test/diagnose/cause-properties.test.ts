/** Random evidence: what the rules of causes may never do, whatever happened. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { causesOf } from '../../src/diagnose/cause.ts'
import type { CauseEvidence } from '../../src/diagnose/cause-evidence.ts'
import type { LogEvidence } from '../../src/diagnose/log.ts'
import type { Cause } from '../../src/finding/cause.ts'
import { CAUSE_FACTS_MAX } from '../../src/finding/cause.ts'
import type { Finding } from '../../src/finding/finding.ts'
import type { StoredTally } from '../../src/hop/evidence.ts'
import { type HopKey, hopKey } from '../../src/hop/hop.ts'
import type { MishapKind, StoredMishap } from '../../src/hop/mishap.ts'
import type { EdgeDeclaration } from '../../src/hop/pipeline.ts'
import { EDGES, HOPS, hex, id, ids, instance, tally, W } from '../reconcile/build.ts'
import { evidence, finding, HOST_7, mishap, TAG } from './cause-build.ts'

/** Messages of the window. */
const MESSAGES = 12
/** Some seeds of each kind of edge; the gate has other things to do. */
const RUNS = 300

const { checkin, flights, enrich, enricher, enriched } = HOPS
const origin = { topic: 'flights', group: 'enrich' }
const number = fc.integer({ min: 0, max: MESSAGES - 1 })
const span = fc.tuple(number, number).map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1] as const)
const some = <T>(of: fc.Arbitrary<T>, maxLength = 3): fc.Arbitrary<T[]> =>
  fc.array(of, { maxLength })

const spanKinds: readonly (readonly [MishapKind, string])[] = [
  ['sought', 'forward'],
  ['sought', 'backward'],
  ['reset', 'forward'],
  ['reset', 'backward'],
  ['redelivered', 'rebalance'],
  ['redelivered', 'sought'],
  ['handler_threw', 'TypeError'],
]
const mishaps: fc.Arbitrary<StoredMishap[]> = some(
  fc.oneof(
    fc
      .tuple(fc.constantFrom(...spanKinds), span)
      .map(([[kind, detail], [from, to]]) => mishap(enrich, kind, { detail, from, to })),
    number.map((n) => mishap(enrich, 'handler_threw', { id: hex(n), from: n, to: n + 1 })),
    number.map((n) => mishap(checkin, 'unacknowledged', { id: hex(n) })),
    number.map((n) => mishap(enricher, 'rejected', { id: hex(n) })),
    fc
      .tuple(fc.constantFrom(flights, enriched), number)
      .map(([hop, n]) => mishap(hop, 'epoch', { from: n, to: n + 1, detail: '1>2' })),
    fc.constant(mishap(enrich, 'rebalanced', { detail: '0 of 1' })),
  ),
  4,
)

const tallies: fc.Arbitrary<StoredTally[]> = fc
  .record({
    passed: fc.boolean(),
    placeless: fc.boolean(),
    twice: some(number, 2),
    unacknowledged: some(number),
    rejected: some(number),
    withdrawn: some(number),
    dropped: some(number),
  })
  .map(({ passed, placeless, twice, ...failed }): StoredTally[] => {
    const all = ids(0, MESSAGES)
    const named = (list: readonly number[]): ReturnType<typeof id>[] => list.map((n) => id(n))
    const way = (list: readonly number[], channel: StoredTally['channel']): StoredTally[] =>
      list.length === 0
        ? []
        : [
            tally({ hop: checkin, ids: named(list), channel, range: null }),
            tally({ hop: enricher, ids: named(list), channel, range: null, origin }),
          ]
    return [
      ...(passed
        ? [
            { ...tally({ hop: checkin, ids: all }), placeless: placeless ? 1 : 0 },
            tally({ hop: flights, ids: all, witness: true }),
            tally({ hop: enrich, ids: all }),
            tally({ hop: enricher, ids: [...all, ...named(twice)], origin }),
          ]
        : []),
      ...way(failed.unacknowledged, 'unacknowledged'),
      ...way(failed.rejected, 'rejected'),
      ...way(failed.withdrawn, 'withdrawn'),
      ...(failed.dropped.length === 0
        ? []
        : [tally({ hop: enrich, ids: named(failed.dropped), channel: 'filtered', reason: 'old' })]),
    ]
  })

const log: fc.Arbitrary<LogEvidence | null> = fc.option(
  fc
    .record({
      lying: some(fc.tuple(number, some(number, 2)), MESSAGES),
      topic: fc.constantFrom(flights, enriched),
      isComplete: fc.boolean(),
    })
    .map(({ lying, topic, isComplete }) => ({
      places: new Map(
        lying.map(([n, offsets]) => [
          hex(n),
          offsets.map((offset) => ({
            ...{ topic: topic.topic, partition: 0, offset, timestamp: W + offset },
            ...{ leaderEpoch: 1, traceId: '', spanId: '' },
          })),
        ]),
      ),
      searched: [
        {
          ...{ cluster: 'default', topic: topic.topic, records: 9, isComplete, why: [] },
          partitions: [{ partition: 0, from: 0, to: 99 }],
        },
      ],
    })),
)

interface Case {
  readonly finding: Finding
  readonly edge: EdgeDeclaration
  readonly words: Partial<CauseEvidence>
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    edge: fc.constantFrom(EDGES.produce, EDGES.consume, EDGES.transform),
    code: fc.constantFrom(
      ...(['lost', 'compacted', 'unacknowledged', 'minted_not_here', 'unconfirmed'] as const),
      ...(['filtered_undeclared', 'duplicated', 'extra', 'lost', 'duplicated'] as const),
      ...(['withdrawn_delivered', 'unexpected'] as const),
    ),
    missing: fc.array(fc.tuple(number, fc.integer({ min: 1, max: 3 })), { maxLength: 8 }),
    nameless: fc.oneof(fc.constant(0), number),
    oneIn: fc.constantFrom(1, 1, 1, 8),
    mishaps,
    tallies,
    log,
    cut: fc.option(number),
    deleted: fc.option(span),
    isDead: fc.boolean(),
    isNoted: fc.boolean(),
  })
  .map(({ edge, code, missing, nameless, oneIn, ...rest }): Case => {
    const list = missing.map(([n, times]) => ({ id: hex(n), times }))
    const count = list.reduce((n, { times }) => n + times, nameless) * oneIn
    const { cut, deleted, isDead, isNoted, ...given } = rest
    return {
      edge,
      finding: finding(code, list, {
        count,
        ...(oneIn === 1 ? {} : { evidence: 'sampled', args: { sampled: count / oneIn, oneIn } }),
      }),
      words: {
        ...given,
        minters: new Map([[TAG, HOST_7]]),
        unnoted: new Set(isNoted ? [] : [hopKey(enrich)]),
        instances: isDead
          ? [
              instance({
                ...{ hops: [checkin, enrich], instance: HOST_7.instance },
                ...{ lastSentAt: W, lastHeardAt: W },
              }),
            ]
          : [],
        cuts:
          cut === null
            ? new Map()
            : new Map([
                [hopKey(flights), [{ partition: 0, since: W, at: W + 1, was: MESSAGES, end: cut }]],
              ]),
        deleted:
          deleted === null ? new Map() : new Map([[hopKey(enrich), new Map([[0, [deleted]]])]]),
      },
    }
  })

const causes = ({ finding, edge, words }: Case): readonly Cause[] =>
  causesOf(finding, evidence(edge, words))

/** For each message by name, how sure its cause is: 2 proven, 1 likely. */
function sureOf(
  list: readonly Cause[],
): ReadonlyMap<string, readonly [sure: number, code: string]> {
  const out = new Map<string, readonly [number, string]>()
  for (const { ids, certainty, code } of list)
    for (const { id } of ids)
      out.set(id, [certainty === 'proven' ? 2 : certainty === 'likely' ? 1 : 0, code])
  return out
}

const runs = { numRuns: RUNS }

describe('causes', () => {
  it('sum to the count of their finding, and none is empty', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const list = causes(given)
        expect(list.reduce((n, { count }) => n + count, 0)).toBe(given.finding.count)
        for (const { count } of list) expect(count).toBeGreaterThan(0)
      }),
      runs,
    )
  })

  it('name each message of the finding once, and no other', () => {
    fc.assert(
      fc.property(cases, (given) => {
        const named = causes(given).flatMap(({ ids }) => ids.map(({ id }) => id))
        expect(new Set(named).size).toBe(named.length)
        expect(new Set(named)).toEqual(new Set(given.finding.ids.map(({ id }) => id)))
      }),
      runs,
    )
  })

  it('are bounded, and what is unknown says why', () => {
    fc.assert(
      fc.property(cases, (given) => {
        for (const { code, certainty, proof, lacking, rule } of causes(given)) {
          expect(proof.length).toBeLessThanOrEqual(CAUSE_FACTS_MAX)
          expect(lacking.length).toBeLessThanOrEqual(8)
          expect(code === 'unknown').toBe(certainty === 'unknown')
          if (code === 'unknown') expect(lacking.length).toBeGreaterThan(0)
          expect(rule).toMatch(/^[CD]\d+$/)
        }
      }),
      runs,
    )
  })

  it('of a sample are never proven', () => {
    fc.assert(
      fc.property(cases, (given) => {
        fc.pre(given.finding.evidence === 'sampled')
        expect(causes(given).every(({ certainty }) => certainty !== 'proven')).toBe(true)
      }),
      runs,
    )
  })
})

describe('less evidence never makes a cause surer', () => {
  /** What is taken away is known to be lacking: that is what `unnoted`, a search cut short, are for. */
  const without: readonly (readonly [
    name: string,
    less: (words: Case['words']) => Case['words'],
  ])[] = [
    ['no log was searched', (words) => ({ ...words, log: null })],
    [
      'the search was cut short',
      ({ log, ...words }) => ({
        ...words,
        log:
          log == null
            ? null
            : { ...log, searched: log.searched.map((s) => ({ ...s, isComplete: false })) },
      }),
    ],
    [
      'nobody asked for these ids',
      ({ log, ...words }) => ({
        ...words,
        log: log == null ? null : { ...log, places: new Map() },
      }),
    ],
    [
      'no mishap was noted',
      (words) => ({
        ...words,
        mishaps: [],
        unnoted: new Set<HopKey>([enrich, flights, enriched, checkin, enricher].map(hopKey)),
      }),
    ],
    ['the window is pruned', (words) => ({ ...words, tallies: [] })],
    ['nobody said who minted', (words) => ({ ...words, minters: new Map() })],
  ]
  it.each(without)('%s', (_, less) => {
    fc.assert(
      fc.property(cases, (given) => {
        const before = sureOf(causes(given))
        const after = sureOf(causes({ ...given, words: less(given.words) }))
        for (const [id, [sure, code]] of after) {
          const [was, other] = before.get(id) ?? [0, '']
          // Of another cause it may be surer only where that one was named with as much.
          if (code === other) expect(sure).toBeLessThanOrEqual(was)
          else expect(sure).not.toBe(2)
        }
      }),
      { numRuns: RUNS },
    )
  })
})

describe('a competing cause', () => {
  const jump = (kind: 'sought' | 'reset', from: number, to: number): StoredMishap =>
    mishap(enrich, kind, { from, to, detail: 'forward' })

  it('of the same offsets leaves nothing proven on a span', () => {
    fc.assert(
      fc.property(cases, span, span, (given, a, b) => {
        const spans = (codes: readonly Cause[]): readonly Cause[] =>
          codes.filter(({ code }) => code === 'offset_reset' || code === 'consumer_skipped')
        const [low, high] = [Math.min(a[0], b[0]), Math.max(a[1], b[1])]
        const words = {
          ...given.words,
          mishaps: [
            ...(given.words.mishaps ?? []),
            jump('sought', low, high),
            jump('reset', low, high),
          ],
        }
        const both = { ...given, edge: EDGES.consume, words }
        for (const { ids, certainty } of spans(causes(both))) {
          const places = ids.flatMap(({ id }) => words.log?.places.get(id) ?? [])
          // Outside of both, another jump alone may have passed over it.
          if (certainty === 'proven') {
            expect(places.length).toBeGreaterThan(0)
            for (const { offset } of places) expect(offset < low || offset >= high).toBe(true)
          }
        }
      }),
      runs,
    )
  })
})
