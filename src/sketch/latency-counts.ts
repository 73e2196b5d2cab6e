/**
 * How many are in each bucket: an array over the span of numbers seen, which grows by whole chunks, so
 * that few growths are needed. At most 2,560 counts of 8 bytes: all buckets there are.
 */
const CHUNK = 64

export class BucketCounts {
  /** The bucket of the first count. */
  from = 0
  /** Doubles: over a month a bucket may pass an uint32. */
  counts: Float64Array = new Float64Array(0)

  add(bucket: number, times: number): void {
    const at = bucket - this.from
    if (at < 0 || at >= this.counts.length) this.addBeyond(bucket, times)
    else this.counts[at]! += times
  }

  /** `other` may be this itself. */
  merge(other: BucketCounts): void {
    const { from, counts } = other
    for (let i = 0; i < counts.length; i++) {
      if (counts[i] !== 0) this.add(from + i, counts[i]!)
    }
  }

  get(bucket: number): number {
    return this.counts[bucket - this.from] ?? 0
  }

  /** The lowest bucket of which more than `rank` are in it and in those below. */
  bucketOfRank(rank: number): number {
    let sum = 0
    for (let i = 0; i < this.counts.length; i++) {
      sum += this.counts[i]!
      if (sum > rank) return this.from + i
    }
    return this.from + this.counts.length - 1
  }

  /** How many are in buckets below this one. */
  countBelow(bucket: number): number {
    const end = Math.min(bucket - this.from, this.counts.length)
    let sum = 0
    for (let i = 0; i < end; i++) sum += this.counts[i]!
    return sum
  }

  clone(): BucketCounts {
    const copy = new BucketCounts()
    copy.from = this.from
    copy.counts = this.counts.slice()
    return copy
  }

  /** Apart, so that what happens nearly always stays small. */
  private addBeyond(bucket: number, times: number): void {
    this.cover(bucket)
    this.counts[bucket - this.from]! += times
  }

  private cover(bucket: number): void {
    const low = Math.floor(bucket / CHUNK) * CHUNK
    const end = this.from + this.counts.length
    const isFirst = this.counts.length === 0
    const from = isFirst ? low : Math.min(this.from, low)
    const to = isFirst ? low + CHUNK : Math.max(end, low + CHUNK)
    const counts = new Float64Array(to - from)
    if (!isFirst) counts.set(this.counts, this.from - from)
    this.from = from
    this.counts = counts
  }
}
