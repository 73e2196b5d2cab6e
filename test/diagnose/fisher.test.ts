/** The chance, held against fractions by hand, and against a slow method that takes no part of the other. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chanceOfAtLeast, type Draw } from '../../src/diagnose/fisher.ts'

const draw = (all: number, allHere: number, bad: number, badHere: number): Draw => ({
  ...{ all, allHere, bad, badHere },
})

/** Whole numbers to the end, divided once. */
function slowly({ all, allHere, bad, badHere }: Draw): number {
  const choose = (n: number, k: number): bigint => {
    let out = 1n
    for (let i = 0; i < k; i++) out = (out * BigInt(n - i)) / BigInt(i + 1)
    return out
  }
  let tail = 0n
  for (let x = badHere; x <= Math.min(bad, allHere); x++)
    if (bad - x <= all - allHere) tail += choose(allHere, x) * choose(all - allHere, bad - x)
  const whole = choose(all, bad)
  // Thirty digits of the quotient, wherever they begin.
  const places = 30 + String(whole).length - String(tail).length
  return Number(`${(tail * 10n ** BigInt(places)) / whole}e-${places}`)
}

test.each<[string, Draw, number]>([
  // C(4,3) C(4,1) + C(4,4) of C(8,4): the lady tasting tea.
  ['3 of 4 cups', draw(8, 4, 4, 3), 17 / 70],
  ['4 of 4 cups', draw(8, 4, 4, 4), 1 / 70],
  // 2/4 · 1/3
  ['both of 2, of 2 in 4', draw(4, 2, 2, 2), 1 / 6],
  ['none at least', draw(100, 10, 5, 0), 1],
  ['all messages have the value', draw(7, 7, 3, 3), 1],
  ['all messages are bad', draw(7, 3, 7, 3), 1],
  ['one of one, of 1 in 10⁷', draw(1e7, 1, 1, 1), 1e-7],
  // 5·10⁶ (5·10⁶ − 1) (5·10⁶ − 2) / (10⁷ (10⁷ − 1) (10⁷ − 2))
  [
    '3 of 3 on one of two halves of 10⁷',
    draw(1e7, 5e6, 3, 3),
    (5e6 / 1e7) * (4_999_999 / 9_999_999) * (4_999_998 / 9_999_998),
  ],
])('%s', (_, given, expected) => {
  expect(Math.abs(chanceOfAtLeast(given) / expected - 1)).toBeLessThan(1e-12)
})

const draws = fc
  .tuple(fc.integer({ min: 1, max: 400 }), fc.nat(400), fc.nat(400), fc.nat(400))
  .map(([all, a, b, c]): Draw => {
    const [allHere, bad] = [a % (all + 1), b % (all + 1)]
    const [least, most] = [Math.max(0, bad + allHere - all), Math.min(bad, allHere)]
    return { all, allHere, bad, badHere: least + (c % (most - least + 1)) }
  })

test('is what whole numbers give, to ten digits', () => {
  fc.assert(
    fc.property(draws, (given) => {
      const expected = slowly(given)
      expect(Math.abs(chanceOfAtLeast(given) / expected - 1)).toBeLessThan(1e-10)
    }),
    { numRuns: 500 },
  )
})

describe('at 10⁷ messages', () => {
  test('is the same to ten digits whichever way the table is read', () => {
    // The test knows no rows and columns: bad and here may change places.
    for (const [allHere, bad, badHere] of [
      [5e6, 5e6, 2_501_000],
      [2_500_000, 1_000, 300],
      [10_000, 4_000_000, 4_100],
    ] as const) {
      const one = chanceOfAtLeast(draw(1e7, allHere, bad, badHere))
      const other = chanceOfAtLeast(draw(1e7, bad, allHere, badHere))
      expect(one).toBeGreaterThan(0)
      expect(Math.abs(one / other - 1)).toBeLessThan(1e-10)
      // And with those that follow: P(X ≥ k) + P(X ≤ k − 1) = 1, the second read at the other values.
      const rest = chanceOfAtLeast(draw(1e7, 1e7 - allHere, bad, bad - badHere + 1))
      expect(Math.abs(one + rest - 1)).toBeLessThan(1e-10)
    }
  })

  test('what is beyond all doubt is 0, and not nothing', () => {
    expect(chanceOfAtLeast(draw(1e7, 1e6, 1e5, 1e5))).toBe(0)
  })
})

test('no more bad messages never make it likelier', () => {
  fc.assert(
    fc.property(draws, (given) => {
      if (given.badHere === Math.min(given.bad, given.allHere)) return
      const more = chanceOfAtLeast({ ...given, badHere: given.badHere + 1 })
      expect(more).toBeLessThanOrEqual(chanceOfAtLeast(given))
    }),
    { numRuns: 500 },
  )
})

test.each<[string, Draw]>([
  ['more bad here than bad', draw(10, 5, 2, 3)],
  ['more bad here than here', draw(10, 2, 5, 3)],
  ['more bad than all', draw(10, 5, 11, 5)],
  ['fewer bad here than elsewhere has room for', draw(10, 8, 5, 2)],
  ['half a message', draw(10, 5, 2, 0.5)],
])('is refused: %s', (_, given) => {
  expect(() => chanceOfAtLeast(given)).toThrow(RangeError)
})
