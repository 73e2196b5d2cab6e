/**
 * What a search of logs proves: where messages lie, and what was looked at. The search itself is in
 * log-search.ts; it reads by the contract of transport/log.ts.
 */
export type { LogPartition, LogReader, LogRecord, Sieve } from '../transport/log.ts'

/** Where a message lies. */
export interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** ms */
  readonly timestamp: number
  readonly leaderEpoch: number
  readonly traceId: string
  readonly spanId: string
}

/** What was searched of one topic: whoever is not found in all of it is not there. */
export interface Searched {
  readonly cluster: string
  readonly topic: string
  /** Offsets looked at per partition, `[from, to)`. */
  readonly partitions: readonly {
    readonly partition: number
    readonly from: number
    readonly to: number
  }[]
  readonly records: number
  /** Everything that may hold the ids asked for was looked at. */
  readonly isComplete: boolean
  /** Why not, in words; empty if it was. */
  readonly why: readonly string[]
}

/** By id, 32 hex digits: an id without an entry was not sought, an empty list was not found. */
export interface LogEvidence {
  readonly places: ReadonlyMap<string, readonly Place[]>
  readonly searched: readonly Searched[]
}
