/** What `quipu top` shows: where the audited edges stand, as plain values. */
import type { Window } from '../src/base/intervals.ts'
import type { FindingCode, Severity } from '../src/finding/finding.ts'
import { isoOf } from '../src/objective/iso.ts'
import type { Standing } from '../src/objective/standing.ts'

/** It only grows: schemas/top.schema.json says what is in it. */
const SCHEMA = 'quipu.top/v1'

export interface TopState {
  /** ms */
  readonly at: number
  /** ms: shown are windows that start from then on */
  readonly since: number
  /** ms: until when everything that was written has been taken and judged; null: no auditor said so. */
  readonly seenUntil: number | null
  readonly pipelines: readonly TopPipeline[]
  /** Newest first, then the worst: at most `TOP_FINDINGS_MAX`. */
  readonly findings: readonly TopFinding[]
  /** All that there are. */
  readonly findingCount: number
  /** By service; only such as have one that fell silent. */
  readonly silent: readonly SilentAgents[]
  /** Instances that reported in this time. */
  readonly agents: number
  /** Groups that the start of their log will pass, the soonest first. */
  readonly losing: readonly LosingGroup[]
}

export interface TopPipeline {
  readonly pipeline: string
  readonly standing: Standing
  readonly edges: readonly TopEdge[]
}

export interface TopEdge {
  readonly edge: string
  readonly standing: Standing
  /** Counts are of a sample, scaled up. */
  readonly isSampled: boolean
  /** Windows settled, and not settled yet. */
  readonly judged: number
  readonly open: number
  /** Messages a second that were expected in the newest settled windows; null: none is settled. */
  readonly rate: number | null
  /** Of those windows. */
  readonly rateSpan: Window | null
  /** Null: no window was looked at. */
  readonly inFlight: number | null
  /** Messages between what its groups have committed and the ends of their logs; null: nobody asked lately. */
  readonly behind: number | null
  /** Null: no window was judged that saw anything. */
  readonly missing: TopCount | null
  readonly duplicated: TopCount | null
  /** Hop windows seen whole, of those that were judged. */
  readonly seen: number
  readonly cells: number
}

export interface TopCount {
  readonly count: number
  /** It is neither more nor less; else at least so many. */
  readonly isExact: boolean
}

export interface TopFinding {
  readonly pipeline: string
  readonly edge: string
  readonly code: FindingCode
  readonly severity: Severity
  /** The newest that shows it, and how many do. */
  readonly window: Window
  readonly windows: number
  /** Messages, in all of them. */
  readonly count: number
  /** Of the newest. */
  readonly sentence: string
}

export interface SilentAgents {
  readonly service: string
  readonly silent: number
  readonly instances: number
  /** ms: when the first of them was heard last */
  readonly since: number
}

export interface LosingGroup {
  readonly group: string
  readonly topic: string
  /** ms from now; 0: it is there. */
  readonly lossInMs: number
}

export const TOP_FINDINGS_MAX = 50

export function topJson(state: TopState): object {
  const { at, since, seenUntil, pipelines, silent, ...rest } = state
  return {
    ...{ schema: SCHEMA, at: isoOf(at), since: isoOf(since) },
    seenUntil: seenUntil === null ? null : isoOf(seenUntil),
    pipelines: pipelines.map(({ edges, ...pipeline }) => ({
      ...pipeline,
      edges: edges.map(({ rateSpan: span, ...edge }) => ({ ...edge, span })),
    })),
    silent: silent.map((one) => ({ ...one, since: isoOf(one.since) })),
    ...rest,
  }
}
