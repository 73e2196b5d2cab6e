/** What a test tells a producer that it will kill, and what that says last. */
export interface DyingPlan {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly auditTopic: string
  /** ms: when the first messages are born; the last ones one window later. */
  readonly birth: number
  readonly windowMs: number
  /** Messages of each of three sends; keys are 0, 1, 2, … */
  readonly count: number
  /** Keys of messages that are never written. */
  readonly unwritten: readonly number[]
}

/** There is nothing left to do but to die. */
export const SENT = 'all sent'
