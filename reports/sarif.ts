/**
 * SARIF 2.1.0: a result for each objective that is not met, and one for each finding, of drift too, that
 * is an error or a warning. Rules are the states of objectives and the codes of findings.
 *
 * A finding that would be an error is a warning where the objectives that it speaks of bear it. Places
 * are those of objectives in the pipeline file; what has none names its edge only.
 */
import { visibleJson } from '../src/base/visible.ts'
import { plural } from '../src/base/words.ts'
import type { FindingSummary } from '../src/objective/findings.ts'
import type { ObjectiveAssessment, Report } from '../src/objective/report.ts'
import type { EdgeSummary } from '../src/objective/summary.ts'
import { findingsFor, idsOf } from './ci/findings.ts'
import { fingerprintOf } from './ci/fingerprint.ts'
import {
  type CiOptions,
  judge,
  type Outcome,
  outcomesOf,
  shown,
  stateWords,
  worstFirst,
} from './ci/outcome.ts'
import { driftRules, findingRules, ruleOf, stateRules } from './ci/rules.ts'
import { shapeIds, shapeName, validityOf } from './ci/shapes.ts'

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json'
/** GitHub shows so many of a run, and takes no more than five times as many. */
const RESULTS_MAX = 5_000
const IDS_MAX = 20

type Level = 'error' | 'warning' | 'note'

interface Result {
  readonly rule: string
  /** Of all results of the rule. */
  readonly about: string
  readonly level: Level
  readonly text: string
  readonly place: Outcome['place']
  /** `pipeline/edge` or `pipeline/objective` */
  readonly logical: string
  readonly fingerprint: string
  readonly properties: Readonly<Record<string, unknown>>
}

export function renderSarif(report: Report, options: CiOptions = {}): string {
  const all = [
    ...outcomeResults(report, options),
    ...findingResults(report),
    ...driftResults(report, options),
  ]
  const sorted = [...all].sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level))
  const results = sorted.slice(0, RESULTS_MAX)
  const left = all.length - results.length
  const note = {
    level: 'warning',
    message: { text: `${plural(left, 'more result')} not shown, none worse than any shown.` },
  }
  const abouts = new Map(results.map(({ rule, about }) => [rule, about]))
  const rules = [...abouts.keys()].sort()
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'quipu',
            version: report.version,
            rules: rules.map((id) => ({ id, shortDescription: { text: abouts.get(id) } })),
          },
        },
        invocations: [
          {
            executionSuccessful: true,
            ...(left === 0 ? {} : { toolExecutionNotifications: [note] }),
          },
        ],
        columnKind: 'utf16CodeUnits',
        results: results.map((result) => resultOf(result, rules, options)),
      },
    ],
  }
  return `${visibleJson(JSON.stringify(log, null, 2))}\n`
}

const LEVELS: readonly Level[] = ['error', 'warning', 'note']

function resultOf(result: Result, rules: readonly string[], { file }: CiOptions): unknown {
  const { rule, level, text, place, logical, fingerprint, properties } = result
  const physical =
    file === undefined
      ? {}
      : {
          physicalLocation: {
            artifactLocation: {
              uri: file.split('/').map(encodeURIComponent).join('/'),
              uriBaseId: '%SRCROOT%',
            },
            ...(place === null
              ? {}
              : { region: { startLine: place.line, startColumn: place.column } }),
          },
        }
  return {
    ruleId: rule,
    ruleIndex: rules.indexOf(rule),
    level,
    message: { text },
    locations: [{ ...physical, logicalLocations: [{ fullyQualifiedName: logical }] }],
    partialFingerprints: { 'quipu/v1': fingerprint },
    properties,
  }
}

