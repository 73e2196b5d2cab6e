/** What a build is told in one number. */
import { type CiOptions, judge, type Outcome } from './outcome.ts'

/** 0 all kept; 1 something is broken; 3 could not judge. */
export type CheckCode = 0 | 1 | 3

/**
 * Worst first, first hit wins: what is proven stands above what is not known, for missing evidence
 * elsewhere takes nothing away from it.
 */
export function checkCode(outcomes: readonly Outcome[], options: CiOptions = {}): CheckCode {
  const judged = outcomes.map((outcome) => judge(outcome, options))
  if (judged.includes('failed')) return 1
  return judged.includes('unknown') ? 3 : 0
}
