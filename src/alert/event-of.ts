/** From a telling to the event that is sent. */
import { isoOf } from '../objective/iso.ts'
import type { ObjectiveSeverity } from '../objective/objective.ts'
import type { Telling } from './advance.ts'
import type { AlertEvent } from './event.ts'

/** @param severity to one target: as it was told there. @param now ms */
export function eventOf(
  { status, state }: Telling,
  id: string,
  now: number,
  severity: ObjectiveSeverity = state.condition.severity,
): AlertEvent {
  const { key, kind, pipeline, objective, edge, owner } = state.condition
  const { windows, summary, facts, samples, evidence, next, links } = state.condition
  const endsAt = status === 'resolved' ? Math.max(state.since, state.fineSince ?? now) : null
  return {
    ...{ schema: 'quipu.alert/v1', id, key, kind, status, severity },
    ...{ pipeline, objective, edge, owner },
    ...{ startsAt: isoOf(state.since), endsAt: endsAt === null ? null : isoOf(endsAt) },
    ...{ windows, summary, facts, samples, evidence, next, links },
  }
}
