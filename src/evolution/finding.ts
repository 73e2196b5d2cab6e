/** A finding of a schema check, as data: what rule, where, between which versions, and how to mend it. */
import { createHash } from 'node:crypto'
import type { Severity } from '../finding/finding.ts'
import type { Counterexample, Difference, Position, SchemaFormat } from './engine.ts'
import type { Direction } from './modes.ts'

export interface Place extends Position {
  readonly source: string
}

export interface EvolutionFinding {
  readonly format: SchemaFormat
  /** `problem`: a schema that cannot be read, or is not there: nothing is said of compatibility. */
  readonly kind: 'incompatible' | 'risk' | 'problem'
  readonly rule: string
  readonly severity: Severity
  /** Null: of one schema alone. */
  readonly direction: Direction | null
  /** Which earlier version it was held against, by its name; null: none. */
  readonly against: string | null
  /** In the next version, else in the earlier one: JSON pointer or element path. */
  readonly path: string
  readonly message: string
  readonly fix: string
  readonly place: Place | null
  readonly placeBefore: Place | null
  /** Text of the element before and after, bounded; null: it is not there. */
  readonly before: string | null
  readonly after: string | null
  readonly args: Difference['args']
  readonly counterexample: Counterexample | null
  /** The same for the same finding in every run: of subject, rule, direction and path. */
  readonly fingerprint: string
}

/** 16 hex digits. */
export function fingerprintOf(...parts: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
