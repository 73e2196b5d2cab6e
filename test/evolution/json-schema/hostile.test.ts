/** Schemas that are made to take long, or to break out. Each ends with an answer or a clear problem. */
import { expect, test } from 'vitest'
import { jsonSchemaEngine } from '../../../src/evolution/json-schema/engine.ts'
import { MODERN, parsed, parsedText, problemsOf } from './support.ts'

const nested = (count: number, open: string, end = 'true') =>
  open.repeat(count) + end + '}'.repeat(count * (open.split('{').length - 1))

/** Definitions of which each refers to the next one. */
function chain(count: number, link: (next: object) => object, end: object): object {
  const definitions = Array.from({ length: count }, (_, i) => {
    return [`d${i}`, i === count - 1 ? end : link({ $ref: `#/definitions/d${i + 1}` })]
  })
  return { $ref: '#/definitions/d0', definitions: Object.fromEntries(definitions) }
}

function judge(before: object, after: object) {
  const [writer, reader] = [parsed(before), parsed(after)]
  const differences = jsonSchemaEngine.compare(reader, writer, 'STRICT')
  jsonSchemaEngine.risks(writer, reader)
  jsonSchemaEngine.counterexample(reader, writer, differences, { instancesMax: 200 })
  return differences.map(({ rule }) => rule)
}

test.each([
  { name: '10,000 levels', text: nested(10_000, '{"not":'), code: 'too_deep' },
  { name: '10,000 levels that never end', text: '['.repeat(10_000), code: 'too_deep' },
  { name: '10 MB', text: `{"title":"${'a'.repeat(10_000_000)}"}`, code: 'too_large' },
  { name: 'half a schema', text: '{"type": "string"', code: 'unparsable' },
  { name: 'a comment', text: '{} // no JSON', code: 'unparsable' },
  { name: 'nothing', text: '', code: 'unparsable' },
  { name: 'no schema', text: '"string"', code: 'invalid' },
  { name: 'an unknown type', text: '{"type":"strnig"}', code: 'invalid' },
  { name: 'a limit that is text', text: '{"maxLength":"5"}', code: 'invalid' },
  {
    name: 'a name of 20,000 characters',
    code: 'invalid',
    text: `{"properties":{"${'a'.repeat(20_000)}":{}}}`,
  },
])('$name: $code', ({ text, code }) => {
  const [problem] = problemsOf(text)
  expect(problem?.code).toBe(code)
})

test('a level less than too deep is read, and one that is too deep to compare says so', () => {
  const schema = parsedText(nested(500, '{"not":'))
  const [difference] = jsonSchemaEngine.compare(schema, schema, 'STRICT')
  expect(difference?.rule).toBe('JSON_NOT_COMPARED')
  expect(problemsOf(nested(501, '{"not":'))[0]?.code).toBe('too_deep')
})

test('10,000 references in a row', () => {
  const of = (end: object) => chain(10_000, (next) => next, end)
  expect(judge(of({ type: 'string' }), of({ type: 'number' }))).toEqual(['JSON_TYPE_CHANGED'])
})

test('10,000 references, each a level further in: not compared', () => {
  const of = (end: object) => chain(10_000, (next) => ({ properties: { a: next } }), end)
  expect(judge(of({ type: 'string' }), of({ type: 'number' }))).toEqual(['JSON_NOT_COMPARED'])
})

test.each([
  { name: 'unions', link: (next: object) => ({ anyOf: [next, { title: 'b', allOf: [next] }] }) },
  {
    name: 'properties',
    link: (next: object) => ({ required: ['a', 'b'], properties: { a: next, b: next } }),
  },
])('2^60 ways through $name of references: each pair once', ({ link }) => {
  const of = (end: object) => chain(60, link, end)
  expect(judge(of({ type: 'string' }), of({ type: 'string' }))).toEqual([])
  expect(judge(of({ type: 'string' }), of({ type: 'number' })).length).toBe(1)
})

test('a union of 2,000 against itself: not compared', () => {
  const branch = (i: number) => ({ type: 'object', properties: { [`p${i}`]: { type: 'string' } } })
  const union = { oneOf: Array.from({ length: 2_000 }, (_, i) => branch(i)) }
  expect(judge(union, union)).toEqual(['JSON_NOT_COMPARED'])
})

// Taken for granted while it is looked at, such a schema would be compatible with everything.
test.each([
  { name: 'all of', schema: { allOf: [{ $ref: '#' }, { type: 'string' }] } },
  { name: 'not', schema: { not: { $ref: '#' } } },
  { name: 'beside', schema: { $schema: MODERN, $ref: '#', type: 'string' } },
  {
    name: 'by way of another',
    schema: {
      anyOf: [{ $ref: '#/definitions/A' }],
      definitions: { A: { oneOf: [{ $ref: '#' }] } },
    },
  },
  { name: 'where a property is there', schema: { dependencies: { a: { $ref: '#' } } } },
])('a schema that is itself, $name', ({ schema }) => {
  expect(problemsOf(schema).map(({ code }) => code)).toEqual(['endless_reference'])
})

test.each([
  { name: 'repetitions within repetitions', pattern: '^(((a+)+)+)+$' },
  { name: 'a billion states', pattern: '((a{1000}){1000}){1000}' },
  { name: 'a reference back', pattern: '^(a+)+\\1$' },
  { name: 'no pattern at all', pattern: '([' },
])('patterns: $name', ({ pattern }) => {
  const name = `${'a'.repeat(200)}!`
  const before = { additionalProperties: false, properties: { [name]: { const: name } } }
  const after = { patternProperties: { [pattern]: { type: 'number' } }, propertyNames: { pattern } }
  expect(judge(before, after)).toContain('JSON_PROPERTY_NAMES_ADDED')
  expect(judge({ type: 'string' }, { type: 'string', pattern })).toEqual(['JSON_PATTERN_ADDED'])
})

test('1,000 patterns for 3,000 names: not compared', () => {
  const entries = <T>(count: number, of: (i: number) => [string, T]) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => of(i)))
  const before = { additionalProperties: false, properties: entries(3_000, (i) => [`p${i}`, {}]) }
  const after = { patternProperties: entries(1_000, (i) => [`^(a+)+${i}$`, { type: 'null' }]) }
  expect(judge(before, after)).toEqual(['JSON_NOT_COMPARED'])
})

test('names that objects have anyway are names like others', () => {
  const of = (type: string) =>
    `{"properties":{"__proto__":{"type":"${type}"},"constructor":{"type":"${type}"}}}`
  const [writer, reader] = [parsedText(of('string')), parsedText(of('number'))]
  const differences = jsonSchemaEngine.compare(reader, writer, 'STRICT')
  expect(differences.map(({ readerPath }) => readerPath)).toEqual([
    '/properties/__proto__',
    '/properties/constructor',
  ])
  // Not a keyword, and not taken for one.
  expect(problemsOf('{"__proto__":{"type":"strnig"}}')).toEqual([])
})

test('names and patterns do not get into the code of a validator', () => {
  const name = "'];globalThis.broken = true;//\u2028"
  const before = { properties: { [name]: { type: 'string' } }, required: [name] }
  const after = {
    properties: { [name]: { type: 'number', title: '*/globalThis.broken = true/*' } },
  }
  expect(judge(before, after)).toEqual(['JSON_TYPE_CHANGED'])
  expect('broken' in globalThis).toBe(false)
})
