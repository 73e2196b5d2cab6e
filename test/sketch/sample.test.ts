import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HASH_WORDS, hash, lanesOfSeed } from '../../src/sketch/hash.ts'
import { isSampled, ONE_IN_MAX, oneInOf, scaledInterval } from '../../src/sketch/sample.ts'
import { SUB_TABLE_CELLS } from '../../src/sketch/shape.ts'
import { anyId, random, series, type Words } from './ids.ts'

const RATES = [2, 3, 16, 64, 1_000]
const kept = (ids: readonly Words[], seed: number, oneIn: number): Words[] =>
  ids.filter((words) => isSampled(...words, seed, oneIn))

/** As ids of other systems become: 48 bits of time, then a hash. */
const foreign = (count: number, seed: number): Words[] => {
  const next = random(seed)
  return Array.from({ length: count }, (_, i) => [
    0x0190_0000,
    (((i >> 4) << 16) | 0x8000 | (next() & 0xfff)) >>> 0,
    (0x80000000 | (next() >>> 2)) >>> 0,
    (next() & ~1023) >>> 0,
  ])
}
/** The ordinal is left out, so sequential ids here count above it. */
const spaced = (count: number, seed: number): Words[] =>
  Array.from({ length: count }, (_, i) => [0, seed, 0, (i << 10) >>> 0])
const kinds = {
  spaced,
  foreign,
  strided: series.strided!,
  stamped: series.stamped!,
  random: series.random!,
}

describe('sampling', () => {
  it.each(Object.entries(kinds))('keeps one of %s ids in N', (_, make) => {
    for (const seed of [0, 1, 0x71756970]) {
      const ids = make(200_000, seed & 7)
      for (const oneIn of RATES) {
        const expected = ids.length / oneIn
        const deviation = Math.sqrt(expected * (1 - 1 / oneIn))
        expect(Math.abs(kept(ids, seed, oneIn).length - expected)).toBeLessThan(4.5 * deviation)
      }
    }
  })

  it('keeps every message at 1/1', () => {
    fc.assert(fc.property(anyId, fc.nat(), (id, seed) => isSampled(...id, seed, 1)))
  })

  it('keeps an id or leaves it, whatever its ordinal and however its words are written', () => {
    fc.assert(
      fc.property(
        anyId,
        fc.nat({ max: 1023 }),
        fc.nat({ max: 0xffffffff }),
        (id, ordinal, seed) => {
          const [w0, w1, w2, w3] = id
          const derived = ((w3 & ~1023) | ordinal) >>> 0
          for (const oneIn of [2, 3]) {
            const isKept = isSampled(...id, seed, oneIn)
            expect(isSampled(w0, w1, w2, derived, seed, oneIn)).toBe(isKept)
            expect(isSampled(w0 | 0, w1 | 0, w2 | 0, w3 | 0, seed | 0, oneIn)).toBe(isKept)
          }
        },
      ),
    )
  })

  it('is nested: what is kept at a lower rate is kept at every higher one', () => {
    const ids = foreign(20_000, 1)
    for (const [low, high] of [
      [64, 32],
      [64, 63],
      [3, 2],
      [1_000, 2],
    ] as const) {
      const few = kept(ids, 7, low)
      expect(few.length).toBeGreaterThan(10)
      expect(kept(few, 7, high)).toEqual(few)
    }
  })

  it('keeps others with another seed', () => {
    const ids = foreign(100_000, 1)
    const both = kept(kept(ids, 1, 16), 2, 16).length
    expect(Math.abs(both - ids.length / 256)).toBeLessThan(4.5 * Math.sqrt(ids.length / 256))
  })

  it('says nothing about the cells of an id', () => {
    const { a, b } = lanesOfSeed(1)
    const out = new Uint32Array(HASH_WORDS)
    const ids = kept(kinds.stamped(400_000, 1), 1, 16)
    const hits = new Float64Array(4 * SUB_TABLE_CELLS)
    for (const words of ids) {
      hash(...words, a, b, out)
      for (const cell of out.subarray(0, 4)) hits[cell]! += 1
    }
    const expected = ids.length / SUB_TABLE_CELLS
    // Chi-squared over a sub-table has mean 219 and standard deviation 21.
    for (let part = 0; part < 4; part++) {
      const cells = hits.subarray(part * SUB_TABLE_CELLS, (part + 1) * SUB_TABLE_CELLS)
      const chi = cells.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
      expect(Math.abs(chi - 219)).toBeLessThan(5 * 21)
    }
  })

  it('is what SQL computes in 64-bit integers', () => {
    const database = new Database(':memory:')
    const xorShift = (x: string): string => `(${x} + (${x} >> 16) - 2 * (${x} & (${x} >> 16)))`
    const rounds: readonly (readonly [add: string, multiplier: number])[] = [
      ['@seed + 1', 0x78b4da59],
      ['@w0', 0x77e15171],
      ['@w1', 0x4aed2a77],
      ['@w2', 0x7f715897],
      ['@w3 - (@w3 & 1023)', 0x5cf4f3c7],
      ['0', 0x62e71625],
    ]
    const steps = rounds.map(
      ([add, multiplier], i) =>
        `a${i}(x) AS (SELECT ((SELECT x FROM r${i}) + ${add}) & 4294967295),\n` +
        `r${i + 1}(x) AS (SELECT (${xorShift('x')} * ${multiplier}) & 4294967295 FROM a${i})`,
    )
    const sql = database
      .prepare(`WITH r0(x) AS (SELECT 0), ${steps.join(',\n')} SELECT ${xorShift('x')} FROM r6`)
      .pluck()
    fc.assert(
      fc.property(anyId, fc.nat({ max: 0xffffffff }), (words, seed) => {
        const [s, w0, w1, w2, w3] = [seed, ...words].map(BigInt)
        const x = sql.get({ seed: s, w0, w1, w2, w3 }) as number
        for (const oneIn of [2, 64]) {
          expect(isSampled(...words, seed, oneIn)).toBe(x < Math.floor(2 ** 32 / oneIn))
        }
      }),
    )
    database.close()
  })

  it.each([
    ['1/2', 2],
    ['1/64', 64],
    ['1/65536', ONE_IN_MAX],
    ['1/65537', null],
    ['1/1', null],
    ['1/0', null],
    ['1/064', null],
    ['2/64', null],
    ['1/64 ', null],
    ['64', null],
    ['', null],
  ])('%j means one in %s', (text, expected) => {
    expect(oneInOf(text)).toBe(expected)
  })
})

