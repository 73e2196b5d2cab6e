/**
 * Fisher's exact test, one-sided: how often chance alone would put at least so many of the bad messages
 * under one value, if the bad ones were drawn from all messages blindly.
 *
 * The terms of the hypergeometric distribution are walked outwards from the greatest one, each made from
 * the one before, and the tail is divided by the sum of all. Nothing is taken from anything else, so
 * nothing cancels: logarithms of factorials of 10⁷ are known to 10⁻⁸ only, and this to better than 10⁻¹⁰.
 * The walk ends where terms vanish: some tens of standard deviations, at most 10⁵ steps for 10⁷ messages.
 */

export interface Draw {
  /** All messages, and those of them that have the value. */
  readonly all: number
  readonly allHere: number
  /** Bad messages, and those of them that have the value. */
  readonly bad: number
  readonly badHere: number
}

/** A term smaller than this part of what is summed up already changes nothing. */
const VANISHED = 1e-20
/** Below this a chance is told as 0: what is smaller has no digits left. */
const LEAST = 1e-290

/** P(X ≥ badHere). @throws RangeError: a part that is greater than its whole */
export function chanceOfAtLeast({ all, allHere, bad, badHere }: Draw): number {
  const least = Math.max(0, bad + allHere - all)
  const most = Math.min(bad, allHere)
  for (const n of [all, allHere, bad, badHere])
    if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`expected a count, got ${n}`)
  // More bad messages than messages would need more of them here than there are.
  if (badHere < least || badHere > most)
    throw new RangeError(
      `no such draw: ${badHere} of ${bad} bad, among ${allHere} of ${all} messages`,
    )
  if (badHere === least) return 1
  const others = all - allHere - bad
  // The greatest term; to be off by one by rounding costs nothing.
  const middle = Math.floor(((bad + 1) * (allHere + 1)) / (all + 2))
  const mode = Math.min(most, Math.max(least, middle))
  let [sum, tail] = [1, mode >= badHere ? 1 : 0]
  for (let [x, term] = [mode, 1]; x < most; ) {
    term *= ((allHere - x) / (x + 1)) * ((bad - x) / (others + x + 1))
    x++
    sum += term
    if (x >= badHere) tail += term
    if (term < (x >= badHere ? VANISHED * tail : LEAST)) break
  }
  for (let [x, term] = [mode, 1]; x > least; ) {
    term *= (x / (allHere - x + 1)) * ((others + x) / (bad - x + 1))
    x--
    sum += term
    if (x >= badHere) tail += term
    if (term < VANISHED * sum) break
  }
  return tail < LEAST ? 0 : Math.min(1, tail / sum)
}
