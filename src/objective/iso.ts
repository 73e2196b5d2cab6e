/** Instants as text; ids from the wire may claim times that no calendar has. */

/** The largest time that a Date can hold. */
const TIME_MAX = 8_640_000_000_000_000

/** ISO 8601; what lies beyond the calendar becomes its nearest end. */
export function isoOf(ms: number): string {
  return new Date(Math.min(TIME_MAX, Math.max(0, ms))).toISOString()
}
