import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DeclaredFields, Found } from '../../src/drift/declared/declared.ts'
import { FieldBudget } from '../../src/drift/field-budget.ts'
import { emptyShape, mergeShapes } from '../../src/drift/merge.ts'
import { ShapeBuilder, type ShapeBuilderOptions } from '../../src/drift/open-shape.ts'
import type { Value } from '../../src/drift/read/reader.ts'
import {
  claims,
  FIELDS_MAX,
  ODDITIES_MAX,
  type Shape,
  unreadReasons,
  VARIANTS_MAX,
  type Variant,
} from '../../src/drift/shape.ts'
import { decodeShape } from '../../src/drift/shape-codec.ts'

const idOf = (n: number): string => n.toString(16).padStart(32, '0')
const plain = { claim: 'none', schema: '', type: '' } as const
const told: Found = { kind: 'type_changed', path: '/a', expected: 'integer', came: 'string' }

function builder(options: Partial<ShapeBuilderOptions> = {}): ShapeBuilder {
  return new ShapeBuilder({
    oneIn: 1,
    declared: '',
    fields: null,
    values: false,
    budget: new FieldBudget(),
    ...options,
  })
}

const shapeOf = (open: ShapeBuilder): Shape => decodeShape(open.toBytes())

function only(shape: Shape): Variant {
  expect(shape.variants).toHaveLength(1)
  return shape.variants[0] as Variant
}

