/** All that a judgement of one window may use. Time is part of it: nothing here asks a clock. */
import type { Intervals } from '../base/intervals.ts'
import type {
  HopCoverage,
  HopGap,
  InstanceState,
  StoredMembership,
  StoredTags,
  StoredTally,
} from '../hop/evidence.ts'
import { type HopKey, type HopRef, hopKey, hopOfKey, topicHop } from '../hop/hop.ts'

/** Log ends of a topic, per partition: one past the last committed offset. */
export type LogEnds = ReadonlyMap<number, number>

/** What the commits of a group tell of one partition. */
export interface GroupOffsets {
  /** Handled, as the group says. */
  readonly committed: Intervals
  /** Below the log's start before the group had committed them: deleted unread. */
  readonly deleted: Intervals
}

export interface CommitPoll {
  /** ms, by the auditor's clock */
  readonly at: number
  readonly commits: LogEnds
}

export interface WindowEvidence {
  /** ms, start of the window */
  readonly window: number
  /** ms */
  readonly now: number
  /** All tallies of the window. */
  readonly tallies: readonly StoredTally[]
  /** What hops have watched, as far as it speaks of this window's messages. */
  readonly coverage: ReadonlyMap<HopKey, HopCoverage>
  /** Every message of the window was found: whatever was watched there is the log in which they lie. */
  readonly isFound?: boolean
  /** The same of whatever log stood under the topic's name. */
  readonly watched: ReadonlyMap<HopKey, HopCoverage>
  readonly instances: readonly InstanceState[]
  readonly gaps: readonly HopGap[]
  /** Newest window that each hop has reported on. */
  readonly newestWindow: ReadonlyMap<HopKey, number>
  /** Per topic hop, log ends polled after the window's deadline; absent before. */
  readonly logEnds: ReadonlyMap<HopKey, LogEnds>
  /**
   * Per topic hop, log ends polled before any message of the window can have been sent: nothing of it
   * lies below them. Absent where nobody polled so early.
   */
  readonly logStarts: ReadonlyMap<HopKey, LogEnds>
  /**
   * Per topic hop, where its log ended at most, open transactions included, by two polls after the
   * window's deadline, and after its newest evidence came. What was acknowledged above is gone.
   */
  readonly logTops: ReadonlyMap<HopKey, LogEnds>
  /**
   * Per topic hop, offsets from which on nothing of this window is in the log any more: the log was
   * cut, or created anew, after the window. Coverage from there on speaks of other messages.
   */
  readonly logGone: ReadonlyMap<HopKey, LogEnds>
  /** Per topic hop, partitions whose log was cut or created anew while this window was sent. */
  readonly logTorn: ReadonlyMap<HopKey, ReadonlySet<number>>
  /**
   * Per topic hop, messages of the window that were acknowledged, and that stand at none of the places at
   * which that can have been: others do, of a later leader. Read after the deadline.
   */
  readonly cutOff?: ReadonlyMap<HopKey, ReadonlySet<string>>
  /**
   * Per consumer hop and partition, what its group's commits tell; asked so long ago that an agent which
   * lives would have reported it since.
   */
  readonly commits: ReadonlyMap<HopKey, ReadonlyMap<number, GroupOffsets>>
  /**
   * Per consumer hop, what its group had committed at each poll, ascending: partitions left out had no
   * commit.
   */
  readonly commitPolls: ReadonlyMap<HopKey, readonly CommitPoll[]>
  /** Per topic hop whose log is compacted: how many empty offsets its agents have passed over. */
  readonly compacted: ReadonlyMap<HopKey, number>
  /** Topic hops whose log is known not to be compacted; absent: of none that is known. */
  readonly uncompacted?: ReadonlySet<HopKey>
  /**
   * Per producer hop, ids minted (not forwarded) from the window's start to its deadline: a service
   * that mints where it should forward breaks the identity of its inputs.
   */
  readonly minted: ReadonlyMap<HopKey, number>
  /** Membership filters of the window. */
  readonly memberships: readonly StoredMembership[]
  /** The dense-sequence witness of the windows before and after, for what was minted between. */
  readonly before: readonly StoredTags[]
  readonly after: readonly StoredTags[]
}

export function talliesOf(evidence: WindowEvidence, hop: HopRef): readonly StoredTally[] {
  const key = hopKey(hop)
  return evidence.tallies.filter((t) => t.key === key)
}

/** The key of the topic that a producer, topic or consumer hop touches. */
export function topicKeyOf(hop: HopRef): HopKey {
  return hopKey(topicHop(hop.cluster, hop.topic))
}

const producersOf = new WeakMap<readonly InstanceState[], Map<HopKey, Map<HopKey, HopRef>>>()

/** Producer hops into a topic that were ever heard. Their keys are taken apart once per evidence. */
export function producersInto(topic: HopRef, { instances }: WindowEvidence): readonly HopRef[] {
  let byTopic = producersOf.get(instances)
  if (byTopic === undefined) {
    byTopic = new Map()
    for (const key of new Set(instances.flatMap((i) => i.hops))) {
      const hop = hopOfKey(key)
      if (hop.role !== 'producer') continue
      const at = topicKeyOf(hop)
      byTopic.set(at, (byTopic.get(at) ?? new Map()).set(key, hop))
    }
    producersOf.set(instances, byTopic)
  }
  return [...(byTopic.get(topicKeyOf(topic))?.values() ?? [])]
}
