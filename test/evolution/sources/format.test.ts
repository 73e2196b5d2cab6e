import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatOf } from '../../../src/evolution/sources/format.ts'
import { subjectRule } from '../../../src/evolution/sources/subject-rule.ts'

describe('the format of a file', () => {
  it.each([
    ['a.proto', '{}', 'protobuf'],
    ['a.avsc', 'nonsense', 'avro'],
    ['a.AVSC', '', 'avro'],
    ['a.avro.json', '{"type":"string"}', 'avro'],
    ['a.schema.json', '{"type":"record"}', 'json-schema'],
    ['a.txt', '{"type":"object"}', null],
    ['a', '{"type":"object"}', null],
  ])('%s is told by its extension, whatever it holds', (path, text, format) => {
    expect(formatOf(path, text)).toBe(format)
  })

  it.each<[string, unknown, string | null]>([
    ['a record', { type: 'record', name: 'A', fields: [] }, 'avro'],
    ['a record without fields', { type: 'record', name: 'A' }, null],
    ['an error', { type: 'error', name: 'A', fields: [] }, 'avro'],
    ['an enum of Avro', { type: 'enum', name: 'A', symbols: ['X'] }, 'avro'],
    ['a fixed', { type: 'fixed', name: 'A', size: 4 }, 'avro'],
    ['a map', { type: 'map', values: 'int' }, 'avro'],
    ['an array of a named type', { type: 'array', items: 'long' }, 'avro'],
    ['an array of a union', { type: 'array', items: ['null', 'int'] }, 'avro'],
    ['an array of maps', { type: 'array', items: { type: 'map', values: 'int' } }, 'avro'],
    ['a logical type', { type: 'long', logicalType: 'timestamp-millis' }, 'avro'],
    ['a primitive', 'int', 'avro'],
    // A text as a document is data, unless it is the name of a type.
    ['a text', 'hello', null],
    ['a union', ['null', { type: 'record', name: 'A', fields: [] }], 'avro'],
    ['a union of primitives', ['null', 'long'], 'avro'],
    ['a list of words', ['red', 'green'], null],
    ['an empty list', [], null],
    ['an object', { type: 'object' }, 'json-schema'],
    // Both have these; the file would be called .avsc.
    ['a string', { type: 'string' }, 'json-schema'],
    ['an array of objects', { type: 'array', items: { type: 'object' } }, 'json-schema'],
    ['an array of tuples', { type: 'array', items: [{ type: 'string' }] }, 'json-schema'],
    ['several types', { type: ['string', 'null'] }, 'json-schema'],
    ['types that are none', { type: ['module', 'null'] }, null],
    ['a draft', { $schema: 'https://json-schema.org/draft/2020-12/schema' }, 'json-schema'],
    [
      'a draft, of what looks like a map',
      { $schema: 'http://json-schema.org/schema#', type: 'map', values: 'x' },
      'json-schema',
    ],
    [
      'a file of settings',
      { $schema: './node_modules/x/configuration.json', properties: {} },
      null,
    ],
    ['definitions', { $defs: { a: { type: 'string' } } }, 'json-schema'],
    ['properties', { properties: { a: {} } }, 'json-schema'],
    ['properties that are data', { properties: { a: 1 } }, null],
    ['a choice', { oneOf: [{ type: 'string' }] }, 'json-schema'],
    ['a reference', { $ref: 'a.json' }, 'json-schema'],
    ['a package', { name: 'x', type: 'module', dependencies: {} }, null],
    ['a number', 1, null],
    ['nothing', null, null],
    ['an empty object', {}, null],
  ])('.json that holds %s is told by that', (_what, value, format) => {
    expect(formatOf('a.json', JSON.stringify(value))).toBe(format)
  })

  it('is told through comments', () => {
    const text = '// An order.\n{ "type": "record", /* so far */ "name": "A", "fields": [] }'
    expect(formatOf('a.json', text)).toBe('avro')
  })

  it.each([
    ['schemas/frame.avsc', 'avro'],
    ['schemas/pipeline.schema.json', 'json-schema'],
    ['schemas/sketch.vectors.json', null],
    ['package.json', null],
    ['tsconfig.json', null],
    ['biome.json', null],
    ['knip.json', null],
  ])('of our own %s is right', (path, format) => {
    expect(formatOf(path, readFileSync(path, 'utf8'))).toBe(format)
  })
})

describe('the subject of a file', () => {
  it.each([
    ['{path}', 'eu/orders-value.avsc', 'eu/orders-value'],
    ['{path}', 'orders.v1.avsc', 'orders.v1'],
    ['{path}', 'orders.schema.json', 'orders'],
    ['{path}', 'orders.avro.json', 'orders'],
    ['{path}', 'orders.JSON', 'orders'],
    // Nothing would be left of it.
    ['{path}', 'eu/.avsc', 'eu/.avsc'],
    ['{name}-value', 'a/b/orders.proto', 'orders-value'],
    ['{folder}', 'a/b/orders.proto', 'a/b'],
    ['{folder}', 'orders.proto', ''],
    ['{path}.{extension}', 'a/b.schema.json', 'a/b.schema.json'],
    ['x-{name}-{name}', 'a.avsc', 'x-a-a'],
    // A path is put in as it is.
    ['{path}', '$&{name}.avsc', '$&{name}'],
  ])('by %s of %s is %s', (rule, path, subject) => {
    expect(subjectRule(rule)(path)).toBe(subject)
  })

  it('is refused where the rule has a misspelt placeholder, or none', () => {
    expect(() => subjectRule('{nmae}')).toThrow('has {nmae}; did you mean `name`?')
    expect(() => subjectRule('orders')).toThrow('has no placeholder')
  })
})
