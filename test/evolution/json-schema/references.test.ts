/** `$ref` by pointer, by `$id`, by anchor and into references; to nothing, and in circles. */
import { describe, expect, test } from 'vitest'
import { jsonSchemaEngine } from '../../../src/evolution/json-schema/engine.ts'
import { DRAFT_4, found, MODERN, parsed, problemsOf } from './support.ts'

const text = { type: 'string' }
const number = { type: 'number' }
const modern = { $schema: MODERN }
const draft4 = { $schema: DRAFT_4 }

/** Each with a hole for what the reference leads to. */
const ways: readonly { readonly name: string; readonly of: (end: object) => object }[] = [
  {
    name: 'a pointer',
    of: (end) => ({ properties: { a: { $ref: '#/definitions/A' } }, definitions: { A: end } }),
  },
  {
    name: 'a pointer with escapes of both kinds',
    of: (end) => ({ items: { $ref: '#/definitions/a~1b%20c~0' }, definitions: { 'a/b c~': end } }),
  },
  {
    name: 'a pointer to $defs, where definitions has it',
    of: (end) => ({ items: { $ref: '#/$defs/A' }, definitions: { A: end } }),
  },
  {
    name: 'a place that is no keyword',
    of: (end) => ({ items: { $ref: '#/components/A' }, components: { A: end } }),
  },
  {
    name: 'draft 4: an id',
    of: (end) => ({ ...draft4, items: { $ref: '#A' }, definitions: { A: { id: '#A', ...end } } }),
  },
  {
    name: 'draft 7: an $id that is a name',
    of: (end) => ({ items: { $ref: '#A' }, definitions: { A: { $id: '#A', ...end } } }),
  },
  {
    name: 'an $id, relative to that of the root',
    of: (end) => ({
      ...{ $id: 'https://example.com/root.json', items: { $ref: 'a.json' } },
      definitions: { A: { $id: 'https://example.com/a.json', ...end } },
    }),
  },
  {
    name: 'a pointer within an embedded schema that has an $id',
    of: (end) => ({
      ...{ ...modern, $id: 'https://example.com/root.json' },
      items: { $ref: 'a.json#/$defs/B' },
      $defs: { A: { $id: 'a.json', $defs: { B: end } } },
    }),
  },
  {
    name: '2020-12: an $anchor',
    of: (end) => ({ ...modern, items: { $ref: '#A' }, $defs: { X: { $anchor: 'A', ...end } } }),
  },
  {
    name: '2020-12: a $dynamicRef that nobody overrides',
    of: (end) => ({
      ...{ ...modern, items: { $dynamicRef: '#A' } },
      $defs: { X: { $dynamicAnchor: 'A', ...end } },
    }),
  },
  {
    name: 'a reference to a reference',
    of: (end) => ({
      items: { $ref: '#/definitions/A' },
      definitions: { A: { $ref: '#/definitions/B' }, B: end },
    }),
  },
]

describe.each(ways)('$name', ({ of }) => {
  test('leads to what stands there', () => {
    expect(found(of(text), of(text))).toEqual([])
    const rules = found(of(text), of(number)).map((finding) => finding.split(' ')[0])
    expect(rules).toEqual(['TYPE_CHANGED'])
  })
})

test('up to draft 7 nothing beside a $ref counts; later it does', () => {
  const of = (schema: object, length: number) => ({
    ...{ ...schema, definitions: { A: text } },
    properties: { a: { $ref: '#/definitions/A', maxLength: length } },
  })
  expect(found(of({}, 9), of({}, 5))).toEqual([])
  expect(found(of(modern, 9), of(modern, 5)).length).toBe(1)
})

