/**
 * What an objective comes to: numbered rules, worst first, first hit wins.
 *
 * A period is judged on the events that it has had so far, over or not: a month of which a day is over
 * may be breached today and met tomorrow. So that a single message early in a period breaks nothing,
 * `minEvents` says from how many events on a share means anything. Only where no bad event is allowed at
 * all the first one breaks the promise for good, however few there are.
 */
import { isKept, isMissed, isStrict } from './budget.ts'
import { allOf } from './events.ts'
import type { BurnState, Events, ObjectiveVerdict } from './report.ts'

export interface Grounds {
  readonly events: Events
  readonly target: number
  readonly minEvents: number
  readonly burn: readonly BurnState[]
  /** ms; null: the budget lasts. */
  readonly exhaustsInMs: number | null
}

type Rule = (grounds: Grounds) => ObjectiveVerdict | undefined

const isFew = ({ events, minEvents }: Grounds): boolean => allOf(events) < minEvents

// Rule 1 - missed even if all that is unknown is good. Above all others: what is proven stays so, whatever
// else is not known.
const breached: Rule = (g) =>
  isMissed(g.events, g.target) && (isStrict(g.target) || !isFew(g)) ? 'breached' : undefined

// Rule 2 - no events: neither kept nor broken. Above 4, which would call nothing of nothing met.
const noData: Rule = ({ events }) => (allOf(events) === 0 ? 'no_data' : undefined)

// Rule 3 - kept even if all that is unknown is bad, but not for long. Above 4: it is met, and in danger.
const atRisk: Rule = (g) =>
  isKept(g.events, g.target) &&
  !isFew(g) &&
  (g.burn.some((state) => state.firing) || g.exhaustsInMs !== null)
    ? 'at_risk'
    : undefined

// Rule 4 - kept even if all that is unknown is bad.
const met: Rule = ({ events, target }) => (isKept(events, target) ? 'met' : undefined)

// Rule 5 - between, or missed by too few events to say.
const indeterminate: Rule = () => 'indeterminate'

const rules: readonly Rule[] = [breached, noData, atRisk, met, indeterminate]

export function verdictOf(grounds: Grounds): ObjectiveVerdict {
  for (const rule of rules) {
    const verdict = rule(grounds)
    if (verdict !== undefined) return verdict
  }
  throw new Error('the last rule always answers')
}

/** Worst first. `no_data` is worse than `met`: silence is never a promise kept. */
export const verdictOrder: readonly ObjectiveVerdict[] = [
  'breached',
  'at_risk',
  'indeterminate',
  'no_data',
  'met',
]

/** Of nothing: no data. */
export function worstVerdict(list: readonly ObjectiveVerdict[]): ObjectiveVerdict {
  return verdictOrder.find((verdict) => list.includes(verdict)) ?? 'no_data'
}
