/** The one event that all renderers of alerts read: plain JSON, of the schema `quipu.alert/v1`. */
import type { ObjectiveSeverity } from '../objective/objective.ts'

/**
 * `objective`: an objective is breached, or burns too fast. `incident`: an edge lost, doubled or altered
 * messages where no objective says how bad that is. `drift`: a message has the wrong shape. `no_data`:
 * nothing came where something was promised. `coverage`: the audit itself cannot see. `forecast`: a group
 * will lose messages. `summary`: more was to be told than its receiver takes. Indeterminate is never told
 * as loss.
 */
export const alertKinds = [
  'objective',
  'incident',
  'drift',
  'no_data',
  'coverage',
  'forecast',
  'summary',
  'test',
] as const
export type AlertKind = (typeof alertKinds)[number]

export interface AlertEvent {
  readonly schema: 'quipu.alert/v1'
  /** A UUID, of this delivery. */
  readonly id: string
  /** Stable as long as the same thing is wrong: `flights/no-loss`, `flights/enrich → enriched/incident`. */
  readonly key: string
  readonly kind: AlertKind
  readonly status: 'firing' | 'resolved'
  readonly severity: ObjectiveSeverity
  readonly pipeline: string
  readonly objective: string | null
  readonly edge: string | null
  readonly owner: Readonly<Record<string, string>>
  /** ISO 8601 */
  readonly startsAt: string
  /** Null while it fires. */
  readonly endsAt: string | null
  /** Windows of birth time that it is about; null: of none. */
  readonly windows: {
    readonly first: string
    readonly last: string
    readonly count: number
  } | null
  /** One sentence, at most `SUMMARY_CHARS_MAX`. */
  readonly summary: string
  /** At most `FACTS_MAX`: `lost`, `412 of 6,012,345`. */
  readonly facts: readonly { readonly label: string; readonly value: string }[]
  /** At most `SAMPLES_MAX`; none where the detail is `summary`. */
  readonly samples: readonly { readonly id: string; readonly traceId: string | null }[]
  readonly evidence: 'exact' | 'estimated' | 'sampled' | 'committed' | null
  /** The command that says more. */
  readonly next: string
  readonly links: {
    readonly runbook: string | null
    readonly report: string | null
  }
}

export const SUMMARY_CHARS_MAX = 150
export const FACTS_MAX = 8
export const SAMPLES_MAX = 5
