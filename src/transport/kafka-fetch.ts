/**
 * One Fetch request (version 11, Kafka 2.3 and later) for one partition, and its answer. Pure.
 *
 * | answer      | bytes                                                                    |
 * | ----------- | ------------------------------------------------------------------------ |
 * | head        | throttle int32, error int16, session int32, topics int32 (1)               |
 * | topic       | name (int16 and bytes), partitions int32 (1)                              |
 * | partition   | number int32, error int16, high watermark, last stable, start, int64 each |
 * | aborted     | int32 (−1: none), then producer id and first offset, int64 each            |
 * | records     | preferred replica int32, length int32, batches                            |
 */
import { QuipuError } from '../base/errors.ts'
import { type LogSlice, type Sieve, SLICE_RECORDS_MAX } from './log.ts'
import {
  BATCH_BYTES_MAX,
  batchesOf,
  isAbortMarker,
  type RecordBatch,
  recordsOf,
} from './record-batch.ts'

/** Bytes of an answer; a larger batch comes whole, which the broker's `max.message.bytes` bounds. */
const FETCH_BYTES_MAX: number = 2 ** 20
/** Of a request, but for the name of the topic. */
const FIXED_BYTES = 69
/** ms that a broker may wait for something to come. */
const WAIT_MS = 100

export const FETCH = { apiKey: 1, apiVersion: 11, apiName: 'Fetch' } as const

export interface Asked {
  readonly topic: string
  readonly partition: number
  readonly from: number
  readonly to: number
  readonly sieve?: Sieve | undefined
}

export function encodeFetch({ topic, partition, from }: Asked): Buffer {
  const name = Buffer.from(topic)
  const bytes = Buffer.alloc(FIXED_BYTES + name.length)
  let at = 0
  const int32 = (n: number): void => {
    at = bytes.writeInt32BE(n, at)
  }
  int32(-1) // no replica
  int32(WAIT_MS)
  int32(1) // bytes at least
  int32(FETCH_BYTES_MAX)
  at = bytes.writeInt8(1, at) // committed only
  int32(0) // no session
  int32(-1)
  int32(1)
  at = bytes.writeInt16BE(name.length, at)
  at += name.copy(bytes, at)
  int32(1)
  int32(partition)
  int32(-1) // whatever the epoch of its leader
  at = bytes.writeBigInt64BE(BigInt(from), at)
  at = bytes.writeBigInt64BE(-1n, at) // no follower
  int32(FETCH_BYTES_MAX)
  int32(0) // nothing of a session to forget
  bytes.writeInt16BE(0, at) // no rack
  return bytes
}

export interface Fetched {
  /** Of Kafka; 0: none. */
  readonly errorCode: number
  readonly aborted: readonly Aborted[]
  readonly records: Buffer
}

interface Aborted {
  readonly producerId: bigint
  readonly firstOffset: number
}

/** @throws QuipuError FORMAT */
export function decodeFetch(bytes: Buffer): Fetched {
  try {
    return decode(bytes)
  } catch (cause) {
    throw new QuipuError('FORMAT', 'expected an answer to a Fetch of version 11', { cause })
  }
}

function decode(bytes: Buffer): Fetched {
  let at = 4
  const past = (size: number): number => {
    at += size
    return at - size
  }
  const int16 = (): number => bytes.readInt16BE(past(2))
  const int32 = (): number => bytes.readInt32BE(past(4))
  const int64 = (): bigint => bytes.readBigInt64BE(past(8))
  const headError = int16()
  int32() // session
  const topics = int32()
  if (headError !== 0 || topics === 0)
    return { errorCode: headError, aborted: [], records: Buffer.alloc(0) }
  past(int16())
  int32() // one partition
  int32() // its number
  const errorCode = int16()
  past(24)
  const aborted: Aborted[] = []
  for (let left = int32(); left > 0; left--)
    aborted.push({ producerId: int64(), firstOffset: Number(int64()) })
  int32() // preferred replica
  const length = int32()
  return { errorCode, aborted, records: bytes.subarray(at, at + Math.max(length, 0)) }
}

/**
 * The committed records of an answer. Those of a transaction that was aborted lie between its first offset
 * and the marker of its producer.
 *
 * A batch that cannot be decoded ends the slice before it; as the first one it is thrown. So does one
 * after which as many bytes are held as a single batch may have, however well they were compressed.
 */
export function sliceOf({ aborted, records: bytes }: Fetched, asked: Asked): LogSlice {
  const { partition, from, to, sieve } = asked
  const begun = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset)
  const running = new Set<bigint>()
  const records: LogSlice['records'][number][] = []
  let [next, looked, held] = [from, 0, 0]
  try {
    for (const batch of batchesOf(bytes)) {
      if (next >= to || looked >= SLICE_RECORDS_MAX || held >= BATCH_BYTES_MAX) break
      while (begun[0] !== undefined && begun[0].firstOffset <= batch.lastOffset)
        running.add((begun.shift() as Aborted).producerId)
      if (isAbortMarker(batch)) running.delete(batch.producerId)
      if (batch.lastOffset < from) continue
      const max = SLICE_RECORDS_MAX - looked
      if (isData(batch, running)) {
        const found = recordsOf(batch, { partition, from, to, max, sieve })
        held += found.bytes
        looked += found.looked
        for (const record of found.records) records.push(record)
        if (found.looked === max && found.last < batch.lastOffset)
          return { records, looked, next: found.last + 1 }
      }
      next = Math.min(batch.lastOffset + 1, to)
    }
  } catch (error) {
    if (next === from) throw error
  }
  return { records, looked, next }
}

const isData = (batch: RecordBatch, aborted: ReadonlySet<bigint>): boolean =>
  !batch.isControl && !(batch.isTransactional && aborted.has(batch.producerId))
