/**
 * Sampling: `sample: 1/64` keeps the same ids at every hop, because the id alone decides.
 *
 * One lane of xor-shift and multiply, as in hash.ts, absorbs the four words, the ordinal (low 10 bits
 * of the last) taken as zero; an id is kept if the result is below `floor(2^32 / oneIn)`. Every
 * multiplier is a prime between 2^30 and 2^31: the first at or above 2^30 + d mod 2^30, where d runs
 * through the hexadecimal digits of e after the point, eight at a time. Those of hash.ts come from pi,
 * so what is kept says nothing about the cells it falls into, and SQL computes this one too.
 *
 * Laws:
 * - The result depends on the id without its ordinal, the seed and the rate only. So copies and derived
 *   ids stay with their original.
 * - Rates are nested: what is kept at 1/64 is kept at 1/32, and at every higher rate.
 * - 1/1 keeps all. The rate falls short of 1/N by less than one in 65,536: by what the threshold loses.
 */
import { round, xorShift } from './hash.ts'

const S0 = 0x77e15171
const S1 = 0x4aed2a77
const S2 = 0x7f715897
const S3 = 0x5cf4f3c7
const S4 = 0x62e71625
const S5 = 0x78b4da59

/** Above this a window of a million messages keeps a dozen: too few to say anything. */
export const ONE_IN_MAX = 65_536

const ORDINAL_BITS = 0x3ff

/** Words and seed are taken modulo 2^32; `oneIn` is a whole number from 1 to `ONE_IN_MAX`. */
export function isSampled(
  w0: number,
  w1: number,
  w2: number,
  w3: number,
  seed: number,
  oneIn: number,
): boolean {
  let x = round((seed + 1) | 0, S5)
  x = round((x + w0) | 0, S0)
  x = round((x + w1) | 0, S1)
  x = round((x + w2) | 0, S2)
  x = round((x + (w3 & ~ORDINAL_BITS)) | 0, S3)
  x = xorShift(round(x, S4))
  return x >>> 0 < Math.floor(0x1_0000_0000 / oneIn)
}

/** The N of `1/N`, from 2 to `ONE_IN_MAX`; null for any other text. */
export function oneInOf(text: string): number | null {
  const digits = /^1\/([1-9]\d{0,4})$/.exec(text)?.[1]
  if (digits === undefined) return null
  const oneIn = Number(digits)
  return oneIn >= 2 && oneIn <= ONE_IN_MAX ? oneIn : null
}

/** A count in messages: the likeliest, and a 95% interval of whole messages. */
export interface ScaledCount {
  readonly likely: number
  readonly low: number
  readonly high: number
}

/** Up to this count the interval is exact; the sums would lose digits far above it. */
const EXACT_MAX = 100
/** The standard normal quantile of 97.5%. */
const Z = 1.959964

/**
 * What `k` sampled differences say of all: Poisson limits (Garwood 1936), times `oneIn`. They cover 95%
 * at least, since a sample without the others scatters less than Poisson.
 *
 * Above 100 the limits are those of Wilson and Hilferty (1931), at most 0.003% off. Nothing sampled says
 * "at most 3.69 · oneIn", not "none". The `k` are proven, so `low` is never below. Ids of one original
 * are kept or left together: `k` counts originals, or the interval is too narrow.
 */
export function scaledInterval(k: number, oneIn: number): ScaledCount {
  if (oneIn === 1) return { likely: k, low: k, high: k }
  return {
    likely: k * oneIn,
    low: Math.max(k, Math.floor(lowerMean(k) * oneIn)),
    high: Math.ceil(upperMean(k) * oneIn),
  }
}

/** The mean of which `k` or more come with 2.5%. */
function lowerMean(k: number): number {
  if (k === 0) return 0
  if (k > EXACT_MAX) return wilsonHilferty(k, -Z)
  return meanWhere((mean) => poissonUpTo(k - 1, mean) < 0.975)
}

/** The mean of which `k` or fewer come with 2.5%. */
function upperMean(k: number): number {
  if (k > EXACT_MAX) return wilsonHilferty(k + 1, Z)
  return meanWhere((mean) => poissonUpTo(k, mean) < 0.025)
}

function wilsonHilferty(k: number, z: number): number {
  return k * (1 - 1 / (9 * k) + z / (3 * Math.sqrt(k))) ** 3
}

/** The smallest mean that is enough, by halving; more is needed for less, up to twice `EXACT_MAX`. */
function meanWhere(isEnough: (mean: number) => boolean): number {
  let low = 0
  let high = 2 * EXACT_MAX
  for (let i = 0; i < 50; i++) {
    const mean = (low + high) / 2
    if (isEnough(mean)) high = mean
    else low = mean
  }
  return high
}

/** P(X ≤ k) of a Poisson variable. */
function poissonUpTo(k: number, mean: number): number {
  let term = Math.exp(-mean)
  let sum = term
  for (let i = 1; i <= k; i++) {
    term *= mean / i
    sum += term
  }
  return sum
}
