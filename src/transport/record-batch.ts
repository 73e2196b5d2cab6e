/**
 * Record batches as brokers keep them (magic 2), decoded with a bound on what each may cost. Pure.
 *
 * kafkajs decodes them too, but decompresses without a limit, takes time with the square of the number of
 * headers, ends a partition's whole answer at the first batch it cannot decompress, and hides batches that
 * compaction has emptied, so that nobody learns where to read on.
 *
 * Offsets are numbers: 2^53 of them last for ages. Bytes are not copied: a record keeps its batch alive.
 */
import { gunzipSync } from 'node:zlib'
import { QuipuError } from '../base/errors.ts'
import type { LogHeader, LogRecord, Sieve } from './log.ts'

/** Bytes that one batch may be decompressed to. */
export const BATCH_BYTES_MAX: number = 64 * 2 ** 20
/** Of one record; of what comes after them it is only said that it is there. */
const HEADERS_MAX = 10_000
/** Base offset and length, which stand before what the length counts. */
const PREFIX = 12
/** All before the records. */
const HEADER = 61
const MAGIC = 2

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

/** A batch whose records are not decoded yet. */
export interface RecordBatch {
  readonly firstOffset: number
  readonly lastOffset: number
  readonly leaderEpoch: number
  readonly producerId: bigint
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly firstTimestamp: number
  readonly maxTimestamp: number
  /** The broker's clock gave its time to all of them. */
  readonly isAppendTime: boolean
  readonly codec: number
  readonly count: number
  /** As they came, perhaps compressed. */
  readonly body: Buffer
}

/** The whole batches of an answer; the last one may have been cut off, and is left out. */
export function* batchesOf(bytes: Buffer): Generator<RecordBatch> {
  for (let at = 0; at + HEADER <= bytes.length; ) {
    const length = bytes.readInt32BE(at + 8)
    if (length < HEADER - PREFIX) throw broken(`a batch of ${length} bytes`)
    const end = at + PREFIX + length
    if (end > bytes.length) return
    yield batchOf(bytes.subarray(at, end))
    at = end
  }
}

function batchOf(bytes: Buffer): RecordBatch {
  const magic = bytes.readInt8(16)
  if (magic !== MAGIC) throw broken(`records of format ${magic}, which Kafka 4 no longer keeps`)
  const attributes = bytes.readInt16BE(21)
  const firstOffset = Number(bytes.readBigInt64BE(0))
  return {
    firstOffset,
    lastOffset: firstOffset + bytes.readInt32BE(23),
    leaderEpoch: bytes.readInt32BE(12),
    firstTimestamp: Number(bytes.readBigInt64BE(27)),
    maxTimestamp: Number(bytes.readBigInt64BE(35)),
    producerId: bytes.readBigInt64BE(43),
    isAppendTime: (attributes & 8) !== 0,
    isTransactional: (attributes & 16) !== 0,
    isControl: (attributes & 32) !== 0,
    codec: attributes & 7,
    count: bytes.readInt32BE(57),
    body: bytes.subarray(HEADER),
  }
}

/** The key of a control record: two bytes of version, two of type, of which 0 is an abort. */
export function isAbortMarker(batch: RecordBatch): boolean {
  if (!batch.isControl) return false
  const only = { partition: 0, from: 0, to: Number.MAX_VALUE, max: 1 }
  const key = recordsOf(batch, only).records[0]?.key
  return key?.length === 4 && key.readInt16BE(2) === 0
}

export interface Wanted {
  readonly partition: number
  /** Offsets `[from, to)`. */
  readonly from: number
  readonly to: number
  /** Records that are looked at. */
  readonly max: number
  readonly sieve?: Sieve | undefined
}

export interface Decoded {
  readonly records: LogRecord[]
  /** Records of `[from, to)`, decoded or not. */
  readonly looked: number
  /** The offset of the last of them; −1: none. */
  readonly last: number
  /** Of all the batch's records, decompressed: each of them keeps all alive. */
  readonly bytes: number
}

/**
 * Law: each byte is looked at once, twice where it is kept, for no field goes beyond its record. What a
 * sieve leaves out was gone over as if it were decoded, and is refused where that would be.
 * @throws QuipuError FORMAT where they cannot be decompressed, or are no records
 */
