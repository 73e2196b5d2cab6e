/**
 * The buckets of a latency: by the logarithm, so that one representative is near all that is in it
 * (the idea of DDSketch: Masson, Rim, Lee, VLDB 2019).
 *
 * With alpha = 1% and gamma = (1 + alpha) / (1 − alpha) = 101 / 99, the i-th bucket takes the whole
 * numbers v with gamma^(i−1) < v <= gamma^i, that is, the smallest i with 101^i >= v · 99^i. Those that
 * hold no whole number are passed over, the others are numbered 1, 2, 3 …; a negative v has the number
 * of |v|, negated; 0 is alone in bucket 0. So numbers ascend with the values.
 *
 * Laws: `bucketOf` never falls as v grows; every v is within 1% of the value of its bucket; up to 57 ms
 * a bucket is one whole number, and exact. The boundaries are whole numbers, so that every machine and
 * language puts a value into the same bucket: a logarithm alone would not promise that.
 */

/** 69 years: more than two clocks differ that both read some day between 1970 and 2039. */
export const LIMIT_MS: number = 2 ** 41

const HIGHS: Float64Array = upperBounds()

/** Numbers run from `-BUCKET_MAX` to `BUCKET_MAX`: 2,551 buckets. */
const BUCKET_MAX: number = HIGHS.length - 1

/** Below this a table of 8 KB, which stays in the cache, is faster than a logarithm. */
const SMALL_MS = 4096
const SMALL: Uint16Array = smallBuckets()

const PER_LOG: number = 1 / Math.log(101 / 99)
/** From the i of the largest bucket to its number; the same for all that are not small. */
const SHIFT: number = BUCKET_MAX - Math.ceil(Math.log(LIMIT_MS) * PER_LOG)

/** @param ms whole, within ±`LIMIT_MS` */
export function bucketOf(ms: number): number {
  return ms < 0 ? -sizeOf(-ms) : sizeOf(ms)
}

/** The value that stands for all in the bucket: of its ends l and h, 2lh / (l + h) errs least. */
export function middleOf(bucket: number): number {
  if (bucket === 0) return 0
  const size = Math.abs(bucket)
  const low = HIGHS[size - 1]! + 1
  const high = HIGHS[size]!
  const value = (2 * low * high) / (low + high)
  return bucket < 0 ? -value : value
}

function sizeOf(ms: number): number {
  if (ms < SMALL_MS) return SMALL[ms]!
  // The logarithm may err by one at a boundary; the boundary decides.
  let bucket = Math.ceil(Math.log(ms) * PER_LOG) + SHIFT
  while (HIGHS[bucket]! < ms) bucket++
  while (HIGHS[bucket - 1]! >= ms) bucket--
  return bucket
}

/**
 * The largest whole number of each bucket; that of bucket 0 is 0. Powers of gamma with 128 bits behind
 * the point: what is cut off along the way stays below 2^-70, and the exact fractions, which take ten
 * times as long, give the same whole numbers (a test compares them).
 */
function upperBounds(): Float64Array {
  const highs = [0]
  let power = 1n << 128n
  for (let last = 0; last < LIMIT_MS; power = (power * 101n) / 99n) {
    const high = Number(power >> 128n)
    if (high === last) continue
    highs.push(high)
    last = high
  }
  return Float64Array.from(highs)
}

function smallBuckets(): Uint16Array {
  const buckets = new Uint16Array(SMALL_MS)
  let bucket = 0
  for (let ms = 0; ms < SMALL_MS; ms++) {
    if (ms > HIGHS[bucket]!) bucket++
    buckets[ms] = bucket
  }
  return buckets
}
