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

/** The value of a table: counts, and residues modulo p. */
function valueIn(table: Table): number[] {
  return Array.from(table.sums, (x, i) =>
    i % CELL_WORDS === 0
      ? x + 0
      : Number(((BigInt(x) % BigInt(PRIME)) + BigInt(PRIME)) % BigInt(PRIME)),
  )
}

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

test('tables of different seeds or widths are never added', () => {
  expect(() => new Table(1).merge(new Table(2), 1)).toThrow('seeds')
  expect(() => new Table(1).merge(new Table(1, 5), 1)).toThrow('digests')
})
