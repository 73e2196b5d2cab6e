import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encode } from '../../src/sketch/codec.ts'
import { LIST_LIMIT, Sketch, SketchFormatError } from '../../src/sketch/sketch.ts'
import { Table } from '../../src/sketch/table.ts'
import { denseOf } from './dense.ts'
import { addAll, anyEntriesOf, type Entry, onceEach, series, stamp } from './ids.ts'

const SEED = 1
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const decode = (bytes: Uint8Array): Sketch => Sketch.fromBytes(bytes, SEED)

function sketchOf(entries: Iterable<Entry>): Sketch {
  const sketch = new Sketch(SEED)
  addAll(sketch, entries)
  return sketch
}

const full = sketchOf(series.stamped!(1500, 1).map((words) => [words, 1]))

/** A table of 1 id: many ids in, all out but one. */
function sparse(): Sketch {
  const sketch = sketchOf(series.stamped!(1500, 1).map((words) => [words, 1]))
  series.stamped!(1500, 1).forEach((words, i) => {
    if (i > 0) sketch.add(...words, -1)
  })
  return sketch
}

describe('lists', () => {
  test('are these bytes', () => {
    const list = sketchOf([
      [stamp(300, 1, 2), 1],
      [stamp(0, 1, 0), 1],
      [stamp(20, 1, 1), -1],
      [stamp(20, 1, 2), 1],
      [stamp(20, 1, 2), 2],
    ])
    expect(hexOf(list.toBytes())).toBe(
      [
        '01 04',
        '808080808032 7001 80000004 00000000',
        '14 7001 80000004 00000400',
        '00 7001 80000004 00000800',
        '9802 7001 80000004 00000800',
        '02 01 01 00 06',
      ]
        .join('')
        .replaceAll(' ', ''),
    )
    expect(hexOf(new Sketch(SEED).toBytes())).toBe('010000')
  })

  test('take about 11 bytes an id', () => {
    const ids = Array.from({ length: LIST_LIMIT }, (_, i) => stamp(60 * i, 1, i))
    const bytes = sketchOf(ids.map((words) => [words, 1])).toBytes()
    expect(bytes.length).toBe(11 * LIST_LIMIT + 9)
  })

  test('with digests are these bytes', () => {
    const list = new Sketch(SEED, 5)
    list.add(...stamp(20, 1, 1), 1, 0xc0ffee01)
    list.add(...stamp(20, 1, 1), -1, 0xc0ffee00)
    list.add(...stamp(0, 1, 0), 1, 7)
    expect(hexOf(list.toBytes())).toBe(
      [
        '04 03',
        '808080808032 7001 80000004 00000000 00000007',
        '14 7001 80000004 00000400 c0ffee00',
        '00 7001 80000004 00000400 c0ffee01',
        '01 01 01',
      ]
        .join('')
        .replaceAll(' ', ''),
    )
    expect(hexOf(new Sketch(SEED, 5).toBytes())).toBe('040000')
  })

  test.each([4, 5] as const)(
    'are equal bytes if they are equal, in any order (%i limbs)',
    (limbs) => {
      const bytesOf = (entries: Iterable<Entry>): string => {
        const sketch = new Sketch(SEED, limbs)
        addAll(sketch, entries)
        return hexOf(sketch.toBytes())
      }
      fc.assert(
        fc.property(anyEntriesOf(limbs), (entries) => {
          expect(bytesOf([...entries].reverse())).toBe(bytesOf(entries))
        }),
      )
    },
  )
})