/** Of edges only those of which no finding says why. */
function outcomeResults(report: Report, options: CiOptions): Result[] {
  const spoken = new Set(
    edgesOf(report)
      .filter((e) => told(e).length > 0)
      .map((e) => fingerprintOf(e.pipeline, e.edge)),
  )
  return worstFirst(outcomesOf(report)).flatMap((outcome): Result[] => {
    const { of, key, state, sentence, reasons, facts, ids } = outcome
    const judgement = judge(outcome, options)
    if (judgement === 'passed' || judgement === 'skipped') return []
    if (of === 'edge' && spoken.has(fingerprintOf(...key))) return []
    // Its finding is a result.
    if (of === 'shape') return []
    const rule = ruleOf(outcome)
    return [
      {
        rule,
        about: stateRules[state],
        level: judgement === 'failed' ? 'error' : state === 'no_data' ? 'note' : 'warning',
        text: [`${stateWords[state]}: ${sentence}`, ...reasons].join(' '),
        place: outcome.place,
        logical: of === 'pipeline' ? outcome.pipeline : `${outcome.pipeline}/${outcome.name}`,
        fingerprint: fingerprintOf(...key, rule),
        properties: { facts, ids },
      },
    ]
  })
}

function findingResults(report: Report): Result[] {
  const promisedBy = objectivesByFinding(report)
  return edgesOf(report).flatMap((edge) =>
    told(edge).map((finding): Result => {
      const objectives = promisedBy.get(finding) ?? []
      const borne = objectives.length > 0 && objectives.every((o) => o.verdict !== 'breached')
      const { code, args, sentence, certainty, next, count, windows, evidence } = finding
      const { hop = null, oneIn = null, unheard = null, settled = null } = args
      return {
        rule: code,
        about: findingRules[code],
        level: finding.severity === 'error' && !borne ? 'error' : 'warning',
        text: shown([sentence, certainty, ...(next === null ? [] : [next])].join(' ')),
        place: objectives.find((o) => o.objective.place !== null)?.objective.place ?? null,
        logical: `${shown(edge.pipeline)}/${shown(edge.edge)}`,
        fingerprint: fingerprintOf(
          ...[edge.pipeline, edge.edge, code],
          ...[hop, oneIn, unheard, settled].map(String),
        ),
        properties: {
          ...{ count, windows, evidence },
          ids: idsOf([finding], report.detail, IDS_MAX),
        },
      }
    }),
  )
}

function driftResults(report: Report, options: CiOptions): Result[] {
  const failed = new Set(
    outcomesOf(report)
      .filter((o) => o.of === 'shape' && judge(o, options) === 'failed')
      .map(({ key }) => fingerprintOf(...key)),
  )
  const told = report.drift.findings.filter(({ severity }) => severity !== 'info')
  return told.map((finding): Result => {
    const { pipeline, code, hop, sentence, certainty, next, count, of, oneIn } = finding
    const { topic, schema, path, since, until, open } = finding
    const places = validityOf(finding, report).map(({ objective }) => objective.place)
    const isFailed = failed.has(fingerprintOf(pipeline, shapeName(finding)))
    return {
      rule: code,
      about: driftRules[code],
      level: isFailed ? 'error' : 'warning',
      text: shown([sentence, certainty, ...(next === null ? [] : [next])].join(' ')),
      place: places.find((place) => place !== null) ?? null,
      logical: `${shown(pipeline)}/${shown(hop)}`,
      fingerprint: fingerprintOf(pipeline, code, topic, schema, path),
      properties: {
        ...{ count, of, oneIn, since, until, open },
        ...{ topic: shown(topic), schema: shown(schema), path: shown(path) },
        ids: shapeIds([finding], IDS_MAX),
      },
    }
  })
}

function objectivesByFinding(report: Report): Map<FindingSummary, ObjectiveAssessment[]> {
  const out = new Map<FindingSummary, ObjectiveAssessment[]>()
  for (const objective of report.objectives) {
    for (const finding of findingsFor(objective, report)) {
      const list = out.get(finding)
      if (list === undefined) out.set(finding, [objective])
      else list.push(objective)
    }
  }
  return out
}

const edgesOf = ({ pipelines }: Report): EdgeSummary[] => pipelines.flatMap((p) => p.edges)

const told = ({ findings }: EdgeSummary): FindingSummary[] =>
  findings.filter(({ severity }) => severity !== 'info')
