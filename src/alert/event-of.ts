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
  const { since: _, isGoingOn: __, tally: ___, forMs: ____, ...about } = state.condition
  return {
    schema: 'quipu.alert/v1',
    ...{ id, status },
    ...about,
    severity,
    startsAt: isoOf(state.since),
    endsAt: status === 'resolved' ? isoOf(Math.max(state.since, state.fineSince ?? now)) : null,
  }
}
