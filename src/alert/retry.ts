/** When what could not be sent is tried again, and when it is given up. Pure. */

/** ms */
const FIRST_MS = 5_000
const LONGEST_MS = 600_000
/** An answer may ask for more patience than that, up to an hour: a receiver cannot silence us for a day. */
export const RETRY_MS_MAX: number = 3_600_000
/** What is a day old wakes nobody usefully; by then it is told that it was given up. */
export const GIVE_UP_MS: number = 24 * 3_600_000

export interface Failure {
  /** How often it has been tried, this time included: from 1. */
  readonly attempts: number
  /** ms */
  readonly madeAt: number
  readonly now: number
  readonly isLasting: boolean
  readonly retryAfterMs: number | null
  /** In [0, 1). */
  readonly random: number
}

/** ms: when to try again; null: it is given up. */
export function retryAt(failure: Failure): number | null {
  const { attempts, madeAt, now, isLasting, retryAfterMs, random } = failure
  if (isLasting || now - madeAt >= GIVE_UP_MS) return null
  // Doubled each time; a part of it by chance, so that not all come back at once.
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts - 1, 20))
  const wait = whole / 2 + (random * whole) / 2
  const asked = Math.min(retryAfterMs ?? 0, RETRY_MS_MAX)
  return Math.min(now + Math.ceil(Math.max(wait, asked)), madeAt + GIVE_UP_MS)
}
