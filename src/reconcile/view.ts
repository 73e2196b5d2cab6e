/**
 * The part of a window's evidence that an edge is judged on: of all tallies that its hops keep, those of
 * one sample rate, and beside them those of the digest that the edge promises to preserve.
 */
import type { StoredTally } from '../hop/evidence.ts'
import { type HopKey, hopKey } from '../hop/hop.ts'
import { ID_ELEMENT } from '../hop/params.ts'
import type { EdgeDeclaration } from '../hop/pipeline.ts'
import { preserveName } from '../message/digest.ts'
import { topicKeyOf, type WindowEvidence } from './evidence.ts'

export interface EdgeView {
  /** Tallies of ids only, one for each hop, channel, origin and reason. */
  readonly evidence: WindowEvidence
  /** 1: every message; n: of one in n. */
  readonly oneIn: number
  /** Tallies of ids with the digest that the edge promises to preserve, of the same rate. */
  readonly digests: readonly StoredTally[]
}

export function viewOf(edge: EdgeDeclaration, evidence: WindowEvidence): EdgeView {
  // A sampled hop makes the edge sampled: the exact side keeps that sample too (law 7).
  const oneIn = Math.max(1, ...[...edge.from, ...edge.to].map((d) => d.oneIn))
  const here = new Set<HopKey>([...edge.from, ...edge.to].map((d) => hopKey(d.hop)))
  const topics = new Set(
    edge.to.filter((d) => d.hop.role === 'topic').map((d) => topicKeyOf(d.hop)),
  )
  const isHere = ({ key, hop }: StoredTally): boolean =>
    here.has(key) || (hop.role === 'producer' && topics.has(topicKeyOf(hop)))

  const ids = evidence.tallies.filter((t) => t.params.element === ID_ELEMENT)
  const finest = new Map<HopKey, number>()
  const kept = new Set<string>()
  for (const { key, params } of ids) {
    finest.set(key, Math.min(params.oneIn, finest.get(key) ?? params.oneIn))
    kept.add(`${params.oneIn} ${key}`)
  }
  // Where the rate is not kept the finest stands for it: the balance then says how they differ.
  const rateOf = (t: StoredTally): number | undefined =>
    isHere(t) && kept.has(`${oneIn} ${t.key}`) ? oneIn : finest.get(t.key)
  const wanted = edge.preserve === null ? null : preserveName(edge.preserve)
  return {
    evidence: { ...evidence, tallies: ids.filter((t) => t.params.oneIn === rateOf(t)) },
    oneIn,
    digests: evidence.tallies.filter(
      (t) => t.params.element === wanted && t.params.oneIn === oneIn && isHere(t),
    ),
  }
}
