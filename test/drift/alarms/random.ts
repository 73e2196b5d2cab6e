/** Seeded random numbers: the same run every time. */

/** Uniform from [0, 1). */
export type Unit = () => number

export function unitOf(seed: number): Unit {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Of the standard normal distribution. */
export function normal(unit: Unit): number {
  return Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit())
}

export const pick = <T>(unit: Unit, list: readonly T[]): T =>
  list[Math.floor(unit() * list.length)] as T

/** How many of `n` happen. */
export function binomial(unit: Unit, n: number, p: number): number {
  if (p <= 0) return 0
  if (p >= 1) return n
  let count = 0
  for (let i = 0; i < n; i++) if (unit() < p) count++
  return count
}
