/** What a test tells a service that it will kill, and what that service says of what it does. */
export interface ServicePlan {
  readonly brokers: readonly string[]
  readonly auditTopic: string
  /** What is read, and by which group. */
  readonly topic: string
  readonly group: string
  /** Every message is passed on to this topic. */
  readonly next?: string
  /** The cluster of the audit topic, where it is another. */
  readonly auditBrokers?: readonly string[]
  readonly windowMs: number
  readonly latenessMs: number
  readonly flushMs: number
  /** `by itself`: reports and commits as clients do. Else only at the offsets named. */
  readonly pace: 'by itself' | Pace
}

/** All by the number of messages handled by then. */
export interface Pace {
  /** Frames go out. */
  readonly report?: number
  /** The group commits. */
  readonly commit?: number
  /** The service handles no more, and waits for its end. */
  readonly stop: number
  /** It ends by itself; left out: it is killed. */
  readonly end?: 'shutdown'
}

/** The line for each message handled, with its key behind. */
export const HANDLED = 'handled '
/** All that was to be done is done. */
export const STOPPED = 'stopped'
/** `shutdown()` has resolved. */
export const LEFT = 'left'
