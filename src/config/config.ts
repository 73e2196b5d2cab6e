/** What `quipu.yaml`, or the flags that stand for it, says. */
import { type Pipeline, THRESHOLD_MS_MAX } from '../hop/pipeline.ts'

export const saslMechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const

export interface Sasl {
  readonly mechanism: (typeof saslMechanisms)[number]
  readonly username: string
  readonly password: string
}

/** Paths of PEM files, absolute. */
export interface TlsFiles {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export interface Cluster {
  readonly brokers: readonly string[]
  readonly ssl: boolean | TlsFiles
  readonly sasl: Sasl | null
}

export interface KafkaConfig {
  /** By name; `default` where only one is given, without a name. */
  readonly clusters: Readonly<Record<string, Cluster>>
  /** Where the frames go. */
  readonly audit: { readonly cluster: string; readonly topic: string }
}

export interface Config {
  /** The file it came from, or null if from flags. */
  readonly file: string | null
  /** null: no Kafka is named; enough for agents and readers. */
  readonly kafka: KafkaConfig | null
  readonly windowMs: number
  readonly latenessMs: number
  readonly seed: number
  /** Latencies that are counted exactly; ascending, distinct. */
  readonly thresholdsMs: readonly number[]
  readonly pipelines: readonly Pipeline[]
}

/** One mistake in a file. */
export interface ConfigIssue {
  /** From 1. */
  readonly line: number
  readonly column: number
  /** What was expected and what came; with a suggestion where there is one. */
  readonly message: string
}

export const DEFAULT_CLUSTER = 'default'
export const DEFAULT_WINDOW_MS = 60_000
export const DEFAULT_LATENESS_MS = 120_000
/** Shorter windows cost more to send than the messages they count. */
const WINDOW_MS_MIN = 250
const DAY_MS = 86_400_000
/** A window is kept this long at least, so a deadline further away could not be judged. */
const LATENESS_MS_MAX: number = 7 * DAY_MS

/** Why a window size will not do, or null. Windows divide a day, so that days and hours add up. */
export function windowProblem(ms: number | null): string | null {
  if (ms === null) return 'expected a duration such as `1m`, `30s` or `250ms`'
  if (ms < WINDOW_MS_MIN) return `expected a window of ${WINDOW_MS_MIN}ms or more`
  if (DAY_MS % ms !== 0) return 'expected a window that divides a day, such as `30s`, `1m` or `1h`'
  return null
}

/** Why a lateness will not do, or null. */
export function latenessProblem(ms: number | null): string | null {
  if (ms === null) return 'expected a duration such as `2m`, or `0s`'
  if (ms > LATENESS_MS_MAX) return 'expected a lateness of at most `7d`'
  return null
}

/** Why a latency threshold will not do, or null. */
export function thresholdProblem(ms: number | null): string | null {
  if (ms === null) return 'expected a duration such as `1s` or `60s`'
  if (ms === 0 || ms > THRESHOLD_MS_MAX) return 'expected a threshold above `0s`, at most `7d`'
  return null
}