const names = (count: number, prefix = 'n'): Value =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${1000 + i}`, i]))

describe('an open shape', () => {
  test('counts each message once, as what it is', () => {
    const open = builder()
    open.tombstone()
    open.value(idOf(5), plain, { a: 1 }, [])
    open.value(idOf(4), plain, { a: 'x' }, [told])
    open.odd(idOf(3), { ...plain, claim: 'unframed' }, [])
    open.odd(idOf(2), { ...plain, claim: 'empty' }, [])
    open.odd(idOf(1), { ...plain, claim: 'ambiguous' }, [])
    open.unread(idOf(6), plain, 'pending')
    open.unread(idOf(7), plain, 'too_large')
    const shape = shapeOf(open)
    expect(shape).toMatchObject({ looked: 7, tombstones: 1 })
    expect(
      shape.variants.map(({ claim, count, invalid, unread }) => ({
        claim,
        count,
        invalid,
        unread,
      })),
    ).toEqual([
      { claim: 'none', count: 4, invalid: 1, unread: { pending: 1, too_large: 1 } },
      { claim: 'unframed', count: 1, invalid: 1, unread: {} },
      { claim: 'ambiguous', count: 1, invalid: 0, unread: { no_schema: 1 } },
      { claim: 'empty', count: 1, invalid: 1, unread: {} },
    ])
    expect(shape.variants[0]?.ids).toEqual([idOf(4), idOf(5), idOf(6)])
    expect(shape.variants[0]?.fields[1]).toMatchObject({ path: '/a', of: 2, present: 2 })
  })

  test('is empty once it was handed over, and its room is free', () => {
    const budget = new FieldBudget()
    const open = builder({ budget })
    open.value(idOf(1), plain, { a: { b: 1 } }, [])
    expect(budget.open).toBe(3)
    open.toBytes()
    expect(budget.open).toBe(0)
    expect(shapeOf(open)).toEqual(emptyShape(1, ''))
    open.value(idOf(2), plain, { c: 1 }, [])
    expect(only(shapeOf(open)).fields.map(({ path }) => path)).toEqual(['', '/c'])
  })
})

describe('oddities', () => {
  test('are counted once for each message, with the lowest ids', () => {
    const open = builder()
    for (const n of [9, 3, 7, 5]) open.value(idOf(n), plain, null, [told, told])
    expect(only(shapeOf(open)).oddities).toEqual([
      { ...told, count: 4, ids: [idOf(3), idOf(5), idOf(7)], values: [] },
    ])
  })

  test('hold values only where the plan says so, cut and few', () => {
    const found = (value: string): Found[] => [{ ...told, value }]
    const valuesOf = (open: ShapeBuilder): readonly string[] => {
      for (const [i, value] of ['"d"', '"b"', '"b"', '"c"', '"a"'].entries()) {
        open.value(idOf(i), plain, null, found(value))
      }
      open.value(idOf(9), plain, null, found('!'.repeat(70)))
      return only(shapeOf(open)).oddities[0]?.values ?? []
    }
    expect(valuesOf(builder())).toEqual([])
    expect(valuesOf(builder({ values: true }))).toEqual(['!'.repeat(64), '"a"', '"b"'])
  })

  test('are cut to what fits: texts anywhere, paths between their parts', () => {
    const open = builder()
    const path = `/${'a'.repeat(150)}/${'b'.repeat(60)}`
    open.odd(idOf(1), plain, [
      { ...told, path, expected: 'e'.repeat(300), came: `${'c'.repeat(99)}😀` },
    ])
    expect(only(shapeOf(open)).oddities[0]).toMatchObject({
      path: `/${'a'.repeat(150)}`,
      expected: 'e'.repeat(100),
      came: `${'c'.repeat(99)}\ufffd`,
    })
  })

  test('are kept up to a limit, and counted beyond', () => {
    const open = builder()
    for (let i = 0; i < 200; i++) {
      open.odd(idOf(i), plain, [{ ...told, path: `/${100 + i}` }])
    }
    const variant = only(shapeOf(open))
    expect(variant.oddities).toHaveLength(ODDITIES_MAX)
    expect(variant.oddities.at(-1)?.path).toBe(`/${100 + ODDITIES_MAX - 1}`)
    expect(variant.moreOddities).toBe(200 - ODDITIES_MAX)
    expect(variant).toMatchObject({ count: 200, invalid: 200 })
  })
})

describe('bounds', () => {
  test('keep the first fields, counted exactly, whatever comes', () => {
    const open = builder({ fields: { fields: new Map([['known', null]]) } })
    for (let i = 0; i < 30; i++) open.value(idOf(i), plain, names(300, `${i % 3}`), [])
    const variant = only(shapeOf(open))
    expect(variant.fields).toHaveLength(FIELDS_MAX)
    expect(variant.fields[1]).toMatchObject({ path: '/known', of: 30, present: 0 })
    expect(variant.fields.slice(2).every(({ present }) => present === 10)).toBe(true)
    expect(variant.moreFields).toBe(30 * 300 - 10 * (FIELDS_MAX - 2))
  })

  test('keep the first schemas, and put the others together', () => {
    const open = builder()
    const schema = (n: number): string => String(100 + n)
    for (let n = 99; n >= 0; n--) {
      open.value(idOf(n), { claim: 'confluent', schema: schema(n), type: '' }, { a: n }, [])
    }
    const { variants, looked } = shapeOf(open)
    expect(looked).toBe(100)
    expect(variants.map((variant) => variant.schema)).toEqual([
      ...Array.from({ length: VARIANTS_MAX }, (_, n) => schema(n)),
      '',
    ])
    expect(variants.at(-1)).toMatchObject({ claim: 'others', count: 100 - VARIANTS_MAX })
    expect(variants.at(-1)?.fields[1]).toMatchObject({ path: '/a', present: 100 - VARIANTS_MAX })
  })

  test('leave a message unread for which the process has no room, but not what is wrong with it', () => {
    const budget = new FieldBudget(3)
    const open = builder({ budget })
    open.value(idOf(1), plain, { a: 1, b: 1 }, [])
    open.value(idOf(2), plain, { a: 1 }, [])
    open.value(idOf(3), plain, { a: '' }, [told])
    const variant = only(shapeOf(open))
    expect(variant).toMatchObject({ count: 3, invalid: 1, unread: { full: 1 } })
    expect(variant.oddities).toMatchObject([{ path: '/a', count: 1 }])
    expect(variant.fields[1]).toMatchObject({ path: '/a', of: 1, present: 1 })
    expect(budget.open).toBe(0)
  })

  test('hold in bytes, and tell what was given up', () => {
    const open = builder()
    const long = (n: number): string => `${'\uffff'.repeat(180)}${100 + n}`
    for (let schema = 0; schema < VARIANTS_MAX; schema++) {
      const value = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [long(n), n]))
      const name = { claim: 'confluent', schema: String(schema), type: '' } as const
      for (let i = 0; i < 10; i++) open.value(idOf(i), name, value, i === 0 ? [told] : [])
    }
    const bytes = open.toBytes()
    expect(bytes.length).toBeLessThanOrEqual(128 * 1024)
    const { variants } = decodeShape(bytes)
    const given = variants.filter(({ fields }) => fields.length === 0)
    expect(given.length).toBeGreaterThan(0)
    expect(given.length).toBeLessThan(VARIANTS_MAX)
    for (const { count, invalid, unread } of given) {
      expect({ count, invalid, unread }).toEqual({ count: 10, invalid: 1, unread: { full: 9 } })
    }
  })

  test('hold in bytes where all of it is odd', () => {
    const open = builder({ values: true })
    for (let schema = 0; schema < VARIANTS_MAX; schema++) {
      const name = { claim: 'confluent', schema: String(schema), type: '' } as const
      const text = '\uffff'.repeat(150)
      for (let i = 0; i < ODDITIES_MAX; i++) {
        const path = `/${100 + i}${text}`
        open.odd(idOf(i), name, [{ ...told, path, expected: text, came: text, value: text }])
      }
    }
    const bytes = open.toBytes()
    expect(bytes.length).toBeLessThanOrEqual(128 * 1024)
    for (const { oddities, moreOddities } of decodeShape(bytes).variants) {
      expect(oddities.length + moreOddities).toBe(ODDITIES_MAX)
    }
  })

  test('take names of schemas and types from the wire, however long', () => {
    const open = builder()
    open.value(
      idOf(1),
      { claim: 'confluent', schema: 's'.repeat(500), type: '0/'.repeat(99) },
      1,
      [],
    )
    expect(only(shapeOf(open)).schema).toBe('s'.repeat(100))
  })
})

const declaredFields: DeclaredFields = {
  fields: new Map<string, DeclaredFields>([
    ['a', null],
    ['b', { fields: new Map([['c', null]]) }],
    ['d', { fields: null, items: null }],
    ['e', { fields: null, entries: null }],
  ]),
}
const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', '*', 'x/y')
const { value: anything } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Value>(null, true, 1, -7, 'text', '\ud800', 12n, Uint8Array.of(1)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 6 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 3 }).map((pairs) => new Map(pairs)),
    fc.integer({ min: 40, max: 60 }).map((count) => names(count)),
  ),
}))
const found: fc.Arbitrary<readonly Found[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('missing_field' as const, 'out_of_bounds' as const),
    path: fc.nat({ max: 50 }).map((n) => `/${n}`),
    expected: fc.constantFrom('', 'x', 'y'),
    came: fc.constantFrom('', 'string'),
  }),
  { maxLength: 3 },
)
const name = fc.record({
  claim: fc.constantFrom(...claims.filter((claim) => claim !== 'others')),
  schema: fc.nat({ max: 5 }).map(String),
  type: fc.constantFrom('', '0'),
})
/** A message, as something that is done to an open shape. */
const message: fc.Arbitrary<(open: ShapeBuilder, id: string) => void> = fc.oneof(
  fc.constant((open: ShapeBuilder) => open.tombstone()),
  fc.tuple(name, fc.constantFrom(...unreadReasons)).map(
    ([n, reason]) =>
      (open: ShapeBuilder, id: string) =>
        open.unread(id, n, reason),
  ),
  fc.tuple(name, found).map(
    ([n, f]) =>
      (open: ShapeBuilder, id: string) =>
        open.odd(id, n, f),
  ),
  fc.tuple(name, anything, found).map(
    ([n, value, f]) =>
      (open: ShapeBuilder, id: string) =>
        open.value(id, n, value, f),
  ),
  fc.tuple(name, fc.integer({ min: 100, max: 500 }), fc.constantFrom('m', 'n')).map(
    ([n, count, prefix]) =>
      (open: ShapeBuilder, id: string) =>
        open.value(id, n, names(count, prefix), []),
  ),
)

test.each([
  ['nothing', null],
  ['some fields', declaredFields],
])('the shape of messages is the sum of the shapes of each, with %s declared', (_, fields) => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 30, size: 'max' }), (messages) => {
      const whole = builder({ fields })
      let sum = emptyShape(1, '')
      for (const [i, add] of messages.entries()) {
        add(whole, idOf(i))
        const one = builder({ fields })
        add(one, idOf(i))
        sum = mergeShapes(sum, shapeOf(one))
      }
      expect(shapeOf(whole)).toEqual(sum)
    }),
    { numRuns: 25 },
  )
})