describe('tables', () => {
  test('are these bytes', () => {
    const digest = (sketch: Sketch): string =>
      createHash('sha256').update(sketch.toBytes()).digest('hex')
    expect({ length: full.toBytes().length, sha256: digest(full) }).toMatchInlineSnapshot(`
      {
        "length": 26019,
        "sha256": "831dba51a9124114a44cbf1bcad6c8d98aaf51801c702de9e05e7d7fff1084c0",
      }
    `)
    expect(hexOf(sparse().toBytes())).toMatchInlineSnapshot(
      `"0300000000000000000000000000000000000000000000000000000010000000000000000000000000000000004000000000000000000000000000080000000000000000000000000000000000000000000000000000000000000000000000000000000000400000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000101900000000070018000000400000000448685326b6932b60000000101900000000070018000000400000000448685326b6932b60000000101900000000070018000000400000000448685326b6932b60000000101900000000070018000000400000000448685326b6932b6"`,
    )
  })

  test('are sparse where that is shorter, and read from the dense form as well', () => {
    const cells = sketchOf(series.random!(500_000, 1).map((words) => [words, 1])).toBytes()
    expect(cells[0]).toBe(3)
    expect(cells.length).toBeLessThan(1 + 146 + 28 * 1168)
    const dense = denseOf(cells)
    expect(dense.length).toBe(1 + 32_704)
    const difference = decode(dense)
    difference.merge(decode(cells), -1)
    expect(difference.isEmpty()).toBe(true)
  })

  test('of negative counts come back', () => {
    const negative = new Sketch(SEED)
    negative.merge(full, -1)
    const back = decode(negative.toBytes())
    expect(back.count).toBe(-1500)
    back.merge(full)
    expect(back.isEmpty()).toBe(true)
  })

  test.each([0, 1, 146, 147, 148, 174])('cut to %i bytes are refused', (length) => {
    expect(() => decode(full.toBytes().subarray(0, length))).toThrow(SketchFormatError)
  })

  test('of the most bytes are as long as they say, and written dense where all cells are filled', () => {
    for (const [limbs, bytes] of [
      [4, 32_705],
      [5, 37_377],
    ] as const) {
      const sketch = new Sketch(SEED, limbs)
      addAll(sketch, onceEach(series.stamped!(1500, 1), limbs))
      const dense = denseOf(sketch.toBytes())
      expect(dense.length).toBe(bytes)
      for (let cell = 880; cell < 1168; cell++) {
        dense.writeInt32BE(1, 1 + ((bytes - 1) / 1168) * cell)
      }
      expect(hexOf(Sketch.fromBytes(dense, SEED, limbs).toBytes())).toBe(hexOf(dense))
    }
  })

  test('cut or lengthened anywhere are refused', () => {
    for (const bytes of [full.toBytes(), denseOf(full.toBytes())]) {
      for (let cut = 1; cut < bytes.length; cut += 997) {
        expect(() => decode(bytes.subarray(0, bytes.length - cut))).toThrow('truncated')
      }
      expect(() => decode(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow('too many')
    }
  })

  test('whose sub-tables do not agree are refused, whichever bit of the base is turned', () => {
    const dense = denseOf(full.toBytes())
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 28 * 880 }), fc.nat({ max: 7 }), (at, bit) => {
        const turned = Buffer.from(dense)
        turned[at]! ^= 1 << bit
        expect(() => decode(turned)).toThrow(SketchFormatError)
      }),
    )
  })

  test('of more adds than an int32 counts are not written', () => {
    const sketch = full.clone()
    for (let i = 0; i < 3; i++) sketch.add(1, 2, 3, 4, 2 ** 31 - 1)
    expect(() => sketch.toBytes()).toThrow('int32')
  })
})

test.each([4, 5] as const)(
  'bytes of any kind are refused, or encode to themselves (%i limbs)',
  (limbs) => {
    const tag = limbs === 4 ? 1 : 4
    const table = new Table(SEED, limbs)
    addAll(table, onceEach(series.stamped!(3, 1), limbs))
    const sparse = encode(table)
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.uint8Array({ maxLength: 300 }).map((rest) => Uint8Array.from([tag, ...rest])),
      fc.uint8Array({ maxLength: 60 }).map((rest) => Uint8Array.from([tag, 2, 0, ...rest])),
      fc.tuple(fc.nat(), fc.nat({ max: 255 })).map(([at, value]) => {
        const bytes = Uint8Array.from(sparse)
        bytes[at % bytes.length] = value
        return bytes
      }),
    )
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        let sketch: Sketch
        try {
          sketch = Sketch.fromBytes(bytes, SEED, limbs)
        } catch (error) {
          expect(error).toBeInstanceOf(SketchFormatError)
          expect((error as SketchFormatError).code).toBe('SKETCH_FORMAT')
          return
        }
        expect(hexOf(sketch.toBytes())).toBe(hexOf(bytes))
        sketch.peel()
      }),
      { numRuns: 500 },
    )
  },
)
