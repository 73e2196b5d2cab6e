/** Durations as people write them: `250ms`, `5s`, `1m`, `2h`, `7d`. */
const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** The ms of a duration text, or null if it is none. Whole numbers only; at most 10 digits. */
export function parseDuration(text: string): number | null {
  const match = /^(\d{1,10})(ms|s|m|h|d)$/.exec(text.trim())
  return match === null ? null : Number(match[1]) * (UNITS[match[2] as string] as number)
}
