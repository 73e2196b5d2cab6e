/**
 * Open Data Contract Standard v3.1: one contract for one pipeline. Every end that is promised something is
 * an element of its schema, and every promise a rule of quality there, which only quipu can judge.
 *
 * Of a pipeline with an agreement only what is promised is in the contract; of one without, all
 * objectives are. The contract says what is promised, not when somebody is called.
 */
import type { HopDeclaration } from '../hop/pipeline.ts'
import type { Indicator, Objective } from '../objective/objective.ts'
import { pathsOf } from '../objective/paths.ts'
import { percentOf, sentenceOf } from '../objective/sentence.ts'
import { prometheusDuration } from './durations.ts'
import type { Exported, Promised } from './exported.ts'
import { labelMaker } from './names.ts'
import { missOf } from './tiers.ts'
import { shown, yamlText } from './yaml-text.ts'

type Part = Readonly<Record<string, unknown>>

const DIMENSIONS: Readonly<Record<Indicator, string>> = {
  completeness: 'completeness',
  uniqueness: 'uniqueness',
  integrity: 'consistency',
  timeliness: 'timeliness',
  freshness: 'timeliness',
  validity: 'conformity',
  volume: 'coverage',
  'audit-coverage': 'coverage',
}

export function exportOdcs(promised: Promised): Exported {
  const { pipeline, promises } = promised
  const { agreement } = promises
  const warnings: string[] = []
  const objectives = promises.objectives.filter((objective) => {
    if (agreement === null || agreement.promises.includes(objective.id)) return true
    warnings.push(`${pipeline.name}/${objective.id}: promised to nobody; left out`)
    return false
  })
  if (objectives.some(({ target }) => target < 1))
    warnings.push('burn rates and severities of alerts have no field; left out')
  warnings.push('what messages are made of is not known to quipu: elements have no properties')
  const label = labelMaker()
  const driver = agreement?.driver ?? null
  const contract = {
    ...{ apiVersion: 'v3.1.0', kind: 'DataContract' },
    id: label(pipeline.name),
    name: shown(pipeline.name),
    ...{ version: '1.0.0', status: 'active' },
    description: { purpose: 'What the owner of the pipeline promises of its messages.' },
    ...ownerOf(promised),
    schema: elementsOf(promised, objectives, label),
    slaProperties: objectives.flatMap((o) => slaOf(o, promised, driver, label)),
    customProperties: customOf(promised),
  }
  const comments = [
    'Open Data Contract of the promises of quipu.yaml.',
    'Made by `quipu export odcs`; changes belong into quipu.yaml.',
    ...warnings.map((w) => `Not expressed: ${w}`),
  ]
  return { text: yamlText(comments, [contract]), warnings }
}

function ownerOf({ pipeline }: Promised): Part {
  const { team, contact, runbook } = pipeline.owner
  return {
    ...(team === undefined ? {} : { team: { name: shown(team) } }),
    ...(contact === undefined ? {} : { support: [{ channel: shown(contact) }] }),
    ...(runbook === undefined
      ? {}
      : { authoritativeDefinitions: [{ type: 'runbook', url: shown(runbook) }] }),
  }
}

/** Ends in the order of the file, each with the promises that end there. */
function elementsOf(
  { pipeline, promises }: Promised,
  objectives: readonly Objective[],
  label: ReturnType<typeof labelMaker>,
): Part[] {
  const rules = new Map<HopDeclaration, Part[]>()
  for (const objective of objectives) {
    const rule = ruleOf(objective, pipeline.name, promises.agreement?.consequence ?? null, label)
    for (const end of pathsOf(pipeline, objective.scope).flatMap((path) => path.ends)) {
      rules.set(end, [...(rules.get(end) ?? []), rule])
    }
  }
  return pipeline.hops.flatMap((hop) => {
    const quality = rules.get(hop)
    return quality === undefined ? [] : [{ ...elementOf(hop), quality }]
  })
}

function elementOf({ name, hop }: HopDeclaration): Part {
  const physicalType = hop.role === 'consumer' ? 'consumer group' : hop.role
  const physicalName = hop.group || hop.topic || hop.name
  return {
    name: shown(name),
    logicalType: 'object',
    ...{ physicalName: shown(physicalName), physicalType },
  }
}

function ruleOf(
  objective: Objective,
  pipeline: string,
  consequence: string | null,
  label: ReturnType<typeof labelMaker>,
): Part {
  const { id, indicator, scope, period, severity, description } = objective
  const about = [sentenceOf(objective), ...(description === null ? [] : [description])]
  return {
    id: label(pipeline, id),
    name: shown(id),
    description: shown(about.join(' ')),
    ...{ type: 'custom', engine: 'quipu', method: 'reconciliation' },
    dimension: DIMENSIONS[indicator],
    severity: severity === 'page' ? 'error' : 'warning',
    ...(consequence === null ? {} : { businessImpact: shown(consequence) }),
    implementation: {
      ...{ pipeline, objective: id, indicator },
      scope: scope.kind === 'edge' ? scope.edge : 'end-to-end',
      target: percentOf(objective.target),
      period:
        period.kind === 'rolling'
          ? prometheusDuration(period.ms)
          : `calendar ${period.unit}, ${period.timeZone}`,
      ...limitsOf(objective),
    },
  }
}

function limitsOf(objective: Objective): Part {
  const { thresholdMs, volume, budget, windowTarget, minEvents, refundLate } = objective
  return {
    ...(thresholdMs === null ? {} : { threshold: prometheusDuration(thresholdMs) }),
    ...(volume === null ? {} : { volume }),
    ...(budget === 'messages' ? {} : { budget, windowTarget: percentOf(windowTarget ?? 1) }),
    ...(minEvents === 0 ? {} : { minEvents }),
    ...(refundLate ? { refundLate } : {}),
  }
}

/** What the standard has words for: latency, errors, throughput. */
function slaOf(
  objective: Objective,
  { pipeline }: Promised,
  driver: string | null,
  label: ReturnType<typeof labelMaker>,
): Part[] {
  const { id, indicator, thresholdMs, volume, scope } = objective
  const ends = pathsOf(pipeline, scope).flatMap((path) => path.ends)
  const row = (property: string, value: number, unit: string, rest: Part = {}): Part[] => [
    {
      id: label(pipeline.name, id),
      ...{ property, value, ...rest, unit },
      ...(ends.length === 0 ? {} : { element: ends.map((e) => shown(e.name)).join(',') }),
      ...(driver === null ? {} : { driver }),
      description: shown(sentenceOf(objective)),
    },
  ]
  switch (indicator) {
    case 'timeliness':
      return row('latency', (thresholdMs ?? 0) / 1_000, 's')
    case 'completeness':
      return row('errorRate', Number((missOf(objective) * 100).toPrecision(12)), 'percent')
    case 'volume': {
      const { min, max } = volume ?? { min: 0, max: null }
      const unit = `messages/${prometheusDuration(pipeline.windowMs)}`
      return row('throughput', min, unit, max === null ? {} : { valueExt: max })
    }
    default:
      return []
  }
}

function customOf({ promises: { agreement } }: Promised): Part[] {
  if (agreement === null) return []
  const { consumers, review, consequence } = agreement
  return [
    {
      property: 'consumers',
      value: consumers.map(({ name, contact }) => ({
        name: shown(name),
        ...(contact === null ? {} : { contact: shown(contact) }),
      })),
    },
    ...(review === null ? [] : [{ property: 'review', value: review }]),
    ...(consequence === null ? [] : [{ property: 'consequence', value: shown(consequence) }]),
  ]
}
