/**
 * What a build is told of a report: one outcome for each objective, for each edge of a pipeline that
 * promises nothing, and for each way in which messages are not what was promised of their shape. Every
 * output for CI renders these.
 *
 * Law: silence is no success. A pipeline without edges, and a report without pipelines, is an outcome
 * too, without data.
 */
import { visible } from '../../src/base/visible.ts'
import { formatInstant } from '../../src/base/words.ts'
import type { ObjectiveSeverity } from '../../src/objective/objective.ts'
import type { ObjectiveAssessment, Report, ShapeFinding } from '../../src/objective/report.ts'
import type { EdgeSummary } from '../../src/objective/summary.ts'
import { cut } from '../lines.ts'
import {
  budgetWords,
  eventWords,
  exhaustionWords,
  scopeWords,
  targetWords,
  valueWords,
} from '../promises.ts'
import { lookedWords, whenWords } from '../shape-words.ts'
import { shortCounts, windowsOf } from '../words.ts'
import { type Baseline, worseThan } from './baseline.ts'
import { findingsFor, idsOf } from './findings.ts'
import { errorsFor, shapeIds, shapeName, unborneOf } from './shapes.ts'
import { type OutcomeState, states } from './states.ts'

export interface Outcome {
  readonly of: 'objective' | 'edge' | 'pipeline' | 'shape'
  /** Raw: the objective's id, or the name of edge, pipeline or drift. For keys, never shown. */
  readonly key: readonly [pipeline: string, name: string]
  readonly state: OutcomeState
  readonly severity: ObjectiveSeverity
  /** Where the file declares it, both from 1; null: not known. */
  readonly place: { readonly line: number; readonly column: number } | null
  // What follows is for people: bounded, nothing hidden in it, without line breaks.
  readonly pipeline: string
  readonly name: string
  /** An edge, a topic, or `end to end`. */
  readonly scope: string
  readonly sentence: string
  /** Why the state, worst first. */
  readonly reasons: readonly string[]
  readonly facts: readonly string[]
  /** The few of them that fit into a line. */
  readonly brief: string
  /** The first few messages concerned. */
  readonly ids: readonly string[]
}

export interface CiOptions {
  /** Whether what is at risk fails a build as what is breached does. */
  readonly atRiskFails?: boolean
  /** Whether no data is all right; else it is as bad as what cannot be judged. */
  readonly noDataAllowed?: boolean
  /** What stands no worse than there fails nothing. */
  readonly baseline?: Baseline
  /** The pipeline file, relative to the root of the repository, with `/`; left out: not known. */
  readonly file?: string
}

/** More than a person reads and a server takes; the worst are kept. */
const OUTCOMES_MAX = 2_000
/** Columns of one text. */
const TEXT_MAX = 1_000
const REASONS_MAX = 10
/** As many ids as one looks up by hand. */
const IDS_MAX = 5

/** In the order of the file; of a pipeline what drifted comes last. */
export function outcomesOf(report: Report): Outcome[] {
  const { pipelines, objectives } = report
  const drifted = unborneOf(report)
  const all = pipelines.flatMap((pipeline): Outcome[] => {
    const { pipeline: name, edges } = pipeline
    const shapes = drifted.filter((f) => f.pipeline === name).map(shapeOutcome)
    const promised = objectives.filter((o) => o.pipeline === name)
    if (promised.length > 0) return [...promised.map((o) => objectiveOutcome(o, report)), ...shapes]
    if (edges.length > 0) return [...edges.map((e) => edgeOutcome(e, report)), ...shapes]
    return [nothingOutcome(name), ...shapes]
  })
  return all.length > 0 ? all : [nothingOutcome('quipu')]
}

/** The worst of them, in their order. None that is left out is worse than any shown. */
export function bounded(outcomes: readonly Outcome[]): {
  readonly shown: readonly Outcome[]
  readonly leftOut: number
} {
  if (outcomes.length <= OUTCOMES_MAX) return { shown: outcomes, leftOut: 0 }
  const kept = new Set(worstFirst(outcomes).slice(0, OUTCOMES_MAX))
  return { shown: outcomes.filter((o) => kept.has(o)), leftOut: outcomes.length - kept.size }
}

/** Worst first; of the same state what pages before what does not; then as declared. */
export function worstFirst(outcomes: readonly Outcome[]): Outcome[] {
  const rank = ({ state, severity }: Outcome): number =>
    states.indexOf(state) * 2 + (severity === 'page' ? 0 : 1)
  return [...outcomes].sort((a, b) => rank(a) - rank(b))
}

/** What a build makes of it. `warned`: it passes, and somebody should look. */
export type Judgement = 'passed' | 'warned' | 'failed' | 'unknown' | 'skipped'

