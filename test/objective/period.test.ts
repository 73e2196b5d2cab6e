/** Periods: where they begin and end, in three zones and on the days when clocks are set. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CalendarUnit, calendarUnits } from '../../src/objective/objective.ts'
import { periodOf } from '../../src/objective/period.ts'

const HOUR_MS = 3_600_000

const calendar = (unit: CalendarUnit, timeZone: string, at: string | number) =>
  periodOf({ kind: 'calendar', unit, timeZone }, typeof at === 'number' ? at : Date.parse(at))

const shown = ({ start, end }: { start: number; end: number }): readonly string[] =>
  [start, end].map((ms) => new Date(ms).toISOString().replace(':00.000Z', 'Z'))

it('a rolling one ends now', () => {
  const now = Date.UTC(2026, 10, 23)
  expect(periodOf({ kind: 'rolling', ms: 30 * 24 * HOUR_MS }, now)).toEqual({
    start: Date.UTC(2026, 9, 24),
    end: now,
  })
})

describe('a calendar one', () => {
  it.each<readonly [CalendarUnit, string, string, string, string]>([
    // UTC: no surprises. Half-open: midnight is of the new day.
    ['day', 'UTC', '2026-11-23T00:00Z', '2026-11-23T00:00Z', '2026-11-24T00:00Z'],
    ['day', 'UTC', '2026-11-22T23:59:59.999Z', '2026-11-22T00:00Z', '2026-11-23T00:00Z'],
    // 2026-11-23 is a Monday; the day before is of the week before.
    ['week', 'UTC', '2026-11-23T00:00Z', '2026-11-23T00:00Z', '2026-11-30T00:00Z'],
    ['week', 'UTC', '2026-11-22T12:00Z', '2026-11-16T00:00Z', '2026-11-23T00:00Z'],
    ['month', 'UTC', '2024-02-29T12:00Z', '2024-02-01T00:00Z', '2024-03-01T00:00Z'],
    ['quarter', 'UTC', '2026-12-31T23:00Z', '2026-10-01T00:00Z', '2027-01-01T00:00Z'],
    ['year', 'UTC', '2026-12-31T23:00Z', '2026-01-01T00:00Z', '2027-01-01T00:00Z'],
    // Berlin, one or two hours ahead: 23:30 UTC is of the next day there.
    ['day', 'Europe/Berlin', '2026-11-22T23:30Z', '2026-11-22T23:00Z', '2026-11-23T23:00Z'],
    // Clocks go ahead on this day, it has 23 hours; and back on that one, which has 25.
    ['day', 'Europe/Berlin', '2026-03-29T12:00Z', '2026-03-28T23:00Z', '2026-03-29T22:00Z'],
    ['day', 'Europe/Berlin', '2026-10-25T12:00Z', '2026-10-24T22:00Z', '2026-10-25T23:00Z'],
    ['month', 'Europe/Berlin', '2026-03-15T00:00Z', '2026-02-28T23:00Z', '2026-03-31T22:00Z'],
    // New York, behind UTC: 03:59 UTC of the first is of the month before.
    ['month', 'America/New_York', '2026-11-01T03:59Z', '2026-10-01T04:00Z', '2026-11-01T04:00Z'],
    ['month', 'America/New_York', '2026-11-01T04:00Z', '2026-11-01T04:00Z', '2026-12-01T05:00Z'],
    ['year', 'America/New_York', '2027-01-01T04:59Z', '2026-01-01T05:00Z', '2027-01-01T05:00Z'],
    // India: half an hour off, no summer time.
    ['week', 'Asia/Kolkata', '2026-11-22T18:30Z', '2026-11-22T18:30Z', '2026-11-29T18:30Z'],
    // Cairo skips midnight itself: the day begins at one.
    ['day', 'Africa/Cairo', '2024-04-26T12:00Z', '2024-04-25T22:00Z', '2024-04-26T21:00Z'],
    // Havana has midnight twice: the first one counts.
    ['day', 'America/Havana', '2024-11-03T12:00Z', '2024-11-03T04:00Z', '2024-11-04T05:00Z'],
    // Apia left out the 30th of December 2011: the 29th ends where the 31st begins.
    ['day', 'Pacific/Apia', '2011-12-30T09:59Z', '2011-12-29T10:00Z', '2011-12-30T10:00Z'],
    ['day', 'Pacific/Apia', '2011-12-30T10:00Z', '2011-12-30T10:00Z', '2011-12-31T10:00Z'],
  ])('%s in %s at %s', (unit, zone, at, start, end) => {
    expect(shown(calendar(unit, zone, at))).toEqual([start, end])
  })

  it('holds its instant, and adjoins the one before and the one after', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...calendarUnits),
        fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Apia', 'Africa/Cairo'),
        fc.integer({ min: Date.UTC(2010, 0), max: Date.UTC(2030, 0) }),
        (unit, zone, at) => {
          const { start, end } = calendar(unit, zone, at)
          expect(start <= at && at < end).toBe(true)
          expect(calendar(unit, zone, start)).toEqual({ start, end })
          expect(calendar(unit, zone, end - 1)).toEqual({ start, end })
          expect(calendar(unit, zone, start - 1).end).toBe(start)
          expect(calendar(unit, zone, end).start).toBe(end)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('of a zone that nobody knows is refused', () => {
    expect(() => calendar('day', 'Mars/Olympus', 0)).toThrow(RangeError)
  })
})
