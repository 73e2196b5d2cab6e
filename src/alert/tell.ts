/** One look: from the rows of the store and what is wrong now to the change that is stored. Pure. */
import type { AlertingConfig } from '../config/alerting.ts'
import type { AlertChange, AlertRow, OutboxEntry } from '../store/alerts.ts'
import { advance, type States } from './advance.ts'
import type { Condition } from './condition.ts'
import type { AlertEvent } from './event.ts'
import { eventOf } from './event-of.ts'
import { type AlertState, stateOf } from './state.ts'
import { targetsFor } from './targets.ts'

export interface TellOptions {
  readonly alerting: Pick<AlertingConfig, 'routes' | 'repeatMs' | 'resolveAfterMs'>
  /** ms */
  readonly now: number
  readonly isKnown?: (condition: Condition) => boolean
  /** A UUID. */
  readonly newId: () => string
}

export interface Told {
  readonly change: AlertChange
  /** As they are once the change is stored. */
  readonly states: States
  readonly events: readonly AlertEvent[]
}

export function tell(
  rows: readonly AlertRow[],
  conditions: readonly Condition[],
  { alerting, now, isKnown, newId }: TellOptions,
): Told {
  const before = statesIn(rows)
  const { states, tellings } = advance(before, conditions, {
    ...{ now, repeatMs: alerting.repeatMs, resolveAfterMs: alerting.resolveAfterMs },
    ...(isKnown === undefined ? {} : { isKnown }),
  })
  const after = new Map(states)
  const added: OutboxEntry[] = []
  const events: AlertEvent[] = []
  for (const telling of tellings) {
    const { key, status, state } = telling
    const event = eventOf(telling, newId(), now)
    events.push(event)
    if (status === 'resolved') {
      // With the severity that was told there: to some receivers it is part of what the alert is.
      for (const [route, severity] of Object.entries(state.toldTo))
        added.push({ route, key, event: JSON.stringify({ ...event, severity }) })
      continue
    }
    const names = targetsFor(alerting, event).map(({ name }) => name)
    added.push(...names.map((route) => ({ route, key, event: JSON.stringify(event) })))
    const told = Object.fromEntries(names.map((name) => [name, event.severity]))
    after.set(key, { ...state, toldTo: { ...state.toldTo, ...told } })
  }
  const stored = new Map(rows.map(({ key, state }) => [key, state]))
  const changed = [...after]
    .map(([key, state]) => ({ key, state: JSON.stringify(state) }))
    .filter(({ key, state }) => stored.get(key) !== state)
  const forgotten = [...stored.keys()].filter((key) => !after.has(key))
  return { change: { states: changed, forgotten, added }, states: after, events }
}

/** Rows that cannot be read are as if they were not there. */
export function statesIn(rows: readonly AlertRow[]): Map<string, AlertState> {
  return new Map(
    rows.flatMap(({ key, state: json }) => {
      const state = stateOf(json)
      return state === null ? [] : [[key, state] as const]
    }),
  )
}

export const isEmpty = ({ states = [], forgotten = [], added = [] }: AlertChange): boolean =>
  states.length + forgotten.length + added.length === 0
