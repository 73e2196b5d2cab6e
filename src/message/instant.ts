/**
 * An instant as text: ISO 8601, and UTC where no zone is named. The host's own zone would give a message
 * another birth at each host, hence another id: lost in one, unexpected in the other.
 *
 * A leap second (`23:59:60`) is the first second of the next minute, as computers count time: it has no
 * number of its own.
 */

/** Date; hours and minutes; seconds; their fraction; zone. */
const INSTANT =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/i
const LEAP = '60'

/** ms since 1970, or null. A fraction below 1 ms is cut off. */
export function instantOf(text: string): number | null {
  const parts = INSTANT.exec(text)
  if (parts === null) return null
  const [, date = '', time = '00:00', second = '00', fraction = '', zone = 'Z'] = parts
  if (!isInCalendar(date)) return null
  const ms = fraction.slice(0, 3).padEnd(3, '0')
  const counted = second === LEAP ? '59' : second
  const at = Date.parse(`${date}T${time}:${counted}.${ms}${zoneOf(zone)}`)
  if (Number.isNaN(at)) return null
  return second === LEAP ? at + 1_000 : at
}

/** `Date.parse` takes February 30 for March 2. */
function isInCalendar(date: string): boolean {
  const at = Date.parse(`${date}T00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(date)
}

/** `+05`, `+0530` and `+05:30` as the one that `Date.parse` reads. */
function zoneOf(zone: string): string {
  if (zone.toUpperCase() === 'Z') return 'Z'
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0')
  return `${zone[0]}${digits.slice(0, 2)}:${digits.slice(2)}`
}
