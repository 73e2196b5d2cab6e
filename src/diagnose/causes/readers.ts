/** The groups that read an edge's topics for it, and whether their agents noted all that befell them. */
import { type HopKey, type HopRef, hopKey } from '../../hop/hop.ts'
import type { StoredMishap } from '../../hop/mishap.ts'
import type { CauseEvidence } from '../cause-evidence.ts'

export interface Readers {
  readonly hops: readonly HopRef[]
  /** They are the end of the edge. False: a sink, which some group of the pipeline feeds. */
  readonly isEnd: boolean
  /** All mishaps of theirs were noted: what is not noted did not happen. */
  readonly isNoted: boolean
}

/** @param topics what the edge reads */
export function readersOf(evidence: CauseEvidence, topics: readonly HopRef[]): Readers {
  const { edge, pipeline } = evidence
  const ends = edge.to.map(({ hop }) => hop)
  const groups = ends.filter(({ role }) => role === 'consumer')
  const isSink = ends.length > 0 && ends.every(({ role }) => role === 'sink')
  const isEnd = groups.length > 0
  const feeders = isSink
    ? feedersOf(
        topics,
        pipeline.hops.map(({ hop }) => hop),
      )
    : []
  const hops = topics.length === 0 ? [] : isEnd ? groups : feeders
  return { hops, isEnd, isNoted: hops.every((hop) => isNoted(hop, evidence)) }
}

/** Which group feeds a sink nobody declares; where but one reads the topic, it is that one. */
function feedersOf(topics: readonly HopRef[], hops: readonly HopRef[]): readonly HopRef[] {
  const groups = hops.filter(
    (hop) =>
      hop.role === 'consumer' &&
      topics.some((t) => t.cluster === hop.cluster && t.topic === hop.topic),
  )
  return groups.length === 1 ? groups : []
}

export function isNoted(hop: HopRef, { unnoted }: CauseEvidence): boolean {
  return !unnoted.has(hopKey(hop))
}

export function mishapsAt(key: HopKey, mishaps: readonly StoredMishap[]): readonly StoredMishap[] {
  return mishaps.filter(({ hop }) => hopKey(hop) === key)
}
