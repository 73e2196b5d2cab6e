/** The version of this package, as it says itself. */
import { createRequire } from 'node:module'

export function versionOf(): string {
  const found = createRequire(import.meta.url)('quipu-audit/package.json') as { version: string }
  return found.version
}
