import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prometheusDuration, shorthand } from '../../src/export/durations.ts'
import { literal } from '../../src/export/metrics.ts'
import { labelMaker } from '../../src/export/names.ts'
import { scaledTiers } from '../../src/export/tiers.ts'
import { burnOf } from '../../src/objective/burn.ts'
import { promisedOf } from './promised.ts'

describe('labels', () => {
  it.each([
    { parts: ['flights', 'no-loss'], label: 'flights-no-loss' },
    { parts: ['Flights'], label: expect.stringMatching(/^flights-[0-9a-f]{8}$/) },
    { parts: ['flights.eu', 'a_b'], label: expect.stringMatching(/^flights-eu-a-b-[0-9a-f]{8}$/) },
    { parts: ['航班'], label: expect.stringMatching(/^x-[0-9a-f]{8}$/) },
    { parts: ['-a-'], label: expect.stringMatching(/^a-[0-9a-f]{8}$/) },
    { parts: ['x'.repeat(64)], label: expect.stringMatching(/^x{54}-[0-9a-f]{8}$/) },
  ])('of $parts', ({ parts, label }) => {
    expect(labelMaker()(...parts)).toEqual(label)
  })

  it('tell apart what looks the same', () => {
    const label = labelMaker()
    expect(label('a-b', 'c')).toBe('a-b-c')
    expect(label('a', 'b-c')).toMatch(/^a-b-c-[0-9a-f]{8}$/)
    expect(label('a-b', 'c')).toBe('a-b-c')
  })

  it('are DNS labels, unlike for unlike parts', () => {
    const parts = fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(fc.uniqueArray(parts, { selector: (p) => JSON.stringify(p) }), (lists) => {
        const label = labelMaker()
        const labels = lists.map((list) => label(...list))
        for (const one of labels) expect(one).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
        expect(new Set(labels).size).toBe(lists.length)
      }),
    )
  })
})

describe('durations', () => {
  it.each([
    { ms: 1, text: '1ms' },
    { ms: 300_000, text: '5m' },
    { ms: 70_250, text: '1m10s250ms' },
    { ms: 3 * 86_400_000 + 3_600_000, text: '3d1h' },
  ])('$ms ms is $text for Prometheus', ({ ms, text }) => {
    expect(prometheusDuration(ms)).toBe(text)
  })

  it.each([
    { ms: 1, text: '1m', exact: false },
    { ms: 60_000, text: '1m', exact: true },
    { ms: 60_001, text: '2m', exact: false },
    { ms: 5_400_000, text: '90m', exact: true },
    { ms: 7_200_000, text: '2h', exact: true },
    { ms: 30 * 86_400_000, text: '30d', exact: true },
  ])('$ms ms is $text for OpenSLO', ({ ms, text, exact }) => {
    expect(shorthand(ms)).toEqual({ text, exact })
  })
})

it('a literal matches itself and nothing else', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      const pattern = new RegExp(`^(?:${literal(a)})$`)
      expect(pattern.test(a)).toBe(true)
      expect(pattern.test(b)).toBe(a === b)
    }),
  )
})

describe('alerts', () => {
  it.each([
    { period: '30d', window: '1m' },
    { period: '7d', window: '1m' },
    // Where the short window would hold less than two of the auditor's.
    { period: '7d', window: '5m' },
    { period: '1d', window: '1h' },
    { period: '90d', window: '1m' },
  ])('look back as the auditor does: period $period, window $window', ({ period, window }) => {
    const { pipeline, promises } = promisedOf({
      objectives: [
        `a: { indicator: completeness, target: 99%, period: ${period}, severity: page }`,
      ],
      window,
    })
    const [objective] = promises.objectives
    if (objective?.period.kind !== 'rolling') throw new Error('no objective')
    const own = burnOf({
      windows: [],
      sum: () => ({ good: 0, bad: 0, unknown: 0 }),
      target: objective.target,
      rates: promises.burnRates,
      periodMs: objective.period.ms,
      windowMs: pipeline.windowMs,
    })
    const tiers = scaledTiers(objective, promises, pipeline.windowMs)
    expect(tiers.map((t) => [t.severity, t.speed, t.long.ms, t.short.ms])).toEqual(
      own.map((t) => [t.severity, t.speed, t.longMs, t.shortMs]),
    )
    for (const [i, { factor }] of tiers.entries()) expect(factor).toBeCloseTo(own[i]?.factor ?? 0)
  })

  it('call nobody for what asks for a ticket, and burn nothing where nothing may burn', () => {
    const { pipeline, promises } = promisedOf({
      objectives: [
        'a: { indicator: completeness, target: 99% }',
        'b: { indicator: completeness, target: 100%, severity: page }',
      ],
    })
    const [a, b] = promises.objectives.map((o) => scaledTiers(o, promises, pipeline.windowMs))
    expect(a?.map((t) => `${t.severity} ${t.speed}`)).toEqual(['ticket quick', 'ticket slow'])
    expect(b).toEqual([])
  })
})
