/**
 * A finding: one thing that is wrong, as data. The sentence is made in explain.ts, nowhere else.
 */
import type { OffsetRange, Window } from '../base/intervals.ts'

/** What a code means for the owner; `info` never makes a verdict worse. */
export type Severity = 'error' | 'warning' | 'info'

export type FindingCode =
  | 'lost'
  | 'altered'
  | 'unacknowledged'
  | 'duplicated'
  | 'unexpected'
  | 'extra'
  | 'withdrawn_delivered'
  | 'landed_though_failed'
  | 'recovered'
  | 'copy_removed'
  | 'unconfirmed'
  | 'undetermined'
  | 'undetermined_extra'
  | 'committed'
  | 'compacted'
  | 'repetition_unknown'
  | 'identity_not_carried'
  | 'integrity_unknown'
  | 'minted_not_here'
  | 'undecodable'
  | 'params_differ'
  | 'hole'
  | 'in_flight'
  | 'unidentified'
  | 'filtered_undeclared'
  | 'undeclared_producer'

/** Every code with its severity, in the order in which findings are listed. */
export const findingCodes: Readonly<Record<FindingCode, Severity>> = {
  lost: 'error',
  altered: 'error',
  unacknowledged: 'warning',
  duplicated: 'error',
  unexpected: 'error',
  /** Extra, but copy or unexpected cannot be told. */
  extra: 'error',
  withdrawn_delivered: 'error',
  landed_though_failed: 'warning',
  recovered: 'info',
  copy_removed: 'info',
  unconfirmed: 'warning',
  undetermined: 'warning',
  undetermined_extra: 'warning',
  /** Not reported by an agent, but handled as the group's commit says. */
  committed: 'info',
  /** Perhaps removed by compaction before it was read. */
  compacted: 'warning',
  /** A member was killed before it told what it handled: it may have been done twice. */
  repetition_unknown: 'warning',
  identity_not_carried: 'warning',
  /** A promise to preserve cannot be checked: digests are missing. */
  integrity_unknown: 'warning',
  /** A silent producer minted more than the topic holds. */
  minted_not_here: 'warning',
  undecodable: 'warning',
  params_differ: 'warning',
  hole: 'warning',
  in_flight: 'info',
  unidentified: 'warning',
  filtered_undeclared: 'error',
  undeclared_producer: 'info',
}

export interface FoundId {
  /** 32 hex digits */
  readonly id: string
  /** How many of it: 1 or more. */
  readonly times: number
  /** The id it is a copy of, where it is a derived one. */
  readonly copyOf?: string
}

/** How sure: counted one by one, estimated, scaled up from a sample, or by committed offsets. */
export type Evidence = 'exact' | 'estimated' | 'sampled' | 'committed'

export interface Finding {
  readonly code: FindingCode
  readonly pipeline: string
  readonly edge: string
  readonly window: Window
  /** Messages concerned. With evidence `estimated`: at least so many; `sampled`: scaled. */
  readonly count: number
  /** By name; at most `FINDING_IDS_MAX`, `count` says how many there are. */
  readonly ids: readonly FoundId[]
  readonly evidence: Evidence
  /** Details by code: hop, reason, partitions, offsets, both parameters, … plain JSON. */
  readonly args: Readonly<Record<string, FindingArg>>
}

export type FindingArg =
  | string
  | number
  | boolean
  | null
  | readonly string[]
  | readonly OffsetRange[]

export const FINDING_IDS_MAX = 2_000
