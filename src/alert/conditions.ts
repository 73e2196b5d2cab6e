/**
 * What is wrong now. Each rule tells of one kind, so that nothing is told twice: what an objective covers
 * is told as the objective, and only what none covers as an incident.
 *
 * Law: indeterminate is never told as loss. What cannot be judged is `coverage`, where nothing came
 * `no_data`, each with a severity of its own. Keys stay as long as the same thing is wrong; adjacent
 * windows are one.
 */
import type { Condition } from './condition.ts'
import { coverageConditions } from './conditions/coverage.ts'
import { driftConditions } from './conditions/drift.ts'
import { forecastConditions, isForetold } from './conditions/forecasts.ts'
import { incidentConditions } from './conditions/incidents.ts'
import { objectiveConditions } from './conditions/objectives.ts'
import type { Foretold, Known } from './known.ts'

/**
 * Told at once at most; one cause makes a few, not thousands. Where there are so many, what is not among
 * them may be wrong as well.
 */
const CONDITIONS_MAX = 500

export function conditionsOf(known: Known): readonly Condition[] {
  return [
    ...objectiveConditions(known),
    ...incidentConditions(known),
    ...driftConditions(known),
    ...coverageConditions(known),
    ...forecastConditions(known),
  ].slice(0, CONDITIONS_MAX)
}

/** Whether it was looked at, if it is not among what is wrong now. */
export function isLookedAt(
  condition: Condition,
  conditions: readonly Condition[],
  forecasts: readonly Foretold[],
): boolean {
  return conditions.length < CONDITIONS_MAX && isForetold(condition, forecasts)
}
