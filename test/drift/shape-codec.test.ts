import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { QuipuError } from '../../src/base/errors.ts'
import { emptyShape, mergeShapes } from '../../src/drift/merge.ts'
import type { Field, Oddity, Shape, SymbolCount, Variant } from '../../src/drift/shape.ts'
import { decodeShape, encodeShape, SHAPE_BYTES_MAX } from '../../src/drift/shape-codec.ts'
import { shapeSchema } from '../../src/drift/shape-schema.ts'
import { atom } from './atoms.ts'

const [low, high] = ['00112233445566778899aabbccddeeff', 'ff112233445566778899aabbccddeeff']

const root: Field = {
  path: '',
  declared: true,
  of: 5,
  present: 5,
  nulls: 0,
  objects: 5,
  lists: 0,
  types: { object: 5 },
  length: { count: 5, min: 1, max: 2, sum: 6, squares: 8 },
  number: null,
  distinct: [],
  symbols: [],
  moreSymbols: 0,
  ids: [low],
}
const delay: Field = {
  path: '/delay',
  declared: false,
  of: 5,
  present: 3,
  nulls: 1,
  objects: 0,
  lists: 0,
  types: { null: 1, integer: 2 },
  length: null,
  number: { count: 2, min: -0.5, max: 7, sum: 6.5, squares: 49.25 },
  distinct: [1, 0xffffffff],
  symbols: [
    { symbol: 'early', count: 2 },
    { symbol: 'late', count: 1 },
  ],
  moreSymbols: 3,
  ids: [low, high],
}
const oddity: Oddity = {
  kind: 'type_changed',
  path: '/delay',
  expected: 'integer',
  came: 'number',
  count: 2,
  ids: [high],
  values: ['-0.5'],
}
const variant: Variant = {
  claim: 'confluent',
  schema: '7',
  type: '1/0',
  count: 9,
  invalid: 2,
  unread: { pending: 1, full: 3 },
  ids: [low, high],
  oddities: [oddity],
  moreOddities: 1,
  fields: [root, delay],
  moreFields: 4,
}
const shape: Shape = {
  oneIn: 64,
  declared: '00112233aabbccdd',
  looked: 9,
  tombstones: 1,
  variants: [variant],
}

/** Pinned: agents of the first version wrote these bytes of the same shape, which says nothing of symbols. */
const FIRST = [
  'c3015f5aae4f9268330480012030303131323233336161626263636464020400112233445566778899aabbcc',
  'ddeeffff112233445566778899aabbccddeeff000212636f6e666c75656e74023706312f3012040400020a06',
  '000400020002060c2f64656c61790e696e74656765720c6e756d6265720402020002082d302e350000020400',
  '010a000a00020c0a00020a000000000000f03f00000000000000400000000000001840000000000000204000',
  '000200000c2f64656c61790006020000040002040400000204000000000000e0bf0000000000001c40000000',
  '0000001a400000000000a048401000000001ffffffff04000200000800',
].join('')

/** Pinned: agents of this version write these bytes, so every later auditor must read them. */
const PINNED = [
  'c301e8cd961336fc3e8c80012030303131323233336161626263636464020400112233445566778899aabbcc',
  'ddeeffff112233445566778899aabbccddeeff000212636f6e666c75656e74023706312f3012040400020a06',
  '000400020002060c2f64656c61790e696e74656765720c6e756d6265720402020002082d302e350000020400',
  '010a000a00020c0a00020a000000000000f03f00000000000000400000000000001840000000000000204000',
  '0002000000000c2f64656c61790006020000040002040400000204000000000000e0bf0000000000001c4000',
  '00000000001a400000000000a048401000000001ffffffff04000200040a6561726c7904086c617465020006',
  '000800',
].join('')

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

