import { describe, expect, test } from 'vitest'
import type { DeclaredFields } from '../../../src/drift/declared/declared.ts'
import { declaredBySchema } from '../../../src/drift/declared/json-schema.ts'
import { type Schema, Unusable } from '../../../src/drift/declared/schema-json.ts'
import type { Value } from '../../../src/drift/read/reader.ts'

/** `kind path expected came value` of each. */
function told(schema: Schema, value: Value): string[] {
  const found = declaredBySchema(schema, []).check(value)
  if (found === null) return ['not to the end']
  return found.map((found) =>
    [found.kind, found.path, found.expected, found.came, found.value].join('|'),
  )
}

const MODERN = 'https://json-schema.org/draft/2020-12/schema'

describe('a path that does not fit', () => {
  const long = 'L'.repeat(300)
  const properties = { [long]: { type: 'integer' }, s: { enum: ['a'] } }

  test('accuses none of what is around it', () => {
    const schema = { properties, required: ['must'] }
    expect(told(schema, { [long]: 'x', s: 'q' }).sort()).toEqual([
      'missing_field|/must|||',
      'type_changed|/…|integer|string|"x"',
      'unseen_value|/s|the one value that is declared|string|"q"',
    ])
  })

  test('is cut where it is too deep, once', () => {
    const deep = (levels: number): Schema =>
      levels === 0
        ? { type: 'integer' }
        : { properties: { twentycharactersname: deep(levels - 1) } }
    const value = (levels: number): Value =>
      levels === 0 ? 'x' : { twentycharactersname: value(levels - 1) }
    const [found = '', ...more] = told(deep(12), value(12))
    expect(more).toEqual([])
    expect(found).toBe(`type_changed|${'/twentycharactersname'.repeat(9)}/…|integer|string|"x"`)
  })
})

describe('one flaw is one finding', () => {
  test.each<[what: string, schema: Schema, right: Value, wrong: Value, found: string]>([
    ['a type', { type: 'integer' }, 2, '2', 'type_changed||integer|string|"2"'],
    ['a fraction', { type: 'integer' }, 2, 2.5, 'type_changed||integer|number|2.5'],
    [
      'one of two types',
      { type: ['string', 'null'] },
      null,
      1,
      'type_changed||string or null|integer|1',
    ],
    ['required', { required: ['a'] }, { a: null }, { b: 1 }, 'missing_field|/a|||'],
    ['an enum', { enum: ['a', 'b'] }, 'a', 'c', 'unseen_value||one of 2 values|string|"c"'],
    ['an enum of texts', { enum: ['a', 'b'] }, 'a', 1, 'type_changed||string|integer|1'],
    ['a constant', { const: 1 }, 1, 2, 'unseen_value||the one value that is declared|integer|2'],
    [
      'a list with it',
      { enum: [1, 2], const: 1 },
      1,
      2,
      'unseen_value||the one value that is declared|integer|2',
    ],
    ['a minimum', { minimum: 1 }, 1, 0, 'out_of_bounds||at least 1|integer|0'],
    [
      'a maximum',
      { maximum: 10 },
      10,
      10n ** 20n,
      `out_of_bounds||at most 10|integer|${10n ** 20n}`,
    ],
    ['an open bound', { exclusiveMaximum: 1 }, 0.5, 1, 'out_of_bounds||less than 1|integer|1'],
    [
      'an open bound of draft 4',
      { minimum: 1, exclusiveMinimum: true },
      2,
      1,
      'out_of_bounds||more than 1|integer|1',
    ],
    ['steps', { multipleOf: 0.1 }, 0.3, 0.35, 'out_of_bounds||a multiple of 0.1|number|0.35'],
    [
      'a length',
      { maxLength: 2 },
      '🛫🛬',
      'abc',
      'out_of_bounds||a length of at most 2|string|"abc"',
    ],
    [
      'a short text',
      { minLength: 2 },
      'ab',
      '🛫',
      'out_of_bounds||a length of at least 2|string|"🛫"',
    ],
    [
      'a pattern',
      { pattern: '^[A-Z]{3}$' },
      'ZRH',
      'zrh',
      'out_of_bounds||the pattern ^[A-Z]{3}$|string|"zrh"',
    ],
    [
      'a format',
      { format: 'date' },
      '2024-02-29',
      '2023-02-29',
      'out_of_bounds||the format date|string|"2023-02-29"',
    ],
    [
      'items',
      { items: { type: 'string' } },
      ['a'],
      ['a', 1, 2],
      'type_changed|/*|string|integer|1',
    ],
    ['many items', { maxItems: 1 }, [1], [1, 2], 'out_of_bounds||at most 1 items|array|'],
    [
      'equal items',
      { uniqueItems: true },
      [1, '1'],
      [1, 1],
      'out_of_bounds||items that are all different|array|',
    ],
    [
      'entries of a map',
      { additionalProperties: { type: 'integer' } },
      { x: 1 },
      { 'a/b': 'x' },
      'type_changed|/{}|integer|string|"x"',
    ],
    [
      'names that need escapes',
      { properties: { 'a/b~': { type: 'integer' }, '*': true } },
      { 'a/b~': 1 },
      { 'a/b~': 'x' },
      'type_changed|/a~1b~0|integer|string|"x"',
    ],
    [
      'names that are prototypes elsewhere',
      { properties: { constructor: { type: 'integer' } }, required: ['toString'] },
      { constructor: 1, toString: 1 } as unknown as Value,
      { constructor: 1 } as unknown as Value,
      'missing_field|/toString|||',
    ],
    [
      'what another name demands',
      { dependentRequired: { a: ['b'] } },
      { a: 1, b: 2 },
      { a: 1 },
      'missing_field|/b|||',
    ],
    [
      'what is excluded',
      { not: { type: 'null' } },
      1,
      null,
      'out_of_bounds||none of what is excluded|null|null',
    ],
    [
      'what follows from a condition',
      { if: { required: ['a'] }, else: { required: ['b'] } },
      { a: 1 },
      {},
      'missing_field|/b|||',
    ],
  ])('%s', (_what, schema, right, wrong, found) => {
    expect(told(schema, right)).toEqual([])
    expect(told(schema, wrong)).toEqual([found])
  })
})

