/**
 * OpenSLO v1: a Service for each pipeline, an SLO for each objective and path, and for each burn tier an
 * AlertPolicy with its AlertCondition.
 *
 * The worst of several paths counts, which is the same as to promise it of each. A target of 100% is none
 * in OpenSLO; a condition has one window to look back over; durations are whole minutes.
 */
import type { CalendarUnit, Objective } from '../objective/objective.ts'
import { type Path, pathsOf } from '../objective/paths.ts'
import { sentenceOf } from '../objective/sentence.ts'
import { prometheusDuration, shorthand } from './durations.ts'
import { eventQueries } from './events.ts'
import type { Exported, Promised } from './exported.ts'
import {
  AUDIT_COVERAGE,
  counterName,
  edgeMatchers,
  FRESHNESS,
  SERVED_BY,
  selectorOf,
} from './metrics.ts'
import { labelMaker } from './names.ts'
import { isStrict, type ScaledTier, scaledTiers } from './tiers.ts'
import { shown, yamlText } from './yaml-text.ts'

const API = 'openslo/v1'
/** Characters, as the standard's own tool has it. */
const DISPLAY_MAX = 63

const CALENDAR: Readonly<Record<CalendarUnit, string>> = {
  day: '1d',
  week: '1w',
  month: '1M',
  quarter: '1Q',
  year: '1Y',
}
/** A Monday on which a month, a quarter and a year begin as well. */
const CALENDAR_START = '2024-01-01 00:00:00'

/** A part of a document. */
type Part = Readonly<Record<string, unknown>>

interface Indicator {
  readonly budgetingMethod: 'Occurrences' | 'Timeslices' | 'RatioTimeslices'
  readonly spec: Part
  /** What the objective says beside its target. */
  readonly objective: Part
}

interface Context {
  readonly promised: Promised
  readonly objective: Objective
  readonly label: ReturnType<typeof labelMaker>
  readonly warn: (what: string) => void
}

export function exportOpenSlo(list: readonly Promised[]): Exported {
  const warnings = new Set<string>()
  const label = labelMaker()
  const documents = list.flatMap((promised) => {
    const { pipeline, promises } = promised
    const slos = promises.objectives.flatMap((objective) => {
      const warn = (what: string): void => {
        warnings.add(`${pipeline.name}/${objective.id}: ${what}`)
      }
      return slosOf({ promised, objective, label, warn })
    })
    return slos.length === 0 ? [] : [serviceOf(promised, label), ...slos]
  })
  if (documents.some(({ kind }) => kind === 'AlertPolicy')) {
    warnings.add(
      'a condition looks back over one window: the short window of each alert is left out',
    )
  }
  const comments = [
    'OpenSLO v1 of the objectives of quipu.yaml; queries are PromQL on the metrics of quipu.',
    'Made by `quipu export openslo`; changes belong into quipu.yaml.',
    SERVED_BY,
    ...[...warnings].map((w) => `Not expressed: ${w}`),
  ]
  return { text: yamlText(comments, documents), warnings: [...warnings] }
}

function serviceOf({ pipeline }: Promised, label: Context['label']): Part {
  const { team, contact, runbook } = pipeline.owner
  const about = [
    team && `Owner: ${team}.`,
    contact && `Contact: ${contact}.`,
    runbook && `Runbook: ${runbook}`,
  ]
  return {
    apiVersion: API,
    kind: 'Service',
    metadata: { name: label(pipeline.name), displayName: shown(pipeline.name, DISPLAY_MAX) },
    spec: { description: shown(`Kafka pipeline. ${about.filter(Boolean).join(' ')}`.trim()) },
  }
}

function slosOf(context: Context): Part[] {
  const { promised, objective, label, warn } = context
  const { pipeline, promises } = promised
  if (isStrict(objective)) {
    warn('a target of 100% is none in OpenSLO, which wants less than 1; left out')
    return []
  }
  const paths = pathsOf(pipeline, objective.scope)
  const indicators = paths.flatMap((path) => {
    const indicator = indicatorOf(path, context)
    return indicator === null ? [] : [{ path, indicator }]
  })
  if (indicators.length === 0) return []
  if (objective.minEvents > 0) warn('`minEvents` has no field; few events count like many')
  const policies = scaledTiers(objective, promises, pipeline.windowMs).map((tier) =>
    policyOf(tier, context),
  )
  const alertPolicies = policies.map(({ name }) => ({ alertPolicyRef: name }))
  const slos = indicators.map(({ path, indicator }) => {
    const suffix = paths.length > 1 ? [path.name] : []
    const name = label(pipeline.name, objective.id, ...suffix)
    const displayName = shown([pipeline.name, objective.id, ...suffix].join('/'), DISPLAY_MAX)
    const about = [sentenceOf(objective), objective.description, suffix.map((s) => `From ${s}.`)]
    return {
      apiVersion: API,
      kind: 'SLO',
      metadata: { name, displayName },
      spec: {
        description: shown(about.flat().filter(Boolean).join(' ')),
        service: label(pipeline.name),
        indicator: { metadata: { name }, spec: indicator.spec },
        timeWindow: [timeWindowOf(objective, warn)],
        budgetingMethod: indicator.budgetingMethod,
        objectives: [{ displayName, target: objective.target, ...indicator.objective }],
        alertPolicies,
      },
    }
  })
  return [...slos, ...policies.flatMap((p) => p.documents)]
}

