/**
 * The part of a window's evidence that an edge is judged on: of all tallies that its hops keep, those of
 * one sample rate, and beside them those of the digest that the edge promises to preserve.
 */
import type { StoredTally } from '../hop/evidence.ts'
import { type HopKey, hopKey } from '../hop/hop.ts'
import { ID_ELEMENT } from '../hop/params.ts'
import type { EdgeDeclaration } from '../hop/pipeline.ts'
import { preserveName } from '../message/digest.ts'
import { wordsOfHex } from '../message/id.ts'
import { isSampled } from '../sketch/sample.ts'
import { sum, sumOf } from './balance.ts'
import type { WindowEvidence } from './evidence.ts'

export interface EdgeView {
  /** Tallies of ids only, one for each hop, channel, origin and reason. */
  readonly evidence: WindowEvidence
  /** 1: every message; n: of one in n. */
  readonly oneIn: number
  /** Tallies of ids with the digest that the edge promises to preserve, of the same rate. */
  readonly digests: readonly StoredTally[]
  /** How a hop counted by two plans within the window, in words; empty if none did. */
  readonly mixed: readonly string[]
}

/** A sampled hop makes the edge sampled: the exact side keeps that sample too (law 7). */
export function rateOf(edge: EdgeDeclaration): number {
  return Math.max(1, ...[...edge.from, ...edge.to].map((d) => d.oneIn))
}

export function viewOf(edge: EdgeDeclaration, evidence: WindowEvidence): EdgeView {
  const oneIn = rateOf(edge)
  const here = new Set<HopKey>([...edge.from, ...edge.to].map((d) => hopKey(d.hop)))
  const topics = edge.to.map((d) => d.hop).filter((hop) => hop.role === 'topic')
  const isHere = ({ key, hop }: StoredTally): boolean =>
    here.has(key) ||
    (hop.role === 'producer' &&
      topics.some(({ cluster, topic }) => hop.cluster === cluster && hop.topic === topic))

  const all = seriesOf(evidence.tallies)
  const wanted = edge.preserve === null ? null : preserveName(edge.preserve)
  const digests = evidence.tallies.filter(
    (t) => t.params.element === wanted && t.params.oneIn === oneIn && isHere(t),
  )
  // All edges of every message share one list: what is gathered from it is gathered once.
  if (oneIn === 1)
    return { evidence: { ...evidence, tallies: all.finest }, oneIn, digests, mixed: [] }
  const mixed = new Set<string>()
  const tallies = all.series.flatMap((of) => {
    const sampled = of.some(isHere) ? of.filter((t) => t.params.oneIn === oneIn) : []
    // Where the rate is not kept the finest stands for it: the balance then says how they differ.
    if (sampled.length === 0) return finestOf(of)
    const exact = of.filter((t) => t.params.oneIn === 1)
    if (isSampleOf(sampled, exact, oneIn)) return sampled
    mixed.add(`sampled one in: 1 and ${oneIn}`)
    return exact
  })
  return { evidence: { ...evidence, tallies }, oneIn, digests, mixed: [...mixed] }
}

interface AllSeries {
  /** Tallies of ids of one hop, channel, origin and reason, of whatever rates. */
  readonly series: readonly (readonly StoredTally[])[]
  readonly finest: readonly StoredTally[]
}

const gathered = new WeakMap<readonly StoredTally[], AllSeries>()

function seriesOf(tallies: readonly StoredTally[]): AllSeries {
  let all = gathered.get(tallies)
  if (all === undefined) {
    const bySeries = new Map<string, StoredTally[]>()
    for (const tally of tallies) {
      if (tally.params.element !== ID_ELEMENT) continue
      const { key, channel, origin, reason } = tally
      const name = JSON.stringify([key, channel, origin?.topic, origin?.group, reason])
      const known = bySeries.get(name)
      if (known === undefined) bySeries.set(name, [tally])
      else known.push(tally)
    }
    const series = [...bySeries.values()]
    all = { series, finest: series.flatMap(finestOf) }
    gathered.set(tallies, all)
  }
  return all
}

function finestOf(series: readonly StoredTally[]): readonly StoredTally[] {
  if (series.length === 1) return series
  const finest = Math.min(...series.map((t) => t.params.oneIn))
  return series.filter((t) => t.params.oneIn === finest)
}

/**
 * More messages are not listed to see whether the sample is one of them: at most this many can be.
 * Beyond, a hop whose plan changed within the window cannot be told from one that kept both throughout.
 */
const LISTED_MAX = 1_000

/** False where a message was counted by a plan that did not ask for the sample, or the other way. */
function isSampleOf(
  sampled: readonly StoredTally[],
  exact: readonly StoredTally[],
  oneIn: number,
): boolean {
  const [first] = exact
  if (first === undefined || sum(exact) > LISTED_MAX) return true
  const { seed } = first.params
  // The balance says how these differ.
  if ([...sampled, ...exact].some((t) => t.params.seed !== seed)) return true
  const { complete, ids } = sumOf(exact, seed).names()
  if (!complete) return true
  const difference = sumOf(sampled, seed)
  for (const { hex, times } of ids) {
    const words = wordsOfHex(hex)
    if (isSampled(...words, seed, oneIn)) difference.add(...words, -times, 0)
  }
  const left = difference.names()
  return left.complete && left.ids.length === 0
}
