/**
 * The contract of the way from agents to the auditor: an ordered, positioned log of byte records.
 *
 * Implementations (memory, kafka) pass the suite in test/transport. A transport may deliver late,
 * twice, and out of order between senders; it may not change bytes.
 */

/** A transport takes records up to this many bytes; agents cut their frames well below it. */
export const RECORD_BYTES_MAX: number = 2 ** 20

/** The agent's end. */
export interface FrameSender {
  /**
   * Hands one frame over. Resolves when the transport has taken it for good; rejects when it has not,
   * or cannot tell: the agent then sends the same bytes again. An error with `permanent: true` says
   * that these bytes will never be taken, as when they are more than `RECORD_BYTES_MAX`.
   * @param key the agent instance: records with one key keep their order
   */
  send(key: string, bytes: Uint8Array): Promise<void>
  /**
   * As `send`, for several frames of which all are taken or none. Where it is there, an agent hands
   * over all frames of a cut by it, in the order of their numbers.
   */
  sendAll?(key: string, frames: readonly Uint8Array[]): Promise<void>
  /** Frees what it holds. Bounded in time. */
  close(): Promise<void>
}

/** Where a reader stands: for each partition of the transport the next position to read. */
export type Positions = Readonly<Record<string, number>>

export interface FrameRecord {
  readonly partition: string
  readonly position: number
  readonly bytes: Uint8Array
}

/** The auditor's end. */
export interface FrameReader {
  /** Starts behind what is already in the store: partitions not named start at the beginning. */
  open(positions: Positions): Promise<void>
  /**
   * The next records, at most about 1,000; an empty list when nothing came within `waitMs`.
   * Records before the opened positions may be repeated; the reader's user drops them.
   */
  poll(waitMs: number): Promise<readonly FrameRecord[]>
  /** One past the last record of each partition now: where a reader must come to have caught up. */
  ends(): Promise<Positions>
  /**
   * Where the reader stands once its user has what `poll` returned: behind those records, and behind
   * places that hold none (transaction markers, aborted or deleted records), which no record shows.
   * A partition that is at its end in `ends()` has been read.
   */
  reached(): Positions
  close(): Promise<void>
}