describe('other documents', () => {
  const refer = (ref: string) => ({ properties: { a: { $ref: ref } } })
  const compare = (ref: string, before: object, after: object, name = 'common.json') => {
    const of = (schema: object) => parsed(refer(ref), new Map([[name, JSON.stringify(schema)]]))
    return jsonSchemaEngine.compare(of(after), of(before), 'STRICT')
  }

  test.each([
    { ref: 'common.json', name: 'common.json' },
    { ref: './common.json', name: 'common.json' },
    { ref: 'common.json', name: './common.json' },
    { ref: 'https://example.com/common.json#', name: 'https://example.com/common.json' },
    { ref: 'https://example.com/by-id.json', name: 'any-name' },
  ])('$ref finds $name', ({ ref, name }) => {
    const $id = name === 'any-name' ? { $id: 'https://example.com/by-id.json' } : {}
    expect(compare(ref, { ...$id, ...text }, { ...$id, ...text }, name)).toEqual([])
    const [difference, ...more] = compare(ref, { ...$id, ...text }, { ...$id, ...number }, name)
    expect(more).toEqual([])
    expect(difference?.rule).toBe('JSON_TYPE_CHANGED')
    expect(difference?.readerPath).toBe(`${name}#`)
  })

  test('a finding in a reference is placed there', () => {
    const common = '{\n  "definitions": {\n    "A": {"type": "string", "maxLength": 5}\n  }\n}'
    const schema = parsed(refer('common.json#/definitions/A'), new Map([['common.json', common]]))
    const path = 'common.json#/definitions/A/maxLength'
    const position = jsonSchemaEngine.positionOf(schema, path)
    expect(position).toEqual({ line: 3, column: 29, source: 'common.json' })
    expect(jsonSchemaEngine.fragmentOf(schema, path)).toBe('5')
  })

  test('references of references, relative to where they stand', () => {
    const references = new Map([
      ['https://example.com/a/one.json', '{"items": {"$ref": "two.json"}}'],
      ['https://example.com/a/two.json', '{"$ref": "one.json"}'],
    ])
    expect(problemsOf({ $ref: 'https://example.com/a/one.json' }, references)).toEqual([])
  })
})

describe('problems', () => {
  test.each([
    { name: 'a document that is not given', schema: { $ref: 'http://127.0.0.1:9/x.json' } },
    { name: 'a pointer to nothing', schema: { items: { $ref: '#/definitions/A' } } },
    { name: 'a property of every object', schema: { items: { $ref: '#/constructor' } } },
    { name: 'an anchor that is not there', schema: { ...modern, items: { $ref: '#A' } } },
    // What is data identifies nothing.
    { name: 'an $id within an enum', schema: { $ref: 'a:b', enum: [{ $id: 'a:b' }] } },
  ])('missing: $name', ({ schema }) => {
    expect(problemsOf(schema).map(({ code }) => code)).toEqual(['missing_reference'])
  })

  test('what is not reached may lack its references', () => {
    expect(problemsOf({ definitions: { A: { $ref: 'b.json' } } })).toEqual([])
  })

  test('a reference that leads to itself only', () => {
    const definitions = { A: { $ref: '#/definitions/B' }, B: { $ref: '#/definitions/A' } }
    const problems = problemsOf({ items: { $ref: '#/definitions/A' }, definitions })
    // Each of the three that lead into the circle.
    expect(problems.map(({ code }) => code)).toEqual(new Array(3).fill('endless_reference'))
  })

  test('a position: of the schema that refers', () => {
    const [problem] = problemsOf('{\n  "items":\n    {"$ref": "b.json"}\n}')
    expect(problem?.position).toEqual({ line: 2, column: 3 })
  })

  test('a meta-schema is known and not looked into', () => {
    const of = (draft: string) => ({ $ref: `http://json-schema.org/${draft}/schema#` })
    expect(found(of('draft-07'), of('draft-07'))).toEqual([])
    expect(found(of('draft-07'), of('draft-04'))).toEqual(['TYPE_CHANGED #/'])
  })
})

describe('recursion', () => {
  const tree = (leaf: object) => ({
    $ref: '#/definitions/T',
    definitions: {
      T: { type: 'object', properties: { leaf, children: { items: { $ref: '#/definitions/T' } } } },
    },
  })

  test('ends, and finds each difference once', () => {
    expect(found(tree(text), tree(text))).toEqual([])
    expect(found(tree(text), tree(number))).toEqual(['TYPE_CHANGED #/properties/leaf'])
  })

  // A → C → A. In one pass (A, A) is taken for compatible while it is open, (C, C) is judged by that, and
  // the union takes (C, C) for a fit of its second branch.
  test('a cycle does not hide what does not fit', () => {
    const node = (id: string, next: string) => ({
      type: 'object',
      properties: { id: { type: id }, next: { oneOf: [{ $ref: `#/definitions/${next}` }] } },
    })
    const schema = (a: string, b: string) => ({
      properties: { root: { oneOf: [{ $ref: '#/definitions/A' }, { $ref: '#/definitions/B' }] } },
      definitions: { A: node(a, 'C'), B: node(b, 'C'), C: node('integer', 'A') },
    })
    expect(found(schema('integer', 'boolean'), schema('integer', 'boolean'))).toEqual([])
    expect(found(schema('integer', 'boolean'), schema('boolean', 'number'))).not.toEqual([])
  })
})
