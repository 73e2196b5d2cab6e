/** What is found at the edge of each rule, and just beside it. */
import { describe, expect, test } from 'vitest'
import { jsonSchemaEngine } from '../../../src/evolution/json-schema/engine.ts'
import { DRAFT_4, found, MODERN, parsed } from './support.ts'

interface Row {
  readonly name: string
  readonly before: unknown
  readonly after: unknown
  readonly found: readonly string[]
}

const text = { type: 'string' }
const number = { type: 'number' }
const integer = { type: 'integer' }
const modern = { $schema: MODERN }
const draft4 = { $schema: DRAFT_4 }

const numbers: readonly Row[] = [
  {
    name: 'an exclusive limit of the writer meets an inclusive one of the reader',
    before: { ...number, exclusiveMinimum: 10 },
    after: { ...number, minimum: 10 },
    found: [],
  },
  {
    name: 'an inclusive limit does not meet an exclusive one at the same number',
    before: { ...number, minimum: 10 },
    after: { ...number, exclusiveMinimum: 10 },
    found: ['EXCLUSIVE_MINIMUM_ADDED #/exclusiveMinimum'],
  },
  {
    name: 'whole numbers below 10 are at most 9',
    before: { ...integer, exclusiveMaximum: 10 },
    after: { ...integer, maximum: 9 },
    found: [],
  },
  {
    name: 'numbers below 10 are not at most 9',
    before: { ...number, exclusiveMaximum: 10 },
    after: { ...number, maximum: 9 },
    found: ['MAXIMUM_ADDED #/maximum'],
  },
  {
    name: 'draft 4 says with true or false how a limit is meant',
    before: { ...draft4, ...number, minimum: 10, exclusiveMinimum: true },
    after: { ...number, exclusiveMinimum: 10 },
    found: [],
  },
  {
    name: 'draft 4: a limit that becomes exclusive',
    before: { ...draft4, ...number, minimum: 10, exclusiveMinimum: false },
    after: { ...draft4, ...number, minimum: 10, exclusiveMinimum: true },
    found: ['EXCLUSIVE_MINIMUM_ADDED #/exclusiveMinimum'],
  },
  // 0.3 / 0.1 is 2.9999999999999996 in binary.
  {
    name: '0.3 is a multiple of 0.1',
    before: { ...number, multipleOf: 0.3 },
    after: { ...number, multipleOf: 0.1 },
    found: [],
  },
  {
    name: 'multiples of 3 are whole numbers',
    before: { ...number, multipleOf: 3 },
    after: integer,
    found: [],
  },
  {
    name: 'multiples of 0.5 are not',
    before: { ...number, multipleOf: 0.5 },
    after: integer,
    found: ['TYPE_NARROWED #/'],
  },
  {
    name: 'whole numbers are multiples of 1',
    before: integer,
    after: { allOf: [{ ...integer, multipleOf: 1 }] },
    found: [],
  },
  {
    name: 'whole numbers are not multiples of 2',
    before: integer,
    after: { ...integer, multipleOf: 2 },
    found: ['MULTIPLE_OF_ADDED #/multipleOf'],
  },
  { name: 'every number may be what whole ones were', before: integer, after: number, found: [] },
]

const counts: readonly Row[] = [
  // No length is below 0.
  {
    name: 'a least length of 0 asks for nothing',
    before: text,
    after: { ...text, minLength: 0 },
    found: [],
  },
  {
    name: 'a least length of 1 asks for something',
    before: text,
    after: { ...text, minLength: 1 },
    found: ['MIN_LENGTH_ADDED #/minLength'],
  },
  {
    name: 'an equal limit',
    before: { ...text, maxLength: 5 },
    after: { ...text, maxLength: 5 },
    found: [],
  },
  {
    name: 'a limit that is one less',
    before: { ...text, maxLength: 5 },
    after: { ...text, maxLength: 4 },
    found: ['MAX_LENGTH_DECREASED #/maxLength'],
  },
  // `contains` alone asks for one item.
  {
    name: '2020-12: contains asks for one, minContains 1 for no more',
    before: { ...modern, contains: text },
    after: { ...modern, contains: text, minContains: 1 },
    found: [],
  },
  {
    name: '2020-12: contains that comes',
    before: { ...modern, type: 'array' },
    after: { ...modern, type: 'array', contains: text },
    found: ['MIN_CONTAINS_ADDED #/minContains'],
  },
]

