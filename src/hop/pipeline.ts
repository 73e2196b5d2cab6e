/** A pipeline: a named directed graph of hops with an owner; its edges are balances. */
import type { ShapePlan } from '../drift/shape.ts'
import type { Preserve } from '../message/digest.ts'
import type { IdentitySpec, TimeSpec } from '../message/identity.ts'
import type { HopRef } from './hop.ts'

/** Messages a window whose ids a membership filter is made for, where the file says `true`. */
export const MEMBERSHIP_DEFAULT = 100_000
/** A smaller filter gives a false yes more often than it tells. */
export const MEMBERSHIP_MIN = 1_000
/** A larger filter would not fit into a frame. */
export const MEMBERSHIP_MAX = 400_000
/** Each is a count in every window of every hop. */
export const THRESHOLDS_MAX = 8
/** A latency above this cannot be seen: windows are not believed for longer. */
export const THRESHOLD_MS_MAX: number = 7 * 86_400_000

export interface HopDeclaration {
  /** The name in the pipeline file, unique in its pipeline. */
  readonly name: string
  readonly hop: HopRef
  readonly deadLetter: boolean
  /** Topics: where ids and birth times are found; left out: in the stamp. */
  readonly identity?: { readonly identity: IdentitySpec; readonly time: TimeSpec }
  /** One message in so many is folded, chosen by its id; 1: every message. */
  readonly oneIn: number
  /** Messages a window that a filter of their ids is made for; null: none is kept. */
  readonly membership: number | null
  /** Topics: what their messages are held against; left out: nobody looks into them. */
  readonly shape?: ShapePlan
}

/** What the `from` hops saw, the `to` hops must see; each message in exactly one of `to`. */
export interface EdgeDeclaration {
  /** `from → to`, unique in its pipeline. */
  readonly name: string
  readonly from: readonly HopDeclaration[]
  readonly to: readonly HopDeclaration[]
  /** Reasons for which `dropped(received, reason)` is promised to be all right. */
  readonly filter: readonly string[]
  /** What must arrive unaltered; null: only the ids are compared. */
  readonly preserve: Preserve | null
  /** Fields (see `Field.path` in drift/shape.ts) that must come out where they went in. */
  readonly keep?: readonly string[]
}

export interface Pipeline {
  readonly name: string
  readonly owner: Readonly<Record<string, string>>
  /** ms */
  readonly windowMs: number
  /** ms: the deadline of a window is its end + lateness */
  readonly latenessMs: number
  /** uint32: the deployment's hash seed */
  readonly seed: number
  /** Latencies up to each are counted exactly; ascending, distinct. */
  readonly thresholdsMs: readonly number[]
  readonly hops: readonly HopDeclaration[]
  readonly edges: readonly EdgeDeclaration[]
}