export function judge(
  outcome: Outcome,
  { atRiskFails = false, noDataAllowed = false, baseline }: CiOptions,
): Judgement {
  const { state } = outcome
  if (state !== 'met' && baseline !== undefined && !worseThan(outcome, baseline)) return 'warned'
  switch (state) {
    case 'met':
      return 'passed'
    case 'breached':
      return 'failed'
    case 'at_risk':
      return atRiskFails ? 'failed' : 'warned'
    case 'no_data':
      return noDataAllowed ? 'skipped' : 'unknown'
    default:
      return 'unknown'
  }
}

export const stateWords: Readonly<Record<OutcomeState, string>> = {
  breached: 'breached',
  at_risk: 'at risk',
  indeterminate: 'cannot be judged',
  open: 'not settled yet',
  no_data: 'no data',
  met: 'met',
}

/** A text of somebody else's, safe to show: bounded, nothing hidden. */
export const shown = (text: string): string => cut(visible(text), TEXT_MAX)

function objectiveOutcome(assessment: ObjectiveAssessment, report: Report): Outcome {
  const { pipeline, objective, verdict, value, events, budget, period } = assessment
  const exhausted = exhaustionWords(budget)
  const findings = findingsFor(assessment, report)
  const invalid = errorsFor(assessment, report)
  const reached = `${valueWords(value, objective.target)} of at least ${targetWords(objective.target)}`
  const left = budgetWords(budget)
  const facts = [
    reached,
    eventWords(events, objective),
    ...assessment.worst
      .slice(0, 1)
      .map((w) => `worst window ${instantWords(w.start)} on ${w.edge}`),
    left,
    ...(exhausted === null ? [] : [`the budget is used up ${exhausted}`]),
    `period ${instantWords(period.start)} – ${instantWords(period.end)}`,
  ]
  return {
    of: 'objective',
    key: [pipeline, objective.id],
    state: verdict,
    severity: objective.severity,
    place: objective.place,
    pipeline: shown(pipeline),
    name: shown(objective.id),
    scope: shown(scopeWords(objective)),
    sentence: shown(assessment.sentence),
    reasons: [...assessment.reasons, ...invalid.map((f) => f.sentence)]
      .slice(0, REASONS_MAX)
      .map(shown),
    facts: facts.map(shown),
    brief: shown([reached, left].filter(Boolean).join(', ')),
    ids: [...idsOf(findings, report.detail, IDS_MAX), ...shapeIds(invalid, IDS_MAX)].map(shown),
  }
}

function shapeOutcome(finding: ShapeFinding): Outcome {
  const { pipeline, topic, sentence, certainty, next } = finding
  const name = shapeName(finding)
  const looked = lookedWords(finding)
  return {
    of: 'shape',
    key: [pipeline, name],
    state: 'breached',
    severity: 'page',
    place: null,
    pipeline: shown(pipeline),
    name: shown(name),
    scope: shown(topic),
    sentence: 'Messages have the shape that was promised.',
    reasons: [sentence, certainty, ...(next === null ? [] : [next])].map(shown),
    facts: [looked, whenWords(finding)].map(shown),
    brief: shown(looked),
    ids: shapeIds([finding], IDS_MAX).map(shown),
  }
}

function edgeOutcome(edge: EdgeSummary, report: Report): Outcome {
  const found = edge.findings.filter((f) => f.severity !== 'info')
  const worst = found.some((f) => f.severity === 'error')
    ? found.filter((f) => f.severity === 'error')
    : found
  const unseen = edge.unseen.map(({ hop, why }) => [hop, ...why].join(': '))
  return {
    of: 'edge',
    key: [edge.pipeline, edge.edge],
    state: edge.standing,
    severity: 'page',
    place: null,
    pipeline: shown(edge.pipeline),
    name: shown(edge.edge),
    scope: shown(edge.edge),
    sentence: 'Every message arrives, once.',
    reasons: [...worst.map((f) => f.sentence), ...unseen].slice(0, REASONS_MAX).map(shown),
    facts: [shortCounts(edge), windowsOf(edge)].map(shown),
    brief: shown(shortCounts(edge)),
    ids: idsOf(worst, report.detail, IDS_MAX).map(shown),
  }
}

function nothingOutcome(pipeline: string): Outcome {
  return {
    of: 'pipeline',
    key: [pipeline, ''],
    state: 'no_data',
    severity: 'page',
    place: null,
    pipeline: shown(pipeline),
    name: shown(pipeline),
    scope: 'end to end',
    sentence: 'Something has been audited.',
    reasons: ['Nothing has been audited: no edge is known.'],
    facts: [],
    brief: '',
    ids: [],
  }
}

const instantWords = (iso: string): string => formatInstant(Date.parse(iso))
