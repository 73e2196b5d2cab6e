/**
 * The way of one message across the hops of a pipeline: what a store, a search of the logs and committed
 * offsets say of it, as data. The words are in reports/trace.ts.
 */
import type { Evidence, FindingCode, Severity } from '../finding/finding.ts'
import type { WindowState, WindowVerdict } from '../finding/verdict.ts'
import type { HopRole } from '../hop/hop.ts'
import type { Minter, MishapKind } from '../hop/mishap.ts'

/** `fine`: proven at every declared hop that it had to reach; `wrong`: proven not; else `unknown`. */
export type TraceState = 'fine' | 'wrong' | 'unknown'

/**
 * What one edge says of the message.
 *
 * - `wrong`, `doubtful`, `noted`: a finding names it, of that severity
 * - `passed`: it lies in the topic, or all of the window passed and nothing is left unnamed
 * - `filtered`: all passed or were filtered as declared, and it is not in the log
 * - `committed`: nobody judged it, but the group's commits are past it
 * - `perhaps`: messages are amiss that cannot be named; it may be one
 * - `open`: not settled; `unknown`: evidence is missing; `unjudged`: no verdict
 * - `not_reached`: it did not come as far as where the edge begins
 */
export type EdgeWord =
  | 'wrong'
  | 'doubtful'
  | 'noted'
  | 'passed'
  | 'filtered'
  | 'committed'
  | 'perhaps'
  | 'open'
  | 'unknown'
  | 'unjudged'
  | 'not_reached'

export interface TraceEdge {
  readonly edge: string
  readonly says: EdgeWord
  /** Null: there is no verdict. */
  readonly verdict: WindowVerdict | null
  readonly state: WindowState | null
  readonly evidence: Evidence | null
  /** That name it. */
  readonly findings: readonly {
    readonly code: FindingCode
    readonly severity: Severity
    readonly times: number
  }[]
  /** In words; empty where there is nothing to say. */
  readonly why: readonly string[]
}

export interface TracePlace {
  readonly partition: number
  readonly offset: number
  /** ms, of the record */
  readonly at: number
  /** 8-4-4-4-12; a copy has one of its own. */
  readonly id: string
  readonly leaderEpoch: number
  readonly traceId: string
  readonly spanId: string
}

/** The record here beside the one in the topic before: `key`, `value`, `header NAME`. */
export interface TraceContent {
  readonly comparedWith: string
  readonly same: readonly string[]
  readonly differs: readonly string[]
}

export interface TraceStep {
  /** The name in the pipeline. */
  readonly hop: string
  readonly role: HopRole
  readonly cluster: string
  readonly topic: string
  readonly group: string
  readonly name: string
  /** Topics: where it lies. */
  readonly places: readonly TracePlace[]
  /** Topics; null: the log was not searched. */
  readonly searched: {
    readonly records: number
    readonly isComplete: boolean
    readonly why: readonly string[]
  } | null
  /** Topics: null where there is nothing to compare with. */
  readonly content: TraceContent | null
  /** Groups: where they go on, in the partitions in which it lies; empty: not known. */
  readonly commits: readonly {
    readonly partition: number
    readonly offset: number
    /** Null: nothing is committed. */
    readonly committed: number | null
  }[]
  /** ms since birth of the messages of its window here, not of this one; null: not kept. */
  readonly typical: {
    readonly p50Ms: number
    readonly p99Ms: number
    readonly count: number
  } | null
  /** That end here. */
  readonly edges: readonly TraceEdge[]
}

export interface TraceWay {
  readonly pipeline: string
  readonly owner: Readonly<Record<string, string>>
  readonly state: TraceState
  /** ms; of its birth */
  readonly window: { readonly start: number; readonly end: number }
  readonly steps: readonly TraceStep[]
}

export interface TraceMishap {
  /** ms */
  readonly at: number
  readonly kind: MishapKind
  /** In words. */
  readonly hop: string
  readonly partition: number
  readonly from: number
  readonly to: number
  readonly detail: string
  readonly count: number
  readonly who: Minter
  /** It names the message itself; else the span of offsets in which it lies. */
  readonly isNamed: boolean
}

export interface Trace {
  /** As it was asked for. */
  readonly asked: string
  /** 8-4-4-4-12; null: it could not be found. */
  readonly id: string | null
  /** ms */
  readonly born: number | null
  readonly state: TraceState
  /** Who minted it; null: not kept, or not minted by an agent. */
  readonly minted: Minter | null
  readonly ways: readonly TraceWay[]
  readonly mishaps: readonly TraceMishap[]
  /** What could not be known, and why. */
  readonly unknown: readonly string[]
}
