import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_SEED, LIST_LIMIT, Sketch } from '../../src/sketch/sketch.ts'
import { addAll, anyId, type Entry, netOf, series, stamp, type Words } from './ids.ts'

const TABLE_BYTES = 65_408

function sketchOf(entries: Iterable<Entry>): Sketch {
  const sketch = new Sketch()
  addAll(sketch, entries)
  return sketch
}

function sum(a: Sketch, b: Sketch, sign: 1 | -1 = 1): Sketch {
  const result = a.clone()
  result.merge(b, sign)
  return result
}

const ones = (ids: readonly Words[], times = 1): Entry[] => ids.map((words) => [words, times])

describe('list and table', () => {
  const ids = series.stamped!(2 * LIST_LIMIT, 1)

  test('keeps the ids up to the limit, then becomes a table, and counts on', () => {
    const sketch = sketchOf(ones(ids.slice(0, LIST_LIMIT)))
    expect(sketch.peel()).toMatchObject({ complete: true })
    expect(sketch.bytesInMemory).toBeLessThan(TABLE_BYTES)
    sketch.add(...ids[LIST_LIMIT]!)
    expect(sketch.bytesInMemory).toBe(TABLE_BYTES)
    expect(sketch.count).toBe(LIST_LIMIT + 1)
  })

  test('repeats of few ids stay a list however many', () => {
    const sketch = new Sketch()
    for (let i = 0; i < 20_000; i++) sketch.add(...ids[i % 100]!)
    expect(sketch.bytesInMemory).toBeLessThan(TABLE_BYTES)
    expect(sketch.peel().ids).toHaveLength(100)
    expect(sketch.count).toBe(20_000)
  })

  test('equal lists of the full size differ in nothing', () => {
    const a = sketchOf(ones(ids.slice(0, LIST_LIMIT)))
    const difference = sum(a, sketchOf(ones(ids.slice(0, LIST_LIMIT).reverse())), -1)
    expect(difference.peel()).toEqual({ complete: true, ids: [], net: 0, estimate: null })
    expect(difference.bytesInMemory).toBeLessThan(TABLE_BYTES)
  })

  test('lists that together pass the limit become a table', () => {
    const half = (from: number): Sketch => sketchOf(ones(ids.slice(from, from + 600)))
    const merged = sum(half(0), half(600))
    expect(merged.bytesInMemory).toBe(TABLE_BYTES)
    merged.merge(half(0), -1)
    expect(merged.peel()).toMatchObject({ complete: true, ids: netOf(ones(ids.slice(600, 1200))) })
  })

  test('a list whose multiplicities pass an int32 still becomes a table', () => {
    const sketch = new Sketch()
    for (let i = 0; i < 1000; i++) sketch.add(1, 2, 3, 4, 2 ** 31 - 1)
    addAll(sketch, ones(ids))
    expect(sketch.count).toBe(1000 * (2 ** 31 - 1) + ids.length)
    addAll(sketch, ones(ids, -1))
    const times = 1000 * (2 ** 31 - 1)
    expect(sketch.peel().ids).toEqual([{ hex: '00000001000000020000000300000004', times }])
  })
})

test('reads the words of bytes high first', () => {
  fc.assert(
    fc.property(anyId, (words) => {
      const id = Buffer.alloc(16)
      words.forEach((word, i) => {
        id.writeUInt32BE(word, 4 * i)
      })
      const sketch = new Sketch()
      sketch.addBytes(id, 3)
      expect(sketch.peel().ids).toEqual(netOf([[words, 3]]))
      sketch.add(words[0] | 0, words[1] | 0, words[2] | 0, words[3] | 0, -3)
      expect(sketch.isEmpty()).toBe(true)
    }),
  )
})

test('refuses what only a programmer can get wrong', () => {
  const sketch = new Sketch(1)
  expect(() => sketch.merge(new Sketch(2))).toThrow('seeds')
  expect(() => sketch.add(1, 2, 3, 4, 0.5)).toThrow('int32')
  expect(() => sketch.add(1, 2, 3, 4, 2 ** 31)).toThrow('int32')
  expect(() => sketch.addBytes(new Uint8Array(15))).toThrow('16 bytes')
  expect(() => sketch.add(1, 2, 3, 4, 1, 5)).toThrow('digest')
  expect(() => sketch.merge(new Sketch(1, 5))).toThrow('limbs')
  expect(() => new Sketch(1, 5).addBytes(new Uint8Array(16))).toThrow('digest')
  expect(() => new Sketch(1, 6 as 5)).toThrow('limbs')
  expect(() => new Sketch(-1)).toThrow('uint32')
  expect(new Sketch().seed).toBe(DEFAULT_SEED)
})

test('the seed decides the cells, so equal ids under unequal seeds are unequal tables', () => {
  const ids = ones(Array.from({ length: 1001 }, (_, i) => stamp(i, 1, i)))
  const bytes = [1, 2].map((seed) => {
    const sketch = new Sketch(seed)
    addAll(sketch, ids)
    return Buffer.from(sketch.toBytes()).toString('hex')
  })
  expect(bytes[0]).not.toBe(bytes[1])
})
