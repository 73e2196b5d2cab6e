/**
 * Periods as spans of time: rolling ones end now; calendar ones begin at midnight of their time zone,
 * weeks on Monday. Pure; the zone's rules are those of the runtime (Intl).
 *
 * Laws: periods of one kind adjoin and do not overlap, whatever clocks do at their borders: each begins at
 * the first instant whose local date is its first day or later. Where a clock skips midnight that is the
 * first instant after the gap; where midnight comes twice, the first one.
 */
import type { CalendarUnit, Period } from './objective.ts'
import type { Span } from './spans.ts'

/** The one that holds `now`. */
export function periodOf(period: Period, now: number): Span {
  if (period.kind === 'rolling') return { start: now - period.ms, end: now }
  const { unit, timeZone } = period
  const zone = zoneOf(timeZone)
  const first = firstDayOf(unit, zone.dayAt(now))
  return { start: zone.beginOf(first), end: zone.beginOf(nextOf(unit, first)) }
}

/** Days since 1970-01-01 of a calendar without time zones. */
type Day = number

const DAY_MS = 86_400_000

const dayOf = (year: number, month: number, day: number): Day => Date.UTC(year, month, day) / DAY_MS

function firstDayOf(unit: CalendarUnit, day: Day): Day {
  const date = new Date(day * DAY_MS)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  switch (unit) {
    case 'day':
      return day
    case 'week':
      return day - ((date.getUTCDay() + 6) % 7)
    case 'month':
      return dayOf(year, month, 1)
    case 'quarter':
      return dayOf(year, month - (month % 3), 1)
    case 'year':
      return dayOf(year, 0, 1)
  }
}

function nextOf(unit: CalendarUnit, first: Day): Day {
  const date = new Date(first * DAY_MS)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  switch (unit) {
    case 'day':
      return first + 1
    case 'week':
      return first + 7
    case 'month':
      return dayOf(year, month + 1, 1)
    case 'quarter':
      return dayOf(year, month + 3, 1)
    case 'year':
      return dayOf(year + 1, 0, 1)
  }
}

interface Zone {
  dayAt(ms: number): Day
  /** ms: the first instant of that day or, where a calendar skips it, of the next. */
  beginOf(day: Day): number
}

const known = new Map<string, Zone>()

/** @throws RangeError if the runtime does not know the zone */
function zoneOf(timeZone: string): Zone {
  const found = known.get(timeZone)
  if (found !== undefined) return found
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, calendar: 'gregory', numberingSystem: 'latn' },
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
  })
  const dayAt = (ms: number): Day => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
    const [year, month, day] = [parts.get('year'), parts.get('month'), parts.get('day')]
    return dayOf(year ?? 1970, (month ?? 1) - 1, day ?? 1)
  }
  const beginOf = (day: Day): number => {
    // Zones lie within 14 hours of UTC, and no clock is ever set by more than a day.
    const least = day * DAY_MS - 2 * DAY_MS
    // From hour to hour to the first one of that day: where a clock goes back it may come again.
    let hour = least
    while (dayAt(hour + HOUR_MS) < day) hour += HOUR_MS
    let [low, high] = [hour, hour + HOUR_MS]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (dayAt(middle) >= day) high = middle
      else low = middle
    }
    return high
  }
  const zone = { dayAt, beginOf }
  // Names that the runtime knows: some hundreds at most.
  known.set(timeZone, zone)
  return zone
}

const HOUR_MS = 3_600_000
