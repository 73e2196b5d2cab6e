/**
 * Time is UTC: neither the zone of a host, nor a change to or from daylight time, nor a leap second moves
 * a message into another window, gives it another id, or changes a word of a report.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { renderJson } from '../../reports/json.ts'
import { renderLosses } from '../../reports/losses.ts'
import { renderText } from '../../reports/text.ts'
import { hexOfWords } from '../../src/message/id.ts'
import { identify } from '../../src/message/identity.ts'
import { windowStartOf } from '../../src/message/window.ts'
import { lossRows } from '../../src/objective/losses.ts'
import { reportOf } from '../../src/objective/report-of.ts'
import { FLIGHTS, finding, idOf, instance, once, verdict } from './build.ts'

const ZONES = ['UTC', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Chatham'] as const
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000] as const

/** The hour before, the moment itself, the hour after. */
const MOMENTS = {
  'daylight time begins in New York': Date.UTC(2026, 2, 8, 7),
  'daylight time ends in New York': Date.UTC(2026, 10, 1, 6),
  'a leap second ends a year': Date.UTC(2017, 0, 1),
} as const

let zone: string | undefined
beforeEach(() => {
  zone = process.env.TZ
})
afterEach(() => {
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
})

/** What `work` returns in each zone. */
function inZones<T>(work: () => T): T[] {
  const offsets = new Set<number>()
  const results = ZONES.map((name) => {
    process.env.TZ = name
    offsets.add(new Date(0).getTimezoneOffset())
    return work()
  })
  // The zone has taken effect: else nothing is shown.
  expect(offsets.size).toBe(ZONES.length)
  return results
}

describe.each(Object.entries(MOMENTS))('when %s', (_, moment) => {
  it.each([MINUTE, HOUR, DAY])('windows of %i ms follow each other without a break', (size) => {
    const [first, ...others] = inZones(() => startsAround(moment, size))
    const starts = first as number[]
    for (const other of others) expect(other).toEqual(starts)
    expect(new Set(starts.map((start) => start % size))).toEqual(new Set([0]))
    const distinct = [...new Set(starts)]
    expect(distinct.length).toBeGreaterThan(1)
    expect(distinct.slice(1).map((start, i) => start - (distinct[i] as number))).toEqual(
      distinct.slice(1).map(() => size),
    )
  })

  it('a message has the same id everywhere, whether its time names a zone or not', () => {
    for (const ms of [moment - HOUR / 2, moment - 1, moment, moment + HOUR / 2]) {
      const text = new Date(ms).toISOString()
      const ids = [text, text.replace('Z', ''), text.replace('Z', '+00:00'), ms].flatMap((time) =>
        inZones(() => idAt(time)),
      )
      expect(new Set(ids)).toEqual(new Set([ids[0]]))
      expect(ids[0]).toMatch(/^[0-9a-f]{32}$/)
    }
  })

  it('a report says the same', () => {
    const texts = inZones(() => reportAt(moment))
    expect(new Set(texts).size).toBe(1)
    expect(texts[0]).toContain(new Date(moment).toISOString())
  })
})

it('a leap second is the first second of the next day', () => {
  const [leap, next] = ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00Z'].map((time) => idAt(time))
  expect(leap).toBe(next)
  expect(idAt('2016-12-31T23:59:59Z')).not.toBe(next)
})

/** Of births a quarter of a window apart. */
const startsAround = (moment: number, windowMs: number): number[] =>
  [-4, -3, -2, -1, 0, 1, 2, 3, 4].map((n) => windowStartOf(moment + (n * windowMs) / 4, windowMs))

function idAt(time: string | number): string | null {
  const message = { key: 'order-1', value: JSON.stringify({ at: time }) }
  const place = { cluster: 'default', topic: 't', partition: 0, offset: 0 }
  const words = identify(message, { by: 'key' }, { by: 'json', pointer: '/at' }, place)
  return words === null ? null : hexOfWords(words)
}

/** All that is said of the minute before and the minute after. */
function reportAt(moment: number): string {
  const verdicts = [moment - MINUTE, moment].map((start) => {
    const window = { start, end: start + MINUTE }
    const lost = finding('lost', { edge: 'flights → enrich', window, ids: [once(idOf(7))] })
    const counts = { expected: 10, delivered: 9, lost: 1 }
    const said = { counts, findings: [lost], verdict: 'breached' } as const
    return { ...verdict('flights → enrich', said), window }
  })
  const heard = { firstSentAt: moment, lastSentAt: moment, lastHeardAt: moment }
  const report = reportOf({
    ...{ pipelines: [FLIGHTS], promises: [], verdicts, instances: [instance('checkin', heard)] },
    ...{ now: moment + HOUR, since: moment - DAY, detail: 'ids', version: '0.1.0' },
  })
  const losses = [...renderLosses(lossRows(verdicts))].join('')
  return [renderText(report), renderJson(report), losses].join('\n')
}