const open = { type: 'object', properties: {} }
const closed = { ...open, additionalProperties: false }
const x = { properties: { x: text } }
const objects: readonly Row[] = [
  {
    name: 'an optional property of an open object',
    before: open,
    after: { ...open, ...x },
    found: ['OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/x'],
  },
  // Whatever was written under that name fits.
  {
    name: 'a property that may be anything, of an open object',
    before: open,
    after: { ...open, properties: { x: {} } },
    found: [],
  },
  {
    name: 'an empty schema for other names is as open as none',
    before: { ...open, additionalProperties: {} },
    after: { ...open, ...x },
    found: ['OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/x'],
  },
  {
    name: 'an optional property of a closed object',
    before: closed,
    after: { ...closed, ...x },
    found: [],
  },
  {
    name: 'other names were held against what the new property accepts',
    before: { ...open, additionalProperties: integer },
    after: { ...open, properties: { x: number }, additionalProperties: integer },
    found: [],
  },
  {
    name: 'the pattern that speaks of the name counts, not the rest',
    before: { ...open, patternProperties: { '^x': text }, additionalProperties: number },
    after: { ...open, ...x, patternProperties: { '^x': text }, additionalProperties: number },
    found: [],
  },
  // The registry takes an object with patterns for closed; a counterexample shows that it is not.
  {
    name: 'a property that no pattern of an open object speaks of',
    before: { ...open, patternProperties: { '^y': text } },
    after: { ...open, ...x, patternProperties: { '^y': text } },
    found: ['OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/x'],
  },
  {
    name: 'a property that goes, of an open object',
    before: { ...open, ...x },
    after: open,
    found: [],
  },
  {
    name: 'a property that goes, of a closed object',
    before: { ...closed, ...x },
    after: closed,
    found: ['PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/x'],
  },
  {
    name: 'a property that nothing could be, of a closed object',
    before: { ...closed, properties: { x: false } },
    after: closed,
    found: [],
  },
  {
    name: 'required, with a default',
    before: { ...open, ...x },
    after: { ...open, properties: { x: { ...text, default: '' } }, required: ['x'] },
    found: [],
  },
  {
    name: '2020-12: unevaluatedProperties false closes as well',
    before: { ...modern, ...open, unevaluatedProperties: false },
    after: { ...modern, ...open, ...x, unevaluatedProperties: false },
    found: [],
  },
  {
    name: 'draft 7: unevaluatedProperties is no keyword',
    before: { ...open, unevaluatedProperties: false },
    after: { ...open, ...x, unevaluatedProperties: false },
    found: ['OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/x'],
  },
  {
    name: 'names that a pattern finds everywhere are any names',
    before: open,
    after: { ...open, propertyNames: { pattern: 'a*' } },
    found: [],
  },
  {
    name: 'names of a closed object are known, and fit',
    before: { ...closed, ...x },
    after: { ...open, ...x, propertyNames: { maxLength: 1 } },
    found: [],
  },
  {
    name: 'names of a closed object are known, and one does not fit',
    before: { ...closed, properties: { x: text, xy: text } },
    after: { ...open, properties: { x: text, xy: text }, propertyNames: { maxLength: 1 } },
    found: ['PROPERTY_NAMES_ADDED #/propertyNames'],
  },
]

const arrays: readonly Row[] = [
  {
    name: 'draft 2020-12 lists items under prefixItems',
    before: { ...modern, prefixItems: [text] },
    after: { ...modern, prefixItems: [text, text] },
    found: ['ITEM_ADDED_TO_OPEN_CONTENT_MODEL #/items/1'],
  },
  {
    name: 'items after a list that nothing may follow',
    before: { ...modern, prefixItems: [text], items: false },
    after: { ...modern, prefixItems: [text, text], items: false },
    found: [],
  },
  {
    name: '2020-12: no items at all become some',
    before: { ...modern, type: 'array', items: false },
    after: { ...modern, type: 'array', items: text },
    found: [],
  },
  {
    name: 'a list that nothing may follow is held against the schema of all items',
    before: { items: [number], additionalItems: false },
    after: { items: text },
    found: ['SCHEMA_ADDED #/items'],
  },
  {
    name: 'the same list in two drafts',
    before: { items: [text], additionalItems: false },
    after: { ...modern, prefixItems: [text], items: false },
    found: [],
  },
  {
    name: 'items that may be anything',
    before: { type: 'array' },
    after: { type: 'array', items: {} },
    found: [],
  },
]

