/**
 * The contract of the store: evidence in, evidence out. Implementations pass test/store/suite.
 *
 * Laws: `fold` takes each (instance, number) once, however often and in whatever order frames come;
 * a batch and the transport positions it brings are stored in one transaction or not at all.
 * The store adds and unites; it never judges.
 */
import type { Claim } from '../drift/shape.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import type {
  HopCoverage,
  HopGap,
  InstanceState,
  StoredLatency,
  StoredMembership,
  StoredShape,
  StoredTags,
  StoredTally,
} from '../hop/evidence.ts'
import type { Frame, HopCounts } from '../hop/frame.ts'
import type { HopKey } from '../hop/hop.ts'
import type { Minter, StoredMishap } from '../hop/mishap.ts'
import type { AlertChange, AlertRow, Delivery, OutboxRow } from './alerts.ts'

export type {
  HopCoverage,
  HopGap,
  InstanceState,
  StoredLatency,
  StoredMembership,
  StoredShape,
  StoredTags,
  StoredTally,
} from '../hop/evidence.ts'

export interface MishapQuery {
  /** ms: that began in `[since, until)` */
  readonly since: number
  readonly until: number
  /** Left out: at any. */
  readonly hops?: readonly HopKey[]
}

/** What one window of an edge gives: whole numbers from 0, by name. */
export interface WindowSums {
  readonly pipeline: string
  readonly edge: string
  /** ms: its start */
  readonly window: number
  readonly sums: Readonly<Record<string, number>>
}

export interface Total {
  /** Empty: of a hop, by its key; see hop/records.ts. */
  readonly pipeline: string
  readonly edge: string
  readonly name: string
  readonly value: number
}

export interface FoldOutcome {
  /** Frames taken. */
  readonly taken: number
  /** Frames seen before. */
  readonly repeated: number
  /** Frames whose sketches cannot be read: nothing of them is taken, they count as foreign. */
  readonly malformed: number
  /** Deltas and shapes of windows that were pruned already: counted, never folded. */
  readonly pruned: number
  /** Window starts whose tallies changed. */
  readonly windows: readonly number[]
  /** Schemas that the shapes taken name, each once a hop. */
  readonly schemas: readonly SeenSchema[]
}

export interface SeenSchema {
  readonly key: HopKey
  readonly claim: Claim
  /** As `Variant.schema` in drift/shape.ts. */
  readonly schema: string
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
  /** Of windows that start in `[since, until)`, by window: what passed, and how long it took. */
  latencies(since?: number, until?: number): Promise<readonly StoredLatency[]>
  /** What the tallies of a window witness, without their sketches: of all messages, not of samples. */
  tags(window: number): Promise<readonly StoredTags[]>
  /** The membership filters of a window, of hops that keep one. */
  memberships(window: number): Promise<readonly StoredMembership[]>
  /**
   * Hops and windows that may hold a foreign id, whose birth is not known: all others of those that keep
   * a filter do not. @param hash the first 8 bytes of its SHA-256
   */
  mayHold(hash: Uint8Array): Promise<readonly { readonly key: HopKey; readonly window: number }[]>
  /**
   * Of windows that start in `[since, until)`, by window, then hop, then instance. Shapes that were held
   * against different schemas come apart.
   */
  shapes(since?: number, until?: number): Promise<readonly StoredShape[]>
  /** Starts of all windows that hold any shape, ascending; from `since` on. */
  shapeWindows(since?: number): Promise<readonly number[]>
  /**
   * Puts shapes together that fall into one span of `spanMs`, of spans that end by `before` (ms); those
   * of longer spans stay. A bounded part at each call; whether there is more to do.
   */
  condenseShapes(before: number, spanMs: number): Promise<boolean>
  coverage(): Promise<readonly HopCoverage[]>
  /**
   * Highest offset that a hop has counted, per partition, in the windows still kept. An agent that died
   * between two frames of one cut has counted beyond what it covers: it must not count that again.
   */
  highestCounted(hop: HopKey): Promise<ReadonlyMap<number, number>>
  /**
   * Agents that can say anything of windows that start from `since` (ms) on; without it, of any that is
   * kept. Those heard long before have nothing to say. Of a hop of which no other speaks, the one heard
   * last is among them, however long ago that was.
   */
  instances(since?: number): Promise<readonly InstanceState[]>
  gaps(): Promise<readonly HopGap[]>
  /**
   * What agents saw go wrong, by time; of 20,000 and more the earliest. Of each hop and kind the newest
   * 5,000 are kept. Where the hop count `mishaps-dropped` is not 0, there were others.
   */
  mishaps(query: MishapQuery): Promise<readonly StoredMishap[]>
  /** Who minted ids of these tags, or of all that are known; tags that nobody reported are not in it. */
  minters(tags?: readonly number[]): Promise<ReadonlyMap<number, Minter>>
  /** Sums of the plain counts. */
  counts(): Promise<readonly HopCounts[]>
  /** Records that were no frames, and malformed frames. */
  foreignRecords(): Promise<number>
  /** The newest verdict of each edge and window asked for, by window, then edge. */
  verdicts(query?: VerdictQuery): Promise<readonly EdgeVerdict[]>
  /** All revisions of one edge and window but the newest, oldest first. */
  revisions(pipeline: string, edge: string, window: number): Promise<readonly EdgeVerdict[]>
  /**
   * Adds revisions; the same (pipeline, edge, window, revision) replaces itself. What is settled goes
   * into the totals.
   */
  saveVerdicts(verdicts: readonly EdgeVerdict[], judgedAt: number): Promise<void>
  /** Adds to the totals what these windows give beyond the most that they gave before. */
  addToTotals(list: readonly WindowSums[]): Promise<void>
  /** Sums over all windows there ever were: they never fall, and outlive what is pruned. */
  totals(): Promise<readonly Total[]>
  /** Small facts about the run: the pipelines that were audited, for readers. */
  setFact(name: string, json: unknown): Promise<void>
  fact(name: string): Promise<unknown>
  /**
   * Deletes tallies, shapes, gaps and verdicts of windows that start before `before` (ms), mishaps from before
   * it, and what agents said of no other windows; later deltas of such windows are counted and not folded. Which frames were taken
   * is not forgotten with them.
   */
  prune(before: number): Promise<void>
  /** What has been told of what is wrong, by key. */
  alerts(): Promise<readonly AlertRow[]>
  /**
   * What is to be sent by `dueBy` (ms), oldest first; of one route and key only the oldest, however late
   * it is due: what was told first arrives first.
   *
   * @param limit of each route, so that none waits for another
   * @param latest ms: what is due later than that was put off by a clock that ran ahead, and is due too
   */
  outbox(dueBy: number, limit: number, latest?: number): Promise<readonly OutboxRow[]>
  /** What came of sending, by route. */
  deliveries(): Promise<readonly Delivery[]>
  /** In one transaction. @param now ms */
  changeAlerts(change: AlertChange, now: number): Promise<void>
  close(): Promise<void>
}
