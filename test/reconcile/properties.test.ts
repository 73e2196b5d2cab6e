/** Random pipelines with random faults: what the auditor may never say, whatever happened. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Intervals, includes, union } from '../../src/base/intervals.ts'
import type { StoredTally } from '../../src/hop/evidence.ts'
import { type HopRef, hopKey } from '../../src/hop/hop.ts'
import type { IdWords } from '../../src/message/id.ts'
import type { WindowEvidence } from '../../src/reconcile/evidence.ts'
import type { Judgement } from '../../src/reconcile/judge-edge.ts'
import { judgeWindow } from '../../src/reconcile/judge-window.ts'
import { settle } from '../../src/reconcile/settle.ts'
import { covered, DEADLINE, evidence, HOPS, hex, id, instance, PIPELINE, tally } from './build.ts'
import { expectSums, idsOf } from './expect.ts'

/** What happens to one message at one hop. */
type Fate = 'passes' | 'lost' | 'doubled'
/** The four places after the producer, in order. */
const STATIONS = ['flights', 'enrich', 'enriched', 'warehouse'] as const

interface Faults {
  /** Per message, its fate at each station. */
  readonly fates: readonly (readonly Fate[])[]
  /** Per station a hole, as shares of the log. */
  readonly holes: readonly (readonly [from: number, length: number] | null)[]
  /** Per station, the share of the log that its agent has read. */
  readonly reach: readonly number[]
  readonly now: number
}

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 8, arbitrary: fc.constant('passes' as const) },
  { weight: 1, arbitrary: fc.constant('lost' as const) },
  { weight: 1, arbitrary: fc.constant('doubled' as const) },
)
const share = fc.double({ min: 0, max: 1, noNaN: true })
const four = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
  fc.array(item, { minLength: 4, maxLength: 4 })
const fates = fc.array(four(fate), { minLength: 1, maxLength: 40 })

const faults: fc.Arbitrary<Faults> = fc.record({
  fates,
  holes: four(fc.option(fc.tuple(share, share))),
  reach: four(fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: share })),
  now: fc.constantFrom(DEADLINE - 1, DEADLINE, DEADLINE + 1_000_000),
})

const complete: fc.Arbitrary<Faults> = fates.map((fates) => ({
  fates,
  holes: [null, null, null, null],
  reach: [1, 1, 1, 1],
  now: DEADLINE,
}))

/** What truly is at a hop, in order of arrival, and what its agent reports of it. */
interface Truth {
  readonly hop: HopRef
  readonly log: readonly number[]
  readonly covered: Intervals
}

/** A group reads its topic: its offsets are those of the topic. Others write a log of their own. */
function truthOf({ fates, holes, reach }: Faults): Truth[] {
  let upstream = fates.map((_, n) => n)
  return STATIONS.map((name, station) => {
    const hop = HOPS[name]
    const log = upstream.flatMap((n) => {
      const what = fates[n]?.[station] as Fate
      return what === 'lost' ? [] : what === 'doubled' ? [n, n] : [n]
    })
    const size = hop.role === 'consumer' ? upstream.length : log.length
    const end = Math.floor((reach[station] as number) * size)
    const hole = holes[station]
    let set: Intervals = end > 0 ? [[0, end]] : []
    if (hole != null && end > 2) {
      // Within what was read: a broken chain between two that hold.
      const from = 1 + Math.floor(hole[0] * (end - 2))
      const to = Math.min(end - 1, from + 1 + Math.floor(hole[1] * 5))
      set = union(union([], 0, from), to, end)
    }
    const truth = { hop, log, covered: set }
    upstream = log
    return truth
  })
}

/** The offset of a message at its hop: of a group, that of the copy it read. */
function placesOf(truth: Truth, before: readonly number[]): number[] {
  if (truth.hop.role === 'topic') return truth.log.map((_, offset) => offset)
  const used = new Map<number, number>()
  return truth.log.map((n) => {
    const offsets = before.flatMap((m, offset) => (m === n ? [offset] : []))
    const nth = used.get(n) ?? 0
    used.set(n, nth + 1)
    return offsets[Math.min(nth, offsets.length - 1)] as number
  })
}

interface Played {
  readonly evidence: WindowEvidence
  readonly truths: readonly Truth[]
  readonly sent: readonly number[]
}

