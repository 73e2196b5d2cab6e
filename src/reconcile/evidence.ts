/** All that a judgement of one window may use. Time is part of it: nothing here asks a clock. */
import type { HopCoverage, HopGap, InstanceState, StoredTally } from '../hop/evidence.ts'
import { type HopKey, type HopRef, hopKey, topicHop } from '../hop/hop.ts'

/** Log ends of a topic, per partition: one past the last committed offset. */
export type LogEnds = ReadonlyMap<number, number>

export interface WindowEvidence {
  /** ms, start of the window */
  readonly window: number
  /** ms */
  readonly now: number
  /** All tallies of the window. */
  readonly tallies: readonly StoredTally[]
  readonly coverage: ReadonlyMap<HopKey, HopCoverage>
  readonly instances: readonly InstanceState[]
  readonly gaps: readonly HopGap[]
  /** Newest window that each hop has reported on. */
  readonly newestWindow: ReadonlyMap<HopKey, number>
  /** Per topic hop, log ends polled after the window's deadline; absent before. */
  readonly logEnds: ReadonlyMap<HopKey, LogEnds>
  /**
   * Per producer hop, ids minted (not forwarded) from the window's start to its deadline: a service
   * that mints where it should forward breaks the identity of its inputs.
   */
  readonly minted: ReadonlyMap<HopKey, number>
}

export function talliesOf(evidence: WindowEvidence, hop: HopRef): readonly StoredTally[] {
  const key = hopKey(hop)
  return evidence.tallies.filter((t) => t.key === key)
}

/** The key of the topic that a producer, topic or consumer hop touches. */
export function topicKeyOf(hop: HopRef): HopKey {
  return hopKey(topicHop(hop.cluster, hop.topic))
}