describe('values as readers make them', () => {
  test('bytes are strings, of so many bytes, and held against no pattern', () => {
    const schema = { type: 'string', minLength: 2, maxLength: 2, pattern: '^a' }
    expect(told(schema, Uint8Array.of(1, 2))).toEqual([])
    expect(told(schema, Uint8Array.of(1))).toEqual([
      'out_of_bounds||a length of at least 2|string|',
    ])
  })

  test('maps are objects', () => {
    const schema = { type: 'object', additionalProperties: { type: 'integer' }, maxProperties: 2 }
    expect(told(schema, new Map([['a', 1]]))).toEqual([])
    expect(told(schema, new Map([['a', 'x']]))).toEqual(['type_changed|/{}|integer|string|"x"'])
  })

  test('of one kind and path there is one finding, of one message at most 32', () => {
    const names = Array.from({ length: 100 }, (_, i) => `f${i}`)
    expect(told({ required: names }, {})).toHaveLength(32)
    expect(told({ items: { type: 'null' } }, [1, 2, 3])).toHaveLength(1)
  })
})

describe('alternatives', () => {
  const car = {
    type: 'object',
    required: ['kind', 'doors'],
    properties: { kind: { const: 'car' }, doors: { type: 'integer' } },
  }
  const ship = {
    type: 'object',
    required: ['kind', 'length'],
    properties: { kind: { const: 'ship' }, length: { type: 'number' } },
  }
  const vehicles = { oneOf: [car, ship] }

  test.each<[string, Schema, Value, readonly string[]]>([
    ['one of them fits', vehicles, { kind: 'ship', length: 3 }, []],
    [
      'that one is meant whose mark fits',
      vehicles,
      { kind: 'car', doors: 'two' },
      ['type_changed|/doors|integer|string|"two"'],
    ],
    [
      'no mark fits',
      vehicles,
      { kind: 'train' },
      ['unseen_value|/kind|one of 2 alternatives|string|"train"'],
    ],
    ['none takes such a type', vehicles, 7, ['type_changed||object|integer|7']],
    [
      'all their types are told',
      { anyOf: [{ type: 'null' }, { type: ['string', 'boolean'] }] },
      7,
      ['type_changed||null or string or boolean|integer|7'],
    ],
    [
      'null beside a record',
      { anyOf: [{ type: 'null' }, car] },
      { kind: 'car' },
      ['missing_field|/doors|||'],
    ],
    [
      'both fit where one may',
      { oneOf: [{ minimum: 1 }, { minimum: 2 }] },
      3,
      ['out_of_bounds||exactly one of 2 alternatives|integer|3'],
    ],
    [
      'names of both at once',
      {
        oneOf: [
          { properties: { a: true }, additionalProperties: false },
          { properties: { b: true }, additionalProperties: false },
        ],
      },
      { a: 1, b: 1 },
      ['out_of_bounds||one of 2 alternatives|object|'],
    ],
    [
      'a name of none of them, which the fields tell',
      {
        oneOf: [
          { properties: { a: true }, additionalProperties: false },
          { properties: { b: true }, additionalProperties: false },
        ],
      },
      { a: 1, c: 1 },
      [],
    ],
  ])('%s', (_what, schema, value, found) => {
    expect(told(schema, value)).toEqual(found)
  })
})