function timeWindowOf({ period }: Objective, warn: Context['warn']): Part {
  if (period.kind === 'calendar') {
    const calendar = { startTime: CALENDAR_START, timeZone: period.timeZone }
    return { duration: CALENDAR[period.unit], isRolling: false, calendar }
  }
  const { text, exact } = shorthand(period.ms)
  if (!exact) warn(`durations are whole minutes: the period is rounded up to ${text}`)
  return { duration: text, isRolling: true }
}

/** Null, with a warning, where nothing can be asked that would say it. */
function indicatorOf(path: Path, context: Context): Indicator | null {
  const { promised, objective, warn } = context
  const { pipeline } = promised
  const { indicator, thresholdMs, volume, windowTarget } = objective
  const ends = selectorOf(edgeMatchers(pipeline.name, [path.last]))
  switch (indicator) {
    case 'validity':
      warn('no counter tells the shape of messages; left out')
      return null
    case 'freshness':
      return {
        budgetingMethod: 'Timeslices',
        spec: { thresholdMetric: metric(`max(${FRESHNESS}${ends})`) },
        objective: {
          ...{ op: 'lte', value: (thresholdMs ?? 0) / 1_000, timeSliceTarget: 1 },
          timeSliceWindow: sliceOf(context),
        },
      }
    case 'volume': {
      const { min, max } = volume ?? { min: 0, max: null }
      if (min > 0 && max !== null) warn('one bound per SLO: `max` is left out')
      const first = pipeline.edges.filter((e) => e.from.some((d) => path.sources.includes(d)))
      const from = selectorOf(edgeMatchers(pipeline.name, first))
      const range = prometheusDuration(pipeline.windowMs)
      return {
        budgetingMethod: 'Timeslices',
        spec: {
          thresholdMetric: metric(`sum(increase(${counterName('expected')}${from}[${range}]))`),
        },
        objective: {
          ...(min > 0 || max === null ? { op: 'gte', value: min } : { op: 'lte', value: max }),
          ...{ timeSliceTarget: 1, timeSliceWindow: sliceOf(context) },
        },
      }
    }
    case 'audit-coverage': {
      const scope =
        objective.scope.kind === 'edge' ? ends : selectorOf({ quipu_pipeline_name: pipeline.name })
      const raw = metric(`avg(${AUDIT_COVERAGE}${scope})`)
      return {
        budgetingMethod: 'RatioTimeslices',
        spec: { ratioMetric: { counter: false, rawType: 'success', raw } },
        objective: { timeSliceWindow: sliceOf(context) },
      }
    }
    default: {
      const queries = eventQueries(pipeline.name, path, objective)
      if (queries === null) {
        warn('no edge there says what it preserves; left out')
        return null
      }
      const [bad, total] = [metric(queries.bad()), metric(queries.total())]
      const spec = { ratioMetric: { counter: true, bad, total } }
      if (objective.budget === 'messages')
        return { budgetingMethod: 'Occurrences', spec, objective: {} }
      return {
        budgetingMethod: 'Timeslices',
        spec,
        objective: { timeSliceTarget: windowTarget ?? 1, timeSliceWindow: sliceOf(context) },
      }
    }
  }
}

const metric = (query: string): Part => ({ metricSource: { type: 'Prometheus', spec: { query } } })

function sliceOf({ promised, warn }: Context): string {
  const { text, exact } = shorthand(promised.pipeline.windowMs)
  if (!exact) warn(`durations are whole minutes: windows are rounded up to ${text}`)
  return text
}

function policyOf(
  { severity, speed, long, factor }: ScaledTier,
  { promised, objective, label, warn }: Context,
): { readonly name: string; readonly documents: readonly Part[] } {
  const { pipeline } = promised
  const name = label(pipeline.name, objective.id, severity, speed)
  const displayName = shown(`${objective.id}: ${severity}, ${speed}`, DISPLAY_MAX)
  const { text, exact } = shorthand(long.ms)
  if (!exact) warn(`durations are whole minutes: ${severity}, ${speed} looks back over ${text}`)
  const condition = {
    kind: 'AlertCondition',
    metadata: { name, displayName },
    spec: {
      description: `The error budget burns at more than ${factor} times the rate that it can bear.`,
      severity,
      condition: { kind: 'burnrate', op: 'gt', threshold: factor, lookbackWindow: text },
    },
  }
  const target = {
    kind: 'AlertNotificationTarget',
    metadata: { name: label(pipeline.name, severity) },
    spec: { target: severity },
  }
  const policy = {
    apiVersion: API,
    kind: 'AlertPolicy',
    metadata: { name, displayName },
    spec: {
      ...{ alertWhenBreaching: true, alertWhenResolved: true, alertWhenNoData: true },
      conditions: [condition],
      notificationTargets: [target],
    },
  }
  return { name, documents: [policy] }
}
