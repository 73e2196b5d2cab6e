/**
 * Exact arithmetic modulo the prime p = 2^32 − 5 in doubles: no intermediate result passes 2^53.
 *
 * Laws: `reduce(x)` is in [0, p) and congruent to x for every integer |x| <= 2^53 − 2^33;
 * `multiply(a, inverse(a))` is 1 for every a in [1, p).
 */
import { PRIME } from './shape.ts'

/**
 * By a rounded quotient and at most one correction: several times as fast as `%` on doubles. The
 * quotient may be one off, which takes its product as far as p beyond x: hence the limit of the law.
 */
export function reduce(x: number): number {
  const rest = x - Math.floor(x / PRIME) * PRIME
  if (rest < 0) return rest + PRIME
  return rest >= PRIME ? rest - PRIME : rest
}

/** Of two numbers in [0, 2^32). The second is split in halves, so no product passes 2^48. */
export function multiply(a: number, b: number): number {
  const high = reduce(a * (b >>> 16))
  return reduce(high * 65536 + a * (b & 0xffff))
}

/** Of a number in [1, p), by the extended Euclidean algorithm; all coefficients stay within ±p. */
export function inverse(a: number): number {
  if (a === 1) return 1
  if (a === PRIME - 1) return PRIME - 1
  let [rest, nextRest] = [PRIME, a]
  let [factor, nextFactor] = [0, 1]
  while (nextRest !== 0) {
    const quotient = Math.floor(rest / nextRest)
    ;[rest, nextRest] = [nextRest, rest - quotient * nextRest]
    ;[factor, nextFactor] = [nextFactor, factor - quotient * nextFactor]
  }
  return reduce(factor)
}