describe('what cannot be decided accuses nobody', () => {
  test.each<[string, Schema, Value]>([
    ['a pattern that looks ahead', { pattern: '(?=b)a' }, 'x'],
    ['the opposite of such a pattern', { not: { pattern: '(?=b)a' } }, 'x'],
    [
      'such a pattern within one of several',
      { oneOf: [{ pattern: '(?=b)a' }, { type: 'string' }] },
      'x',
    ],
    [
      'a name that such a pattern may allow',
      {
        oneOf: [
          {
            properties: { b: true },
            patternProperties: { '(?=b)a': true },
            additionalProperties: false,
          },
          { properties: { x: true }, additionalProperties: false, required: ['x'] },
        ],
      },
      { b: 1, x: 1 },
    ],
    ['a format that nobody knows', { format: 'iata' }, 'x'],
    ['the opposite of a format that is read widely', { not: { format: 'email' } }, 'a b@c'],
    ['names that are not evaluated', { $schema: MODERN, unevaluatedProperties: false }, { a: 1 }],
    ['a text that is too long for a pattern', { pattern: '^a$' }, 'b'.repeat(6_000)],
  ])('%s', (_what, schema, value) => {
    expect(told(schema, value)).toEqual([])
  })

  test('a schema that leads back to itself ends', () => {
    expect(told({ $ref: '#' }, 1)).toEqual(['not to the end'])
    const nested = { $schema: MODERN, allOf: [{ $ref: '#' }, { $ref: '#' }], type: 'string' }
    expect(told(nested, 'x')).toEqual(['not to the end'])
    expect(told(nested, 1)).toEqual(['type_changed||string|integer|1'])
  })

  test('alternatives that multiply end', () => {
    const $defs: Record<string, Schema> = { d0: { type: 'string' } }
    for (let i = 1; i < 60; i++) {
      $defs[`d${i}`] = { oneOf: [{ $ref: `#/$defs/d${i - 1}` }, { $ref: `#/$defs/d${i - 1}` }] }
    }
    expect(told({ $ref: '#/$defs/d59', $defs }, 1)).toEqual(['not to the end'])
    const found = told({ required: ['a'], allOf: [{ $ref: '#/$defs/d59' }], $defs }, {})
    expect(found).toEqual(['missing_field|/a|||'])
  })
})

