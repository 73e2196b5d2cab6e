/** What is known when alerts are decided: a report, how hops are seen, and what is foretold. */
import type { AlertingConfig } from '../config/alerting.ts'
import type { GroupForecast } from '../diagnose/forecast.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import type { HopSummary } from '../objective/hop-coverage.ts'
import type { Report } from '../objective/report.ts'

export interface Foretold {
  readonly pipeline: string
  /** The hop of the group, by its name. */
  readonly hop: string
  readonly forecast: GroupForecast
}

export interface Known {
  /** ms */
  readonly now: number
  readonly alerting: AlertingConfig
  readonly pipelines: readonly Pipeline[]
  /** Of the last day; objectives over their own periods. */
  readonly report: Report
  /** Of the last minutes. */
  readonly hops: readonly HopSummary[]
  readonly forecasts: readonly Foretold[]
}

/** Of the owner of a pipeline. */
export function ownerOf(
  { pipelines }: Known,
  name: string,
): {
  readonly owner: Readonly<Record<string, string>>
  readonly links: { readonly runbook: string | null; readonly report: null }
} {
  const owner = pipelines.find((p) => p.name === name)?.owner ?? {}
  return { owner, links: { runbook: owner.runbook ?? null, report: null } }
}

/** ms after which the first window of a pipeline should have been judged. */
export function judgedWithin({ pipelines }: Known, name: string): number {
  const { windowMs = 0, latenessMs = 0 } = pipelines.find((p) => p.name === name) ?? {}
  return 2 * (windowMs + latenessMs)
}
