import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  HASH_WORDS,
  hash,
  hashWide,
  LADDER_CELL,
  lanesOfSeed,
  NO_CELL,
} from '../../src/sketch/hash.ts'
import { BASE_CELLS, CELLS, LEVEL_CELLS, SUB_TABLE_CELLS } from '../../src/sketch/shape.ts'
import { anyId, series, type Words } from './ids.ts'

function hashOf(words: Words, seed: number): number[] {
  const { a, b } = lanesOfSeed(seed)
  const out = new Uint32Array(HASH_WORDS)
  hash(...words, a, b, out)
  return [...out]
}

function hashWideOf(words: Words, digest: number, seed: number): number[] {
  const { a, b } = lanesOfSeed(seed)
  const out = new Uint32Array(HASH_WORDS)
  hashWide(...words, digest, a, b, out)
  return [...out]
}

test('takes int32 and uint32 words for the same', () => {
  fc.assert(
    fc.property(anyId, ([w0, w1, w2, w3]) => {
      expect(hashOf([w0 | 0, w1 | 0, w2 | 0, w3 | 0], 7)).toEqual(hashOf([w0, w1, w2, w3], 7))
    }),
  )
})

test('names one cell in each sub-table, and one of the ladder or none', () => {
  fc.assert(
    fc.property(anyId, fc.nat({ max: 0xffffffff }), (words, seed) => {
      const cells = hashOf(words, seed)
      for (let part = 0; part < 4; part++) {
        expect(Math.floor(cells[part]! / SUB_TABLE_CELLS)).toBe(part)
      }
      const ladder = cells[LADDER_CELL]!
      expect(ladder === NO_CELL || (ladder >= BASE_CELLS && ladder < CELLS)).toBe(true)
    }),
  )
})

test('never gives one check to an id with two digests', () => {
  const uint32 = fc.nat({ max: 0xffffffff })
  fc.assert(
    fc.property(anyId, uint32, uint32, uint32, (words, digest, other, seed) => {
      fc.pre(digest !== other)
      const [before, after] = [hashWideOf(words, digest, seed), hashWideOf(words, other, seed)]
      expect(before[5]).not.toBe(after[5])
      expect(before[6]).not.toBe(after[6])
      expect(hashWideOf(words, digest | 0, seed)).toEqual(before)
    }),
    { numRuns: 1000 },
  )
})

test('spreads the digests of one id evenly, and turns half of the check bits', () => {
  const words = series.stamped!(1, 1)[0]!
  const hits = new Float64Array(BASE_CELLS)
  const count = 65_536
  let turned = 0
  for (let digest = 0; digest < count; digest++) {
    const hashed = hashWideOf(words, digest, 1)
    for (const cell of hashed.slice(0, 4)) hits[cell]! += 1
    const next = hashWideOf(words, digest ^ (1 << (digest & 31)), 1)
    turned += ones(hashed[5]! ^ next[5]!) + ones(hashed[6]! ^ next[6]!)
  }
  const expected = count / SUB_TABLE_CELLS
  const chi = hits.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
  expect(Math.abs(chi - 4 * 219)).toBeLessThan(5 * 42)
  expect(Math.abs(turned / count - 32)).toBeLessThan(1)
})

for (const [kind, make] of Object.entries(series)) {
  test(`spreads ${kind} ids evenly over cells and levels`, () => {
    const ids = make(65_536, 3)
    const hits = new Float64Array(CELLS)
    for (const words of ids) {
      for (const cell of hashOf(words, 1).slice(0, LADDER_CELL + 1)) hits[cell]! += 1
    }
    const outside = hits[NO_CELL]! - ids.length / SUB_TABLE_CELLS
    expect(Math.abs(outside - ids.length * (15 / 16))).toBeLessThan(700)

    // Chi-squared over a sub-table has mean 219 and standard deviation 21; cell 0 is left out.
    for (let part = 0; part < 4; part++) {
      const expected = ids.length / SUB_TABLE_CELLS
      let chi = 0
      for (let i = part === 0 ? 1 : 0; i < SUB_TABLE_CELLS; i++) {
        chi += (hits[part * SUB_TABLE_CELLS + i]! - expected) ** 2 / expected
      }
      expect(chi).toBeGreaterThan(219 - 5 * 21)
      expect(chi).toBeLessThan(219 + 5 * 21)
    }

    // Level n is entered by 3/64 of the ids, times a quarter for each level below.
    for (let level = 0; level < 4; level++) {
      const start = BASE_CELLS + level * LEVEL_CELLS
      const seen = hits.subarray(start, start + LEVEL_CELLS).reduce((sum, n) => sum + n, 0)
      const expected = (ids.length * 3) / 64 / 4 ** level
      expect(Math.abs(seen - expected)).toBeLessThan(5 * Math.sqrt(expected))
    }
  })

  test(`turns half of the check bits when one bit of ${kind} ids turns`, () => {
    const turned = new Float64Array(128)
    const ids = make(300, 5)
    for (const words of ids) {
      const before = hashOf(words, 9)
      for (let bit = 0; bit < 128; bit++) {
        const other = [...words] as [number, number, number, number]
        other[bit >> 5] = (other[bit >> 5]! ^ (1 << (bit & 31))) >>> 0
        const after = hashOf(other, 9)
        turned[bit]! += ones(before[5]! ^ after[5]!) + ones(before[6]! ^ after[6]!)
      }
    }
    for (const sum of turned) expect(Math.abs(sum / ids.length - 32)).toBeLessThan(3)
  })
}

test('is not linear: the mean of two ids does not have the mean of their checks', () => {
  for (const make of Object.values(series)) {
    const hashes = make(5000, 2).map((words) => hashOf(words, 4))
    for (let i = 1; i + 1 < hashes.length; i++) {
      const [before, here, after] = [hashes[i - 1]!, hashes[i]!, hashes[i + 1]!]
      expect(
        before[5]! + after[5]! === 2 * here[5]! && before[6]! + after[6]! === 2 * here[6]!,
      ).toBe(false)
    }
  }
})

function ones(x: number): number {
  let count = 0
  for (let rest = x >>> 0; rest !== 0; rest >>>= 1) count += rest & 1
  return count
}
