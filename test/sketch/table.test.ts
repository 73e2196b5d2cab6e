import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CELLS, cellWordsOf, PRIME } from '../../src/sketch/shape.ts'
import { Table } from '../../src/sketch/table.ts'
import { addAll, anyEntries, anyId, type Entry } from './ids.ts'

const SEED = 42
const CELL_WORDS = cellWordsOf(4)

function tableOf(entries: Iterable<Entry>): Table {
  const table = new Table(SEED)
  addAll(table, entries)
  return table
}

function sum(a: Table, b: Table, sign: 1 | -1 = 1): Table {
  const result = a.clone()
  result.merge(b, sign)
  return result
}

/** The value of a table: counts, and residues modulo p. */
function valueIn(table: Table): number[] {
  return Array.from(table.sums, (x, i) =>
    i % CELL_WORDS === 0
      ? x + 0
      : Number(((BigInt(x) % BigInt(PRIME)) + BigInt(PRIME)) % BigInt(PRIME)),
  )
}

const anyTable = anyEntries.map(tableOf)

describe('the group laws', () => {
  test('a + b = b + a', () => {
    fc.assert(
      fc.property(anyTable, anyTable, (a, b) => {
        expect(valueIn(sum(a, b))).toEqual(valueIn(sum(b, a)))
      }),
      { numRuns: 30 },
    )
  })

  test('(a + b) + c = a + (b + c)', () => {
    fc.assert(
      fc.property(anyTable, anyTable, anyTable, (a, b, c) => {
        expect(valueIn(sum(sum(a, b), c))).toEqual(valueIn(sum(a, sum(b, c))))
      }),
      { numRuns: 30 },
    )
  })

  test('a + 0 = a', () => {
    fc.assert(
      fc.property(anyTable, (a) => {
        expect(valueIn(sum(a, new Table(SEED)))).toEqual(valueIn(a))
      }),
      { numRuns: 30 },
    )
  })

  test('a − a = 0, and (a + b) − b = a', () => {
    fc.assert(
      fc.property(anyTable, anyTable, (a, b) => {
        expect(sum(a, a, -1).isEmpty()).toBe(true)
        expect(valueIn(sum(sum(a, b), b, -1))).toEqual(valueIn(a))
      }),
      { numRuns: 30 },
    )
  })

  test('n adds of an id are one add of n times', () => {
    fc.assert(
      fc.property(anyId, fc.integer({ min: -40, max: 40 }), (words, times) => {
        const one: Entry = [words, Math.sign(times)]
        const many = Array.from({ length: Math.abs(times) }, () => one)
        expect(valueIn(tableOf(many))).toEqual(valueIn(tableOf([[words, times]])))
      }),
      { numRuns: 50 },
    )
  })
})

describe('sums stay exact', () => {
  const highest = [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff] as const

  test('when an id is added until they had to be reduced many times', () => {
    const table = new Table(SEED)
    for (let i = 0; i < 64; i++) table.add(...highest, 1_000_003)
    expect(valueIn(table)).toEqual(valueIn(tableOf([[highest, 64_000_192]])))
    for (const word of table.sums) expect(Math.abs(word)).toBeLessThan(2 ** 53)
  })

  test('when a table is doubled again and again', () => {
    const table = tableOf([[highest, 1]])
    for (let i = 0; i < 30; i++) table.merge(table, 1)
    expect(valueIn(table)).toEqual(valueIn(tableOf([[highest, 2 ** 30]])))
  })

  test('at multiplicities of any int32', () => {
    fc.assert(
      fc.property(anyId, fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), (words, times) => {
        const expected = words.map((word) => {
          const product = (BigInt(word) * BigInt(times)) % BigInt(PRIME)
          return Number((product + BigInt(PRIME)) % BigInt(PRIME))
        })
        const table = tableOf([[words, times]])
        const value = valueIn(table)
        const cell = table.sums.findIndex((count, i) => i % CELL_WORDS === 0 && count === times)
        if (times !== 0) expect(value.slice(cell + 1, cell + 5)).toEqual(expected)
        expect(table.count).toBe(times)
      }),
    )
  })

  test('and a multiplicity that is no integer is refused', () => {
    expect(() => new Table(SEED).add(1, 2, 3, 4, Number.NaN)).toThrow('times')
  })
})

test('the count is the net number of adds', () => {
  fc.assert(
    fc.property(anyEntries, (entries) => {
      expect(tableOf(entries).count).toBe(entries.reduce((total, [, times]) => total + times, 0))
    }),
  )
})

test('a reset table is empty; a clone goes its own way', () => {
  const table = tableOf([[[1, 2, 3, 4], 5]])
  const copy = table.clone()
  table.reset()
  expect(table.isEmpty()).toBe(true)
  expect(copy.isEmpty()).toBe(false)
  expect(copy.count).toBe(5)
  expect(copy.sums.length).toBe(CELLS * CELL_WORDS)
})

test('tables of different seeds are never added', () => {
  expect(() => new Table(1).merge(new Table(2), 1)).toThrow('seeds')
})
