/** Which findings an objective is about, and a few of the messages concerned. */
import type { FindingCode } from '../../finding/finding.ts'
import type { Indicator } from '../../objective/objective.ts'
import type { Incident, ObjectiveAssessment } from '../../objective/report.ts'
import { type AlertEvent, SAMPLES_MAX } from '../event.ts'

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

/** The first ids of the newest incidents; none where the report shows none. @param incidents newest first */
export function samplesOf(
  incidents: readonly Incident[],
  isWanted: (incident: Incident, code: FindingCode) => boolean,
): AlertEvent['samples'] {
  const samples: AlertEvent['samples'][number][] = []
  for (const incident of incidents)
    for (const { code, ids } of incident.findings) {
      if (!isWanted(incident, code)) continue
      for (const { id } of ids) {
        if (samples.length === SAMPLES_MAX) return samples
        samples.push({ id, traceId: null })
      }
    }
  return samples
}
