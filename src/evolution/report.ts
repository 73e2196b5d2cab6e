/** What a check of schemas found, as data: for every renderer, and for the exit code. */
import type { Severity } from '../finding/finding.ts'
import type { Policy, SchemaFormat } from './engine.ts'
import type { EvolutionFinding } from './finding.ts'
import type { Mode } from './modes.ts'

export interface ReportedFinding extends Omit<EvolutionFinding, 'format' | 'kind'> {
  /** Null: of a suppression, or of settings. */
  readonly subject: string | null
  readonly format: SchemaFormat | null
  readonly kind: EvolutionFinding['kind'] | 'upkeep'
  /** `known`: a baseline has it. `suppressed`: somebody answers for it. Only `open` ones fail. */
  readonly standing: 'open' | 'known' | 'suppressed'
  /** Null: it is not suppressed. */
  readonly suppression: { readonly reason: string; readonly until: string } | null
}

/** `unknown`: it could not be compared. `not_compared`: its mode is NONE. */
export type SubjectStatus =
  | 'compatible'
  | 'incompatible'
  | 'unknown'
  | 'new'
  | 'deleted'
  | 'not_compared'

export interface SubjectReport {
  readonly subject: string
  readonly format: SchemaFormat
  /** Null: it is deleted. */
  readonly path: string | null
  readonly mode: Mode
  readonly policy: Policy
  readonly status: SubjectStatus
  /** Earlier versions that it was held against. */
  readonly versions: number
  /** Versions × directions. */
  readonly comparisons: number
}

export interface SchemaCheck {
  /** By name. */
  readonly subjects: readonly SubjectReport[]
  /** By subject; of one subject in the order in which they were found. */
  readonly findings: readonly ReportedFinding[]
}

export const failLevels = ['error', 'warning'] as const
export type FailLevel = (typeof failLevels)[number]

export interface SchemaCheckReport extends SchemaCheck {
  /** Of this package. */
  readonly version: string
  /** What they were held against, as it was named. */
  readonly against: readonly string[]
  readonly failOn: FailLevel
  /** Files that look like schemas and are none. */
  readonly skipped: readonly string[]
}

/** 0 compatible; 1 findings; 3 could not check. */
export type SchemaCheckCode = 0 | 1 | 3

/**
 * Worst first: what is proven stands above what is not known.
 *
 * Law: silence is no success. Where nothing was compared, and nothing is new, nothing is all right.
 */
export function schemaCheckCode({
  findings,
  subjects,
  failOn,
}: Pick<SchemaCheckReport, 'findings' | 'subjects' | 'failOn'>): SchemaCheckCode {
  if (findings.some((f) => fails(f, failOn))) return 1
  if (findings.some((f) => f.kind === 'problem')) return 3
  return hasCompared(subjects) || subjects.some((s) => s.status === 'new') ? 0 : 3
}

export const hasCompared = (subjects: readonly SubjectReport[]): boolean =>
  subjects.some((s) => s.comparisons > 0)

export function fails(
  { kind, severity, standing }: Pick<ReportedFinding, 'kind' | 'severity' | 'standing'>,
  failOn: FailLevel,
): boolean {
  if (kind === 'problem' || standing !== 'open') return false
  return severity === 'error' || (severity === 'warning' && failOn === 'warning')
}

/** Severities, worst first. */
export const severities: readonly Severity[] = ['error', 'warning', 'info']
