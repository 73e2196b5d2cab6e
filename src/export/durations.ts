/** Durations as other formats write them. */

const MINUTE_MS = 60_000

const PROMETHEUS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', MINUTE_MS],
  ['s', 1_000],
  ['ms', 1],
] as const

/** `1h`, `1m10s`: exact, largest units first. Above 0. */
export function prometheusDuration(ms: number): string {
  let rest = ms
  let text = ''
  for (const [unit, size] of PROMETHEUS) {
    const n = Math.floor(rest / size)
    if (n > 0) text += `${n}${unit}`
    rest -= n * size
  }
  return text
}

const SHORTHAND = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', MINUTE_MS],
] as const

/** OpenSLO's: one number and one unit, a minute at least. `exact` is false where it was rounded up. */
export function shorthand(ms: number): { readonly text: string; readonly exact: boolean } {
  const minutes = Math.ceil(ms / MINUTE_MS)
  const whole = minutes * MINUTE_MS
  const [unit, size] = SHORTHAND.find(([, s]) => whole % s === 0) ?? ['m', MINUTE_MS]
  return { text: `${whole / size}${unit}`, exact: whole === ms }
}
