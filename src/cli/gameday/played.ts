/** A day that was played: the truth, and everything that the auditor said. */
import type { Drift } from '../../drift/judge.ts'
import type { Cause } from '../../finding/cause.ts'
import type { EdgeVerdict } from '../../finding/verdict.ts'
import type { Truth } from './truth.ts'

export interface Said {
  /** ms, by the one clock that is right. */
  readonly at: number
  readonly verdict: EdgeVerdict
}

/** What was said in the end of why findings of one edge and window are there. */
export interface WhySaid {
  readonly edge: string
  /** ms: where the window starts */
  readonly window: number
  readonly causes: readonly Cause[]
}

export interface Played {
  readonly truth: Truth
  /** Every verdict and every revision, in the order in which they were said. */
  readonly said: readonly Said[]
  /** What was said of the shape of messages in the end; null: nobody looked. */
  readonly drift: Drift | null
  /** Of all verdicts that stood in the end. */
  readonly why: readonly WhySaid[]
  /** ms: when the day began */
  readonly startsAt: number
  /** Whether there were brokers that its faults could kill. */
  readonly brokersDie: boolean
  readonly windowMs: number
  /** What the auditor says at `at` rests on evidence that may be so much older. */
  readonly evidenceAgeMs: number
}
