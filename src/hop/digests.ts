/** The digests of one message that a recorder asks for. */
import { digestOf, type Preserve } from '../message/digest.ts'
import type { Identifiable } from '../message/identity.ts'

/** In the order of `preserves`; null where nothing is asked, which costs nothing. Never throws. */
export function digestsOf(
  message: Identifiable,
  preserves: readonly Preserve[],
): readonly number[] | null {
  if (preserves.length === 0) return null
  return preserves.map((preserve) => digestOf(message, preserve))
}
