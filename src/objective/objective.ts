/** An objective: indicator + target + period. An agreement promises objectives to named consumers. */

/** The last is the auditor's own: how much of what was to be judged could be. */
export const indicators = [
  'completeness',
  'uniqueness',
  'integrity',
  'timeliness',
  'freshness',
  'validity',
  'volume',
  'audit-coverage',
] as const
export type Indicator = (typeof indicators)[number]

/** `page`: somebody is called; `ticket`: somebody looks at it by day. */
export const severities = ['page', 'ticket'] as const
export type ObjectiveSeverity = (typeof severities)[number]

export const calendarUnits = ['day', 'week', 'month', 'quarter', 'year'] as const
export type CalendarUnit = (typeof calendarUnits)[number]

/** Over what an objective is kept. Calendar periods begin at midnight of the time zone; weeks on Monday. */
export type Period =
  | { readonly kind: 'rolling'; readonly ms: number }
  | { readonly kind: 'calendar'; readonly unit: CalendarUnit; readonly timeZone: string }

/**
 * `end-to-end`: from each source of the pipeline to each terminal it can reach, the worst of the pairs
 * counts. `edge`: one balance.
 */
export type Scope =
  | { readonly kind: 'end-to-end' }
  | { readonly kind: 'edge'; readonly edge: string }

export interface Objective {
  /** Unique in its pipeline and stable: alerts, tests and findings are known by it. */
  readonly id: string
  readonly indicator: Indicator
  readonly scope: Scope
  /** Share of events that are good: above 0, at most 1. At 1 the objective is strict: any bad event breaches. */
  readonly target: number
  readonly period: Period
  /** ms; `timeliness` and `freshness`, else null */
  readonly thresholdMs: number | null
  /** Messages per window, `volume` only, else null. */
  readonly volume: { readonly min: number; readonly max: number | null } | null
  /** What is counted: `messages`, or `windows` that are good if `windowTarget` of their messages are. */
  readonly budget: 'messages' | 'windows'
  /** Share, above 0, at most 1; null with `messages`, and where the indicator counts windows itself. */
  readonly windowTarget: number | null
  readonly severity: ObjectiveSeverity
  /** Fewer events than that say nothing: neither `at_risk` nor a burn rate; 0: any number does. */
  readonly minEvents: number
  /** Whether a message that was lost at its deadline and came later gives its budget back. */
  readonly refundLate: boolean
  /** Why it is there, for readers; null: not said. */
  readonly description: string | null
  /** Where the file says so, both from 1; null: not from a file. */
  readonly place: { readonly line: number; readonly column: number } | null
}

export interface AgreementConsumer {
  readonly name: string
  readonly contact: string | null
}

export interface Agreement {
  readonly consumers: readonly AgreementConsumer[]
  /** Ids of objectives of the same pipeline. */
  readonly promises: readonly string[]
  /** ODCS: `regulatory`, `analytics` or `operational`; null: not said. */
  readonly driver: 'regulatory' | 'analytics' | 'operational' | null
  /** The day on which it is looked at again, YYYY-MM-DD; null: not said. */
  readonly review: string | null
  /** What follows a breach, in words; null: not said. */
  readonly consequence: string | null
}

/** One alert of the multi-window kind: fires if both windows burn faster than `budget` allows. */
export interface BurnTier {
  readonly severity: ObjectiveSeverity
  readonly speed: 'quick' | 'slow'
  /** Share of the period's budget that may burn in `longMs`: above 0, at most 1. */
  readonly budget: number
  /** ms, both of a period of `BurnRates.forMs`; scaled to the objective's own period. */
  readonly longMs: number
  readonly shortMs: number
}

export interface BurnRates {
  /** ms: the period for which the tiers' windows are written */
  readonly forMs: number
  readonly tiers: readonly BurnTier[]
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** Of the Site Reliability Workbook, "Alerting on SLOs", table 5-8, for 30 days. */
export const BURN_RATES_DEFAULT: BurnRates = {
  forMs: 30 * DAY_MS,
  tiers: [
    { severity: 'page', speed: 'quick', budget: 0.02, longMs: HOUR_MS, shortMs: 300_000 },
    { severity: 'page', speed: 'slow', budget: 0.05, longMs: 6 * HOUR_MS, shortMs: 1_800_000 },
    { severity: 'ticket', speed: 'quick', budget: 0.1, longMs: DAY_MS, shortMs: 2 * HOUR_MS },
    { severity: 'ticket', speed: 'slow', budget: 0.1, longMs: 3 * DAY_MS, shortMs: 6 * HOUR_MS },
  ],
}

/** What a pipeline promises; without objectives: nothing. */
export interface Promises {
  readonly pipeline: string
  readonly objectives: readonly Objective[]
  readonly agreement: Agreement | null
  readonly burnRates: BurnRates
}
