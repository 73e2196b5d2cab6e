/** What a count among the messages that were looked at says of all of them: bounds of a Poisson count. */

/** 95%, one-sided: of a bound that is to acquit. */
const TAIL = 0.05
/** 95%, two-sided: of an interval that is shown. */
const HALF_TAIL = 0.025
/** From here on the normal curve is as good, and sums of so many terms are not needed. */
const LARGE = 500
const SIGMAS = 1.96
const SIGMAS_ONE_SIDED = 1.645
const STEPS = 60

/** The most that a count may stand for, with 95%: about 3 where none was seen. */
export function upperOf(count: number): number {
  return upper(count, TAIL, SIGMAS_ONE_SIDED)
}

/** From, to: with 95%. */
export function intervalOf(count: number): readonly [number, number] {
  return [lower(count), upper(count, HALF_TAIL, SIGMAS)]
}

function upper(count: number, tail: number, sigmas: number): number {
  if (count > LARGE) return count + sigmas * Math.sqrt(count)
  // So large a mean that seeing so few, or fewer, is no longer likely.
  return bisect(count, 2 * count + 20, (mean) => atMost(count, mean) > tail)
}

function lower(count: number): number {
  if (count === 0) return 0
  if (count > LARGE) return count - SIGMAS * Math.sqrt(count)
  return bisect(0, count, (mean) => 1 - atMost(count - 1, mean) < HALF_TAIL)
}

/** Where it stops to hold. */
function bisect(from: number, to: number, holds: (mean: number) => boolean): number {
  let low = from
  let high = to
  for (let i = 0; i < STEPS; i++) {
    const middle = (low + high) / 2
    if (holds(middle)) low = middle
    else high = middle
  }
  return high
}

/** The chance of `count` or fewer. Terms are of logarithms: those of large means are below all numbers. */
function atMost(count: number, mean: number): number {
  let logTerm = -mean
  let sum = Math.exp(logTerm)
  for (let i = 1; i <= count; i++) {
    logTerm += Math.log(mean / i)
    sum += Math.exp(logTerm)
  }
  return Math.min(1, sum)
}
