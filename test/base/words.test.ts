import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatCount, formatInstant, formatPercent, formatWindow } from '../../src/base/words.ts'

describe('words', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1_000, '1,000'],
    [1_234_567, '1,234,567'],
  ])('%i reads %s', (n, text) => {
    expect(formatCount(n)).toBe(text)
  })

  it.each([
    [1, 1, '100%'],
    [0, 1, '0%'],
    [1, 2, '50.00%'],
    [1_199, 1_200, '99.91%'],
    // One lost of ten million: rounded it would read 100.00%.
    [9_999_999, 10_000_000, '99.99%'],
    [1, 10_000_000, '0.00001%'],
    [1, 2 ** 53 - 1, '<0.000000001%'],
  ])('%i of %i is %s', (part, whole, text) => {
    expect(formatPercent(part, whole)).toBe(text)
  })

  it('a share reads 100% only if nothing is missing, and 0% only if nothing is there', () => {
    const whole = fc.integer({ min: 1, max: 2 ** 40 })
    fc.assert(
      fc.property(whole, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const part = Math.floor(all * share)
        const text = formatPercent(part, all)
        expect(text === '100%').toBe(part === all)
        expect(/^0(\.0+)?%$/.test(text)).toBe(part === 0)
      }),
    )
  })

  it('times are UTC and say so', () => {
    expect(formatInstant(Date.UTC(2026, 0, 2, 3, 4, 5))).toBe('2026-01-02 03:04:05Z')
    expect(formatInstant(Date.UTC(2026, 0, 2, 3, 4, 5, 6))).toBe('2026-01-02 03:04:05.006Z')
    expect(formatInstant(9e15)).toBe('9000000000000000 ms')
    const start = Date.UTC(2026, 0, 2, 23, 59)
    expect(formatWindow({ start, end: start + 30_000 })).toBe('2026-01-02 23:59:00Z – 23:59:30Z')
    expect(formatWindow({ start, end: start + 60_000 })).toBe(
      '2026-01-02 23:59:00Z – 2026-01-03 00:00:00Z',
    )
  })
})
