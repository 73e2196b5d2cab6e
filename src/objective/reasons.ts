/** Why an objective has its verdict, worst first, as sentences. */
import { formatCount, formatInstant, plural } from '../base/words.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { isMissed, isStrict } from './budget.ts'
import { allOf, type WindowEvents } from './events.ts'
import type { Indicator, Objective } from './objective.ts'
import type { Budget, BurnState, Events, ObjectiveVerdict } from './report.ts'
import { durationOf, roughly } from './sentence.ts'
import { WINDOWS_MAX } from './spans.ts'

interface Told {
  readonly verdict: ObjectiveVerdict
  readonly events: Events
  readonly budget: Budget | null
  readonly burn: readonly BurnState[]
  readonly objective: Objective
  readonly pipeline: Pipeline
  readonly windows: readonly WindowEvents[]
  /** ms */
  readonly now: number
}

export function reasonsOf(told: Told): string[] {
  const { events, objective, budget, burn } = told
  const { target, minEvents } = objective
  const all = allOf(events)
  if (all === 0)
    return [`Nothing of this period can be judged yet: there are no ${unitOf(objective)}.`]
  const reasons: string[] = []
  const unit = (n: number): string => plural(n, unitOf(objective).replace(/s$/, ''))
  if (events.bad > 0) {
    const allowed = isStrict(target) ? 'none is allowed' : `${amount(budget?.allowed ?? 0)} allowed`
    reasons.push(`${badWords(told, unit(all))}; ${allowed}.`)
  }
  if (all < minEvents)
    reasons.push(
      `${unit(all)} so far: fewer than ${formatCount(minEvents)} say nothing of a share.`,
    )
  if (events.unknown > 0) reasons.push(unknownWords(told, unit))
  for (const { severity, speed, factor, long, short, longMs, shortMs, firing } of burn) {
    if (!firing) continue
    reasons.push(
      `The budget burns ${times(long)} as fast as it may over ${durationOf(longMs)}, ${times(short)} ` +
        `over ${durationOf(shortMs)}; the limit for a ${severity} (${speed}) is ${figure(factor)}.`,
    )
  }
  if (budget !== null && budget.exhaustsInMs !== null)
    reasons.push(`Going on like this it is used up in ${roughly(budget.exhaustsInMs)}.`)
  return [...reasons, ...limits(told)]
}

function unknownWords(
  { events, verdict, objective, windows }: Told,
  unit: (n: number) => string,
): string {
  const { unknown } = events
  const sampled = windows.some((w) => w.parts.some((p) => p.oneIn > 1))
  const why = sampled
    ? ', for evidence is missing or only a sample was looked at'
    : UNKNOWN[objective.indicator]
  const either =
    verdict === 'indeterminate' && !isMissed(events, objective.target)
      ? ' Taken as good the target is met, taken as bad it is not.'
      : ''
  return `${unit(unknown)} cannot be judged${why}.${either}`
}

const MISSING = ': evidence is missing, or they are under way'
const UNKNOWN: Readonly<Record<Indicator, string>> = {
  completeness: MISSING,
  uniqueness: ': evidence is missing, or more may come',
  integrity: ': their content was not compared',
  timeliness: ': evidence is missing, or nobody measured them',
  freshness: ': when the newest message came is not known',
  validity: ': nobody looked at them, or they could not be read',
  volume: ': their senders have not told all',
  'audit-coverage': '',
}

function limits({ windows, pipeline, now, objective }: Told): string[] {
  const { windowMs, latenessMs } = pipeline
  const last = windows.at(-1)?.end ?? now
  const out: string[] = []
  // A pipeline may rest: that is no fault, but whoever reads this should know.
  if (now - last > latenessMs + QUIET_WINDOWS * windowMs + QUIET_MS)
    out.push(`The newest window that is known ended at ${formatInstant(last)}.`)
  const isWalked = objective.indicator === 'freshness' || objective.indicator === 'volume'
  if (isWalked && windows.length >= WINDOWS_MAX)
    out.push(`Only the newest ${formatCount(WINDOWS_MAX)} windows were looked at.`)
  return out
}

const QUIET_WINDOWS = 2
const QUIET_MS = 60_000

/** What an objective counts. */
function unitOf({ indicator, budget }: Objective): string {
  if (indicator === 'audit-coverage') return 'views'
  const isByWindow = indicator === 'freshness' || indicator === 'volume'
  return isByWindow ? 'windows' : budget
}

function badWords({ events: { bad }, objective, windows }: Told, all: string): string {
  const { indicator, budget } = objective
  const isByWindow = budget === 'windows'
  if (indicator === 'completeness' && !isByWindow) {
    // What has come since was lost at its deadline: it is told apart.
    const late = Math.min(
      bad,
      windows.reduce((n, w) => n + (w.late ?? 0), 0),
    )
    const lost = `${formatCount(bad - late)} of ${all} ${bad - late === 1 ? 'was' : 'were'} lost`
    return late === 0 ? lost : `${lost}, ${formatCount(late)} came after the deadline`
  }
  const words = isByWindow ? WINDOW_WORDS[indicator] : wordsOf(indicator, bad)
  return `${formatCount(bad)} of ${all} ${words}`
}

const WINDOW_WORDS: Readonly<Record<Indicator, string>> = {
  completeness: 'lost too many',
  uniqueness: 'had too many copies',
  integrity: 'had too many altered',
  timeliness: 'had too many late',
  freshness: 'ended without news',
  validity: 'had too many invalid',
  volume: 'held another amount',
  'audit-coverage': 'were missing',
}

function wordsOf(indicator: Indicator, n: number): string {
  const were = n === 1 ? 'was' : 'were'
  switch (indicator) {
    case 'completeness':
      return `${were} lost`
    case 'uniqueness':
      return `${were} ${n === 1 ? 'a copy' : 'copies'}`
    case 'integrity':
      return `${were} altered`
    case 'timeliness':
      return `${were} late`
    case 'validity':
      return `${were} invalid`
    case 'audit-coverage':
      return `${were} missing`
    case 'freshness':
    case 'volume':
      return WINDOW_WORDS[indicator]
  }
}

const figure = (rate: number | null): string => `${Number((rate ?? 0).toPrecision(3))}`

const times = (rate: number | null): string => `${figure(rate)} times`

/** Fewer than are allowed is never rounded up to it. */
const amount = (n: number): string =>
  n < 10 ? `${Math.floor(n * 100) / 100}` : formatCount(Math.floor(n))
