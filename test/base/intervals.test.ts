import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endOf, firstOf, gaps, type Intervals, includes, union } from '../../src/base/intervals.ts'

const interval = fc
  .tuple(fc.nat({ max: 60 }), fc.nat({ max: 12 }))
  .map(([from, size]) => [from, from + size] as const)
const intervals = fc.array(interval, { maxLength: 12 })

const setOf = (list: readonly (readonly [number, number])[]): Intervals =>
  list.reduce<Intervals>((set, [from, to]) => union(set, from, to), [])
/** The same set, number by number. */
const numbersOf = (list: readonly (readonly [number, number])[]): Set<number> =>
  new Set(list.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i)))

describe('a set of intervals', () => {
  it('holds what was added, in any order, and nothing else', () => {
    fc.assert(
      fc.property(intervals, fc.func(fc.nat()), (list, key) => {
        const set = setOf(list)
        const shuffled = [...list].sort((a, b) => key(a) - key(b))
        expect(setOf([...shuffled, ...list])).toEqual(set)
        const numbers = numbersOf(list)
        for (let n = 0; n < 80; n++) expect(includes(set, n)).toBe(numbers.has(n))
      }),
    )
  })

  it('is sorted, disjoint, and joined where it touches', () => {
    fc.assert(
      fc.property(intervals, (list) => {
        const set = setOf(list)
        for (const [i, [from, to]] of set.entries()) {
          expect(from).toBeLessThan(to)
          const next = set[i + 1]
          if (next !== undefined) expect(to).toBeLessThan(next[0])
        }
        const numbers = [...numbersOf(list)]
        expect(firstOf(set)).toBe(numbers.length === 0 ? undefined : Math.min(...numbers))
        expect(endOf(set)).toBe(numbers.length === 0 ? undefined : Math.max(...numbers) + 1)
      }),
    )
  })

  it('has gaps exactly where it lacks numbers', () => {
    fc.assert(
      fc.property(intervals, interval, (list, [from, to]) => {
        const set = setOf(list)
        const lacking = numbersOf(gaps(set, from, to))
        for (let n = from; n < to; n++) expect(lacking.has(n)).toBe(!includes(set, n))
        for (const n of lacking) expect(n >= from && n < to).toBe(true)
      }),
    )
  })
})
