/** How what a build is told of can stand. */
import type { ObjectiveVerdict } from '../../src/objective/report.ts'

/** An edge can be `open` as well: no window of it is settled. */
export type OutcomeState = ObjectiveVerdict | 'open'

/** Worst first. */
export const states: readonly OutcomeState[] = [
  'breached',
  'at_risk',
  'indeterminate',
  'open',
  'no_data',
  'met',
]
