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
  /** More than are read: an id that is not in `headers` may be among the others. */
  readonly hasMoreHeaders?: true
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
  /** Records gone over: those, and what a sieve left out. */
  readonly looked: number
  /** Where to read on: what lies in `[from, next)` is in `records`, was left out, or is no data. */
  readonly next: number
}

/**
 * Leaves out records by the bytes of one header or of the key, so that whoever looks for few of millions
 * need not decode them all. Law: what it keeps is in `records`, and so is what has more headers than are
 * read; of the rest some may be too.
 */
export interface Sieve {
  /** The name of the header, in UTF-8; null: the key. */
  readonly header: Uint8Array | null
  /**
   * Asked for each value of that header, or for the key, of `length` bytes at `at`, until one is kept. What
   * has none, or only ones without a value, is left out. `bytes` are not to be held on to.
   * @param timestamp ms, of the record
   */
  readonly keeps: (bytes: Uint8Array, at: number, length: number, timestamp: number) => boolean
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
   * yet. With a sieve at least those that it keeps. What lies below the log's start is no data.
   * @throws QuipuError as above; FORMAT: the records at `from` cannot be decoded
   */
  read(topic: string, partition: number, from: number, to: number, sieve?: Sieve): Promise<LogSlice>
  close(): Promise<void>
}

/** Records of one slice, so that a batch that was compressed well is handed over in parts. */
export const SLICE_RECORDS_MAX = 50_000
