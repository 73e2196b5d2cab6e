/** The log: topics of partitions of records, with transactions whose markers take an offset. */
import { unknownTopic } from './memory-errors.ts'
import { type WireHeaders, wireSize } from './memory-wire.ts'

export interface Transaction {
  readonly producerId: string
  readonly epoch: number
  state: 'open' | 'committed' | 'aborted'
  readonly partitions: Set<LogPartition>
}

/** What kafkajs shows of the record batch that a record came in. */
export interface BatchContext {
  readonly firstOffset: string
  readonly firstTimestamp: string
  readonly partitionLeaderEpoch: number
  readonly inTransaction: boolean
  readonly isControlBatch: boolean
  readonly lastOffsetDelta: number
  readonly producerId: string
  readonly producerEpoch: number
  readonly firstSequence: number
  readonly maxTimestamp: string
  readonly timestampType: number
  readonly magicByte: number
}

export interface NewRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: WireHeaders
  readonly timestamp: string
}

export interface LogRecord extends NewRecord {
  readonly offset: number
  readonly size: number
  readonly transaction: Transaction | null
  readonly context: BatchContext
}

/** Keys of control records: version 0, type 0 (abort) or 1 (commit). */
const ABORT_MARKER = Buffer.from([0, 0, 0, 0])
const COMMIT_MARKER = Buffer.from([0, 0, 0, 1])

export class LogPartition {
  readonly topic: string
  readonly partition: number
  /** Ascending by offset; compaction leaves gaps. */
  #records: LogRecord[] = []
  #start = 0
  #end = 0
  /** First offsets of the transactions that are still open. */
  readonly #open = new Map<Transaction, number>()

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  get start(): number {
    return this.#start
  }

  /** One past the last record: the high watermark. */
  get end(): number {
    return this.#end
  }

  /** Up to here a read-committed consumer may read. */
  get lastStable(): number {
    return Math.min(this.#end, ...this.#open.values())
  }

  append(
    records: readonly NewRecord[],
    transaction: Transaction | null = null,
    isControlBatch = false,
  ): number {
    const base = this.#end
    if (transaction !== null && !this.#open.has(transaction)) {
      this.#open.set(transaction, base)
      transaction.partitions.add(this)
    }
    const first = records[0] as NewRecord
    const context: BatchContext = Object.freeze({
      firstOffset: String(base),
      firstTimestamp: first.timestamp,
      partitionLeaderEpoch: 0,
      inTransaction: transaction !== null,
      isControlBatch,
      lastOffsetDelta: records.length - 1,
      producerId: transaction?.producerId ?? '-1',
      producerEpoch: transaction?.epoch ?? 0,
      firstSequence: 0,
      maxTimestamp: (records[records.length - 1] as NewRecord).timestamp,
      timestampType: 0,
      magicByte: 2,
    })
    for (const record of records) {
      const size = wireSize(record)
      this.#records.push({ ...record, offset: this.#end++, size, transaction, context })
    }
    return base
  }

  endTransaction(transaction: Transaction, committed: boolean, timestamp: string): void {
    const key = committed ? COMMIT_MARKER : ABORT_MARKER
    const value = Buffer.from([0, 0, 0, 0, 0, 0])
    this.append([{ key, value, headers: {}, timestamp }], transaction, true)
    this.#open.delete(transaction)
  }

  /** The records from `offset` on and below `limit`, at least one, then until `maxBytes` are full. */
  read(offset: number, limit: number, maxBytes: number): LogRecord[] {
    const out: LogRecord[] = []
    let bytes = 0
    for (let i = this.#indexOf(offset); i < this.#records.length; i++) {
      const record = this.#records[i] as LogRecord
      bytes += record.size
      if (record.offset >= limit || (out.length > 0 && bytes > maxBytes)) break
      out.push(record)
    }
    return out
  }

  /** The first offset whose timestamp is `ms` or later. */
  offsetAt(ms: number): number | undefined {
    return this.#records.find((r) => Number(r.timestamp) >= ms)?.offset
  }

  /** Moves the start of the log, as retention does. */
  deleteBefore(offset: number): void {
    this.#start = Math.max(this.#start, Math.min(offset, this.#end))
    this.#records = this.#records.slice(this.#indexOf(this.#start))
  }

  /** Keeps the last record of each key, as compaction does with everything but the newest segment. */
  compact(): void {
    const last = new Map<string, number>()
    for (const { key, offset, context } of this.#records)
      if (key !== null && !context.isControlBatch) last.set(key.toString('hex'), offset)
    this.#records = this.#records.filter(
      ({ key, offset, context }) =>
        key === null || context.isControlBatch || last.get(key.toString('hex')) === offset,
    )
  }

  /** Loses everything from `offset` on, as an unclean election does. */
  truncate(offset: number): void {
    this.#records.length = this.#indexOf(offset)
    this.#end = Math.max(this.#start, Math.min(this.#end, offset))
    for (const [transaction, first] of this.#open)
      if (first >= this.#end) this.#open.delete(transaction)
  }

  #indexOf(offset: number): number {
    let [low, high] = [0, this.#records.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#records[middle] as LogRecord).offset < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}

export class MemoryLog {
  readonly #topics = new Map<string, LogPartition[]>()
  readonly #watchers = new Set<() => void>()
  /** Raised when topics or partitions come or go. */
  shapeVersion = 0

  get topics(): readonly string[] {
    return [...this.#topics.keys()]
  }

  /** The partitions of a topic; throws as the broker does if there is none of that name. */
  partitions(topic: string): readonly LogPartition[] {
    const partitions = this.#topics.get(topic)
    if (partitions === undefined) throw unknownTopic()
    return partitions
  }

  partition(topic: string, partition: number): LogPartition {
    const found = this.partitions(topic)[partition]
    if (found === undefined) throw unknownTopic()
    return found
  }

  has(topic: string): boolean {
    return this.#topics.has(topic)
  }

  /** Creates the topic, or adds to its partitions until there are `count`. */
  grow(topic: string, count: number): void {
    const partitions = this.#topics.get(topic) ?? []
    while (partitions.length < count) partitions.push(new LogPartition(topic, partitions.length))
    this.#topics.set(topic, partitions)
    this.shapeVersion++
    this.changed()
  }

  delete(topic: string): void {
    this.partitions(topic)
    this.#topics.delete(topic)
    this.shapeVersion++
    this.changed()
  }

  /** Something may be there to read, or partitions to share out. */
  changed(): void {
    for (const watcher of this.#watchers) watcher()
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }
}
