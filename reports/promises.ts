/** Objectives in words: verdicts, shares beside their target, budgets. */
import { formatCount } from '../src/base/words.ts'
import type { Indicator, Objective, Period } from '../src/objective/objective.ts'
import type {
  Bounds,
  Budget,
  Events,
  ObjectiveAssessment,
  ObjectiveVerdict,
} from '../src/objective/report.ts'
import { verdictOrder } from '../src/objective/verdict.ts'
import { durationWords } from './latency.ts'

/** Never colour alone: a glyph and a word. */
export const verdictMarks: Readonly<
  Record<ObjectiveVerdict, { readonly glyph: string; readonly word: string }>
> = {
  met: { glyph: '✓', word: 'met' },
  at_risk: { glyph: '!', word: 'at risk' },
  breached: { glyph: '✗', word: 'breached' },
  no_data: { glyph: '?', word: 'no data' },
  indeterminate: { glyph: '?', word: 'indeterminate' },
}

/** What an owner asks for, in the owner's words. */
export const indicatorLabels: Readonly<Record<Indicator, string>> = {
  completeness: 'Nothing lost',
  uniqueness: 'Nothing doubled',
  integrity: 'Nothing altered',
  timeliness: 'On time',
  freshness: 'Still flowing',
  validity: 'Right shape',
  volume: 'Expected amount',
  'audit-coverage': 'Audited',
}

const DIGITS_MAX = 9
/** Digits behind the last one of the target, so that a share can be told from it. */
const DIGITS_BEYOND = 2

/**
 * A share in percent, rounded down, never up to 100%; with two digits more than the target has, and as
 * many more as it takes not to be 100% (or 0%) when it is not.
 */
export function sharePercent(share: number, target: number): string {
  if (share >= 1) return '100%'
  if (share <= 0) return '0%'
  const least = Math.min(DIGITS_MAX, digitsOf(target) + DIGITS_BEYOND)
  for (let digits = least; digits <= DIGITS_MAX; digits++) {
    // What a float is off by is less than a digit of twelve.
    const scaled = Math.floor(Number((share * 10 ** (digits + 2)).toPrecision(12)))
    if (scaled === 0) continue
    if (scaled >= 10 ** (digits + 2)) continue
    return `${(scaled / 10 ** digits).toFixed(digits)}%`
  }
  return share > 0.5 ? '<100%' : '>0%'
}

/** From the bad to the good end, where they differ in what is shown. */
export function valueWords(value: Bounds | null, target: number): string {
  if (value === null) return 'no events'
  const [low, high] = [sharePercent(value.low, target), sharePercent(value.high, target)]
  return low === high ? low : `${low} to ${high}`
}

/** `99.99%`, as it was promised. */
export function targetWords(target: number): string {
  return `${Number((target * 100).toPrecision(12))}%`
}

function digitsOf(target: number): number {
  return targetWords(target).split('.')[1]?.replace('%', '').length ?? 0
}

/** `30 days`, `calendar month (UTC)` */
export function periodWords(period: Period): string {
  if (period.kind === 'calendar') return `calendar ${period.unit} (${period.timeZone})`
  return durationWords(period.ms).replace(/ d$/, ' days').replace(/ h$/, ' hours')
}

export const scopeWords = ({ scope }: Objective): string =>
  scope.kind === 'edge' ? scope.edge : 'end to end'

/** `412 bad of 6,012,345 messages; 1,204 unknown` */
export function eventWords({ good, bad, unknown }: Events, { budget }: Objective): string {
  const all = good + bad + unknown
  if (all === 0) return `no ${budget}`
  const rest = unknown === 0 ? '' : `; ${formatCount(unknown)} unknown`
  return `${formatCount(bad)} bad of ${formatCount(all)} ${budget}${rest}`
}

/** `58% left`, `overspent by 30%`, `nothing is allowed` */
export function budgetWords(budget: Budget | null): string {
  if (budget === null) return 'no budget'
  if (budget.left === null) return 'nothing is allowed'
  const { low, high } = budget.left
  if (high < 0) {
    const [least, most] = [Math.ceil(-high * 100), Math.ceil(-low * 100)].map(formatCount)
    return `overspent by ${least === most ? least : `${least}% to ${most}`}%`
  }
  if (low < 0) return `at most ${percent(high)} left`
  return `${spanWords(low, high)} left`
}

/** Never more is left than there is: rounded down. */
const percent = (share: number): string =>
  share > 0 && share < 0.01 ? '<1%' : `${formatCount(Math.floor(share * 100))}%`

function spanWords(low: number, high: number): string {
  const [a, b] = [percent(low), percent(high)]
  return a === b ? a : `${a} to ${b}`
}

/** `in 3.2 d`; null where the budget is not running out. */
export function exhaustionWords(budget: Budget | null): string | null {
  if (budget === null || budget.exhaustsInMs === null) return null
  return `in ${durationWords(budget.exhaustsInMs, Math.floor)}`
}

/** Worst first; what is equally bad by what is left, then as declared. */
export function byNeed(list: readonly ObjectiveAssessment[]): ObjectiveAssessment[] {
  const left = ({ budget }: ObjectiveAssessment): number => budget?.left?.low ?? 1
  return [...list].sort(
    (a, b) =>
      verdictOrder.indexOf(a.verdict) - verdictOrder.indexOf(b.verdict) || left(a) - left(b),
  )
}