describe('references', () => {
  test('by pointer, anchor, id and name', () => {
    const schema = {
      $schema: MODERN,
      $id: 'https://example.org/flight',
      properties: {
        pointed: { $ref: '#/$defs/a~1b' },
        anchored: { $ref: '#here' },
        named: { $ref: 'https://example.org/port' },
        relative: { $ref: 'port#/properties/code' },
        given: { $ref: 'other.json' },
      },
      $defs: {
        'a/b': { type: 'integer' },
        c: { $anchor: 'here', type: 'boolean' },
        d: { $id: 'port', properties: { code: { type: 'string' } } },
      },
    }
    const references = new Map<string, Schema>([['other.json', { type: 'null' }]])
    const declared = declaredBySchema(schema, [], references)
    const right = { pointed: 1, anchored: true, named: { code: 'x' }, relative: 'x', given: null }
    expect(declared.check(right)).toEqual([])
    const wrong = { pointed: 'x', anchored: 1, named: { code: 1 }, relative: 1, given: 1 }
    expect(declared.check(wrong)?.map(({ path }) => path)).toEqual([
      '/pointed',
      '/anchored',
      '/named/code',
      '/relative',
      '/given',
    ])
  })

  test.each<[string, Schema]>([
    ['a place on a network', { $ref: 'https://example.org/schema.json' }],
    ['a file', { properties: { a: { $ref: './other.json' } } }],
    ['nothing', { $ref: '#/definitions/none' }],
    ['what every object has', { $ref: '#/__proto__' }],
    ['a wrong form', { properties: { a: { type: 'strin' } } }],
    ['another wrong form', { required: 'a', properties: [] as unknown as Schema }],
  ])('refuses %s', (_what, schema) => {
    expect(() => declaredBySchema(schema, [])).toThrow(Unusable)
  })

  test('what stands under keywords of others is no schema', () => {
    expect(told({ 'x-notes': { type: 'strin', $ref: 'nowhere' }, type: 'string' }, 'a')).toEqual([])
  })
})

describe('the fields that are declared', () => {
  const fields = (schema: Schema): DeclaredFields => declaredBySchema(schema, []).fields
  const names = (node: DeclaredFields): unknown => {
    if (node === null) return 'anything'
    const named = [...(node.fields ?? [])].map(([name, one]) => [name, names(one)])
    return {
      ...Object.fromEntries(named),
      ...(node.entries === undefined || node.fields === null ? {} : { '{}': names(node.entries) }),
    }
  }

  test.each<[string, Schema, unknown]>([
    ['nobody said any', { type: 'object', required: ['a'] }, 'anything'],
    [
      'those that are listed',
      { properties: { a: true, b: { properties: { c: true } } } },
      { a: 'anything', b: { c: 'anything' } },
    ],
    [
      'others as they like',
      { properties: { a: true }, additionalProperties: true },
      { a: 'anything', '{}': 'anything' },
    ],
    ['no others', { properties: { a: true }, additionalProperties: false }, { a: 'anything' }],
    [
      'others by a schema',
      { additionalProperties: { properties: { a: true } } },
      { '{}': { a: 'anything' } },
    ],
    [
      'by patterns',
      { patternProperties: { '^x': { properties: { a: true } } } },
      { '{}': { a: 'anything' } },
    ],
    [
      'of all alternatives',
      {
        $schema: MODERN,
        properties: { a: true },
        allOf: [{ properties: { b: true } }],
        anyOf: [{ properties: { c: true } }, { required: ['a'] }],
        if: { properties: { x: true } },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
        then: { properties: { d: true } },
      },
      { a: 'anything', b: 'anything', c: 'anything', d: 'anything' },
    ],
    [
      'one alternative is any record',
      { anyOf: [{ properties: { a: true } }, { type: 'object' }] },
      'anything',
    ],
    [
      'one alternative is no record',
      { anyOf: [{ properties: { a: true } }, { type: 'null' }] },
      { a: 'anything' },
    ],
  ])('%s', (_what, schema, expected) => {
    expect(names(fields(schema))).toEqual(expected)
  })

  test('a schema that holds itself', () => {
    const tree = { properties: { children: { type: 'array', items: { $ref: '#' } } } }
    const node = fields(tree)
    expect(node?.fields?.get('children')?.items?.fields?.get('children')).toBe(
      node?.fields?.get('children'),
    )
  })
})

test('a constant that its list does not have leaves no value', () => {
  const declared = declaredBySchema({ enum: [null], const: 1 }, [])
  expect([null, 1, 2].map((value) => declared.check(value)?.length)).toEqual([1, 1, 1])
})
