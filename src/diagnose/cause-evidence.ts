/** All that the rules of causes may use, gathered outside: time is part of it. */
import type { Intervals } from '../base/intervals.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { InstanceState, StoredTally } from '../hop/evidence.ts'
import type { HopKey } from '../hop/hop.ts'
import type { Minter, StoredMishap } from '../hop/mishap.ts'
import type { EdgeDeclaration, Pipeline } from '../hop/pipeline.ts'
import type { LogEvidence } from './log.ts'

/** A partition's log was seen to end lower than before. */
export interface SeenCut {
  readonly partition: number
  /** ms: the last poll that showed all of it, and the first that did not */
  readonly since: number
  readonly at: number
  /** Where it ended before, and then. */
  readonly was: number
  readonly end: number
}

/** At places that messages were acknowledged for, others stand: of a later leader. */
export interface Overwritten {
  readonly partition: number
  /** From the first of its records there to one past the last of those places. */
  readonly from: number
  readonly to: number
  /** Of the leader whose records stand there, and of the one before it; −1: not known. */
  readonly epoch: number
  readonly before: number
  /** ms: when it was seen */
  readonly at: number
  /** ms: the end of the last window that was acknowledged there; absent: `at` bounds it. */
  readonly until?: number
}

/** A group's commit was seen lower than before: `[from, to)` is to be handled again. */
export interface WentBack {
  readonly from: number
  readonly to: number
  /** ms: the first poll that showed it */
  readonly at: number
}

export interface CauseEvidence {
  readonly pipeline: Pipeline
  readonly edge: EdgeDeclaration
  readonly verdict: EdgeVerdict
  /** ms */
  readonly now: number
  /** Of every hop of the edge, and of producers into its topics, around the window; by time. */
  readonly mishaps: readonly StoredMishap[]
  /** Hops some of whose mishaps were not noted: the absence of one proves nothing there. */
  readonly unnoted: ReadonlySet<HopKey>
  /** Of the window; pruned ones are gone. */
  readonly tallies: readonly StoredTally[]
  readonly instances: readonly InstanceState[]
  /** By tag; what is not in it was not reported. */
  readonly minters: ReadonlyMap<number, Minter>
  /** Per topic hop. */
  readonly cuts: ReadonlyMap<HopKey, readonly SeenCut[]>
  /** The same. */
  readonly overwritten?: ReadonlyMap<HopKey, readonly Overwritten[]>
  /** Per consumer hop and partition: below the log's start before the group had committed them. */
  readonly deleted: ReadonlyMap<HopKey, ReadonlyMap<number, Intervals>>
  /** Per consumer hop and partition. */
  readonly wentBack?: ReadonlyMap<HopKey, ReadonlyMap<number, readonly WentBack[]>>
  /** Null: nobody searched the log. */
  readonly log: LogEvidence | null
}
