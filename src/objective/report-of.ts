/**
 * The whole report as data: what was summed up, what was promised, and what a reader asks next. Pure.
 *
 * `summary` leaves all ids out. `keys` and `samples` show what `ids` shows: the books hold neither keys
 * nor contents.
 */
import type { Drift } from '../drift/judge.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { HopGap, InstanceState } from '../hop/evidence.ts'
import { describeHop } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { assessObjective } from './assess.ts'
import { booksOf } from './books.ts'
import type { FindingSummary } from './findings.ts'
import { headlineOf } from './headline.ts'
import { incidentsOf } from './incidents.ts'
import type { Promises } from './objective.ts'
import type { AgreementView, Detail, ObjectiveAssessment, Report, ReportHop } from './report.ts'
import { shapesOf } from './shapes.ts'
import { stripsOf } from './strips.ts'
import { type PipelineSummary, summarize } from './summary.ts'
import { TimelinessFold } from './timings.ts'
import { worstVerdict } from './verdict.ts'

export interface ReportInput {
  readonly pipelines: readonly Pipeline[]
  readonly promises: readonly Promises[]
  /** Of each edge and window the newest revision, from the beginning of the longest period. */
  readonly verdicts: readonly EdgeVerdict[]
  /** Of the same windows; left out: nothing is said of latency. */
  readonly timings?: TimelinessFold
  readonly instances?: readonly InstanceState[]
  readonly gaps?: readonly HopGap[]
  readonly foreign?: number
  /** Of each pipeline, of the same windows; left out: nobody looked at any message. */
  readonly drift?: readonly Drift[]
  /** ms */
  readonly now: number
  /**
   * ms: windows before are not in the summary, strips and incidents; objectives have periods of their
   * own.
   */
  readonly since?: number | undefined
  readonly detail: Detail
  /** Of the tool. */
  readonly version: string
}

export function reportOf(input: ReportInput): Report {
  const { pipelines, promises, since, now, instances, gaps = [], foreign = 0, drift = [] } = input
  const { timings = new TimelinessFold(promises) } = input
  const verdicts = input.verdicts.filter((v) => since === undefined || v.window.start >= since)
  const assessment = summarize({
    ...{ pipelines, verdicts, latencies: timings.latencies(), gaps, foreign, now, since },
    ...(instances === undefined ? {} : { instances }),
  })
  const agents = { instances: instances ?? [], now }
  const objectives = promises.flatMap((promised) => {
    const pipeline = pipelines.find((p) => p.name === promised.pipeline)
    if (pipeline === undefined || promised.objectives.length === 0) return []
    const books = booksOf(pipeline, input.verdicts)
    const cells = drift.filter((d) => d.pipeline === pipeline.name).flatMap((d) => d.cells)
    const { burnRates } = promised
    return promised.objectives.map((objective) =>
      assessObjective({ books, objective, burnRates, timings, agents, cells }),
    )
  })
  const verdict = objectives.length === 0 ? null : worstVerdict(objectives.map((o) => o.verdict))
  const shapes = shapesOf(drift, { since, detail: input.detail })
  const isShown = input.detail !== 'summary'
  const shown = (findings: readonly FindingSummary[]): readonly FindingSummary[] =>
    isShown ? findings : findings.map((f) => ({ ...f, ids: [] }))
  return {
    ...assessment,
    pipelines: assessment.pipelines.map(
      (p): PipelineSummary => ({
        ...p,
        edges: p.edges.map((e) => ({ ...e, findings: shown(e.findings) })),
      }),
    ),
    schema: 'quipu.report/v1',
    version: input.version,
    detail: input.detail,
    verdict,
    headline: headlineOf(assessment.pipelines, objectives, verdict, shapes),
    hops: pipelines.flatMap(hopsOf),
    objectives,
    agreements: promises.flatMap((p) => agreementOf(p, objectives)),
    strips: assessment.pipelines.flatMap(({ pipeline, edges }) => {
      const declared = pipelines.find((p) => p.name === pipeline)
      const own = verdicts.filter((v) => v.pipeline === pipeline)
      const windowMs = declared?.windowMs ?? sizeOf(own)
      return stripsOf(
        pipeline,
        windowMs,
        edges.map((e) => e.edge),
        own,
      )
    }),
    incidents: assessment.pipelines.flatMap(({ pipeline }) => {
      const declared = pipelines.find((p) => p.name === pipeline)
      const own = verdicts.filter((v) => v.pipeline === pipeline)
      const agreement = promises.find((p) => p.pipeline === pipeline)?.agreement ?? null
      return incidentsOf(pipeline, declared, own, agreement).map((incident) => ({
        ...incident,
        findings: shown(incident.findings),
      }))
    }),
    drift: shapes,
  }
}

/** Of windows whose pipeline is no longer declared. */
function sizeOf(verdicts: readonly EdgeVerdict[]): number {
  const [first] = verdicts
  return first === undefined ? 1 : first.window.end - first.window.start
}

const hopsOf = ({ name: pipeline, hops }: Pipeline): ReportHop[] =>
  hops.map(({ name, hop, deadLetter }) => ({
    ...{ pipeline, hop: name, role: hop.role, at: describeHop(hop), deadLetter },
  }))

/** The worst of what is promised; what is promised and not declared has no data. */
function agreementOf(
  { pipeline, agreement }: Promises,
  objectives: readonly ObjectiveAssessment[],
): AgreementView[] {
  if (agreement === null) return []
  const verdicts = agreement.promises.map(
    (id) =>
      objectives.find((o) => o.pipeline === pipeline && o.objective.id === id)?.verdict ??
      'no_data',
  )
  const verdict = worstVerdict(verdicts)
  return [{ pipeline, agreement, verdict, objectives: agreement.promises }]
}
