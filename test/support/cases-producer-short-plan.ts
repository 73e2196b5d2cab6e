/** What a test tells a producer that exits without goodbye. */
import type { Simple } from './cases-producer.ts'

export interface ShortPlan {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly auditTopic: string
  readonly windowMs: number
  /** ms between its frames, as it announces them. */
  readonly flushMs: number
  /** ms: when all its messages are born. */
  readonly birth: number
  /** Sent and reported. */
  readonly reported: readonly Simple[]
  /** Sent after that. */
  readonly unreported: readonly Simple[]
}
