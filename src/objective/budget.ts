/**
 * Budgets: how many bad events a target allows, and whether there were more.
 *
 * Targets are decimal fractions, floats are not: compared are whole numbers, in parts of 10^12. So 9 of
 * 10 is 90%, neither above nor below it.
 */
import { allOf } from './events.ts'
import type { Bounds, Budget, Events } from './report.ts'

const PARTS = 1e12

/** Parts of 10^12 that may be bad. */
const missParts = (target: number): number => Math.round((1 - target) * PARTS)

export const isStrict = (target: number): boolean => missParts(target) === 0

/** Bad events that are allowed of `all`; a fraction, since budgets add up. */
export function allowedOf(target: number, all: number): number {
  const parts = missParts(target)
  // The product of whole numbers is exact up to 2^53, and near enough above.
  return (parts * all) / PARTS
}

/** More of `all` are bad than the target allows. Whole numbers in. */
export function exceeds(bad: number, all: number, target: number): boolean {
  return BigInt(bad) * BigInt(PARTS) > BigInt(missParts(target)) * BigInt(all)
}

/** Proven: even with all that is unknown taken as good. */
export const isMissed = (events: Events, target: number): boolean =>
  exceeds(events.bad, allOf(events), target)

/** Proven: even with all that is unknown taken as bad. */
export const isKept = (events: Events, target: number): boolean =>
  !exceeds(events.bad + events.unknown, allOf(events), target)

/** Null where nothing has happened: of nothing there is no budget. */
export function budgetOf(
  events: Events,
  target: number,
  exhaustsInMs: number | null,
): Budget | null {
  const all = allOf(events)
  if (all === 0) return null
  const allowed = allowedOf(target, all)
  const spent = { low: events.bad, high: events.bad + events.unknown }
  return { allowed, spent, left: leftOf(spent, allowed), exhaustsInMs }
}

/** Null where nothing is allowed: there is nothing to take a share of. */
export function leftOf(spent: Bounds, allowed: number): Bounds | null {
  if (allowed === 0) return null
  return { low: 1 - spent.high / allowed, high: 1 - spent.low / allowed }
}
