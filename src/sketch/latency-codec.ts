/**
 * Latencies as bytes, specified in `schemas/latency.md`. Numbers are `varint`, LEB128 in its shortest
 * form, but for the counts of the buckets.
 *
 * | what                                                                                       |
 * | ------------------------------------------------------------------------------------------ |
 * | 1, the version                                                                             |
 * | n <= 2^47, how many; if it is 0, nothing follows                                           |
 * | zigzag of the least; the most − the least                                                  |
 * | r = sum − n · least: the quotient of r by 2^48, then the remainder                         |
 * | the number of thresholds, <= 8; each its distance from the one before (the first: from 0), |
 * | and how many more were within it than within that one                                      |
 * | the counts of all buckets from that of the least to that of the most, in order, as bits    |
 *
 * A count: `rice` of the zigzag of its distance from the count before (the first: from 0). After a count
 * of 0: `gamma` of how many in a row are 0. The last byte is filled with 0. Why these: next to each other
 * counts differ little, so most take a few bits, and a minute of 1,000 messages a second about 160 bytes;
 * a single one that is hours late, with nothing between, takes 5 more.
 *
 * Longest: below 23,750 bytes. A version that reads otherwise has another first byte; readers refuse it.
 *
 * Refused, with `LatencyFormatError`: what is not in this form, what is beyond the limits, counts that
 * do not sum up to n, and a sum or counts within thresholds that values with such ends cannot have.
 *
 * Laws: `decode(encode(l))` equals l; equal latencies are equal bytes; bytes that decode at all encode
 * to themselves again.
 */
import { ByteReader, ByteWriter, SketchFormatError } from './bytes.ts'
import { BitReader, BitWriter, RICE_BITS_MAX } from './latency-bits.ts'
import { bucketOf, LIMIT_MS } from './latency-buckets.ts'
import { BucketCounts } from './latency-counts.ts'

/** The bytes are not exactly one encoding of latencies, or there are too many for it. */
export class LatencyFormatError extends Error {
  readonly code = 'LATENCY_FORMAT'

  constructor(message: string) {
    super(message)
    this.name = 'LatencyFormatError'
  }
}

/** What is not empty, in its parts. */
export interface LatencyParts {
  readonly count: number
  readonly least: number
  readonly most: number
  readonly sum: bigint
  readonly buckets: BucketCounts
  /** Ascending. */
  readonly thresholdsMs: readonly number[]
  /** How many were within each. */
  readonly withins: Float64Array
}

/** Each costs a comparison with every record, and up to 14 bytes. */
export const THRESHOLDS_MAX = 8

const VERSION = 1
/** A million a second for four years; and a zigzag of two such counts is still a varint. */
const COUNT_MAX: number = 2 ** 47
const SUM_UNIT: bigint = 2n ** 48n
const VARINT_BYTES_MAX = 7
/** One more, for the `gamma` of a single 0. */
const BUCKET_BITS_MAX: number = RICE_BITS_MAX + 1
const HEAD_BYTES_MAX: number = 1 + 5 * VARINT_BYTES_MAX + 1 + THRESHOLDS_MAX * 2 * VARINT_BYTES_MAX

export function encode(parts: LatencyParts): Uint8Array {
  const { count, least, most, sum } = parts
  if (count > COUNT_MAX) throw new LatencyFormatError(`expected at most 2^47 values, got ${count}`)
  if (count === 0) return Uint8Array.of(VERSION, 0)
  const first = bucketOf(least)
  const last = bucketOf(most)
  const writer = new ByteWriter(
    HEAD_BYTES_MAX + Math.ceil(((last - first + 1) * BUCKET_BITS_MAX) / 8),
  )
  writer.uint8(VERSION)
  writer.varint(count)
  writer.varint(zigzag(least))
  writer.varint(most - least)
  const above = sum - BigInt(count) * BigInt(least)
  writer.varint(Number(above / SUM_UNIT))
  writer.varint(Number(above % SUM_UNIT))
  writeThresholds(writer, parts)
  writeBuckets(writer, parts.buckets, first, last)
  return writer.finish()
}

/** Null: none at all. */
export function decode(bytes: Uint8Array): LatencyParts | null {
  try {
    return read(new ByteReader(bytes))
  } catch (error) {
    if (error instanceof SketchFormatError) throw new LatencyFormatError(error.message)
    throw error
  }
}

