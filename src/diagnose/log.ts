/**
 * Looking into the log itself: the contract, and what a search of it proves. `transport/kafka-log.ts` reads
 * real ones, `testbed/memory-log-reader.ts` those of the broker in memory.
 */

export interface LogRecord {
  readonly partition: number
  readonly offset: number
  /** ms, of the record */
  readonly timestamp: number
  readonly key: Buffer | null
  /** Null: a tombstone. */
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>
  /** Of the leader that wrote its batch; −1: not known. */
  readonly leaderEpoch: number
}

export interface LogPartition {
  readonly partition: number
  /** The first offset the log still has. */
  readonly low: number
  /** One past the last record that a committed reader may see. */
  readonly high: number
}

/** What a read gave: records in the order of the log, and how far it came. */
export interface LogSlice {
  readonly records: readonly LogRecord[]
  /** Where to read on: all records of `[from, next)` are in `records`, or are no data. */
  readonly next: number
}

/** Nothing here joins a group or commits anything. All of it is bounded in bytes and time. */
export interface LogReader {
  /** @throws QuipuError NOT_FOUND, CONNECTION, FORBIDDEN */
  partitions(topic: string): Promise<readonly LogPartition[]>
  /**
   * Per partition the first offset whose record's time is `at` (ms) or later; its end where there is none.
   */
  offsetsAt(topic: string, at: number): Promise<ReadonlyMap<number, number>>
  /** Records of `[from, to)`, committed ones, as many as one answer holds; `next > from` unless at an end. */
  read(topic: string, partition: number, from: number, to: number): Promise<LogSlice>
  close(): Promise<void>
}

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

/** By id, 32 hex digits. */
export interface LogEvidence {
  readonly places: ReadonlyMap<string, readonly Place[]>
  readonly searched: readonly Searched[]
}
