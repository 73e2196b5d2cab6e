/** Whether the auditor is of use now, and why not. Pure. */

export interface Condition {
  /** Topics are read to the ends that they had at the start. */
  readonly isCaughtUp: boolean
  /** ms: all that stood in the audit topic by then is taken; null: nothing yet */
  readonly seenUntil: number | null
  /** ms: when the store last took anything; null: nothing yet */
  readonly storedAt: number | null
}

/** ms: what is older than this is no sign that it still works. */
const FRESH_MS = 60_000

/** Reasons, as sentences; none: it is ready. */
export function whyNotReady(condition: Condition, now: number): string[] {
  const { isCaughtUp, seenUntil, storedAt } = condition
  const reasons: string[] = []
  if (!isCaughtUp) reasons.push('It has not read yet what was in the topics when it started.')
  const old = (at: number | null): string =>
    at === null ? 'not yet' : `${Math.round((now - at) / 1_000)} s ago`
  if (seenUntil === null || now - seenUntil > FRESH_MS)
    reasons.push(
      `The audit topic was last read to its end ${old(seenUntil)}; expected within 60 s.`,
    )
  if (storedAt === null || now - storedAt > FRESH_MS)
    reasons.push(`The store last took something ${old(storedAt)}; expected within 60 s.`)
  return reasons
}