function read(reader: ByteReader): LatencyParts | null {
  const version = reader.uint8()
  if (version !== VERSION) throw new LatencyFormatError(`expected version 1, got ${version}`)
  const count = reader.varint()
  if (count > COUNT_MAX) throw new LatencyFormatError(`expected at most 2^47 values, got ${count}`)
  if (count === 0) {
    reader.end()
    return null
  }
  const least = unzigzag(reader.varint())
  const span = reader.varint()
  const most = least + span
  if (Math.abs(least) > LIMIT_MS || most > LIMIT_MS) {
    throw new LatencyFormatError(`expected values within ±2^41 ms, got ${least} to ${most}`)
  }
  const above = readSumAbove(reader, count, span)
  const { thresholdsMs, withins } = readThresholds(reader)
  const buckets = readBuckets(reader, count, bucketOf(least), bucketOf(most))
  reader.end()
  const sum = BigInt(count) * BigInt(least) + above
  const parts = { count, least, most, sum, buckets, thresholdsMs, withins }
  refuseImpossibleWithins(parts)
  return parts
}

/** One value is the least and one the most, so the others decide between these two bounds. */
function readSumAbove(reader: ByteReader, count: number, span: number): bigint {
  const quotient = reader.varint()
  const remainder = reader.varint()
  if (remainder >= 2 ** 48) throw new LatencyFormatError('expected a remainder below 2^48')
  const above = BigInt(quotient) * SUM_UNIT + BigInt(remainder)
  if (above < BigInt(span) || above > BigInt(count - 1) * BigInt(span)) {
    throw new LatencyFormatError('expected a sum that values from least to most can have')
  }
  return above
}

function writeThresholds(writer: ByteWriter, { thresholdsMs, withins }: LatencyParts): void {
  writer.varint(thresholdsMs.length)
  thresholdsMs.forEach((threshold, i) => {
    writer.varint(threshold - (thresholdsMs[i - 1] ?? 0))
    writer.varint(withins[i]! - (withins[i - 1] ?? 0))
  })
}

function readThresholds(reader: ByteReader): Pick<LatencyParts, 'thresholdsMs' | 'withins'> {
  const length = reader.varint()
  if (length > THRESHOLDS_MAX) {
    throw new LatencyFormatError(`expected at most ${THRESHOLDS_MAX} thresholds, got ${length}`)
  }
  const thresholdsMs: number[] = []
  const withins = new Float64Array(length)
  for (let i = 0; i < length; i++) {
    const distance = reader.varint()
    if (i > 0 && distance === 0) throw new LatencyFormatError('expected ascending thresholds')
    thresholdsMs.push((thresholdsMs[i - 1] ?? 0) + distance)
    withins[i] = (withins[i - 1] ?? 0) + reader.varint()
    if (thresholdsMs[i]! >= LIMIT_MS) throw new LatencyFormatError('expected a lower threshold')
  }
  return { thresholdsMs, withins }
}

function writeBuckets(writer: ByteWriter, counts: BucketCounts, first: number, last: number): void {
  const bits = new BitWriter(writer)
  let before = 0
  for (let bucket = first; bucket <= last; bucket++) {
    const count = counts.get(bucket)
    bits.rice(zigzag(count - before))
    before = count
    if (count > 0) continue
    let empty = 1
    while (bucket < last && counts.get(bucket + 1) === 0) {
      bucket++
      empty++
    }
    bits.gamma(empty)
  }
  bits.finish()
}

/** Neither the first nor the last is empty, and an empty stretch is not written in two. */
function readBuckets(
  reader: ByteReader,
  expected: number,
  first: number,
  last: number,
): BucketCounts {
  const bits = new BitReader(reader)
  const buckets = new BucketCounts()
  let before = 0
  let sum = 0
  for (let bucket = first; bucket <= last; bucket++) {
    const count = before + unzigzag(bits.rice())
    sum += count
    if (count < 0 || sum > expected) throw new LatencyFormatError('expected counts from 0 to n')
    if (count > 0) buckets.add(bucket, count)
    else {
      bucket += bits.gamma() - 1
      if (before === 0 || bucket >= last) throw new LatencyFormatError('misplaced empty buckets')
    }
    before = count
  }
  bits.finish()
  if (sum !== expected) throw new LatencyFormatError(`expected ${expected} values, got ${sum}`)
  return buckets
}

function refuseImpossibleWithins(parts: LatencyParts): void {
  const { count, least, most, buckets, thresholdsMs, withins } = parts
  thresholdsMs.forEach((threshold, i) => {
    const bucket = bucketOf(threshold)
    let low = buckets.countBelow(bucket)
    let high = low + buckets.get(bucket)
    if (threshold < least) high = 0
    else low = Math.max(low, 1)
    if (threshold >= most) low = count
    else high = Math.min(high, count - 1)
    if (withins[i]! < low || withins[i]! > high) {
      throw new LatencyFormatError(`expected ${low} to ${high} within ${threshold} ms`)
    }
  })
}

/** Whole numbers of either sign as those from 0: 0, −1, 1, −2 … */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2
}
