/**
 * The contract of looking into a log: records of one partition from here to there, in no group.
 *
 * `kafka-log.ts` reads real ones, `testbed/memory-log-reader.ts` those of the broker in memory; both pass
 * test/transport/log-suite.ts. Nothing here joins a group or commits anything, and all of it is bounded in
 * bytes and time. Only what is committed is read.
 */

/** As they came; a repeated header is an array. A null is a header without a value, not one left out. */
export type LogHeaders = Readonly<Record<string, LogHeader>>
export type LogHeader = Buffer | null | readonly (Buffer | null)[]

export interface LogRecord {
  readonly partition: number
  readonly offset: number
  /** ms, of the record */
  readonly timestamp: number
  readonly key: Buffer | null
  /** Null: a tombstone. */
  readonly value: Buffer | null
  readonly headers: LogHeaders
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

export interface LogReader {
  /** By number. @throws QuipuError NOT_FOUND, CONNECTION, FORBIDDEN */
  partitions(topic: string): Promise<readonly LogPartition[]>
  /**
   * Per partition the first offset whose record's time is `at` (ms) or later; its end where there is none.
   */
  offsetsAt(topic: string, at: number): Promise<ReadonlyMap<number, number>>
  /**
   * Records of `[from, to)`, as many as one answer holds; `next > from` unless nothing may be read there
   * yet. What lies below the log's start is no data.
   * @throws QuipuError as above; FORMAT: the records at `from` cannot be decoded
   */
  read(topic: string, partition: number, from: number, to: number): Promise<LogSlice>
  close(): Promise<void>
}

/** Records of one slice, so that a batch that was compressed well is handed over in parts. */
export const SLICE_RECORDS_MAX = 50_000
