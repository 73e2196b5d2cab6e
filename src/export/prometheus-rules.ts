/**
 * Prometheus rules: for each objective its burn rate over every window that an alert needs, recorded, and
 * alerts in pairs of a long and a short window.
 *
 * Rates of messages are made of the auditor's counters, path by path. What counts windows, shapes or
 * ages has no counters: there the auditor's own burn rates are taken. An objective that allows nothing
 * has no burn rate: it alerts when it is breached. And whoever cannot be judged, or falls silent, alerts
 * too: silence is no success.
 */

import { lookedTopicsOf } from '../objective/looked-topics.ts'
import type { Objective } from '../objective/objective.ts'
import { pathsOf } from '../objective/paths.ts'
import { sentenceOf } from '../objective/sentence.ts'
import { prometheusDuration } from './durations.ts'
import { type EventQueries, eventQueries } from './events.ts'
import type { Exported, Promised } from './exported.ts'
import { BURN_RATE, objectiveMatchers, SERVED_BY, STATUS, selectorOf } from './metrics.ts'
import {
  isStrict,
  missOf,
  periodMsOf,
  type ScaledTier,
  type ScaledWindow,
  scaledTiers,
} from './tiers.ts'
import { shown, yamlText } from './yaml-text.ts'

const RECORD = 'quipu:objective_burn_rate:ratio_rate'
/** A restart of the auditor is no alert. */
const UNKNOWN_FOR = '15m'

type Rule = Readonly<Record<string, unknown>>

interface Context {
  readonly promised: Promised
  readonly objective: Objective
  readonly labels: Readonly<Record<string, string>>
}

export function exportPrometheusRules(list: readonly Promised[]): Exported {
  const warnings: string[] = []
  const groups = list.flatMap((promised) =>
    promised.promises.objectives.flatMap((objective) => {
      const name = `${promised.pipeline.name}/${objective.id}`
      if (!isLookedInto(promised, objective)) {
        warnings.push(`${name}: no topic on its way declares a schema; left out`)
        return []
      }
      const labels = {
        quipu_pipeline_name: promised.pipeline.name,
        quipu_objective_id: objective.id,
      }
      return [{ name: `quipu/${name}`, rules: rulesOf({ promised, objective, labels }, warnings) }]
    }),
  )
  const comments = [
    'Recording rules and alerts for the objectives of quipu.yaml.',
    'Made by `quipu export prometheus-rules`; changes belong into quipu.yaml.',
    SERVED_BY,
    ...warnings.map((w) => `Not expressed: ${w}`),
  ]
  return { text: yamlText(comments, [{ groups }]), warnings }
}

/** Without a schema there is nothing that could be valid. */
function isLookedInto({ pipeline }: Promised, { indicator, scope }: Objective): boolean {
  if (indicator !== 'validity') return true
  return pathsOf(pipeline, scope).some((path) => lookedTopicsOf(path, pipeline).length > 0)
}

function rulesOf(context: Context, warnings: string[]): Rule[] {
  const { promised, objective } = context
  const { pipeline, promises } = promised
  const strict = isStrict(objective)
  const tiers = scaledTiers(objective, promises, pipeline.windowMs)
  const paths = objective.budget === 'messages' ? pathsOf(pipeline, objective.scope) : []
  const queries = paths.flatMap((path) => {
    const query = eventQueries(pipeline.name, path, objective)
    return query === null ? [] : [{ path, query }]
  })
  if (objective.period.kind === 'calendar' && !strict) {
    warnings.push(
      `${pipeline.name}/${objective.id}: alerts look back over rolling windows, not from the beginning of a calendar period`,
    )
  }
  const isOwn = queries.length === 0
  const rangeOf = ({ ms, writtenMs }: ScaledWindow): string =>
    prometheusDuration(isOwn ? writtenMs : ms)
  const windows = tiers.flatMap((t) => [t.short, t.long]).sort((a, b) => a.ms - b.ms)
  const records = [...new Set(windows.map(rangeOf))].flatMap((range) => {
    const rates = isOwn
      ? [{ expr: ownRate(context, range), labels: context.labels }]
      : queries.map(({ path, query }) => ({
          expr: rateOf(query, objective, range),
          labels: { ...context.labels, quipu_objective_path: path.name },
        }))
    return rates.map((rate): Rule => ({ record: RECORD + range, ...rate }))
  })
  const burns = tiers.map((tier) =>
    burnAlert(tier, [rangeOf(tier.long), rangeOf(tier.short)], context),
  )
  return [...records, ...burns, ...(strict ? [breachAlert(context)] : []), unknownAlert(context)]
}

