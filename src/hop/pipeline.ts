/** A pipeline: a named directed graph of hops with an owner; its edges are balances. */
import type { IdentitySpec, TimeSpec } from '../message/identity.ts'
import type { HopRef } from './hop.ts'

export interface HopDeclaration {
  /** The name in the pipeline file, unique in its pipeline. */
  readonly name: string
  readonly hop: HopRef
  readonly deadLetter: boolean
  /** Topics: where ids and birth times are found; left out: in the stamp. */
  readonly identity?: { readonly identity: IdentitySpec; readonly time: TimeSpec }
}

/** What the `from` hops saw, the `to` hops must see; each message in exactly one of `to`. */
export interface EdgeDeclaration {
  /** `from → to`, unique in its pipeline. */
  readonly name: string
  readonly from: readonly HopDeclaration[]
  readonly to: readonly HopDeclaration[]
  /** Reasons for which `dropped(received, reason)` is promised to be all right. */
  readonly filter: readonly string[]
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
  readonly hops: readonly HopDeclaration[]
  readonly edges: readonly EdgeDeclaration[]
}
