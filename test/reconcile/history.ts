/** A pipeline played at random, and beside it the ledger: what truly passed where, in plain lists. */
import fc from 'fast-check'
import { type Intervals, includes } from '../../src/base/intervals.ts'
import type { StoredTally } from '../../src/hop/evidence.ts'
import type { Channel, Origin } from '../../src/hop/frame.ts'
import { type HopRef, hopKey, producerHop } from '../../src/hop/hop.ts'
import type { EdgeDeclaration, HopDeclaration, Pipeline } from '../../src/hop/pipeline.ts'
import { preserveName } from '../../src/message/digest.ts'
import type { WindowEvidence } from '../../src/reconcile/evidence.ts'
import { isSampled } from '../../src/sketch/sample.ts'
import { DEFAULT_SEED } from '../../src/sketch/sketch.ts'
import {
  covered,
  DEADLINE,
  EDGES,
  evidence,
  HOPS,
  id,
  instance,
  PIPELINE,
  tally,
  W,
} from './build.ts'

const ONE_IN = 4
const PRESERVE = { value: true, key: false, headers: [] }
const PLACES = ['flights', 'enrich', 'out'] as const

/** What happens to a message on its way to one place. `forked`: an altered copy comes beside it. */
type Fate = 'passes' | 'lost' | 'doubled' | 'altered' | 'forked'
/** Where the service sends it. */
type Way = 'enriched' | 'dlq' | 'dropped'

export interface Faults {
  readonly messages: readonly { readonly fates: readonly Fate[]; readonly way: Way }[]
  /** Each message of the list stands for so many. */
  readonly times: number
  /** By place, the share of the log that its agent has read, and a hole in it. */
  readonly reach: readonly number[]
  readonly holes: readonly (number | null)[]
  /** Offsets in each hole. */
  readonly wide: number
  /** Hops that are sampled, and such that take no digests: checkin, flights, enrich, enriched. */
  readonly sampled: readonly boolean[]
  readonly undigested: readonly boolean[]
  /** The share of its sends that the producer could report before it fell silent; null: all of them. */
  readonly silentAfter: number | null
  /** The share of the log up to which the group has committed: it handled those, told or not. */
  readonly committed: number
  /**
   * A member of the group was killed: the share of the log of which it had told, and how many messages
   * it handled after that. Another member did those again, and told.
   */
  readonly killed: { readonly after: number; readonly untold: number } | null
  readonly polls: boolean
  readonly now: number
}

const share = fc.double({ min: 0, max: 1, noNaN: true })
const rarely = fc.integer({ min: 0, max: 4 }).map((n) => n === 0)
const many = <T>(item: fc.Arbitrary<T>, n: number): fc.Arbitrary<T[]> =>
  fc.array(item, { minLength: n, maxLength: n })
const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 16, arbitrary: fc.constant<Fate>('passes') },
  { weight: 3, arbitrary: fc.constantFrom<Fate>('lost', 'doubled', 'altered', 'forked') },
)

export const faults = (times: number): fc.Arbitrary<Faults> =>
  fc.record({
    messages: fc.array(
      fc.record({
        fates: many(fate, PLACES.length),
        way: fc.constantFrom<Way>('enriched', 'enriched', 'enriched', 'dlq', 'dropped'),
      }),
      { minLength: 1, maxLength: 40 },
    ),
    times: fc.constant(times),
    reach: many(
      fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: share }),
      3,
    ),
    holes: many(fc.option(share, { freq: 5 }), 3).map((list) => list.map((h) => h)),
    wide: fc.integer({ min: 1, max: 4 }),
    sampled: many(rarely, 4),
    undigested: many(rarely, 4),
    silentAfter: fc.oneof(
      { weight: 4, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: share },
    ),
    committed: fc.constant(0),
    killed: fc.constant(null),
    polls: fc.boolean(),
    now: fc.constantFrom(DEADLINE - 1, DEADLINE, DEADLINE, DEADLINE + 1_000_000),
  })

const death = fc.record({ after: share, untold: fc.integer({ min: 1, max: 3 }) })
const commit: fc.Arbitrary<number> = fc.oneof(fc.constantFrom(0, 1, 1), share)

/** All is watched but for one hole at the group, whose members are killed or tell of nothing. */
export const deaths: fc.Arbitrary<Faults> = fc
  .tuple(faults(1), share, commit, fc.option(death, { freq: 2, nil: null }))
  .map(([all, hole, committed, killed]) => ({
    ...all,
    ...{ reach: [1, 1, 1], holes: [null, hole, null], committed, killed },
    ...{ silentAfter: null, polls: true, now: DEADLINE, undigested: NONE },
  }))

