/**
 * Latencies in bounded size: quantiles with a relative error of at most 1%, and beside them, exactly,
 * count, least, most, mean, and how many were within each declared threshold.
 *
 * Whole milliseconds; negative ones are kept, for clocks disagree, and how far is a finding of its own.
 *
 * Laws, of the values, which are equal when their bytes are:
 * - `merge` is commutative and associative, and the empty one is its identity;
 * - shards merged in any order and split equal one pass over all;
 * - `fromBytes(toBytes(l))` equals l;
 * - `quantile(q)` is within 1% of the value of rank floor(q · (n − 1)), of either sign; up to 57 ms, and
 *   at the least and the most, it is that value. It is never outside of them.
 *
 * There is no taking away: least and most cannot be.
 *
 * Thresholds: those that both sides know are kept, with the sums of their counts. What one side did not
 * count is not known for the sum, so it is left out: a count that is missing says so, one that is too
 * small would lie. The empty one knows every threshold, for it has nothing beyond any.
 *
 * Limits: 21 KB in memory, 23,750 bytes encoded, 8 thresholds, values clamped to ±2^41 ms (69 years).
 */
import assert from 'node:assert/strict'
import { bucketOf, LIMIT_MS, middleOf } from './latency-buckets.ts'
import { decode, encode, THRESHOLDS_MAX } from './latency-codec.ts'
import { BucketCounts } from './latency-counts.ts'

export { LatencyFormatError } from './latency-codec.ts'

/** The sum is folded into a bigint before it leaves the whole numbers that a double holds. */
const SUM_MAX: number = 2 ** 52

export class Latencies {
  /** Ascending. */
  private thresholdsMs: readonly number[]
  /** How many were within each. */
  private withins: Float64Array
  private buckets = new BucketCounts()
  private n = 0
  private least = Number.POSITIVE_INFINITY
  private most = Number.NEGATIVE_INFINITY
  /** The sum is `recentMs + foldedMs`, exactly. */
  private recentMs = 0
  private foldedMs = 0n

  /**
   * Of the thresholds, the 8 lowest that are whole numbers from 0 and below `LIMIT_MS` are counted. It
   * does not throw, since it is made inside of other people's processes; what is not counted is not in
   * `within`, so nobody takes it for a 0.
   */
  constructor(thresholdsMs: readonly number[] = []) {
    this.thresholdsMs = [...new Set(thresholdsMs.filter(isThreshold))]
      .sort((a, b) => a - b)
      .slice(0, THRESHOLDS_MAX)
    this.withins = new Float64Array(this.thresholdsMs.length)
  }

  /**
   * Fractions are rounded. What is not a number is passed over, not thrown: the count then falls behind
   * that of the tally, which shows it.
   *
   * @param times a whole number from 0
   */
  record(ms: number, times = 1): void {
    if (times !== 1 && !(Number.isSafeInteger(times) && times >= 0)) {
      assert.fail(`expected times to be a whole number from 0, got ${times}`)
    }
    if (Number.isNaN(ms) || times === 0) return
    // Adding 0 makes a 0 of a -0.
    const value = Math.max(-LIMIT_MS, Math.min(LIMIT_MS, Math.round(ms) + 0))
    this.buckets.add(bucketOf(value), times)
    this.n += times
    if (value < this.least) this.least = value
    if (value > this.most) this.most = value
    for (let i = this.withins.length - 1; i >= 0 && value <= this.thresholdsMs[i]!; i--) {
      this.withins[i]! += times
    }
    if (times === 1) this.recentMs += value
    else this.foldedMs += BigInt(value) * BigInt(times)
    if (this.recentMs > SUM_MAX || this.recentMs < -SUM_MAX) this.fold()
  }

  /** Adds all of `other`, which keeps its value and may be this itself. */
  merge(other: Latencies): void {
    if (other.isEmpty) return
    if (this.isEmpty) {
      this.thresholdsMs = other.thresholdsMs
      this.withins = new Float64Array(other.withins.length)
    }
    const { thresholdsMs, withins } = this
    const known = thresholdsMs.filter((threshold) => other.thresholdsMs.includes(threshold))
    this.withins = Float64Array.from(
      known,
      (threshold) =>
        withins[thresholdsMs.indexOf(threshold)]! +
        other.withins[other.thresholdsMs.indexOf(threshold)]!,
    )
    this.foldedMs += BigInt(other.recentMs) + other.foldedMs
    this.thresholdsMs = known
    this.buckets.merge(other.buckets)
    this.n += other.n
    this.least = Math.min(this.least, other.least)
    this.most = Math.max(this.most, other.most)
  }

  /** Null if it is empty. @param q from 0 to 1 */
  quantile(q: number): number | null {
    assert(q >= 0 && q <= 1, `expected a quantile from 0 to 1, got ${q}`)
    if (this.isEmpty) return null
    const rank = Math.floor(q * (this.n - 1))
    if (rank === 0) return this.least
    if (rank === this.n - 1) return this.most
    const value = middleOf(this.buckets.bucketOfRank(rank))
    return Math.max(this.least, Math.min(this.most, value))
  }

  get isEmpty(): boolean {
    return this.n === 0
  }

  get count(): number {
    return this.n
  }

  /** Null if it is empty. */
  get min(): number | null {
    return this.isEmpty ? null : this.least
  }

  /** Null if it is empty. */
  get max(): number | null {
    return this.isEmpty ? null : this.most
  }

  /** Of the exact sum, and never outside of [min, max]; null if it is empty. */
  get mean(): number | null {
    if (this.isEmpty) return null
    // Beyond 2^53 the sum is rounded, which may take its quotient past an end.
    return Math.min(this.most, Math.max(this.least, Number(this.sum()) / this.n))
  }

  /** By threshold in ms, ascending, how many were at most that; negative ones are. */
  get within(): ReadonlyMap<number, number> {
    return new Map(this.thresholdsMs.map((threshold, i) => [threshold, this.withins[i]!]))
  }

  /** Throws `LatencyFormatError` if it counts more than 2^47. */
  toBytes(): Uint8Array {
    const { n: count, least, most, buckets, thresholdsMs, withins } = this
    return encode({ count, least, most, sum: this.sum(), buckets, thresholdsMs, withins })
  }

  /** Throws `LatencyFormatError` unless the bytes are exactly one of these. */
  static fromBytes(bytes: Uint8Array): Latencies {
    const latencies = new Latencies()
    const parts = decode(bytes)
    if (parts === null) return latencies
    latencies.n = parts.count
    latencies.least = parts.least
    latencies.most = parts.most
    latencies.foldedMs = parts.sum
    latencies.buckets = parts.buckets
    latencies.thresholdsMs = parts.thresholdsMs
    latencies.withins = parts.withins
    return latencies
  }

  clone(): Latencies {
    const copy = new Latencies()
    copy.thresholdsMs = this.thresholdsMs
    copy.withins = this.withins.slice()
    copy.buckets = this.buckets.clone()
    copy.n = this.n
    copy.least = this.least
    copy.most = this.most
    copy.recentMs = this.recentMs
    copy.foldedMs = this.foldedMs
    return copy
  }

  get bytesInMemory(): number {
    return this.buckets.counts.byteLength + this.withins.byteLength
  }

  private sum(): bigint {
    return this.foldedMs + BigInt(this.recentMs)
  }

  private fold(): void {
    this.foldedMs = this.sum()
    this.recentMs = 0
  }
}

function isThreshold(ms: number): boolean {
  return Number.isInteger(ms) && ms >= 0 && ms < LIMIT_MS
}
