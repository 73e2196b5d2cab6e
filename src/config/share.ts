/** Shares as people write them: `99.99%`, or a number above 0 and at most 1. */

/** What an error says was expected. */
export const SHARE_EXPECTED = 'a share such as `99.9%`, or a number above 0 and at most 1'
export const SHARE_PATTERN = '^\\s*\\d{1,3}(\\.\\d{1,9})?\\s*%\\s*$'

const SHARE = new RegExp(SHARE_PATTERN)

/** Above 0, at most 1; null if it is none. */
export function parseShare(value: string | number): number | null {
  const share = typeof value === 'number' ? value : ofPercent(value)
  return share !== null && share > 0 && share <= 1 ? share : null
}

/** Why it will not do, or null. Above 1 it was meant in percent, and to guess could be wrong by 100. */
export function shareProblem(value: string | number): string | null {
  if (parseShare(value) !== null) return null
  const bare = Number(value)
  if (bare > 1 && bare <= 100) return `expected \`${bare}%\` in percent, or a number of at most 1`
  return `expected ${SHARE_EXPECTED}`
}

/** By the decimal point, not by a division: `99.99%` is the number that `0.9999` is. */
function ofPercent(text: string): number | null {
  if (!SHARE.test(text)) return null
  return Number(`${text.replace('%', '').trim()}e-2`)
}
