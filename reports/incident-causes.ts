/** Why an incident is there, as it is told where incidents are listed. */
import type { Incident, IncidentCause } from '../src/objective/report.ts'

/** The surest; `quipu explain` tells all, with their proof. */
const CAUSES_MAX = 3

/** None where nobody looked. */
export function toldCauses(causes: Incident['causes']): readonly IncidentCause[] {
  return (causes ?? []).slice(0, CAUSES_MAX)
}
