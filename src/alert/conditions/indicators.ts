/** Which findings an objective is about, and a few of the messages concerned. */
import type { FindingCode } from '../../finding/finding.ts'
import type { Indicator } from '../../objective/objective.ts'
import type { Incident, ObjectiveAssessment } from '../../objective/report.ts'
import { type AlertEvent, SAMPLES_MAX } from '../event.ts'
import type { Known } from '../known.ts'

const codesOf: Readonly<Partial<Record<Indicator, readonly FindingCode[]>>> = {
  completeness: ['lost', 'filtered_undeclared'],
  uniqueness: ['duplicated', 'unexpected', 'extra', 'withdrawn_delivered'],
  integrity: ['altered'],
}

/** Whether a finding of that code on the edge of an incident counts in an objective. */
export function isAbout(
  { pipeline, objective: { indicator, scope } }: ObjectiveAssessment,
  incident: Pick<Incident, 'pipeline' | 'edge'>,
  code: FindingCode,
): boolean {
  if (pipeline !== incident.pipeline) return false
  if (scope.kind === 'edge' && scope.edge !== incident.edge) return false
  return codesOf[indicator]?.includes(code) ?? false
}

/** The first ids of the newest incidents; none where the report shows none. */
export function samplesOf(
  { report }: Known,
  isWanted: (incident: Incident, code: FindingCode) => boolean,
): AlertEvent['samples'] {
  return report.incidents
    .flatMap((incident) => incident.findings.filter(({ code }) => isWanted(incident, code)))
    .flatMap(({ ids }) => ids)
    .slice(0, SAMPLES_MAX)
    .map(({ id }) => ({ id, traceId: null }))
}