const branches = (...of: readonly object[]) => ({ oneOf: of })
const object = (name: string) => ({
  type: 'object',
  properties: { [name]: text },
  required: [name],
})
const unions: readonly Row[] = [
  {
    name: 'a type becomes one of several',
    before: text,
    after: { type: ['null', 'string'] },
    found: [],
  },
  // Kafka Connect wrote decimals as text, and later as numbers.
  {
    name: 'bytes of Kafka Connect, whatever their type',
    before: { ...text, 'connect.type': 'bytes' },
    after: { ...number, 'connect.type': 'bytes' },
    found: [],
  },
  {
    name: 'bytes of Kafka Connect on one side only',
    before: { ...text, 'connect.type': 'bytes' },
    after: number,
    found: ['TYPE_CHANGED #/'],
  },
  {
    name: 'one of several types goes',
    before: { type: ['null', 'string'] },
    after: text,
    found: ['TYPE_CHANGED #/'],
  },
  {
    name: 'oneOf becomes anyOf',
    before: branches(text, number),
    after: { anyOf: [text, number] },
    found: [],
  },
  {
    name: 'anyOf becomes oneOf',
    before: { anyOf: [text, number] },
    after: branches(text, number),
    found: ['COMBINED_TYPE_CHANGED #/'],
  },
  {
    name: 'branches in another order',
    before: branches(text, number),
    after: branches(number, text),
    found: [],
  },
  // The first fit of the first branch is the only fit of the second one.
  {
    name: 'the matching that is possible, not the first one',
    before: { anyOf: [integer, number] },
    after: { anyOf: [number, integer] },
    found: [],
  },
  {
    name: 'two branches cannot share the one that fits both',
    before: { anyOf: [integer, number] },
    after: { anyOf: [number, text] },
    found: ['COMBINED_TYPE_SUBSCHEMAS_CHANGED #/'],
  },
  {
    name: 'branches that are written alike count once',
    before: branches(object('a'), object('a'), object('b')),
    after: branches(object('a'), object('b')),
    found: [],
  },
  // Both stand in one schema, and so in one text.
  {
    name: 'two unions of one schema are two',
    before: { allOf: [text], anyOf: [{ minLength: 2 }, { type: 'null' }] },
    after: { allOf: [text], anyOf: [{ minLength: 3 }, { type: 'null' }] },
    found: ['COMBINED_TYPE_SUBSCHEMAS_CHANGED #/'],
  },
  { name: 'less is forbidden', before: { not: number }, after: { not: integer }, found: [] },
  { name: 'const in a list', before: { const: 1 }, after: { enum: [1, 2] }, found: [] },
  // Numbers and order of keys are no text.
  {
    name: 'listed values are compared as values',
    before: { enum: [{ a: 1, b: [1.0] }] },
    after: { enum: [{ b: [1], a: 1 }] },
    found: [],
  },
]

describe.each([
  { of: 'numbers', rows: numbers },
  { of: 'counts', rows: counts },
  { of: 'objects', rows: objects },
  { of: 'arrays', rows: arrays },
  { of: 'unions', rows: unions },
])('$of', ({ rows }) => {
  test.each(rows)('$name', (row) => {
    expect(found(row.before, row.after)).toEqual(row.found)
  })
})

test.each([
  {
    before: { type: ['number', 'null'] },
    after: number,
    writer: 'number or null',
    reader: 'number',
  },
  { before: { ...text, enum: ['a'] }, after: number, writer: 'enum and string', reader: 'number' },
  { before: text, after: { anyOf: [number, integer] }, writer: 'string', reader: 'anyOf' },
])('types are called what people call them: $writer', ({ before, after, writer, reader }) => {
  const [difference] = jsonSchemaEngine.compare(parsed(after), parsed(before), 'STRICT')
  expect(difference?.message).toBe(`The reader expects ${reader}; the writer writes ${writer}.`)
})

test('every finding is listed, each where it is', () => {
  const before = {
    type: 'object',
    properties: { a: text, b: { ...text, maxLength: 5 }, c: integer },
  }
  const after = { type: 'object', properties: { a: number, b: { ...text, maxLength: 4 } } }
  expect(found(before, { ...after, required: ['a'] })).toEqual([
    'REQUIRED_ATTRIBUTE_ADDED #/required/a',
    'TYPE_CHANGED #/properties/a',
    'MAX_LENGTH_DECREASED #/properties/b/maxLength',
  ])
})