describe('the interval of a scaled count', () => {
  it.each([
    // Garwood's limits, as published tables have them: 0–3.689, 0.0253–5.572, 4.795–18.390.
    [0, 1_000, { likely: 0, low: 0, high: 3_689 }],
    [1, 1_000, { likely: 1_000, low: 25, high: 5_572 }],
    [10, 1_000, { likely: 10_000, low: 4_795, high: 18_391 }],
    [100, 64, { likely: 6_400, low: 5_207, high: 7_785 }],
  ])('of %i at 1/%i', (k, oneIn, expected) => {
    expect(scaledInterval(k, oneIn)).toEqual(expected)
  })

  it('goes on without a step where the approximation begins', () => {
    const [before, after] = [scaledInterval(100, ONE_IN_MAX), scaledInterval(101, ONE_IN_MAX)]
    const [one, other] = [before, after].map(
      ({ likely, low }) => (likely - low) / Math.sqrt(likely),
    )
    expect(other! / one!).toBeCloseTo(1, 3)
    const [up, next] = [before, after].map(
      ({ likely, high }) => (high - likely) / Math.sqrt(likely),
    )
    expect(next! / up!).toBeCloseTo(1, 3)
  })

  it('is the count itself where every message is kept, and never below what was seen', () => {
    expect(scaledInterval(7, 1)).toEqual({ likely: 7, low: 7, high: 7 })
    expect(scaledInterval(1, 2).low).toBe(1)
  })

  it.each([
    [3, 2],
    [50, 16],
    [640, 64],
    [5_000, 64],
    [40_000, 1_000],
    [60_000, 64],
  ])('holds %i differences sampled 1/%i in 95 of 100 cases', (differences, oneIn) => {
    const next = random(differences + oneIn)
    const threshold = Math.floor(2 ** 32 / oneIn)
    const runs = Math.min(2_000, Math.ceil(20_000_000 / differences))
    let held = 0
    for (let run = 0; run < runs; run++) {
      let k = 0
      for (let i = 0; i < differences; i++) if (next() < threshold) k++
      const { low, high } = scaledInterval(k, oneIn)
      if (low <= differences && differences <= high) held++
    }
    expect(held / runs).toBeGreaterThanOrEqual(0.94)
  })
})
