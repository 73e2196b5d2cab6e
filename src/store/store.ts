/**
 * The contract of the store: evidence in, evidence out. Implementations pass test/store/suite.
 *
 * Laws: `fold` takes each (instance, number) once, however often and in whatever order frames come;
 * a batch and the transport positions it brings are stored in one transaction or not at all.
 * The store adds and unites; it never judges.
 */
import type { Intervals, OffsetRange } from '../base/intervals.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { Channel, Frame, FrameSpan, HopCounts, Origin, Seal } from '../hop/frame.ts'
import type { HopKey, HopRef } from '../hop/hop.ts'
import type { TallyParams } from '../hop/params.ts'
import type { Sketch } from '../sketch/sketch.ts'

export interface FoldOutcome {
  /** Frames taken. */
  readonly taken: number
  /** Frames seen before. */
  readonly repeated: number
  /** Deltas of windows that were pruned already: counted, never folded. */
  readonly pruned: number
  /** Window starts whose evidence changed. */
  readonly windows: readonly number[]
}

/** All one hop saw of one window in one channel: the sum over agents and frames. */
export interface StoredTally {
  readonly hop: HopRef
  readonly key: HopKey
  readonly channel: Channel
  readonly origin: Origin | null
  readonly reason: string
  readonly params: TallyParams
  readonly window: number
  readonly count: number
  readonly placeless: number
  readonly sketch: Sketch
  readonly ranges: readonly OffsetRange[]
}

/** What is known of one agent instance. */
export interface InstanceState {
  readonly instance: string
  readonly service: string
  /** ms, by the agent's clock */
  readonly firstSentAt: number
  readonly lastSentAt: number
  /** ms, by the collector's clock */
  readonly lastHeardAt: number
  readonly flushMs: number
  readonly windowMs: number
  /** Frame numbers received. */
  readonly seen: Intervals
  /** The frame number that said goodbye, or null. */
  readonly goodbye: number | null
  /** Spans of frames that were announced by later ones and have not come. */
  readonly missing: readonly FrameSpan[]
  /** Per producer hop the newest seal, and the frame that brought it. */
  readonly seals: readonly (Seal & { readonly number: number })[]
  /** Hops it has reported on. */
  readonly hops: readonly HopKey[]
}

/** Offsets watched at a hop, per partition, united over all agents. */
export interface HopCoverage {
  readonly key: HopKey
  readonly hop: HopRef
  readonly partitions: ReadonlyMap<number, Intervals>
}

/** Windows of a hop whose evidence was given up, or named by births that are not believed. */
export interface HopGap {
  readonly key: HopKey
  readonly reason: string
  readonly count: number
  readonly fromWindow: number
  readonly toWindow: number
}

export interface VerdictQuery {
  readonly pipeline?: string
  readonly edge?: string
  /** ms: windows that start in `[since, until)` */
  readonly since?: number
  readonly until?: number
}

export interface Store {
  /** Next position to read, per partition of the transport. */
  positions(): Promise<Readonly<Record<string, number>>>
  /**
   * Folds frames and remembers the positions, in one transaction. `foreign` counts records that were
   * no frames. @param now ms, the collector's clock
   */
  fold(
    frames: readonly Frame[],
    positions: Readonly<Record<string, number>>,
    now: number,
    foreign?: number,
  ): Promise<FoldOutcome>
  /** Starts of all windows that hold any tally, ascending; from `since` on. */
  windows(since?: number): Promise<readonly number[]>
  tallies(window: number): Promise<readonly StoredTally[]>
  coverage(): Promise<readonly HopCoverage[]>
  instances(): Promise<readonly InstanceState[]>
  gaps(): Promise<readonly HopGap[]>
  /** Sums of the plain counts, and of `foreign` records under the hop key ''. */
  counts(): Promise<readonly HopCounts[]>
  foreignRecords(): Promise<number>
  /** The newest verdict of each edge and window asked for, by window, then edge. */
  verdicts(query?: VerdictQuery): Promise<readonly EdgeVerdict[]>
  /** Earlier revisions of one edge and window, oldest first. */
  revisions(pipeline: string, edge: string, window: number): Promise<readonly EdgeVerdict[]>
  /** Adds revisions; the same (pipeline, edge, window, revision) replaces itself. */
  saveVerdicts(verdicts: readonly EdgeVerdict[], judgedAt: number): Promise<void>
  /** Small facts about the run: the pipelines that were audited, for readers. */
  setFact(name: string, json: unknown): Promise<void>
  fact(name: string): Promise<unknown>
  /** Deletes tallies and verdicts of windows that start before `before` (ms). */
  prune(before: number): Promise<void>
  close(): Promise<void>
}
