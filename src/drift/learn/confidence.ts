/** How much a share that was seen says of the share there is. */

/** One-sided, 95%. */
const Z = 1.6449
const ALPHA = 0.05

/**
 * With 95% confidence at least this share of messages has it: `present` of `of` were seen. All of n: at
 * least 1 − 3/n, nearly (the rule of three); else Wilson's bound. Rounded down to four digits.
 */
export function shareAtLeast(present: number, of: number): number {
  if (of === 0 || present === 0) return 0
  const bound = present >= of ? ALPHA ** (1 / of) : wilson(present / of, of)
  return Math.max(0, Math.floor(bound * 10_000) / 10_000)
}

function wilson(share: number, of: number): number {
  const z2 = (Z * Z) / of
  const half = Z * Math.sqrt((share * (1 - share) + z2 / 4) / of)
  return (share + z2 / 2 - half) / (1 + z2)
}
