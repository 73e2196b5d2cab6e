/**
 * What drifted, as data: the shape of messages against what was promised, against what it was, and against
 * the hop before. The sentence is made in explain.ts, nowhere else.
 */
import type { Severity } from '../finding/finding.ts'
import type { Writer } from './shape.ts'

export type DriftCode =
  | 'unregistered_schema'
  | 'foreign_schema'
  | 'retired_version'
  | 'undecodable_value'
  | 'unframed_value'
  | 'empty_value'
  | 'missing_field'
  | 'type_changed'
  | 'unseen_value'
  | 'out_of_bounds'
  | 'field_dropped'
  | 'unknown_field'
  | 'ambiguous_framing'
  | 'old_version'
  | 'writer_differs'
  | 'null_rate'
  | 'presence_rate'
  | 'cardinality'
  | 'length'
  | 'new_type'
  | 'new_version'
  | 'unread'

/** Every code with its severity, in the order in which findings are listed. Of `error`: messages are invalid. */
export const driftCodes: Readonly<Record<DriftCode, Severity>> = {
  /** Its id is in no registry. */
  unregistered_schema: 'error',
  /** Its id is registered, but not under the subject of this topic. */
  foreign_schema: 'error',
  /** A version that was deleted, or that the pipeline file does not allow. */
  retired_version: 'error',
  undecodable_value: 'error',
  /** No schema id where one is promised. */
  unframed_value: 'error',
  empty_value: 'error',
  missing_field: 'error',
  type_changed: 'error',
  unseen_value: 'error',
  out_of_bounds: 'error',
  /** An edge promises to keep it. */
  field_dropped: 'error',
  unknown_field: 'warning',
  ambiguous_framing: 'warning',
  /** A producer still writes what others no longer write. */
  old_version: 'warning',
  /** Hops of one edge hold messages of unequal schemas, though it promises to keep the value. */
  writer_differs: 'warning',
  null_rate: 'warning',
  presence_rate: 'warning',
  cardinality: 'warning',
  length: 'warning',
  /** A type that a field never had, where none is promised. */
  new_type: 'warning',
  /** A version that was not there before: a change, not a mistake. */
  new_version: 'info',
  /** Nothing is known of these messages, for or against. */
  unread: 'warning',
}

/** Who wrote what drifted. */
export interface DriftProducer extends Writer {
  /** Of its messages that were looked at, those concerned, and all. */
  readonly count: number
  readonly of: number
}

export interface DriftFinding {
  readonly code: DriftCode
  readonly severity: Severity
  readonly pipeline: string
  /** Of the hops that show it in its first window the first, as messages travel. */
  readonly hop: string
  /** All hops of the same topic where it shows, that one first. */
  readonly hops: readonly string[]
  readonly topic: string
  /** Null unless it is about two hops. */
  readonly edge: string | null
  /** In the registry; empty: none is promised. */
  readonly subject: string
  /** `version 3 (id 7)`, `id 7`, a GUID; empty: it does not depend on the schema, or there is none. */
  readonly schema: string
  /** See `Field.path` in shape.ts; empty: the message as a whole. */
  readonly path: string
  /** ms: start of the first window in which it shows. */
  readonly since: number
  /** ms: end of the last one. */
  readonly until: number
  /** Whether the newest window of that hop still shows it. */
  readonly open: boolean
  /** Windows in which it shows. */
  readonly windows: number
  /** Messages concerned, of those looked at from `since` until `until`, at the first hop. */
  readonly count: number
  readonly of: number
  /** 1: all were looked at; n: one in n. */
  readonly oneIn: number
  /** By count; at most `PRODUCERS_MAX`. Empty: no producer of the topic is audited, or none shows it. */
  readonly producers: readonly DriftProducer[]
  /** 32 hex digits; the lowest, at most `DRIFT_IDS_MAX`. */
  readonly ids: readonly string[]
  /** Details by code: expected, came, before, after, p, others, … plain JSON, no values unless asked. */
  readonly args: Readonly<Record<string, DriftArg>>
}

export type DriftArg = string | number | boolean | null | readonly string[]

export const PRODUCERS_MAX = 10
export const DRIFT_IDS_MAX = 5
