/** What an independent validator says of the same schemas and values. */
import { Ajv, type ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { declaredBySchema } from '../../../src/drift/declared/json-schema.ts'
import type { Schema } from '../../../src/drift/declared/schema-json.ts'
import type { Value } from '../../../src/drift/read/reader.ts'

const names = fc.constantFrom('a', 'b', '*', 'c/d')
const scalars = fc.constantFrom<unknown>(
  null,
  true,
  false,
  0,
  1,
  2,
  3,
  1.5,
  -1,
  '',
  'x',
  'xy',
  'xyz',
)

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
}))

const type = fc.constantFrom('null', 'boolean', 'integer', 'number', 'string', 'array', 'object')
const count = fc.nat(3)

/** More keywords at once refuse everything. */
function fewOf(keywords: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  return fc
    .uniqueArray(fc.constantFrom(...Object.keys(keywords)), { minLength: 1, maxLength: 3 })
    .chain((chosen) =>
      fc.record(
        Object.fromEntries(chosen.map((name) => [name, keywords[name] as fc.Arbitrary<unknown>])),
      ),
    )
}

const { schema } = fc.letrec((tie) => {
  const inner = tie('schema')
  const list = fc.array(inner, { minLength: 1, maxLength: 3 })
  return {
    schema: fc.oneof(
      { maxDepth: 2, withCrossShrink: true },
      fc.constantFrom<unknown>(true, false, {}, { $ref: '#/$defs/one' }),
      fewOf({
        type: fc.oneof(type, fc.uniqueArray(type, { minLength: 1, maxLength: 3 })),
        enum: fc.array(scalars, { minLength: 1, maxLength: 3 }),
        const: scalars,
        minimum: count,
        maximum: count,
        exclusiveMinimum: count,
        exclusiveMaximum: count,
        multipleOf: fc.constantFrom(1, 2, 0.5),
        minLength: count,
        maxLength: count,
        pattern: fc.constantFrom('^x', 'y$', 'z'),
        minItems: count,
        maxItems: count,
        uniqueItems: fc.boolean(),
        items: inner,
        contains: inner,
        required: fc.uniqueArray(names, { maxLength: 2 }),
        properties: fc.dictionary(names, inner, { maxKeys: 3 }),
        patternProperties: fc.dictionary(fc.constantFrom('^a', '.'), inner, { maxKeys: 1 }),
        additionalProperties: inner,
        propertyNames: fc.constantFrom({ maxLength: 1 }, { enum: ['a', 'b'] }),
        minProperties: count,
        maxProperties: count,
        dependentRequired: fc.dictionary(names, fc.uniqueArray(names, { maxLength: 2 }), {
          maxKeys: 1,
        }),
        dependentSchemas: fc.dictionary(names, inner, { maxKeys: 1 }),
        allOf: list,
        anyOf: list,
        oneOf: list,
        not: inner,
        if: inner,
        // A property of that name would make a promise of it.
        ...Object.fromEntries([['then', inner]]),
        else: inner,
      }),
    ),
  }
})

const root = fc
  .tuple(schema, schema)
  .filter(([, one]) => !JSON.stringify(one).includes('$ref'))
  .map(([first, one]) => ({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    allOf: [first],
    $defs: { one },
  }))

const options = { strict: false, logger: false, validateSchema: false } as const
const RUNS = { numRuns: 150 }

test('it and the other validator agree on what is valid', () => {
  let [refused, mute] = [0, 0]
  fc.assert(
    fc.property(root, fc.array(value, { minLength: 5, maxLength: 5 }), (schema, values) => {
      const validate = new Ajv2020(options).compile(limited(schema))
      const declared = declaredBySchema(schema as Schema, [])
      for (const one of values) {
        const found = declared.check(one as Value)
        const opinion = opinionOf(validate, one)
        if (opinion === null) mute++
        else if (opinion) expect(found).toEqual([])
        // A name that nobody declared is told by the fields.
        else if (!hasClosed(schema)) {
          refused++
          expect(found, JSON.stringify(one)).not.toEqual([])
        }
      }
    }),
    RUNS,
  )
  expect(refused).toBeGreaterThan(50)
  expect(mute).toBeLessThan(10)
})

/** Of some schemas in 50,000 the other validator makes code that throws: null. */
function opinionOf(validate: ValidateFunction, value: unknown): boolean | null {
  try {
    return validate(value)
  } catch {
    return null
  }
}

/** Of lists in a list the other validator forgets, without a limit, that the next one must contain as well. */
function limited(schema: Schema): Schema {
  const text = JSON.stringify(schema)
  return JSON.parse(text, (_, of) =>
    of !== null && typeof of === 'object' && 'contains' in of ? { ...of, maxContains: 100 } : of,
  )
}

function hasClosed(schema: unknown): boolean {
  return JSON.stringify(schema).includes('"additionalProperties":false')
}

test('up to draft 7 nothing counts beside a reference, as the other validator has it where it is told', () => {
  const schema = {
    definitions: { one: { type: 'integer' } },
    properties: { a: { $ref: '#/definitions/one', maximum: 3 } },
  }
  const declared = declaredBySchema(schema, [])
  expect(declared.check({ a: 4 })).toEqual([])
  expect(new Ajv({ ...options, $data: false }).compile(schema.definitions.one)(4)).toBe(true)
  expect(declared.check({ a: 'x' })).toMatchObject([{ kind: 'type_changed', path: '/a' }])
})
