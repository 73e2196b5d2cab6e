/** Reports as the outputs for CI read them: edges and findings as summed up, objectives by hand. */
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import type { Pipeline } from '../../src/hop/pipeline.ts'
import type { Objective } from '../../src/objective/objective.ts'
import type { ObjectiveAssessment, ObjectiveVerdict, Report } from '../../src/objective/report.ts'
import { summarize } from '../../src/objective/summary.ts'
import { FLIGHTS, finding, idOf, NOW, once, verdict } from './build.ts'

const DAY = 86_400_000

export const ENRICH = 'enrich → enriched + dlq'

export function ciReport({
  pipelines = [FLIGHTS],
  verdicts = lossy(),
  ...rest
}: Partial<Omit<Report, 'pipelines'>> & {
  readonly pipelines?: readonly Pipeline[]
  readonly verdicts?: readonly EdgeVerdict[]
} = {}): Report {
  return {
    schema: 'quipu.report/v1',
    version: '0.1.0',
    detail: 'ids',
    ...summarize({ pipelines, verdicts, now: NOW }),
    verdict: null,
    headline: '',
    ...{ hops: [], objectives: [], agreements: [], strips: [], incidents: [] },
    drift: { findings: [], versions: [] },
    ...rest,
  }
}

/** Two messages of the transformation are lost and one is doubled; the other edges are met. */
export function lossy(): EdgeVerdict[] {
  const findings = [
    finding('lost', { ids: [once(idOf(1)), once(idOf(2))] }),
    finding('duplicated', { ids: [once(idOf(3))] }),
    finding('committed', { count: 5 }),
  ]
  const counts = { expected: 400, delivered: 398, lost: 2, duplicated: 1 }
  return FLIGHTS.edges.map(({ name }) =>
    name === ENRICH ? verdict(name, { verdict: 'breached', counts, findings }) : verdict(name),
  )
}

const objective = (parts: Partial<Objective> = {}): Objective => ({
  ...{ id: 'no-loss', indicator: 'completeness', scope: { kind: 'end-to-end' }, target: 0.9999 },
  period: { kind: 'rolling', ms: 30 * DAY },
  ...{ thresholdMs: null, volume: null, budget: 'messages', windowTarget: null },
  ...{ severity: 'page', minEvents: 0, refundLate: false, description: null },
  place: { line: 18, column: 7 },
  ...parts,
})

export const assessed = (
  state: ObjectiveVerdict,
  { of = {}, ...parts }: Partial<ObjectiveAssessment> & { readonly of?: Partial<Objective> } = {},
): ObjectiveAssessment => ({
  pipeline: 'flights',
  objective: objective(of),
  verdict: state,
  sentence: 'Of the messages of 30 days at least 99.99% arrive.',
  reasons: state === 'met' ? [] : [`It is ${state} for a reason.`],
  period: { start: '2026-10-24T01:00:00.000Z', end: '2026-11-23T01:00:00.000Z' },
  events: { good: 398, bad: 2, unknown: 0 },
  value: { low: 0.995, high: 0.995 },
  budget: {
    ...{ allowed: 0.04, spent: { low: 2, high: 2 }, left: { low: -49, high: -49 } },
    exhaustsInMs: null,
  },
  ...{ burn: [], burnDown: [], worst: [] },
  ...parts,
})

/** What would end a line, a command, an element or a string, or read backwards. */
export const HOSTILE: readonly string[] = [
  'a\nb\r\nc',
  'x::error::y',
  '50%0A%25',
  'a,b:c',
  ']]><script>&amp;"\'',
  '\u0000\u0008\u001b[31m\u007f\u0085',
  '\u202egnp.exe\u2066',
  '\ud800 \ufffe \uffff',
  '__proto__',
  'é'.repeat(10_000),
]
