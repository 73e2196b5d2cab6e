/**
 * Burn rates: how fast a budget is used up, over a long window and a short one at its end. At rate 1 it
 * lasts exactly the period. A tier fires if both burn faster than its factor: the long one says that it
 * matters, the short one that it is not over.
 *
 * Windows of a tier are written for one period and scaled to the objective's own, the factor stays:
 * else a week would alert at rates that a week can stand. They end at the newest window that is known, not
 * now: judgements come later than messages, and the short one would always be empty. The short one holds
 * two windows at least; one alone is an accident.
 */

import { isStrict } from './budget.ts'
import { boundsOf, type WindowEvents } from './events.ts'
import type { BurnRates, BurnTier } from './objective.ts'
import type { BurnState, Events } from './report.ts'

const WINDOWS_LEAST = 2

export interface BurnInput {
  /** Ascending. */
  readonly windows: readonly WindowEvents[]
  /** Sums of them as the objective counts. */
  readonly sum: (windows: readonly WindowEvents[]) => Events
  readonly target: number
  readonly rates: BurnRates
  /** ms */
  readonly periodMs: number
  readonly windowMs: number
}

/** None where nothing may burn. */
export function burnOf(input: BurnInput): BurnState[] {
  const { target, rates } = input
  return isStrict(target) ? [] : rates.tiers.map((tier) => stateOf(tier, input))
}

/**
 * Of the tier that looks back furthest: the lesser of its two rates. What burnt days ago and does no more
 * uses nothing up. 0 where nothing is known.
 */
export function presentRate(states: readonly BurnState[]): number {
  const widest = states.reduce<BurnState | null>(
    (most, s) => (most === null || s.longMs > most.longMs ? s : most),
    null,
  )
  return Math.min(widest?.long ?? 0, widest?.short ?? 0)
}

function stateOf(tier: BurnTier, input: BurnInput): BurnState {
  const { rates, periodMs, windowMs, windows } = input
  const scaled = (ms: number): number => Math.round((ms * periodMs) / rates.forMs)
  const shortMs = Math.max(scaled(tier.shortMs), WINDOWS_LEAST * windowMs)
  const longMs = Math.max(scaled(tier.longMs), shortMs)
  const factor = (tier.budget * rates.forMs) / tier.longMs
  const end = windows.at(-1)?.end ?? 0
  const [long, short] = [longMs, shortMs].map((ms) => rateOver(end - ms, input)) as [
    number | null,
    number | null,
  ]
  const firing = long !== null && short !== null && long > factor && short > factor
  const { severity, speed } = tier
  return { severity, speed, longMs, shortMs, factor, long, short, firing }
}

/** Proven bad ones only; null: no events since then. */
function rateOver(since: number, { windows, sum, target }: BurnInput): number | null {
  let from = windows.length
  while (from > 0 && (windows[from - 1] as WindowEvents).start >= since) from--
  const value = boundsOf(sum(windows.slice(from)))
  return value === null ? null : (1 - value.high) / (1 - target)
}

export interface ExhaustionInput {
  /** Share of the allowed that is spent, by the events so far. */
  readonly spent: number
  readonly rate: number
  readonly periodMs: number
  /** ms of the period that are over; a rolling one always is. */
  readonly elapsedMs: number
  readonly isRolling: boolean
}

/**
 * ms until the budget is used up if it goes on burning like this; null: it is not, or it is used up.
 *
 * A rolling period drops its oldest part as it goes on, taken to have burnt evenly: what is spent moves
 * from `spent` towards `rate` in one period, and beyond 1 only if the rate is above 1. The budget of a
 * calendar period grows with its events, taken to come evenly: what is left of the whole is used up at
 * `rate`.
 */
export function exhaustsInMs(input: ExhaustionInput): number | null {
  const { spent, rate, periodMs, elapsedMs, isRolling } = input
  if (spent >= 1 || rate <= 0) return null
  if (isRolling) return rate <= 1 ? null : ((1 - spent) / (rate - spent)) * periodMs
  const ms = (periodMs - spent * elapsedMs) / rate
  return ms < periodMs - elapsedMs ? ms : null
}
