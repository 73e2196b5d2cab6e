/**
 * Drift judge: shapes of hops, what was promised and what a registry said → findings, and the versions
 * seen. Pure.
 */
import type { DriftFinding } from './finding.ts'
import type { RegistryFacts } from './registry-facts.ts'
import type { Shape, ShapePlan } from './shape.ts'

/** A hop of a topic whose messages are looked at. */
export interface WatchedHop {
  /** In the pipeline file, or the coordinates of an undeclared one. */
  readonly hop: string
  readonly role: 'producer' | 'topic' | 'consumer'
  readonly topic: string
  readonly plan: ShapePlan
}

export interface WatchedEdge {
  readonly edge: string
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** It promises the value as it is. */
  readonly preserves: boolean
  /** Paths that must be in `to` where they were in `from`. */
  readonly keep: readonly string[]
}

/** One shape of one hop, window and, at producers, instance. */
export interface HopShape {
  readonly hop: string
  readonly writer: {
    readonly service: string
    readonly instance: string
    readonly client: string
    readonly host: string
  } | null
  /** ms: start, and how long it is; several windows once they are old. */
  readonly window: number
  readonly spanMs: number
  readonly shape: Shape
}

export interface DriftInput {
  readonly pipeline: string
  /** As messages travel: of a topic its producers, the topic, its consumers; before what comes of them. */
  readonly hops: readonly WatchedHop[]
  readonly edges: readonly WatchedEdge[]
  /** In any order. */
  readonly shapes: readonly HopShape[]
  readonly registry: RegistryFacts
  /** ms: findings are of windows from then on; what is before is what they are compared with. */
  readonly since: number
  readonly now: number
}

/** One version of a topic's schema, as it was seen on the wire. */
export interface VersionSeen {
  readonly pipeline: string
  readonly topic: string
  readonly subject: string
  /** As `DriftFinding.schema`. */
  readonly schema: string
  /** Null: not known to the registry, or no registry. */
  readonly version: number | null
  /** ms: start of the first window that holds it, and end of the last one. */
  readonly firstSeen: number
  readonly lastSeen: number
  /** Messages looked at at the first hop, of all looked at there. */
  readonly count: number
  readonly of: number
  readonly oneIn: number
  /** Services that write it, by count. */
  readonly services: readonly string[]
  /** Groups that read it. */
  readonly groups: readonly string[]
  /** Against the version seen before it; empty: the first one, or its schema is not known. */
  readonly changes: readonly FieldChange[]
}

export interface FieldChange {
  readonly path: string
  readonly change: 'added' | 'removed' | 'changed'
  /** Types in words; empty where there is none. */
  readonly before: string
  readonly after: string
}

/** How the looked-at messages of one hop and window stand: what `validity` counts. */
export interface ValidityCell {
  readonly hop: string
  /** ms */
  readonly window: number
  readonly spanMs: number
  readonly oneIn: number
  /** valid + invalid + unknown; looked at, not scaled. */
  readonly looked: number
  readonly invalid: number
  readonly unknown: number
  /** Of the same choice, beside `looked`: there is nothing in them that could be valid. Not scaled. */
  readonly tombstones: number
}

/** Of one pipeline. */
export interface Drift {
  readonly pipeline: string
  /** Worst first, then as messages travel, then by time. */
  readonly findings: readonly DriftFinding[]
  /** By topic, then as first seen. */
  readonly versions: readonly VersionSeen[]
  readonly cells: readonly ValidityCell[]
}
