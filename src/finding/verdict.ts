/** The verdict on one edge and one window: counts that add up, findings, and how sure. */
import type { Window } from '../base/intervals.ts'
import type { Evidence, Finding, FoundId } from './finding.ts'

/**
 * `met`: both ends passed the window and agree. `breached`: something is proven. `indeterminate`:
 * nothing is proven and evidence is missing or messages are under way. `no_data`: nothing was expected
 * and nothing came.
 */
export type WindowVerdict = 'met' | 'breached' | 'indeterminate' | 'no_data'

/** `open` until settled; `revised` when a later judgement of a settled window differs. */
export type WindowState = 'open' | 'settled' | 'revised'

/** Messages. The dispositions sum to `expected`; the side counts stand beside them. */
export interface Counts {
  readonly expected: number
  // Dispositions: these sum to `expected`.
  readonly delivered: number
  readonly lost: number
  readonly altered: number
  readonly filtered: number
  readonly dead_lettered: number
  readonly in_flight: number
  readonly undetermined: number
  // Side counts.
  readonly duplicated: number
  readonly unexpected: number
  /** Copies or unexpected: cannot be told which. */
  readonly extra: number
  /** Arrived, but whether unaltered cannot be told; of `delivered`. */
  readonly unverified: number
  readonly copies_removed: number
  readonly landed_though_failed: number
  readonly withdrawn: number
  readonly withdrawn_delivered: number
  readonly unacknowledged: number
  readonly unconfirmed: number
  readonly unidentified: number
  readonly recovered: number
}

/** The identity of adding counts. */
export const NO_COUNTS: Counts = {
  expected: 0,
  delivered: 0,
  lost: 0,
  altered: 0,
  filtered: 0,
  dead_lettered: 0,
  in_flight: 0,
  undetermined: 0,
  duplicated: 0,
  unexpected: 0,
  extra: 0,
  unverified: 0,
  copies_removed: 0,
  landed_though_failed: 0,
  withdrawn: 0,
  withdrawn_delivered: 0,
  unacknowledged: 0,
  unconfirmed: 0,
  unidentified: 0,
  recovered: 0,
}

/** How one hop stands to the window. */
export interface HopPassage {
  /** Name in the pipeline, or the coordinates of an undeclared hop. */
  readonly hop: string
  readonly declared: boolean
  readonly count: number
  /** `passed`: nothing more will come. `behind`: still under way. `hole`: evidence is missing. */
  readonly passage: 'passed' | 'behind' | 'hole' | 'out_of_scope'
  /** Why not passed, in words: partitions, offsets, instances. */
  readonly why: readonly string[]
}

export interface EdgeVerdict {
  readonly pipeline: string
  readonly edge: string
  readonly window: Window
  readonly state: WindowState
  /** 0 for the first judgement, one more for each that differs after it settled. */
  readonly revision: number
  readonly verdict: WindowVerdict
  readonly evidence: Evidence
  /** 1: judged on every message; n: on one in n, counts scaled. */
  readonly oneIn: number
  readonly counts: Counts
  readonly from: readonly HopPassage[]
  readonly to: readonly HopPassage[]
  readonly findings: readonly Finding[]
  /**
   * Called lost by an earlier revision, and now neither lost nor known to have arrived; at most
   * `FINDING_IDS_MAX`. Left out: none. Whoever arrives in the end is recovered, whatever was said in between.
   */
  readonly onceLost?: readonly FoundId[]
}