export function recordsOf(batch: RecordBatch, wanted: Wanted): Decoded {
  const { partition, from, to, max, sieve } = wanted
  const bytes = decompressed(batch)
  const cursor = new Cursor(bytes)
  const out: LogRecord[] = []
  let [looked, last] = [0, -1]
  for (let i = 0; i < batch.count && looked < max; i++) {
    cursor.end = bytes.length
    const length = cursor.varint()
    const end = cursor.at + length
    if (length < 0 || end > bytes.length) throw broken('a record that goes beyond its batch')
    cursor.end = end
    cursor.at++ // attributes, of which there are none yet
    const delta = cursor.varint()
    const offset = batch.firstOffset + cursor.varint()
    if (offset >= to) break
    if (offset >= from) {
      const timestamp = batch.isAppendTime ? batch.maxTimestamp : batch.firstTimestamp + delta
      looked++
      last = offset
      if (sieve === undefined || isKept(cursor, sieve, timestamp)) {
        const [key, value] = [cursor.bytesOrNull(), cursor.bytesOrNull()]
        const { leaderEpoch } = batch
        const record = { partition, offset, timestamp, key, value, leaderEpoch }
        out.push({ ...record, ...headersOf(cursor) })
      }
    }
    cursor.at = end
  }
  return { records: out, looked, last, bytes: bytes.length }
}

/** Goes over all fields of a record, as decoding does, and back to the first. */
function isKept(cursor: Cursor, { header, keeps }: Sieve, timestamp: number): boolean {
  const { at, bytes } = cursor
  const key = cursor.skip()
  let kept = header === null && key >= 0 && keeps(bytes, cursor.at - key, key, timestamp)
  cursor.skip() // value
  const count = cursor.varint()
  if (count > HEADERS_MAX) kept = true
  for (let i = 0; i < Math.min(count, HEADERS_MAX); i++) {
    const name = cursor.skip()
    const isAsked = name === header?.length && isAt(bytes, cursor.at - name, header)
    const length = cursor.skip()
    if (isAsked && length >= 0 && !kept) kept = keeps(bytes, cursor.at - length, length, timestamp)
  }
  cursor.at = at
  return kept
}

function isAt(bytes: Uint8Array, at: number, sought: Uint8Array): boolean {
  for (let i = 0; i < sought.length; i++) if (bytes[at + i] !== sought[i]) return false
  return true
}

function decompressed({ codec, body, firstOffset }: RecordBatch): Buffer {
  const name = CODECS[codec] ?? `codec ${codec}`
  if (name === 'none') return body
  if (name !== 'gzip') throw broken(`${name}, which cannot be decompressed here`)
  try {
    return gunzipSync(body, { maxOutputLength: BATCH_BYTES_MAX })
  } catch (cause) {
    const isLarge = (cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE'
    const why = isLarge ? `more than ${BATCH_BYTES_MAX} bytes` : 'no gzip'
    throw broken(`a batch at offset ${firstOffset} that decompresses to ${why}`, cause)
  }
}

/** Most messages have a handful; however many there are, each is looked at once. */
function headersOf(cursor: Cursor): Pick<LogRecord, 'headers' | 'hasMoreHeaders'> {
  const out = Object.create(null) as Record<string, LogHeader>
  const count = cursor.varint()
  const repeated = new Map<string, (Buffer | null)[]>()
  for (let i = 0; i < Math.min(count, HEADERS_MAX); i++) {
    const name = cursor.bytesOrNull()?.toString('utf8') ?? ''
    const value = cursor.bytesOrNull()
    if (!(name in out)) {
      out[name] = value
      continue
    }
    const values = repeated.get(name)
    if (values !== undefined) values.push(value)
    else {
      const both = [out[name] as Buffer | null, value]
      repeated.set(name, both)
      out[name] = both
    }
  }
  return count > HEADERS_MAX ? { headers: out, hasMoreHeaders: true } : { headers: out }
}

class Cursor {
  readonly bytes: Buffer
  at = 0
  /** Nothing is read from here on. */
  end: number

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.end = bytes.length
  }

  /** Zigzag, up to ten bytes; exact up to 2^53, which no length, offset or time goes beyond. */
  varint(): number {
    // Most are one byte.
    const first = this.at < this.end ? (this.bytes[this.at] as number) : 128
    if (first < 128) {
      this.at++
      return (first >>> 1) ^ -(first & 1)
    }
    let [n, scale] = [0, 1]
    for (let i = 0; i < 10; i++) {
      const byte = this.at < this.end ? this.bytes[this.at++] : undefined
      if (byte === undefined) break
      n += (byte & 127) * scale
      if (byte < 128) return n % 2 === 0 ? n / 2 : -(n + 1) / 2
      scale *= 128
    }
    throw broken('a number that does not end')
  }

  bytesOrNull(): Buffer | null {
    const length = this.skip()
    return length < 0 ? null : this.bytes.subarray(this.at - length, this.at)
  }

  /** Goes beyond a field; its length, below 0 for a null. */
  skip(): number {
    const length = this.varint()
    if (length < 0) return length
    const end = this.at + length
    if (end > this.end) throw broken('a field that goes beyond its record')
    this.at = end
    return length
  }
}

function broken(what: string, cause?: unknown): QuipuError {
  return new QuipuError('FORMAT', `expected records of Kafka, got ${what}`, {
    ...(cause === undefined ? {} : { cause }),
  })
}