const NONE: readonly boolean[] = [false, false, false, false]
/** One message at one place: its number, its content, the offset where it lies. */
export interface Entry {
  readonly n: number
  readonly content: number
  readonly offset: number | null
}

export interface History {
  readonly pipeline: Pipeline
  readonly evidence: WindowEvidence
  /** By edge: what was put in, and what came out, dropped ones included. */
  readonly ledger: readonly {
    readonly before: readonly Entry[]
    readonly after: readonly Entry[]
  }[]
  readonly rates: readonly number[]
  /** Messages that the group's commit speaks for and its agents do not. */
  readonly untold: number
}

export function play(injected: Faults): History {
  const { times, sampled, undigested } = injected
  const messages = Array.from({ length: times }, () => injected.messages).flat()
  const fateOf = (n: number, place: number): Fate => messages[n]?.fates[place] ?? 'passes'
  /** What comes of a list of entries on the way to a place. */
  const through = (list: readonly Entry[], place: number): Entry[] =>
    list.flatMap((e) => {
      const other = { ...e, content: e.content * 10 + place + 1 }
      const come: Record<Fate, Entry[]> = {
        passes: [e],
        lost: [],
        doubled: [e, e],
        altered: [other],
        forked: [e, other],
      }
      return come[fateOf(e.n, place)]
    })
  const logged = (list: readonly Entry[]): Entry[] => list.map((e, offset) => ({ ...e, offset }))

  const sent = messages.map((_, n): Entry => ({ n, content: 0, offset: null }))
  const flights = logged(through(sent, 0))
  const told = through(flights, 1)
  const { killed } = injected
  // What the killed member handled and nobody heard of: it is done again.
  const diedAt = killed === null ? 0 : Math.floor(killed.after * flights.length)
  const isUntold = (offset: number | null): boolean =>
    killed !== null && offset !== null && diedAt <= offset && offset < diedAt + killed.untold
  const handled = [...told, ...told.filter((e) => isUntold(e.offset))]
  const goes = (way: Way): Entry[] => handled.filter((e) => messages[e.n]?.way === way)
  const [dropped, enriched, dlq] = [
    goes('dropped'),
    logged(through(goes('enriched'), 2)),
    logged(through(goes('dlq'), 2)),
  ]

  // A hop keeps what its edges need: the rates of both ends.
  const isSampledEdge = [0, 1, 2].map((edge) => (sampled[edge] || sampled[edge + 1]) === true)
  const ratesOf = (hop: number): number[] => [
    ...(sampled[hop] ? [] : [1]),
    ...(isSampledEdge[hop - 1] || isSampledEdge[hop] ? [ONE_IN] : []),
  ]
  const report = (
    hop: HopRef,
    at: number,
    list: readonly Entry[],
    words: { channel?: Channel; origin?: Origin; reason?: string; rates?: number[] } = {},
  ): StoredTally[] => {
    const { rates = ratesOf(at), ...rest } = words
    const tallies = rates.flatMap((oneIn) => {
      const kept = list.filter(({ n }) => isSampled(...id(n), DEFAULT_SEED, oneIn))
      const offsets = kept.flatMap(({ offset }) => offset ?? [])
      const of = (element: string): StoredTally => {
        const contents = kept.map((e) => e.content)
        let next = 0
        const one = tally({
          ...rest,
          hop,
          ids: kept.map(({ n }) => id(n)),
          oneIn,
          element,
          digest: () => (element === 'id' ? 0 : (contents[next++] ?? 0) + 1),
          range: offsets.length === 0 ? null : [Math.min(...offsets), Math.max(...offsets)],
        })
        return { ...one, placeless: kept.length - offsets.length }
      }
      return undigested[at] ? [of('id')] : [of('id'), of(preserveName(PRESERVE))]
    })
    return tallies[0]?.count === 0 ? [] : tallies
  }
  /** Producers know where the broker put what they sent. */
  const acknowledged = (list: readonly Entry[], log: readonly Entry[]): Entry[] => {
    const at = new Map(log.map((e) => [e.n, e.offset]))
    return list.map((e) => ({ ...e, offset: at.get(e.n) ?? null }))
  }

  const watched = (place: number, size: number): Intervals => {
    const end = Math.floor((injected.reach[place] ?? 1) * size)
    const hole = injected.holes[place]
    if (hole == null || end < 3) return end > 0 ? [[0, end]] : []
    const from = 1 + Math.floor(hole * (end - 2))
    return [
      [0, from],
      [Math.min(from + injected.wide, end - 1), end],
    ]
  }
  const sets = {
    flights: watched(0, flights.length),
    enrich: watched(1, flights.length),
    enriched: watched(2, enriched.length),
    dlq: [[0, dlq.length]] as Intervals,
  }
  const seen = (list: readonly Entry[], set: Intervals): Entry[] =>
    list.filter(({ offset }) => offset !== null && includes(set, offset))

  const toDlq = producerHop('default', 'flights.dlq', 'enrich')
  const origin = { topic: 'flights', group: 'enrich' }
  const { silentAfter } = injected
  const reported = silentAfter === null ? sent.length : Math.floor(silentAfter * sent.length)
  const rates = ratesOf(3)
  const [checkin, ...places] = [0, 1, 2, 3].map((at) => ({ oneIn: sampled[at] ? ONE_IN : 1 }))
  const declared = (d: HopDeclaration): HopDeclaration => {
    const at = ['checkin', 'flights', 'enrich', 'enriched'].indexOf(d.name)
    // Dead letters stand beside what was enriched.
    return { ...d, oneIn: ([checkin, ...places][at < 0 ? 3 : at] ?? { oneIn: 1 }).oneIn }
  }
  const edges = [EDGES.produce, EDGES.consume, EDGES.transform].map(
    (edge): EdgeDeclaration => ({
      ...edge,
      from: edge.from.map(declared),
      to: edge.to.map(declared),
      preserve: PRESERVE,
    }),
  )
  const isAlive = silentAfter === null
  const drops = told.filter((e) => messages[e.n]?.way === 'dropped')
  const committed: Intervals = [[0, Math.floor(injected.committed * flights.length)]]
  const isSpokenFor = (offset: number): boolean =>
    includes(committed, offset) && !includes(sets.enrich, offset)
  const dead = instance({
    ...{ hops: [HOPS.enrich], instance: 'd'.repeat(32) },
    ...{ lastSentAt: W + 1_000, lastHeardAt: W + 1_000 },
    reach: [{ key: hopKey(HOPS.enrich), partition: 0, to: diedAt }],
  })
  return {
    pipeline: { ...PIPELINE, edges, hops: edges.flatMap((e) => [...e.from, ...e.to]) },
    untold: flights.filter(({ offset }) => offset !== null && isSpokenFor(offset)).length,
    rates: isSampledEdge.map((is) => (is ? ONE_IN : 1)),
    ledger: [
      { before: sent, after: flights },
      { before: flights, after: handled },
      { before: handled, after: [...enriched, ...dlq, ...dropped] },
    ],
    evidence: evidence({
      now: injected.now,
      tallies: [
        ...report(HOPS.checkin, 0, acknowledged(sent, flights).slice(0, reported)),
        ...report(HOPS.flights, 1, seen(flights, sets.flights)),
        ...report(HOPS.enrich, 2, seen(told, sets.enrich)),
        ...report(HOPS.enrich, 2, seen(drops, sets.enrich), {
          channel: 'filtered',
          reason: 'cancelled',
        }),
        ...report(HOPS.enricher, 3, acknowledged(goes('enriched'), enriched), {
          origin,
          rates: [1, ...rates.filter((r) => r > 1)],
        }),
        ...report(toDlq, 3, acknowledged(goes('dlq'), dlq), {
          origin,
          rates: [1, ...rates.filter((r) => r > 1)],
        }),
        ...report(HOPS.enriched, 3, seen(enriched, sets.enriched)),
        ...report(HOPS.dlq, 3, dlq),
      ],
      coverage: new Map([
        covered(HOPS.flights, ...sets.flights),
        covered(HOPS.enrich, ...sets.enrich),
        covered(HOPS.enriched, ...sets.enriched),
        covered(HOPS.dlq, ...(dlq.length > 0 ? sets.dlq : [])),
      ]),
      instances: [
        instance({
          hops: [HOPS.checkin],
          ...(isAlive
            ? {}
            : {
                lastHeardAt: W + 1_000,
                seals: [{ hop: HOPS.checkin, sealedUntil: W, open: [], number: 9 }],
              }),
        }),
        instance({ hops: [HOPS.flights], instance: 'a'.repeat(32), lastHeardAt: injected.now }),
        instance({
          hops: [HOPS.enrich, HOPS.enricher, toDlq],
          instance: 'c'.repeat(32),
          lastHeardAt: injected.now,
        }),
        ...(killed === null ? [] : [dead]),
      ],
      commits: new Map([[hopKey(HOPS.enrich), new Map([[0, { committed, deleted: [] }]])]]),
      logEnds:
        injected.now < DEADLINE || !injected.polls
          ? new Map()
          : new Map([
              [hopKey(HOPS.flights), new Map([[0, flights.length]])],
              [hopKey(HOPS.enriched), new Map([[0, enriched.length]])],
              [hopKey(HOPS.dlq), new Map([[0, dlq.length]])],
            ]),
    }),
  }
}
