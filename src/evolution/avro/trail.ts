/** Paths while they are walked: linked, so that a step costs the same at any depth. */
import { PATH_STEPS_MAX } from './limits.ts'

export interface Trail {
  readonly above: Trail | null
  readonly key: string | number
  readonly depth: number
}

/** Beyond the limit a path stays where it is: above the element. */
export function join(trail: Trail | null, keys: readonly (string | number)[]): Trail | null {
  if ((trail?.depth ?? 0) + keys.length > PATH_STEPS_MAX) return trail
  return keys.reduce<Trail | null>(
    (above, key) => ({ above, key, depth: (above?.depth ?? 0) + 1 }),
    trail,
  )
}

/** As a JSON pointer; names of Avro need no escapes. */
export function pointer(trail: Trail | null): string {
  const keys: (string | number)[] = []
  for (let at = trail; at !== null; at = at.above) keys.push(at.key)
  return keys
    .reverse()
    .map((key) => `/${key}`)
    .join('')
}
