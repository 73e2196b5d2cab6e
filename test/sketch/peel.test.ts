import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { HASH_WORDS, hash, lanesOfSeed } from '../../src/sketch/hash.ts'
import { peelTable } from '../../src/sketch/peel.ts'
import { CELLS, cellWordsOf, PRIME } from '../../src/sketch/shape.ts'
import { Table } from '../../src/sketch/table.ts'
import { addAll, anyEntries, type Entry, hexOf, netOf, random, series } from './ids.ts'

const CELL_WORDS = cellWordsOf(4)

function tableOf(entries: Iterable<Entry>, seed = 42): Table {
  const table = new Table(seed)
  addAll(table, entries)
  return table
}

test('names exactly what was added, of whatever kind, multiplicity and sign', () => {
  fc.assert(
    fc.property(anyEntries, fc.nat({ max: 0xffffffff }), (entries, seed) => {
      const table = tableOf(entries, seed)
      const net = entries.reduce((total, [, times]) => total + times, 0)
      expect(peelTable(table)).toEqual({ complete: true, ids: netOf(entries), net })
    }),
    { numRuns: 200 },
  )
})

test('leaves the table as it was', () => {
  const entries: Entry[] = series.random!(100, 1).map((words) => [words, 1])
  const table = tableOf(entries)
  peelTable(table)
  table.merge(tableOf(entries), -1)
  expect(table.isEmpty()).toBe(true)
})

test('reads a limb of p to p + 4, whose residue also stands for 0 to 4', () => {
  const entries: Entry[] = []
  for (let offset = 0; offset < 5; offset++) {
    entries.push([[offset, PRIME + offset, 0, PRIME], 3])
    entries.push([[PRIME + offset, offset, PRIME, PRIME + offset], -2])
  }
  expect(peelTable(tableOf(entries))).toMatchObject({ complete: true, ids: netOf(entries) })
})

test('samples differences among a million, by the ladder alone', () => {
  const next = random(8)
  const table = new Table(1)
  const really = new Set<string>()
  for (let i = 0; i < 1_000_000; i++) {
    const words = [next(), next(), next(), next()] as const
    table.add(...words, -1)
    // Only ids in sparse levels can turn up: kept by what is sampled, not by a million strings.
    really.add(`${words[0]}:${words[3]}`)
  }
  const { complete, ids, net } = peelTable(table)
  expect({ complete, net }).toEqual({ complete: false, net: -1_000_000 })
  expect(ids.length).toBeGreaterThan(5)
  for (const { hex, times } of ids) {
    const word = (i: number): number => Number.parseInt(hex.slice(8 * i, 8 * i + 8), 16)
    expect(really.has(`${word(0)}:${word(3)}`)).toBe(true)
    expect(times).toBe(-1)
  }
})

describe('a table that no set of ids can give', () => {
  const words = [0x01900000, 0x00017abc, 0x80001234, 0x00000400] as const

  /** One id in only some of its cells. */
  function putInto(table: Table, places: readonly number[], times: number): void {
    const { a, b } = lanesOfSeed(table.seed)
    const out = new Uint32Array(HASH_WORDS)
    hash(...words, a, b, out)
    for (const place of places) {
      const cell = [times, ...words, out[5]!, out[6]!].map((x, i) => (i === 0 ? x : x * times))
      cell.forEach((x, i) => {
        table.sums[out[place]! * CELL_WORDS + i]! += x
      })
    }
  }

  test.each([[[0]], [[0, 1]], [[0, 1, 2]], [[1, 3]]])(
    'does not keep the peeling busy for ever: one id, in cells %j only',
    (places) => {
      const table = new Table(42)
      putInto(table, places, 1)
      const add = vi.spyOn(Table.prototype, 'add')
      const { complete, ids } = peelTable(table)
      expect(add.mock.calls.length).toBeLessThanOrEqual(CELLS)
      add.mockRestore()
      expect(complete).toBe(false)
      expect(ids).toEqual([])
    },
  )

  test('does not spoil what else is in it', () => {
    const table = tableOf([[[9, 9, 9, 9], 2]])
    putInto(table, [0], 1)
    const { complete, ids } = peelTable(table)
    expect(complete).toBe(false)
    expect(ids.every(({ hex }) => hex === hexOf([9, 9, 9, 9]))).toBe(true)
  })

  test('of random cells ends, incomplete and without a single id', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffffffff }), fc.constantFrom(1, 3, 2 ** 32), (seed, counts) => {
        const next = random(seed)
        const sums = Float64Array.from({ length: CELLS * CELL_WORDS }, (_, i) =>
          i % CELL_WORDS === 0 ? (next() % counts) - Math.floor(counts / 2) : next() % PRIME,
        )
        const { complete, ids } = peelTable(new Table(seed, 4, sums, 1))
        expect({ complete, ids }).toEqual({ complete: false, ids: [] })
      }),
      { numRuns: 100 },
    )
  })

  test('with right checks in the wrong cell is not believed', () => {
    const table = tableOf([[words, 1]])
    const cell = table.sums.findIndex((x, i) => i % CELL_WORDS === 0 && x === 1) / CELL_WORDS
    const moved = new Table(42)
    const at = cell * CELL_WORDS
    moved.sums.set(table.sums.subarray(at, at + CELL_WORDS), at + CELL_WORDS)
    const add = vi.spyOn(Table.prototype, 'add')
    expect(peelTable(moved)).toMatchObject({ complete: false, ids: [] })
    expect(add).not.toHaveBeenCalled()
    add.mockRestore()
  })

  test.each([5, 6])('with one wrong check (word %i) is not believed', (word) => {
    const table = tableOf([[words, 1]])
    for (let cell = 0; cell < CELLS; cell++) {
      if (table.sums[cell * CELL_WORDS] === 1) table.sums[cell * CELL_WORDS + word]! += 1
    }
    expect(peelTable(table)).toMatchObject({ complete: false, ids: [] })
  })
})
