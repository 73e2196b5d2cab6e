/** What the first bytes of a value, or its headers, say: which schema wrote it, and where it begins. */
import type { Claim } from '../shape.ts'

export interface Framed {
  readonly claim: Exclude<Claim, 'others'>
  /** As `Variant.schema`. */
  readonly schema: string
  /** Behind the frame; of an unframed or ambiguous value all of it. Protobuf indexes still stand before it. */
  readonly payload: Uint8Array
}
