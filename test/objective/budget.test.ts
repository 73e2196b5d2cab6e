/** Budgets: what is allowed, to the event. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowedOf, budgetOf, exceeds, isStrict, leftOf } from '../../src/objective/budget.ts'

describe('more is bad than the target allows', () => {
  it.each<readonly [bad: number, all: number, target: number, more: boolean]>([
    // Exactly what is allowed is kept: 1 of 10 at 90%, though 1 − 0.9 is below 0.1 as a float.
    [1, 10, 0.9, false],
    [2, 10, 0.9, true],
    // 0.55 × 100 is above 55 as a float: 45 bad are allowed all the same.
    [45, 100, 0.55, false],
    [46, 100, 0.55, true],
    // A budget below one event allows none.
    [1, 9_999, 0.9999, true],
    [1, 10_000, 0.9999, false],
    [1, 10_001, 0.9999, false],
    [2, 19_999, 0.9999, true],
    // Strict: any bad event, however many there are.
    [0, 1_000_000, 1, false],
    [1, 1_000_000_000, 1, true],
    // Nothing of nothing is not too much.
    [0, 0, 0.999, false],
    [0, 0, 1, false],
    // Beyond the whole numbers that a float tells apart.
    [100_000_001, 1_000_000_000_000, 0.9999, true],
    [100_000_000, 1_000_000_000_000, 0.9999, false],
  ])('%i of %i at %f: %s', (bad, all, target, more) => {
    expect(exceeds(bad, all, target)).toBe(more)
  })

  it('says what whole numbers say, for every target of up to nine digits', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000_000 }),
        fc.nat(1_000_000_000),
        fc.nat(1_000_000_000),
        (parts, a, b) => {
          const [bad, all] = [Math.min(a, b), Math.max(a, b)]
          const target = Number(`${parts}e-9`)
          const good = BigInt(all - bad) * 1_000_000_000n
          expect(exceeds(bad, all, target)).toBe(good < BigInt(parts) * BigInt(all))
        },
      ),
    )
  })
})

describe('a budget', () => {
  it('is spent by bad events, at most by unknown ones too', () => {
    expect(budgetOf({ good: 99_940, bad: 40, unknown: 20 }, 0.999, null)).toEqual({
      // 0.1% of 100,000
      allowed: 100,
      spent: { low: 40, high: 60 },
      left: { low: 0.4, high: 0.6 },
      exhaustsInMs: null,
    })
  })

  it('is overspent below 0', () => {
    expect(leftOf({ low: 150, high: 250 }, 100)).toEqual({ low: -1.5, high: -0.5 })
  })

  it.each([
    [1, true],
    [0.999999999, false],
  ])('of a target of %f is strict: %s', (target, strict) => {
    expect(isStrict(target)).toBe(strict)
    const budget = budgetOf({ good: 10, bad: 0, unknown: 0 }, target, null)
    expect(budget?.left === null).toBe(strict)
  })

  it('of nothing is none', () => {
    expect(budgetOf({ good: 0, bad: 0, unknown: 0 }, 0.9, null)).toBeNull()
  })

  it('grows with its events, and what is allowed is never exceeded by it', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.integer({ min: 1, max: 9_999 }), (all, parts) => {
        const target = parts / 10_000
        const allowed = allowedOf(target, all)
        expect(allowed).toBeCloseTo((all * (10_000 - parts)) / 10_000, 6)
        expect(exceeds(Math.floor(allowed + 1e-9), all, target)).toBe(false)
        expect(exceeds(Math.floor(allowed + 1e-9) + 1, all, target)).toBe(true)
      }),
    )
  })
})
