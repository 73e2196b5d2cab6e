/** Whether a group will reach the start of its log, and lose what it has not read. */
import type { HopRef } from '../hop/hop.ts'

/** One partition of a topic as one group stands to it at one time. */
export interface LagSample {
  /** ms */
  readonly at: number
  /** The first offset that the log still has. */
  readonly low: number
  /** One past its last record. */
  readonly high: number
  /** Where the group goes on: what it has committed. */
  readonly committed: number
}

export interface PartitionLags {
  readonly group: HopRef
  readonly partition: number
  /** Ascending, at most `LAG_SAMPLES_MAX`. */
  readonly samples: readonly LagSample[]
}

export interface PartitionForecast {
  readonly partition: number
  /** Messages between the group and the log's end, and between the log's start and the group. */
  readonly lag: number
  readonly room: number
  /** Offsets a second: how fast the group, the start and the end of the log go. */
  readonly reads: number
  readonly deletes: number
  readonly writes: number
  /** ms from the newest sample until the log's start passes the group; null: it never does at these rates. */
  readonly lossInMs: number | null
}

export interface GroupForecast {
  readonly group: HopRef
  /** ms of the newest sample */
  readonly at: number
  /** ms over which the rates were taken */
  readonly spanMs: number
  readonly partitions: readonly PartitionForecast[]
  readonly lag: number
  /** The soonest; null: none. */
  readonly lossInMs: number | null
  /** Messages lost within `FORECAST_AHEAD_MS` after that, if nothing changes; at least and at most. */
  readonly willLose: { readonly low: number; readonly high: number } | null
  /** Why nothing is foretold where that is so: `one sample only`, … */
  readonly why: string | null
}

export const LAG_SAMPLES_MAX = 120
/** ms: an hour of going on as it is. */
export const FORECAST_AHEAD_MS = 3_600_000
