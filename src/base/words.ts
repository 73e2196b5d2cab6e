/** Numbers and times as people read them; the same everywhere, whatever the locale. */
import type { Window } from './intervals.ts'

/** `1,234,567` */
export function formatCount(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `1 message`, `1,200 messages` */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${formatCount(n)} ${n === 1 ? one : many}`
}

export const messages = (n: number): string => plural(n, 'message')

const DIGITS_MAX = 9

/**
 * A share in percent, rounded down, with enough digits to be neither 100% nor 0% when it is not.
 * Whole numbers in, 0 ≤ part ≤ whole, whole > 0.
 */
export function formatPercent(part: number, whole: number): string {
  if (part === whole) return '100%'
  if (part === 0) return '0%'
  for (let digits = 2; digits <= DIGITS_MAX; digits++) {
    // In whole numbers: a float would round 0.99999999999999999 up.
    const scaled =
      (BigInt(Math.floor(part)) * 100n * 10n ** BigInt(digits)) / BigInt(Math.ceil(whole))
    if (scaled === 0n) continue
    const text = scaled.toString().padStart(digits + 1, '0')
    return `${text.slice(0, -digits)}.${text.slice(-digits)}%`
  }
  return `<0.${'0'.repeat(DIGITS_MAX - 1)}1%`
}

/** `2026-11-23 01:55:00Z`; with milliseconds where there are any. */
export function formatInstant(ms: number): string {
  const date = new Date(ms)
  // Beyond the calendar: a birth time from a hostile header.
  if (Number.isNaN(date.getTime())) return `${ms} ms`
  return date.toISOString().replace('T', ' ').replace('.000Z', 'Z')
}

/** `2026-11-23 01:55:00Z – 01:56:00Z`; the second date only where it differs. */
export function formatWindow({ start, end }: Window): string {
  const [from, to] = [formatInstant(start), formatInstant(end)]
  return from.slice(0, 10) === to.slice(0, 10) ? `${from} – ${to.slice(11)}` : `${from} – ${to}`
}
