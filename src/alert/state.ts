/** What has been told of one thing, as it is stored between two looks. */
import type { ObjectiveSeverity } from '../objective/objective.ts'
import type { Condition, Tally } from './condition.ts'

/** `waiting`: too new to be told. `firing`: told. `quiet`: over, and kept so that it is not told twice. */
export const phases = ['waiting', 'firing', 'quiet'] as const

export interface AlertState {
  readonly phase: (typeof phases)[number]
  /** ms: since when it waits, or fires */
  readonly since: number
  /** ms: when it was told last; 0: never */
  readonly toldAt: number
  /** ms: since when it has been well; null: it is not */
  readonly fineSince: number | null
  /** The most that was counted. */
  readonly tally: Tally | null
  /** As it was last. Its severity is the highest that was told. */
  readonly condition: Condition
  /** By target, with the severity that was told there: those who hear of it hear when it is over. */
  readonly toldTo: Readonly<Record<string, ObjectiveSeverity>>
}

/** Null: it is none, perhaps of a later version; it is told anew then. */
export function stateOf(json: string): AlertState | null {
  try {
    const state = JSON.parse(json) as Partial<AlertState> | null
    const isState = phases.some((phase) => phase === state?.phase)
    return isState && typeof state?.condition?.key === 'string' ? (state as AlertState) : null
  } catch {
    return null
  }
}