function errorOf(bytes: Uint8Array): QuipuError {
  try {
    decodeShape(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(QuipuError)
    expect((error as QuipuError).code).toBe('FORMAT')
    return error as QuipuError
  }
  throw new Error('expected a QuipuError')
}

describe('shapes as bytes', () => {
  test('come back as they were, sums of any size too', () => {
    fc.assert(
      fc.property(fc.array(atom, { minLength: 1, maxLength: 40, size: 'max' }), (atoms) => {
        const sum = atoms.reduce(mergeShapes)
        expect(decodeShape(encodeShape(sum))).toEqual(sum)
      }),
      { numRuns: 50 },
    )
  })

  test('are exactly these', () => {
    expect(hexOf(encodeShape(shape))).toBe(PINNED)
    expect(decodeShape(Buffer.from(PINNED, 'hex'))).toEqual(shape)
  })

  test('of the first version are read: of symbols they say nothing', () => {
    const silent = { ...delay, symbols: [], moreSymbols: 0 }
    expect(decodeShape(Buffer.from(FIRST, 'hex'))).toEqual({
      ...shape,
      variants: [{ ...variant, fields: [root, silent] }],
    })
    expect(errorOf(Buffer.from(`${FIRST}00`, 'hex')).message).toContain('1 bytes too many')
  })

  test('are the same of equal shapes, in whatever order their counts were made', () => {
    const other = {
      ...variant,
      unread: { full: 3, pending: 1 },
      fields: [root, { ...delay, types: { integer: 2, null: 1 } }],
    }
    expect(hexOf(encodeShape({ ...shape, variants: [other] }))).toBe(PINNED)
  })

  test('name each id once', () => {
    const fields = Array.from({ length: 50 }, (_, i) => ({ ...delay, path: `/d${10 + i}` }))
    const bytes = encodeShape({ ...shape, variants: [{ ...variant, fields: [root, ...fields] }] })
    expect(hexOf(bytes).split(high)).toHaveLength(2)
  })

  test('follow the schema that is published', () => {
    const published = JSON.parse(
      readFileSync(new URL('../../schemas/shape.avsc', import.meta.url), 'utf8'),
    )
    expect(
      published,
      'schemas/shape.avsc is not src/drift/shape-schema.ts: write JSON.stringify(shapeSchema, null, 2) there',
    ).toEqual(JSON.parse(JSON.stringify(shapeSchema)))
  })
})

describe('bytes that are no shape', () => {
  test('are refused at every truncation, and with bytes after the end', () => {
    const bytes = encodeShape(shape)
    for (let i = 0; i < bytes.length; i++) errorOf(bytes.subarray(0, i))
    expect(errorOf(Buffer.concat([bytes, Buffer.alloc(1)])).message).toContain('1 bytes too many')
  })

  test('never crash, and give no shape that breaks a law, whichever bit flips', () => {
    const bytes = Buffer.from(encodeShape(shape))
    let refused = 0
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
      let read: Shape
      try {
        read = decodeShape(flipped)
      } catch (error) {
        expect((error as QuipuError).code).toBe('FORMAT')
        refused++
        continue
      }
      // What is let in can be written and read again.
      expect(decodeShape(encodeShape(read))).toEqual(read)
    }
    expect(refused).toBeGreaterThan(bytes.length)
  })

  test('never crash, whatever follows a good header', () => {
    const head = encodeShape(shape).subarray(0, 10)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
        try {
          decodeShape(Buffer.concat([head, tail]))
        } catch (error) {
          expect((error as QuipuError).code).toBe('FORMAT')
        }
      }),
      { numRuns: 2_000 },
    )
  })

  test('are refused before they are looked at where there are too many', () => {
    expect(errorOf(Buffer.alloc(SHAPE_BYTES_MAX + 1)).message).toContain('more than 4194304')
  })

  test('are refused with another header', () => {
    const newer = Buffer.from(encodeShape(shape))
    newer[5] = (newer[5] as number) ^ 1
    expect(errorOf(newer).message).toContain('newer version')
    expect(errorOf(Buffer.of()).message).toContain('does not begin as one')
  })

  const changed = (part: Partial<Variant>): Partial<Shape> => ({
    variants: [{ ...variant, ...part }],
  })
  const odd = (part: Partial<Oddity>): Partial<Shape> =>
    changed({ oddities: [{ ...oddity, ...part }] })
  const fielded = (part: Partial<Field>): Partial<Shape> =>
    changed({ fields: [root, { ...delay, ...part }] })
  const spread = { count: 2, min: 1, max: 2, sum: 3, squares: 5 }
  const many = <T>(count: number, item: (i: number) => T): T[] =>
    Array.from({ length: count }, (_, i) => item(i))
  const named = (i: number): string => String(100 + i)
  const symbol = (i: number): SymbolCount => ({ symbol: named(i), count: 1 })

  const wrong: readonly [string, Partial<Shape>][] = [
    ['oneIn', { oneIn: 0 }],
    ['declared', { declared: '00112233AABBCCDD' }],
    ['declared of another length', { declared: '00' }],
    ['tombstones', { tombstones: -1 }],
    ['tombstones beyond the limit', { tombstones: 2 ** 48 }],
    ['claim', changed({ claim: 'magic' as Variant['claim'] })],
    ['others with a schema', changed({ claim: 'others' })],
    ['schema', changed({ schema: 'x'.repeat(101) })],
    ['count', changed({ count: 0, invalid: 0, unread: {}, oddities: [] })],
    ['invalid', changed({ invalid: -1 })],
    ['invalid + unread above count', changed({ invalid: 6 })],
    ['ids out of order', changed({ ids: [high, low] })],
    ['ids', changed({ ids: many(4, (i) => `${i}`.padStart(32, '0')) })],
    ['moreFields', changed({ moreFields: -1 })],
    ['moreOddities', changed({ moreOddities: -1 })],
    ['variants', { variants: many(17, (i) => ({ ...variant, schema: named(i) })) }],
    ['variants out of order', { variants: [variant, { ...variant, schema: '1' }] }],
    ['variants twice', { variants: [variant, variant] }],
    ['oddity count', odd({ count: 0 })],
    ['oddity count above that of the variant', odd({ count: 10 })],
    ['oddity path', odd({ path: 'delay' })],
    ['oddity expected', odd({ expected: 'x'.repeat(101) })],
    ['oddity came', odd({ came: 'x'.repeat(101) })],
    ['oddity value', odd({ values: ['x'.repeat(65)] })],
    ['oddity values', odd({ values: ['1', '2', '3', '4'] })],
    ['oddity values out of order', odd({ values: ['2', '1'] })],
    ['oddities twice', changed({ oddities: [oddity, oddity] })],
    ['oddities', changed({ oddities: many(33, (i) => ({ ...oddity, path: `/${named(i)}` })) })],
    ['field path', fielded({ path: `/${'x'.repeat(200)}` })],
    ['field without one around it', fielded({ path: '/a/b' })],
    ['fields out of order', changed({ fields: [delay, root] })],
    ['fields twice', changed({ fields: [root, delay, delay] })],
    [
      'fields',
      changed({ fields: [root, ...many(200, (i) => ({ ...delay, path: `/${named(i)}` }))] }),
    ],
    ['present above of', fielded({ present: 6 })],
    ['nulls above present', fielded({ nulls: 4 })],
    ['objects above present', fielded({ objects: 4 })],
    ['lists above present', fielded({ lists: 4 })],
    ['type count', fielded({ types: { null: -1 as number } })],
    ['spread count', fielded({ number: { ...spread, count: 0 } })],
    ['spread range', fielded({ number: { ...spread, min: 3 } })],
    ['spread sum', fielded({ number: { ...spread, sum: Number.NaN } })],
    ['spread max', fielded({ number: { ...spread, max: Number.POSITIVE_INFINITY } })],
    ['spread squares', fielded({ length: { ...spread, squares: -1 } })],
    ['distinct out of order', fielded({ distinct: [2, 1] })],
    ['distinct', fielded({ distinct: many(17, (i) => i) })],
    ['symbol', fielded({ symbols: [{ symbol: 'x'.repeat(65), count: 1 }] })],
    ['symbol count', fielded({ symbols: [{ symbol: 'x', count: 0 }] })],
    ['symbols', fielded({ symbols: many(33, symbol) })],
    ['symbols out of order', fielded({ symbols: [symbol(2), symbol(1)] })],
    ['symbols twice', fielded({ symbols: [symbol(1), symbol(1)] })],
    [
      'symbols of all fields',
      changed({
        fields: [
          root,
          ...many(9, (i) => ({ ...delay, path: `/${named(i)}`, symbols: many(29, symbol) })),
        ],
      }),
    ],
    ['moreSymbols', fielded({ moreSymbols: -1 })],
  ]
  test.each(wrong)('are refused where a value is out of its range: %s', (_, part) => {
    expect(errorOf(encodeShape({ ...shape, ...part })).message).toMatch(/^malformed shape: /)
  })

  test('are refused with an id that no part names', () => {
    const bytes = Buffer.from(encodeShape({ ...emptyShape(1, ''), variants: [] }))
    // Its table of ids, the last byte but one: one id in place of none.
    const end = bytes.length - 2
    const added = Buffer.concat([
      bytes.subarray(0, end),
      Buffer.of(2),
      Buffer.alloc(16),
      Buffer.of(0),
      bytes.subarray(end + 1),
    ])
    expect(errorOf(added).message).toContain('id that no part names')
  })

  test('are not even made of values that Avro cannot hold', () => {
    expect(() => encodeShape({ ...shape, tombstones: 0.5 })).toThrow(QuipuError)
    expect(() => encodeShape({ ...shape, variants: [{ ...variant, ids: ['short'] }] })).toThrow(
      QuipuError,
    )
  })
})
