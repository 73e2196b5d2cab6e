/** Objectives as sentences, for whoever has not read the file. */
import { formatCount, plural } from '../base/words.ts'
import type { Indicator, Objective, Period } from './objective.ts'

/** `Of the messages of 30 days at least 99.99% arrive.` */
export function sentenceOf(objective: Objective): string {
  const { indicator, target, period, budget, windowTarget, scope } = objective
  const over = periodWords(period)
  const share = target === 1 ? 'all' : `at least ${percentOf(target)}`
  const where = scope.kind === 'edge' ? `, over ${scope.edge}` : ''
  const threshold = durationOf(objective.thresholdMs ?? 0)
  switch (indicator) {
    case 'freshness':
      return `At the end of ${share} of the windows of ${over} the newest message is no older than ${threshold}${where}.`
    case 'volume':
      return `Of the windows of ${over} ${share} hold ${amountOf(objective)}${where}.`
    case 'audit-coverage':
      return `Of what the audit was to see in ${over} it saw ${share}${where}.`
  }
  const does = `${VERBS[indicator]}${indicator === 'timeliness' ? ` ${threshold}` : ''}`
  if (budget === 'messages') return `Of the messages of ${over} ${share} ${does}${where}.`
  const most =
    windowTarget === 1 ? 'all messages' : `${percentOf(windowTarget ?? 1)} of the messages`
  return `In ${share} of the windows of ${over} ${most} ${does}${where}.`
}

const VERBS: Readonly<
  Record<Exclude<Indicator, 'freshness' | 'volume' | 'audit-coverage'>, string>
> = {
  completeness: 'arrive',
  uniqueness: 'arrive only once',
  integrity: 'arrive unaltered',
  timeliness: 'arrive within',
  validity: 'have a known shape',
}

/** `99.99%`, as it was promised. */
export const percentOf = (share: number): string => `${Number((share * 100).toPrecision(12))}%`

function periodWords(period: Period): string {
  if (period.kind === 'rolling') return durationOf(period.ms)
  return `a calendar ${period.unit} (${period.timeZone})`
}

function amountOf({ volume }: Objective): string {
  const { min, max } = volume ?? { min: 0, max: null }
  if (max === null) return `${plural(min, 'message')} or more`
  return `${formatCount(min)} to ${plural(max, 'message')}`
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** In the largest unit that divides it: `90 seconds`, `2 hours`. */
export function durationOf(ms: number): string {
  const [unit, size] = UNITS.find(([, size]) => ms > 0 && ms % size === 0) ?? ['ms', 1]
  return unit === 'ms' ? `${formatCount(ms)} ms` : plural(ms / size, unit)
}

/** Rounded down to two units at most: `3 days 4 hours`. */
export function roughly(ms: number): string {
  const at = UNITS.findIndex(([, size]) => ms >= size)
  const [unit, size] = UNITS[at] ?? ['ms', 1]
  if (unit === 'ms') return `${formatCount(Math.floor(ms))} ms`
  const next = UNITS[at + 1]
  const rest = next === undefined ? 0 : Math.floor((ms % size) / next[1])
  const whole = plural(Math.floor(ms / size), unit)
  return next === undefined || rest === 0 ? whole : `${whole} ${plural(rest, next[0])}`
}
