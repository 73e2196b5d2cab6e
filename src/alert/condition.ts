/** What is wrong now, as the rules in conditions/ find it: not told yet, and without a memory. */
import type { AlertEvent, AlertKind } from './event.ts'

/** How much of it there is. When it grows, it has happened again. */
export interface Tally {
  readonly bad: number
  /** ms: the end of the newest window concerned; 0: of none */
  readonly until: number
}

/** The part of an event that is about what is wrong, not about telling it. */
type About = Omit<AlertEvent, 'schema' | 'id' | 'kind' | 'status' | 'startsAt' | 'endsAt'>

export interface Condition extends About {
  readonly kind: Exclude<AlertKind, 'test' | 'summary'>
  /** ms: since when it is so, as far as anybody knows */
  readonly since: number
  /** False: it happened. It is told once for each time that `tally` grows. */
  readonly isGoingOn: boolean
  /** Null: there is nothing to count. */
  readonly tally: Tally | null
  /** ms for which it must be so before it is told: services may start one after the other. */
  readonly forMs: number
}
