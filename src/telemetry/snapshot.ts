/** The values of all metrics at one time: taken once, then scraped and pushed as often as one likes. */
import type { MetricName } from './catalogue.ts'

export interface Exemplar {
  /** 32 hex digits; empty: it had none that is known. */
  readonly traceId: string
  /** A UUID. */
  readonly messageId: string
  /** ms */
  readonly at: number
}

export type Attributes = Readonly<Record<string, string>>

export interface Sample {
  readonly metric: MetricName
  readonly attributes: Attributes
  readonly value: number
  /** Of counters: the newest message that was counted. */
  readonly exemplar?: Exemplar
}

/** One series of `quipu.edge.latency`. */
export interface LatencySample {
  readonly attributes: Attributes
  /** Ascending; the counts are cumulative, and never fall along them. */
  readonly buckets: readonly { readonly leMs: number; readonly count: number }[]
  readonly count: number
  readonly sumMs: number
}

export interface Snapshot {
  /** ms */
  readonly at: number
  /** Of one metric together, in the order of the catalogue. */
  readonly samples: readonly Sample[]
  readonly latencies: readonly LatencySample[]
}

/** A sum over all windows there ever were, as the store gives it. */
export interface SumTotal {
  readonly pipeline: string
  readonly edge: string
  readonly name: string
  readonly value: number
}

/** What one window gives to such sums. */
export interface SumsGiven {
  readonly pipeline: string
  readonly edge: string
  /** ms: its start */
  readonly window: number
  readonly sums: Readonly<Record<string, number>>
}
