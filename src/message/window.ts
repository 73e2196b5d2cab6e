/** Windows: half-open `[start, end)` of birth time, UTC, aligned to 1970. Size in ms. */

export function windowStartOf(birth: number, windowMs: number): number {
  return birth - (birth % windowMs)
}

/** What the agents believe of a birth time; anything outside is counted apart. */
export interface BirthBounds {
  /** Oldest age believed, ms. */
  readonly retentionMs: number
  /** Furthest future believed, ms: one value for the deployment. */
  readonly skewMs: number
}

export const DEFAULT_BOUNDS: BirthBounds = { retentionMs: 7 * 86_400_000, skewMs: 10 * 60_000 }
