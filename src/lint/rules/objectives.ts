/** Objectives that say less than they seem to, or more than can be kept. */
import { durationText } from '../../config/duration-text.ts'
import { BURN_RATES_DEFAULT, type Objective } from '../../objective/objective.ts'
import { type LintRule, objectivesOf, promised } from '../rule.ts'

export const strictPeriod: LintRule = {
  id: 'QL301',
  name: 'strict-period',
  severity: 'note',
  purpose: 'A strict objective has no budget: one bad event breaches it for the whole period.',
  check: (subject) =>
    objectivesOf(subject)
      .filter(({ objective }) => objective.target === 1)
      .filter(({ path }) => subject.sourceAt([...path, 'period']) !== null)
      .map(({ objective, path }) => ({
        path: [...path, 'period'],
        message: `\`${objective.id}\` is strict: one bad event breaches it for all of \`${subject.sourceAt([...path, 'period'])}\``,
      })),
}

export const minEventsUnreached: LintRule = {
  id: 'QL302',
  name: 'min-events-unreached',
  severity: 'warning',
  purpose: 'With fewer events than `minEvents` an objective says nothing, and so it never would.',
  check: (subject) =>
    objectivesOf(subject).flatMap(({ pipeline, objective, path }) => {
      const { minEvents, period } = objective
      const max = mostPerWindow(objective, objectivesOf(subject), pipeline.name)
      if (minEvents === 0 || max === null || period.kind !== 'rolling') return []
      const most = max * Math.ceil(period.ms / pipeline.windowMs)
      if (most >= minEvents) return []
      const message = `at most ${most} events are expected in ${durationText(period.ms)}, by \`volume\` and \`window\`: \`minEvents\` is never reached; lower it`
      return [{ path: [...path, 'minEvents'], message }]
    }),
}

/** Events of a window at most, as far as the file says so; null: it does not. */
function mostPerWindow(
  { indicator, budget }: Objective,
  all: ReturnType<typeof objectivesOf>,
  pipeline: string,
): number | null {
  // Several cells to a window.
  if (indicator === 'audit-coverage') return null
  if (budget === 'windows') return 1
  const bounds = all
    .filter(({ pipeline: p, objective }) => p.name === pipeline && objective.volume !== null)
    .map(({ objective }) => objective.volume?.max ?? null)
    .filter((max) => max !== null)
  return bounds.length === 0 ? null : Math.min(...bounds)
}

export const nothingFlows: LintRule = {
  id: 'QL303',
  name: 'nothing-flows',
  severity: 'warning',
  purpose: 'A producer that has stopped loses nothing: completeness alone stays perfect.',
  check: (subject) =>
    promised(subject).flatMap(({ pipeline, promises: { objectives } }) => {
      const has = (...names: readonly string[]): Objective | undefined =>
        objectives.find(({ indicator }) => names.includes(indicator))
      const completeness = has('completeness')
      if (completeness === undefined || has('freshness', 'volume') !== undefined) return []
      const message = `\`${pipeline.name}\` promises completeness, which stays at 100% if nothing is sent at all: add an objective of \`freshness\` or \`volume\``
      const path = ['pipelines', pipeline.name, 'objectives']
      return [{ path, key: completeness.id, message }]
    }),
}

export const thresholdBeyondLateness: LintRule = {
  id: 'QL304',
  name: 'threshold-beyond-lateness',
  severity: 'warning',
  purpose:
    'A message is lost at its deadline; one that may be later than that is lost before it is late.',
  check: (subject) =>
    objectivesOf(subject)
      .filter(({ objective }) => objective.indicator === 'timeliness')
      .filter(({ objective, pipeline }) => (objective.thresholdMs ?? 0) > pipeline.latenessMs)
      .map(({ objective, pipeline, path }) => ({
        path: [...path, 'threshold'],
        message: `\`${durationText(objective.thresholdMs as number)}\` is longer than \`lateness\` (${durationText(pipeline.latenessMs)}), after which a message counts as lost: raise \`lateness\`, or lower the threshold`,
      })),
}

export const freshnessWithinWindow: LintRule = {
  id: 'QL305',
  name: 'freshness-within-window',
  severity: 'warning',
  purpose: 'News within a window cannot be told apart by age.',
  check: (subject) =>
    objectivesOf(subject)
      .filter(({ objective }) => objective.indicator === 'freshness')
      .filter(({ objective, pipeline }) => (objective.thresholdMs ?? 0) < pipeline.windowMs)
      .map(({ objective, pipeline, path }) => ({
        path: [...path, 'threshold'],
        message: `\`${durationText(objective.thresholdMs as number)}\` is shorter than a window (${durationText(pipeline.windowMs)}): raise the threshold, or make \`window\` smaller`,
      })),
}

export const nobodyToPage: LintRule = {
  id: 'QL307',
  name: 'nobody-to-page',
  severity: 'warning',
  purpose: 'Who is called needs a name.',
  check: (subject) =>
    promised(subject).flatMap(({ pipeline, promises: { objectives } }) => {
      const paged = objectives.find(({ severity }) => severity === 'page')
      if (paged === undefined || pipeline.owner.contact !== undefined) return []
      const message = `\`${paged.id}\` calls somebody, and the pipeline says nobody: add \`owner: { contact: … }\``
      return [{ path: ['pipelines', pipeline.name, 'objectives'], key: paged.id, message }]
    }),
}

export const unusedTimeZone: LintRule = {
  id: 'QL308',
  name: 'unused-time-zone',
  severity: 'note',
  purpose: 'A time zone is for calendar periods; windows and reports are in UTC.',
  check: (subject) => {
    if (subject.sourceAt(['timezone']) === null) return []
    if (objectivesOf(subject).some(({ objective }) => objective.period.kind === 'calendar'))
      return []
    const message = 'no objective has a calendar period, so `timezone` changes nothing'
    return [{ path: [], key: 'timezone', message }]
  },
}

/** Of a calendar unit the shortest one. */
const DAYS = { day: 1, week: 7, month: 28, quarter: 90, year: 365 } as const

export const shortBurnWindow: LintRule = {
  id: 'QL401',
  name: 'short-burn-window',
  severity: 'warning',
  purpose: 'How fast a budget burns cannot be told from less than two windows.',
  check: (subject) =>
    promised(subject).flatMap(({ pipeline, promises: { objectives, burnRates } }) => {
      const isDefault = burnRates === BURN_RATES_DEFAULT
      return objectives.flatMap((objective) => {
        const { period, target } = objective
        if (target === 1) return []
        const ms = period.kind === 'rolling' ? period.ms : DAYS[period.unit] * 86_400_000
        const scaled = (shortMs: number): number => (shortMs * ms) / burnRates.forMs
        const tier = burnRates.tiers
          .filter((t) => objective.severity === 'page' || t.severity === 'ticket')
          .find((t) => scaled(t.shortMs) < 2 * pipeline.windowMs)
        if (tier === undefined) return []
        const short = durationText(Math.floor(scaled(tier.shortMs) / 1_000) * 1_000)
        const message = `\`${objective.id}\`: over its period the short window of \`${tier.severity}.${tier.speed}\`${isDefault ? ' (by default)' : ''} is ${short}, less than two windows of ${durationText(pipeline.windowMs)}: lengthen the period or \`alerting.burnRate\`, or make \`window\` smaller`
        return [{ path: ['pipelines', pipeline.name, 'objectives'], key: objective.id, message }]
      })
    }),
}
