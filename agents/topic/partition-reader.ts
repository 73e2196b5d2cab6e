/**
 * One partition, read once: the offset that is expected next decides what is counted.
 *
 * Invariants:
 * - `position` never goes back, except when the log itself was cut below it;
 * - every offset below `position` was counted or passed over exactly once, or is a hole that is not
 *   covered;
 * - records and the coverage that holds them are reported in one turn.
 */
import type { TopicRecord, TopicRecorder } from './topic-recorder.ts'

export interface LogRange {
  /** The first offset the log still has. */
  readonly low: number
  /** One past the last offset that a read-committed consumer may read. */
  readonly high: number
}

export type Standing = 'read' | 'ahead' | 'behind' | 'cut'

/**
 * What a fetch of offsets `[from, to)` means to a reader that expects `position`. First hit wins:
 *
 * 1. the log ends below what was read already: it was cut, or created anew;
 * 2. the fetch began above the position: offsets between would be skipped unread;
 * 3. it ended below: all of it was counted before;
 * 4. it holds the position: read.
 */
export function standing(
  position: number,
  from: number,
  to: number,
  highWatermark: number,
): Standing {
  if (highWatermark < position) return 'cut'
  if (from > position) return 'ahead'
  if (to < position) return 'behind'
  return 'read'
}

export class PartitionReader {
  readonly topic: TopicRecorder
  readonly partition: number
  /** The next offset to count; unknown until the resume position has been found. */
  position: number | undefined
  /** The position last known, kept while it is asked where others have come to. */
  #own: number | undefined
  /** Leader epoch of the records read last; −1: not known, since others may have read on. */
  #epoch = -1
  #batch: unknown = null
  /** Set while something about the position has to be asked: batches wait for it. */
  pending: Promise<void> | null = null

  constructor(topic: TopicRecorder, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  /** Behind all that it counted, also while it is asked where others have come to. */
  get reached(): number | undefined {
    return this.position ?? this.#own
  }

  /** Another agent may have read on: until `place` the position is not known. */
  release(): void {
    this.#own = this.reached
    this.position = undefined
    this.#epoch = -1
  }

  /** Goes on at `resumed`, else where this reader was, else at `fresh`; never back. */
  place(resumed: number | undefined, fresh: number): void {
    this.release()
    const own = this.#own
    if (resumed === undefined) this.position = own ?? fresh
    else this.position = Math.max(resumed, own ?? resumed)
  }

  /** Counts the records from the position on, and covers `[position, to)`. Call it at 'read'. */
  read(records: readonly TopicRecord[], to: number): void {
    const { topic, partition } = this
    const from = this.position as number
    let next = from
    let taken = 0
    let repeated = 0
    try {
      for (let i = 0; i < records.length; i++) {
        const record = records[i] as TopicRecord
        const offset = Number(record.offset)
        if (offset < next) {
          repeated++
          continue
        }
        if (record.batchContext !== this.#batch) this.#enter(record.batchContext, offset)
        topic.add(record, partition, offset)
        next = offset + 1
        taken++
      }
      if (to > next) next = to
    } finally {
      // Also when a record throws: what was counted before it is covered and never counted again.
      this.position = next
      topic.agent.cover(topic.hop, partition, from, next)
      topic.count('empty-offsets', next - from - taken)
      topic.count('skipped-repeat', repeated)
    }
  }

  /** A record batch begins: was it written under another leader? */
  #enter(context: unknown, offset: number): void {
    this.#batch = context
    const epoch: unknown = (context as { partitionLeaderEpoch?: unknown } | null | undefined)
      ?.partitionLeaderEpoch
    if (typeof epoch !== 'number' || !Number.isSafeInteger(epoch) || epoch < 0) return
    if (this.#epoch >= 0 && epoch !== this.#epoch) {
      const { topic, partition } = this
      const detail = `${this.#epoch}>${epoch}`
      topic.mishap({ kind: 'epoch', partition, from: offset, to: offset + 1, detail })
    }
    this.#epoch = epoch
  }

  /** The log now starts above the position: what was deleted unread stays a hole. */
  skipTo(low: number): void {
    this.topic.count('deleted-unread', low - (this.position as number))
    this.position = low
  }

  /** The log now ends below the position: what it has now was read, or cannot be told apart. */
  cutTo(high: number): void {
    const { topic, partition } = this
    topic.count('log-cut')
    const to = this.position as number
    topic.mishap({ kind: 'cut', partition, from: high, to, detail: String(high) })
    this.position = high
  }
}
