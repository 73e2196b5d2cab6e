/** What tells one promise from another. */
import { createHash } from 'node:crypto'

/** 16 hex digits of the SHA-256 of all that it is made of. */
export function fingerprintOf(parts: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
