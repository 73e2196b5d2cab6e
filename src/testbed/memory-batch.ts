/** What one fetch brings of one partition; the same questions and answers as kafkajs's Batch. */
import type { KafkaMessage } from 'kafkajs'
import type { BatchContext, LogRecord } from './memory-log.ts'
import { copyHeaders } from './memory-wire.ts'

export interface MemoryMessage {
  readonly magicByte: number
  readonly attributes: number
  readonly timestamp: string
  readonly offset: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Record<string, Buffer | Buffer[]>
  readonly isControlRecord: boolean
  readonly batchContext: BatchContext
}

/**
 * `rawMessages` has what the log has, control records and aborted ones included. kafkajs takes any
 * aborted record whose key is four zero bytes for the abort marker; that defect is not imitated.
 */
export class MemoryBatch {
  readonly topic: string
  readonly partition: number
  readonly highWatermark: string
  readonly fetchedOffset: string
  readonly rawMessages: readonly MemoryMessage[]
  readonly messages: KafkaMessage[]

  constructor(
    place: { readonly topic: string; readonly partition: number },
    fetchedOffset: number,
    highWatermark: number,
    records: readonly LogRecord[],
    readCommitted: boolean,
  ) {
    this.topic = place.topic
    this.partition = place.partition
    this.fetchedOffset = String(fetchedOffset)
    this.highWatermark = String(highWatermark)
    // Every fetch has contexts of its own, as what is read from the wire has.
    const contexts = new Map<BatchContext, BatchContext>()
    for (const { context } of records)
      if (!contexts.has(context)) contexts.set(context, { ...context })
    this.rawMessages = records.map((r) => messageOf(r, contexts.get(r.context) ?? r.context))
    this.messages = []
    for (let i = 0; i < records.length; i++) {
      const { transaction, context } = records[i] as LogRecord
      if (context.isControlBatch) continue
      if (readCommitted && transaction?.state === 'aborted') continue
      this.messages.push(this.rawMessages[i] as MemoryMessage as KafkaMessage)
    }
  }

  isEmpty(): boolean {
    return this.messages.length === 0
  }

  firstOffset(): string | null {
    return this.rawMessages[0]?.offset ?? null
  }

  lastOffset(): string {
    return this.rawMessages[this.rawMessages.length - 1]?.offset ?? String(this.#lastOfPartition())
  }

  offsetLag(): string {
    return String(this.#lastOfPartition() - Number(this.lastOffset()))
  }

  offsetLagLow(): string {
    const first = this.firstOffset()
    return first === null ? '0' : String(this.#lastOfPartition() - Number(first))
  }

  #lastOfPartition(): number {
    return Number(this.highWatermark) - 1
  }
}

function messageOf(record: LogRecord, context: BatchContext): MemoryMessage {
  const { offset, key, value, headers, timestamp } = record
  return {
    magicByte: context.magicByte,
    attributes: 0,
    timestamp,
    offset: String(offset),
    key: key && Buffer.from(key),
    value: value && Buffer.from(value),
    headers: copyHeaders(headers),
    isControlRecord: context.isControlBatch,
    batchContext: context,
  }
}
