/** What `quipu.yaml`, or the flags that stand for it, says. */
import { nearest } from '../base/nearest.ts'
import { type Pipeline, THRESHOLD_MS_MAX } from '../hop/pipeline.ts'
import type { Promises } from '../objective/objective.ts'
import type { AlertingConfig } from './alerting.ts'
import type { SchemasConfig } from './schemas-section.ts'

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
  /** Latencies that are counted exactly, those of objectives among them; ascending, distinct. */
  readonly thresholdsMs: readonly number[]
  readonly pipelines: readonly Pipeline[]
  /** One for each pipeline, in the same order. */
  readonly promises: readonly Promises[]
  /** Left out: there is no file. */
  readonly alerting?: AlertingConfig
  /** Left out: the file says nothing of schemas. */
  readonly schemas?: SchemasConfig
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

/** Why a length of time will not do where nothing else is asked of it, or null. */
export function durationProblem(ms: number | null): string | null {
  return ms === null || ms === 0 ? 'expected a duration such as `5m`, `1h` or `3d`' : null
}

/** Why a time zone will not do, or null. */
export function timeZoneProblem(zone: string): string | null {
  try {
    // Offsets such as +01:00 are no zones: they know no summer.
    if (/^[A-Za-z]/.test(zone)) return Intl.DateTimeFormat('en', { timeZone: zone }) && null
  } catch {
    // A RangeError: there is none of that name.
  }
  const near = nearest(zone, Intl.supportedValuesOf('timeZone'))
  if (near !== null) return `expected a time zone, of which the nearest is \`${near}\``
  return 'expected a time zone such as `Europe/Berlin`'
}