function play(injected: Faults): Played {
  const truths = truthOf(injected)
  const sent = injected.fates.map((_, n) => n)
  const at = (name: (typeof STATIONS)[number]): Truth => truths[STATIONS.indexOf(name)] as Truth
  const seenOf = (truth: Truth, before: readonly number[]): StoredTally[] => {
    const places = placesOf(truth, before)
    const kept = truth.log.flatMap((n, i) =>
      includes(truth.covered, places[i] as number) ? [[n, places[i] as number] as const] : [],
    )
    if (kept.length === 0) return []
    const offsets = kept.map(([, offset]) => offset)
    const range = [Math.min(...offsets), Math.max(...offsets)] as const
    return [tally({ hop: truth.hop, ids: kept.map(([n]) => id(n)), range })]
  }
  // Producers know where the broker put what it acknowledged; what it lost after that has no place.
  const acknowledged = (hop: HopRef, ids: readonly number[], log: readonly number[]) => {
    const words: IdWords[] = ids.map((n) => id(n))
    const isWhole = ids.every((n) => log.includes(n))
    const origin = hop === HOPS.enricher ? { topic: 'flights', group: 'enrich' } : null
    const range = isWhole ? ([0, Math.max(0, log.length - 1)] as const) : null
    return ids.length === 0 ? [] : [tally({ hop, ids: words, range, origin })]
  }
  const [flights, enrich, enriched] = [at('flights').log, at('enrich').log, at('enriched').log]
  return {
    truths,
    sent,
    evidence: evidence({
      now: injected.now,
      tallies: [
        ...acknowledged(HOPS.checkin, sent, flights),
        ...acknowledged(HOPS.enricher, enrich, enriched),
        ...seenOf(at('flights'), sent),
        ...seenOf(at('enrich'), flights),
        ...seenOf(at('enriched'), enrich),
        ...seenOf(at('warehouse'), enriched),
      ],
      coverage: new Map([
        ...truths.map(({ hop, covered: set }) => covered(hop, ...set)),
        covered(HOPS.dlq),
      ]),
      instances: [
        instance({ hops: [HOPS.checkin] }),
        instance({ hops: [HOPS.enrich, HOPS.enricher], instance: 'c'.repeat(32) }),
      ],
      logEnds:
        injected.now < DEADLINE
          ? new Map()
          : new Map([
              [hopKey(HOPS.flights), new Map([[0, flights.length]])],
              [hopKey(HOPS.enriched), new Map([[0, enriched.length]])],
              [hopKey(HOPS.dlq), new Map([[0, 0]])],
            ]),
    }),
  }
}

const judge = ({ evidence }: Played): Judgement[] => judgeWindow(PIPELINE, evidence)

/** Truly gone at a station: none of the message is there, though some was before it. */
function goneAt({ truths, sent }: Played, station: number): string[] {
  const before = station === 0 ? sent : (truths[station - 1] as Truth).log
  const after = new Set((truths[station] as Truth).log)
  return [...new Set(before.filter((n) => !after.has(n)))].map((n) => hex(n)).sort()
}

describe('whatever happens', () => {
  it('the dispositions sum to what was expected', () => {
    fc.assert(
      fc.property(faults, (injected) => {
        judge(play(injected)).forEach(expectSums)
      }),
    )
  })

  it('nothing is called lost that is there, and nothing before the deadline', () => {
    fc.assert(
      fc.property(faults, (injected) => {
        const played = play(injected)
        judge(played).forEach((judgement, station) => {
          const lost = idsOf(judgement, 'lost')
          if (injected.now < DEADLINE) expect(lost).toEqual([])
          // A copy of it may have been seen before, in a hole: that is not for this edge to know.
          const gone = new Set(goneAt(played, station))
          expect(lost.filter((id) => !gone.has(id))).toEqual([])
        })
      }),
      { numRuns: 300 },
    )
  })

  it('nothing is called lost where the place it may be at was not watched', () => {
    fc.assert(
      fc.property(faults, (injected) => {
        const played = play(injected)
        judge(played).forEach((judgement, station) => {
          const { hop, covered: set, log } = played.truths[station] as Truth
          const before = (played.truths[station - 1] as Truth | undefined)?.log ?? []
          const end = hop.role === 'consumer' ? before.length : log.length
          const isWatched = end === 0 || (set.length === 1 && set[0]?.[1] === end)
          if (!isWatched) expect(judgement.counts.lost).toBe(0)
        })
      }),
      { numRuns: 300 },
    )
  })

  it('nothing missing means nothing lost, and no accusation without a fault', () => {
    const faultless = faults.map((f) => ({
      ...f,
      fates: f.fates.map(() => ['passes', 'passes', 'passes', 'passes'] as const),
    }))
    fc.assert(
      fc.property(faultless, (injected) => {
        for (const { verdict, counts } of judge(play(injected))) {
          expect(counts).toMatchObject({ lost: 0, duplicated: 0, unexpected: 0, extra: 0 })
          expect(verdict).not.toBe('breached')
        }
      }),
    )
  })

  it('an edge is met only if nothing is gone there', () => {
    fc.assert(
      fc.property(faults, (injected) => {
        const played = play(injected)
        judge(played).forEach(({ verdict }, station) => {
          if (verdict === 'met') expect(goneAt(played, station)).toEqual([])
        })
      }),
      { numRuns: 300 },
    )
  })

  it('judging twice says the same, and settling twice changes nothing', () => {
    fc.assert(
      fc.property(faults, (injected) => {
        const played = play(injected)
        const first = judge(played)
        expect(judge(played)).toEqual(first)
        const times = { now: injected.now, deadline: DEADLINE, flushMs: 5_000 }
        for (const judgement of first) {
          const verdict = settle(judgement, undefined, times)
          expect(settle(judgement, verdict, times)).toBe(verdict)
        }
      }),
    )
  })
})

describe('with complete evidence', () => {
  it('the lost are exactly those that are gone, edge by edge', () => {
    fc.assert(
      fc.property(complete, (injected) => {
        const played = play(injected)
        judge(played).forEach((judgement, station) => {
          expect(idsOf(judgement, 'lost').sort()).toEqual(goneAt(played, station))
          expect(judgement.counts).toMatchObject({ in_flight: 0, undetermined: 0 })
        })
      }),
    )
  })

  it('the copies are exactly those that were made, edge by edge', () => {
    fc.assert(
      fc.property(complete, (injected) => {
        const played = play(injected)
        judge(played).forEach(({ counts }, station) => {
          const before = (played.truths[station - 1] as Truth | undefined)?.log ?? played.sent
          const doubled = before.filter((n) => injected.fates[n]?.[station] === 'doubled').length
          expect(counts.duplicated).toBe(doubled)
        })
      }),
    )
  })
})
