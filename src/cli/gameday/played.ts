/** A day that was played: the truth, and everything that the auditor said. */
import type { Drift } from '../../drift/judge.ts'
import type { EdgeVerdict } from '../../finding/verdict.ts'
import type { Truth } from './truth.ts'

export interface Said {
  /** ms, by the one clock that is right. */
  readonly at: number
  readonly verdict: EdgeVerdict
}

export interface Played {
  readonly truth: Truth
  /** Every verdict and every revision, in the order in which they were said. */
  readonly said: readonly Said[]
  /** What was said of the shape of messages in the end; null: nobody looked. */
  readonly drift: Drift | null
  readonly windowMs: number
  /** What the auditor says at `at` rests on evidence that may be so much older. */
  readonly evidenceAgeMs: number
}
