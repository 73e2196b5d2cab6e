/** Sends all that is due, and reminds who wants it of what fires. */
import { randomUUID } from 'node:crypto'
import type { AlertRow } from '../store/alerts.ts'
import type { Courier } from './courier.ts'
import type { AlertEvent } from './event.ts'
import { eventOf } from './event-of.ts'
import { statesIn } from './tell.ts'

/** @param rows the states, read once all that was due is sent. @param clock ms */
export async function sendDue(
  courier: Courier,
  rows: () => readonly AlertRow[] | Promise<readonly AlertRow[]>,
  clock: () => number,
): Promise<void> {
  while ((await courier.round()) > 0);
  const firing = [...statesIn(await rows()).values()].filter((s) => s.phase === 'firing')
  const now = clock()
  await courier.remind((target) =>
    firing.flatMap((state): AlertEvent[] => {
      const severity = state.toldTo[target]
      if (severity === undefined) return []
      const { key } = state.condition
      return [eventOf({ key, status: 'firing', state }, randomUUID(), now, severity)]
    }),
  )
}