const own = ({ promised, objective }: Context): Readonly<Record<string, string>> =>
  objectiveMatchers(promised.pipeline.name, objective.id)

const ownRate = (context: Context, range: string): string =>
  `max(${BURN_RATE}${selectorOf({ ...own(context), quipu_burn_window: range })})`

/** Of fewer events than `minEvents` there is none: they say nothing. */
function rateOf({ bad, total }: EventQueries, objective: Objective, range: string): string {
  const rate = `(${bad(range)})\n/\n(${total(range)})\n/ ${missOf(objective)}`
  const { minEvents } = objective
  if (minEvents === 0) return rate
  return `${rate}\nand (${total(prometheusDuration(periodMsOf(objective)))}) >= ${minEvents}`
}

/** @param ranges long and short */
function burnAlert(
  { severity, speed, factor }: ScaledTier,
  ranges: readonly string[],
  context: Context,
): Rule {
  const fast = ranges.map((range) => `${RECORD}${range}${selectorOf(own(context))} > ${factor}`)
  return alertOf(context, {
    alert: 'QuipuErrorBudgetBurn',
    expr: fast.join('\nand '),
    labels: { severity, quipu_burn_speed: speed },
    summary: `the error budget burns at more than ${factor} times the rate that it can bear, over ${ranges.join(' and ')}`,
  })
}

const breachAlert = (context: Context): Rule =>
  alertOf(context, {
    alert: 'QuipuObjectiveBreached',
    expr: statusOf(context, 'breached'),
    labels: { severity: context.objective.severity },
    summary: 'a promise that allows nothing to be bad is broken',
  })

const unknownAlert = (context: Context): Rule =>
  alertOf(context, {
    alert: 'QuipuObjectiveUnknown',
    expr: `${statusOf(context, '~indeterminate|no_data')}\nor absent(${STATUS}${selectorOf(own(context))})`,
    for: UNKNOWN_FOR,
    labels: { severity: 'ticket' },
    summary: 'whether the promise is kept cannot be told',
  })

const statusOf = (context: Context, status: string): string =>
  `max(${STATUS}${selectorOf({ ...own(context), quipu_objective_status: status })}) == 1`

interface AlertParts {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: Readonly<Record<string, string>>
  readonly summary: string
}

function alertOf({ promised, objective, labels }: Context, parts: AlertParts): Rule {
  const { pipeline } = promised
  const { team, contact, runbook } = pipeline.owner
  const { summary, labels: more, ...rest } = parts
  const about = [
    sentenceOf(objective),
    ...(objective.description === null ? [] : [objective.description]),
  ]
  return {
    ...rest,
    labels: templated({ ...labels, ...more, ...(team === undefined ? {} : { team }) }),
    annotations: templated({
      summary: `${pipeline.name}/${objective.id}: ${summary}`,
      description: about.join(' '),
      ...(contact === undefined ? {} : { contact }),
      ...(runbook === undefined ? {} : { runbook_url: runbook }),
    }),
  }
}

/** Prometheus reads these as templates: what looks like one is to be text. */
const templated = (texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [key, shown(text).replace(/\{\{/g, '{{"{{"}}')]),
  )
