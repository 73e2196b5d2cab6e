/**
 * The fuse: our header must never be what makes a send fail.
 *
 * A broker too old for headers, or a message that the header makes a few bytes too large: a send to one
 * partition is tried once unstamped. One to several partitions may be half written, so its error is
 * passed on, and the topic's next send goes unstamped: if it succeeds, it stays so; if it fails in the
 * same way, the header was not to blame.
 */
import type { Flight } from './entry.ts'

const TOO_LARGE: ReadonlySet<string> = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])
const NOT_UNDERSTOOD: ReadonlySet<string> = new Set([
  'UNKNOWN',
  'UNSUPPORTED_VERSION',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  'INVALID_RECORD',
])
/** Errors wrap errors; no further than this. */
const CAUSES_MAX = 5

/** The protocol types of an error and of its causes. */
export function errorTypes(error: unknown): string[] {
  const types: string[] = []
  let at = error
  for (let i = 0; i < CAUSES_MAX && at !== null && typeof at === 'object'; i++) {
    const { type, cause } = at as { type?: unknown; cause?: unknown }
    if (typeof type === 'string') types.push(type)
    at = cause
  }
  return types
}

/** Whether the stamp may have caused it. */
export function isStampSuspect(error: unknown): boolean {
  return errorTypes(error).some((type) => TOO_LARGE.has(type) || NOT_UNDERSTOOD.has(type))
}

/** Whether it is the size of this one message, which says nothing about the next. */
export function isTooLarge(error: unknown): boolean {
  return errorTypes(error).some((type) => TOO_LARGE.has(type))
}

/** The flights of a send whose stamps are ours, hence could have caused its failure. */
export function stampedBy(flights: readonly Flight[]): Flight[] {
  return flights.filter(({ entries }) => entries.some(({ isStamped }) => isStamped))
}

/** Whether all went, or would have gone, to one partition: then nothing of it was written. */
export function isOnePartition(flights: readonly Flight[]): boolean {
  const first = flights[0]?.entries[0]
  if (flights.length !== 1 || first === undefined) return false
  const { entries } = flights[0] as Flight
  if (entries.length === 1) return true
  return entries.every(({ isChosen, chosen }) => isChosen && chosen === first.chosen)
}

/** A send that went out unstamped because of the fuse has ended. */
export function judgeProbe(flights: readonly Flight[], error: unknown): void {
  for (const { topic, isProbe } of flights) {
    if (!isProbe || topic.fuse !== 'probing') continue
    if (error === undefined) topic.fuse = 'blown'
    else if (isStampSuspect(error)) topic.fuse = 'stamping'
  }
}
