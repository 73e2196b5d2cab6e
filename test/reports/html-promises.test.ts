import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  budgetWords,
  byNeed,
  eventWords,
  exhaustionWords,
  periodWords,
  sharePercent,
  targetWords,
  valueWords,
} from '../../reports/promises.ts'
import type { Budget } from '../../src/objective/report.ts'
import { assessed } from './support/reports.ts'

const HOUR = 3_600_000

describe('a share beside its target', () => {
  it.each([
    // share, target, words
    [1, 0.9999, '100%'],
    // 412 of 6,012,345: two digits more than the target has.
    [1 - 412 / 6_012_345, 0.9999, '99.9931%'],
    // Down, never up: 99.99995 is not 100.
    [0.9999995, 0.99, '99.99%'],
    // The target itself is not below itself, whatever a float makes of it.
    [0.9999, 0.9999, '99.9900%'],
    [0.995, 0.995, '99.500%'],
    // More digits where two more would say 100%.
    [1 - 1e-7, 0.9, '99.99%'],
    [0, 0.9, '0%'],
    // Not nothing: digits until there is one.
    [1e-6, 0.9, '0.0001%'],
    // Beyond all digits.
    [1 - 1e-15, 0.9, '<100%'],
    [1e-15, 0.9, '>0%'],
  ])('%d of %d is %s', (share, target, words) => {
    expect(sharePercent(share, target)).toBe(words)
  })

  it('is 100% only where it is all', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.5, max: 1, maxExcluded: true, noNaN: true }), (share) => {
        expect(sharePercent(share, 0.9999)).not.toBe('100%')
        const shown = Number.parseFloat(sharePercent(share, 0.9999).replace('<100', '99.999999999'))
        // Within what a float is off by.
        expect(shown).toBeLessThanOrEqual(100 * share + 1e-9)
      }),
    )
  })

  it('is told from the bad to the good end where they differ', () => {
    expect(valueWords({ low: 0.998, high: 0.9985 }, 0.999)).toBe('99.800% to 99.850%')
    expect(valueWords({ low: 0.998, high: 0.998 }, 0.999)).toBe('99.800%')
    expect(valueWords(null, 0.999)).toBe('no events')
  })

  it.each([
    [0.9999, '99.99%'],
    [1, '100%'],
    [0.995, '99.5%'],
    [0.999999, '99.9999%'],
    [0.07, '7%'],
  ])('a target of %d is written %s', (target, words) => {
    expect(targetWords(target)).toBe(words)
  })
})

const budget = (low: number, high = low, parts: Partial<Budget> = {}): Budget => ({
  ...{ allowed: 100, spent: { low: 100 - 100 * high, high: 100 - 100 * low } },
  ...{ left: { low, high }, exhaustsInMs: null },
  ...parts,
})

describe('a budget in words', () => {
  it.each([
    [budget(1), '100% left'],
    // Down: never more is left than there is.
    [budget(0.589), '58% left'],
    [budget(0.4, 0.6), '40% to 60% left'],
    [budget(0.004), '<1% left'],
    [budget(0), '0% left'],
    // May be overspent, may not.
    [budget(-0.2, 0.3), 'at most 30% left'],
    // Up, for the same reason.
    [budget(-0.305), 'overspent by 31%'],
    [budget(-0.5, -0.2), 'overspent by 20% to 50%'],
    [budget(0, 0, { left: null }), 'nothing is allowed'],
    [null, 'no budget'],
  ])('%#', (of, words) => {
    expect(budgetWords(of)).toBe(words)
  })

  it('says when it runs out, rather too early', () => {
    expect(exhaustionWords(budget(0.5, 0.5, { exhaustsInMs: 76.9 * HOUR }))).toBe('in 3.2 d')
    expect(exhaustionWords(budget(0.5))).toBeNull()
    expect(exhaustionWords(null)).toBeNull()
  })
})

describe('objectives', () => {
  it('stand in the order in which they need somebody', () => {
    const list = [
      assessed('a', 'completeness', 'met'),
      assessed('b', 'completeness', 'no_data'),
      assessed('c', 'completeness', 'at_risk', { budget: budget(0.3) }),
      assessed('d', 'completeness', 'breached', { budget: budget(-0.1) }),
      assessed('e', 'completeness', 'at_risk', { budget: budget(0.1) }),
      assessed('f', 'completeness', 'breached', { budget: budget(-2) }),
      assessed('g', 'completeness', 'indeterminate'),
    ]
    expect(byNeed(list).map((o) => o.objective.id)).toEqual(['f', 'd', 'e', 'c', 'g', 'b', 'a'])
  })

  it('tell their events and their period', () => {
    const { objective } = assessed('a', 'completeness', 'met')
    expect(eventWords({ good: 6_011_933, bad: 412, unknown: 0 }, objective)).toBe(
      '412 bad of 6,012,345 messages',
    )
    expect(eventWords({ good: 1, bad: 0, unknown: 2 }, { ...objective, budget: 'windows' })).toBe(
      '0 bad of 3 windows; 2 unknown',
    )
    expect(eventWords({ good: 0, bad: 0, unknown: 0 }, objective)).toBe('no messages')
    expect(periodWords({ kind: 'rolling', ms: 30 * 24 * HOUR })).toBe('30 days')
    expect(periodWords({ kind: 'rolling', ms: 6 * HOUR })).toBe('6 hours')
    expect(periodWords({ kind: 'calendar', unit: 'month', timeZone: 'Europe/Berlin' })).toBe(
      'calendar month (Europe/Berlin)',
    )
  })
})
