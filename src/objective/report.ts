/**
 * What every renderer reads: the state of the pipelines, their promises kept or not, and why. Plain
 * JSON, so that the page can embed it and a program can read it.
 *
 * Times are ISO 8601 in UTC unless a name ends in `Ms`; shares are 0 to 1.
 */

import type { DriftFinding } from '../drift/finding.ts'
import type { VersionSeen } from '../drift/judge.ts'
import type { Cause } from '../finding/cause.ts'
import type { HopRole } from '../hop/hop.ts'
import type { FindingSummary } from './findings.ts'
import type { Agreement, Objective, ObjectiveSeverity } from './objective.ts'
import type { Standing } from './standing.ts'
import type { Assessment } from './summary.ts'

/** DESIGN section 2. */
export type ObjectiveVerdict = 'met' | 'at_risk' | 'breached' | 'no_data' | 'indeterminate'

/** Messages or windows, as the objective counts. */
export interface Events {
  readonly good: number
  readonly bad: number
  /** Undetermined or in flight; for estimates and samples, the width of their interval. */
  readonly unknown: number
}

/** At least and at most: what is unknown taken as bad, and as good. */
export interface Bounds {
  readonly low: number
  readonly high: number
}

export interface Budget {
  /** Bad events that the period allows, by the events it had so far: (1 − target) × events. */
  readonly allowed: number
  readonly spent: Bounds
  /** Share that is left, of `allowed`; below 0: overspent. Null: nothing is allowed (strict). */
  readonly left: Bounds | null
  /** ms until it is used up at the present burn rate; null: not burning, or used up already. */
  readonly exhaustsInMs: number | null
}

export interface BurnState {
  readonly severity: ObjectiveSeverity
  readonly speed: 'quick' | 'slow'
  /** ms, scaled to the objective's period */
  readonly longMs: number
  readonly shortMs: number
  /** Fires if both burn faster than this; 1: the budget lasts exactly the period. */
  readonly factor: number
  /** Rates over the last closed windows; null: no events there. */
  readonly long: number | null
  readonly short: number | null
  readonly firing: boolean
}

/** One point of the burn-down. */
export interface BurnPoint {
  readonly at: string
  /** Share of the budget left after the windows up to then. */
  readonly left: Bounds
}

export interface ObjectiveAssessment {
  readonly pipeline: string
  readonly objective: Objective
  readonly verdict: ObjectiveVerdict
  /** `Of the messages of 30 days at least 99.99% arrive.` */
  readonly sentence: string
  /** Why the verdict, worst first: sentences. */
  readonly reasons: readonly string[]
  readonly period: { readonly start: string; readonly end: string }
  readonly events: Events
  /** Share of good events; null: no events. */
  readonly value: Bounds | null
  readonly budget: Budget | null
  readonly burn: readonly BurnState[]
  /** At most `BURN_POINTS_MAX`, ascending. */
  readonly burnDown: readonly BurnPoint[]
  /** Windows that spent the most, worst first, at most 10. */
  readonly worst: readonly {
    readonly edge: string
    readonly start: string
    readonly end: string
    readonly bad: number
  }[]
}

export const BURN_POINTS_MAX = 200

/** One window of an edge, or several of which the worst stands for all. */
export interface StripCell {
  readonly start: string
  readonly end: string
  readonly standing: Standing
  readonly windows: number
  readonly expected: number
  readonly lost: number
  readonly duplicated: number
  readonly altered: number
  readonly inFlight: number
  readonly undetermined: number
}

/** At most `CELLS_MAX` cells, ascending; neighbours are put together where there are more windows. */
export interface EdgeStrip {
  readonly pipeline: string
  readonly edge: string
  readonly cells: readonly StripCell[]
}

export const CELLS_MAX = 300

/** Why an incident is there, as `quipu explain` tells it from the store alone. */
export interface IncidentCause extends Pick<Cause, 'code' | 'finding' | 'certainty'> {
  /** Messages, of the windows that were looked at. */
  readonly count: number
  readonly sentence: string
  /** How sure, and why not surer. */
  readonly why: string
}

/** Adjacent bad windows of one edge: what a person would call one incident. */
export interface Incident {
  /** Stable: pipeline, edge and first window. */
  readonly id: string
  readonly pipeline: string
  readonly edge: string
  readonly start: string
  readonly end: string
  /** Whether the newest judged window of the edge is still part of it. */
  readonly open: boolean
  readonly windows: number
  readonly standing: 'breached' | 'indeterminate'
  /** Of all its windows together; worst first. */
  readonly findings: readonly FindingSummary[]
  /** Hops behind the edge, and consumers of the agreement, whom it reaches. */
  readonly reaches: readonly string[]
  /** The surest first; null: nobody looked. */
  readonly causes: readonly IncidentCause[] | null
}

/** What one named consumer was promised. */
export interface AgreementView {
  readonly pipeline: string
  readonly agreement: Agreement
  /** The worst of what is promised. */
  readonly verdict: ObjectiveVerdict
  readonly objectives: readonly string[]
}

/** How much of what is behind the numbers a report shows. */
export const details = ['summary', 'ids', 'keys', 'samples'] as const
export type Detail = (typeof details)[number]

/** A hop as declared. */
export interface ReportHop {
  readonly pipeline: string
  readonly hop: string
  readonly role: HopRole
  /** Where it is, as coverage says it: `topic flights.enriched`, `group enrich of flights`, … */
  readonly at: string
  readonly deadLetter: boolean
}

/** What drifted, and what to make of it. */
export interface ShapeFinding extends Omit<DriftFinding, 'since' | 'until'> {
  /** Start of the first window in which it shows, and end of the last one. */
  readonly since: string
  readonly until: string
  /** As UUIDs; none where the detail is `summary`. */
  readonly ids: readonly string[]
  readonly sentence: string
  readonly certainty: string
  readonly next: string | null
}

/** A version of the schema of a topic, as it was seen on the wire. */
export interface ShapeVersion extends Omit<VersionSeen, 'firstSeen' | 'lastSeen'> {
  readonly firstSeen: string
  readonly lastSeen: string
}

/** The shape of messages, of topics whose messages are looked at. */
export interface Shapes {
  /** By pipeline; worst first, then as messages travel, then by time. */
  readonly findings: readonly ShapeFinding[]
  /** By topic, then as first seen. */
  readonly versions: readonly ShapeVersion[]
}

export interface Report extends Assessment {
  readonly schema: 'quipu.report/v1'
  /** Of the tool that made it. */
  readonly version: string
  readonly detail: Detail
  /** What all objectives come to: the worst; null: none is declared, the edges' standings say it all. */
  readonly verdict: ObjectiveVerdict | null
  /** One sentence for a person in a hurry: `412 of 6,012,345 messages were lost …`. */
  readonly headline: string
  /** Of every pipeline, in the order of the file. */
  readonly hops: readonly ReportHop[]
  readonly objectives: readonly ObjectiveAssessment[]
  readonly agreements: readonly AgreementView[]
  readonly strips: readonly EdgeStrip[]
  readonly incidents: readonly Incident[]
  readonly drift: Shapes
}
