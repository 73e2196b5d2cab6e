/** Instances that the old schema accepts and the new one refuses; small ones, that people can read. */
import { expect, test } from 'vitest'
import { jsonSchemaEngine } from '../../../src/evolution/json-schema/engine.ts'
import { DRAFT_4, MODERN, parsed } from './support.ts'

function shown(before: unknown, after: unknown, instancesMax = 500) {
  const [writer, reader] = [parsed(before), parsed(after)]
  const differences = jsonSchemaEngine.compare(reader, writer, 'STRICT')
  return jsonSchemaEngine.counterexample(reader, writer, differences, { instancesMax })
}

const text = { type: 'string' }
const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })

test.each([
  {
    name: 'an optional property, written before as something else',
    before: object({}),
    after: object({ x: text }),
    text: '{"x":null}',
    refusal: '/x must be string',
  },
  {
    name: 'only what is needed to show it is left',
    before: object({ a: text, b: text, c: { type: 'number' } }, { required: ['a'] }),
    after: object({ a: text, b: text, c: text }, { required: ['a'] }),
    text: '{"a":"a","c":0}',
    refusal: '/c must be string',
  },
  {
    name: 'a required name',
    before: object({ a: text }),
    after: object({ a: text }, { required: ['a'] }),
    text: '{}',
    refusal: "the value must have required property 'a'",
  },
  {
    name: 'a value that went',
    before: { enum: ['a', 'b'] },
    after: { enum: ['a'] },
    text: '"b"',
    refusal: 'the value must be equal to one of the allowed values',
  },
  {
    name: 'draft 4: a limit that became exclusive',
    before: { $schema: DRAFT_4, type: 'number', minimum: 3 },
    after: { $schema: DRAFT_4, type: 'number', minimum: 3, exclusiveMinimum: true },
    text: '3',
    refusal: 'the value must be > 3',
  },
  {
    name: '2020-12: an item after the list',
    before: { $schema: MODERN, type: 'array', prefixItems: [text] },
    after: { $schema: MODERN, type: 'array', prefixItems: [text, text] },
    text: '["a",null]',
    refusal: '/1 must be string',
  },
  {
    name: 'several levels in, through a reference',
    before: {
      ...object({ orders: { type: 'array', items: { $ref: '#/definitions/Order' } } }),
      definitions: { Order: object({ id: { type: 'integer' } }, { required: ['id'] }) },
    },
    after: {
      ...object({ orders: { type: 'array', items: { $ref: '#/definitions/Order' } } }),
      definitions: { Order: object({ id: { type: 'integer', minimum: 5 } }, { required: ['id'] }) },
    },
    text: '{"orders":[{"id":0}]}',
    refusal: '/orders/0/id must be >= 5',
  },
])('$name', ({ before, after, text: instance, refusal }) => {
  expect(shown(before, after)).toEqual({ text: instance, refusal })
})

test('there is none for what fits, and none without a budget', () => {
  expect(shown(object({ a: text }), object({ a: text }))).toBeNull()
  expect(shown(text, { type: 'number' }, 0)).toBeNull()
})

test('beside a $ref of draft 7 nothing counts for the validator either', () => {
  const of = (maxLength: number) => ({
    ...object({ a: { $ref: '#/definitions/A', maxLength } }),
    definitions: { A: text },
  })
  expect(shown(of(9), of(0))).toBeNull()
})

test('a pattern that cannot be run proves nothing', () => {
  expect(shown(text, { ...text, pattern: '^(a)\\1$' })).toBeNull()
})
