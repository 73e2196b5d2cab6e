import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import vectors from '../../schemas/sketch.vectors.json' with { type: 'json' }
import { LIST_LIMIT, Sketch, SketchFormatError } from '../../src/sketch/sketch.ts'
import { addAll, anyEntries, type Entry, series, stamp } from './ids.ts'

const SEED = 1
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const decode = (bytes: Uint8Array): Sketch => Sketch.fromBytes(bytes, SEED)
const decodeHex = (hex: string): Sketch => decode(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

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

  test('are equal bytes if they are equal, whatever the order', () => {
    fc.assert(
      fc.property(anyEntries, (entries) => {
        const bytes = hexOf(sketchOf(entries).toBytes())
        expect(hexOf(sketchOf([...entries].reverse()).toBytes())).toBe(bytes)
        expect(hexOf(decodeHex(bytes).toBytes())).toBe(bytes)
      }),
    )
  })

  test.each([
    ['nothing', '', 'truncated'],
    ['an unknown tag', '00', 'tag'],
    ['the tag of the other width', '040000', 'tag'],
    ['no length', '01', 'truncated'],
    ['a length without ids', '0101', 'truncated'],
    ['no exceptions', '0100', 'truncated'],
    ['a byte too many', '01000000', 'too many'],
    ['more ids than the limit', '01e907', 'at most 1000'],
    ['a huge length', '01ffffffffffff3f', 'at most 1000'],
    ['an endless varint', '01ffffffffffffffff01', 'varint'],
    ['a varint longer than need be', '018000', 'overlong'],
    ['time beyond 48 bits', `01 01 80808080808040 ${'00'.repeat(10)} 00`, '48 bits'],
    ['the same id twice', `01 02 05 ${'00'.repeat(10)} 00 ${'00'.repeat(10)} 00`, 'ascending'],
    ['ids out of order', `01 02 05 ${'01'.repeat(10)} 00 ${'00'.repeat(10)} 00`, 'ascending'],
    ['an exception of times 0', `01 01 05 ${'00'.repeat(10)} 01 00 00`, 'times'],
    ['an exception of times 1', `01 01 05 ${'00'.repeat(10)} 01 00 02`, 'times'],
    ['an exception beyond int32', `01 01 05 ${'00'.repeat(10)} 01 00 8080808010`, 'times'],
    ['an exception beyond the ids', `01 01 05 ${'00'.repeat(10)} 01 01 01`, 'exceptions'],
    ['more exceptions than ids', `01 01 05 ${'00'.repeat(10)} 02 00 01 00 01`, 'exceptions'],
  ])('with %s are refused', (_, hex, message) => {
    expect(() => decodeHex(hex)).toThrow(SketchFormatError)
    expect(() => decodeHex(hex)).toThrow(message)
  })
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

  test('are the published bytes', () => {
    const { seed, adds, bytes } = vectors.table
    const sketch = Sketch.fromBytes(Buffer.from(bytes, 'hex'), seed)
    expect(hexOf(sketch.toBytes())).toBe(bytes)
    expect(sketch.peel()).toMatchObject({
      complete: true,
      ids: adds
        .map(({ id, times }) => ({ hex: id, times }))
        .sort((a, b) => (a.hex < b.hex ? -1 : 1)),
    })
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

  test('that are full are written dense', () => {
    const dense = denseOf(full.toBytes())
    // The ladder is filled; no sum can tell.
    for (let cell = 880; cell < 1168; cell++) dense.writeInt32BE(1, 1 + 28 * cell)
    const bytes = decode(dense).toBytes()
    expect(bytes[0]).toBe(2)
    expect(hexOf(bytes)).toBe(hexOf(dense))
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

  test('cut or lengthened anywhere are refused', () => {
    for (const bytes of [full.toBytes(), denseOf(full.toBytes())]) {
      for (let cut = 1; cut < bytes.length; cut += 997) {
        expect(() => decode(bytes.subarray(0, bytes.length - cut))).toThrow('truncated')
      }
      expect(() => decode(Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow('too many')
    }
  })

  test('with a residue of p or more are refused', () => {
    const dense = denseOf(full.toBytes())
    dense.writeUInt32BE(0xfffffffb, 1 + 28 * 5 + 4)
    expect(() => decode(dense)).toThrow('residue')
  })

  test('with an empty cell listed are refused', () => {
    const bytes = Buffer.concat([Buffer.from([3, 128]), Buffer.alloc(145), Buffer.alloc(28)])
    expect(() => decode(bytes)).toThrow('empty cell')
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

test('bytes of any kind either decode and encode again to themselves, or are refused', () => {
  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.uint8Array({ maxLength: 300 }).map((rest) => Uint8Array.from([1, ...rest])),
    fc.uint8Array({ maxLength: 60 }).map((rest) => Uint8Array.from([1, 2, 0, ...rest])),
    fc.tuple(fc.nat(), fc.nat({ max: 255 })).map(([at, value]) => {
      const bytes = sparse().toBytes()
      bytes[at % bytes.length] = value
      return bytes
    }),
  )
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      let sketch: Sketch
      try {
        sketch = decode(bytes)
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
})

/** A sparse encoding written out. */
function denseOf(bytes: Uint8Array): Buffer {
  const dense = Buffer.alloc(1 + 32_704)
  dense[0] = 2
  let at = 147
  for (let cell = 0; cell < 1168; cell++) {
    if ((bytes[1 + (cell >> 3)]! & (128 >> (cell & 7))) === 0) continue
    dense.set(bytes.subarray(at, at + 28), 1 + 28 * cell)
    at += 28
  }
  return dense
}
