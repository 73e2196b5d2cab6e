/**
 * Schemas and values made to cost much. The law: whatever they are, what is spent on one message is
 * bounded, and of what was not looked into to the end nothing is said.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { declaredBySchema } from '../../../src/drift/declared/json-schema.ts'
import { STEPS_MAX } from '../../../src/drift/declared/limits.ts'
import type { Schema } from '../../../src/drift/declared/schema-json.ts'
import { NODES_MAX, type Value } from '../../../src/drift/read/reader.ts'
import { drafts, schemas, values } from '../../support/schemas-and-values.ts'

const list = Array.from({ length: NODES_MAX - 1 }, (_, i) => i)
const record = Object.fromEntries(list.map((i) => [`k${i}`, i]))
const text = 'ab'.repeat(100_000)

function often(schema: Schema): Schema {
  return { definitions: { one: schema }, allOf: Array(20_000).fill({ $ref: '#/definitions/one' }) }
}

const absent = Object.fromEntries(list.map((i) => [`z${i}`, ['z']]))
const patterns = Object.fromEntries(list.slice(0, 1_000).map((i) => [`^x${i}`, {}]))

test.each<[what: string, schema: Schema, value: Value]>([
  ['items that differ', often({ uniqueItems: true }), list],
  ['a list among some', often({ anyOf: [{ enum: [1, list] }, {}] }), list],
  ['a text among some', often({ anyOf: [{ enum: [text, 1] }, {}] }), text],
  ['places of a list', often({ items: [true] }), list],
  ['a pattern', often({ pattern: 'b$' }), text.slice(0, 5_000)],
  ['a length', often({ minLength: 150_000 }), text],
  ['a format', often({ anyOf: [{ format: 'email' }, {}] }), text],
  ['numbers of entries', often({ minProperties: 1 }), record],
  ['names of entries', often({ properties: { a: {} } }), record],
  ['names by patterns', { patternProperties: patterns }, record],
  ['names needed', often({ anyOf: [{ required: Object.keys(absent) }, {}] }), {}],
  ['names needed by names', often({ dependencies: absent }), {}],
  ['kinds of items', often({ contains: true }), list],
  ['kinds of names', often({ propertyNames: true }), record],
])('%s: it ends, and says nothing', (_, schema, value) => {
  expect(declaredBySchema(schema, []).check(value)).toBeNull()
})

test('each of them is told by a schema that asks once', () => {
  const fits: [Schema, Value][] = [
    [{ uniqueItems: true }, list],
    [{ enum: [1, list] }, list],
    [{ pattern: 'b$' }, text.slice(0, 5_000)],
    [{ minLength: 150_000, enum: [text] }, text],
    [{ minProperties: 1, additionalProperties: { minimum: 0 } }, record],
  ]
  for (const [schema, value] of fits) expect(declaredBySchema(schema, []).check(value)).toEqual([])
})

test('alternatives that multiply read no more of a value than a few times the steps', () => {
  let reads = 0
  const counted = new Proxy([[[[1]]]], {
    get(target, name, receiver) {
      reads++
      return Reflect.get(target, name, receiver)
    },
  })
  const levels = Array.from({ length: 40 }, (_, i) => {
    const next = { $ref: `#/definitions/l${i + 1}` }
    return [`l${i}`, { anyOf: [next, { allOf: [next] }] }] as const
  })
  const last = { items: { items: { type: 'string' } } }
  const definitions = { ...Object.fromEntries(levels), l40: last }
  const schema = { definitions, allOf: [{ $ref: '#/definitions/l0' }] }
  expect(declaredBySchema(schema, []).check(counted as Value)).toBeNull()
  expect(reads).toBeGreaterThan(100)
  expect(reads).toBeLessThan(10 * STEPS_MAX)
})

test.each(drafts)(
  'whatever the schema, of %s, and within itself however often, it ends',
  (draft) => {
    fc.assert(
      fc.property(schemas({ draft, hasUnknown: true }), values, (schema, value) => {
        const { allOf, ...rest } = schema
        const again = { anyOf: [{ $ref: '#' }, { not: { $ref: '#' } }, ...(allOf as Schema[])] }
        const endless = { ...rest, allOf: [{ items: again, additionalProperties: again }, again] }
        const found = declaredBySchema(endless as Schema, []).check(value as Value)
        expect(found === null || Array.isArray(found)).toBe(true)
      }),
      { seed: 8, numRuns: 15 },
    )
  },
)
