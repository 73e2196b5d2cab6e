import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { QuipuError } from '../../../src/base/errors.ts'
import type { Declared } from '../../../src/drift/declared/declared.ts'
import { loadDeclared } from '../../../src/drift/declared/load.ts'
import type { Value } from '../../../src/drift/read/reader.ts'

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quipu-declared-'))
  mkdirSync(join(folder, 'common'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

function load(name: string, text: string, message: string | null = null): Declared {
  return loadDeclared({ file: write(name, text), message, format: null })
}

function told(declared: Declared, value: Value): string[] {
  const found = declared.check(value) ?? []
  return found.map(({ kind, path, expected, came }) => [kind, path, expected, came].join('|'))
}

describe('an Avro schema', () => {
  const schema = {
    type: 'record',
    name: 'Flight',
    namespace: 'air',
    fields: [
      { name: 'id', type: { type: 'string', logicalType: 'uuid' } },
      { name: 'delay', type: 'int' },
      { name: 'state', type: { type: 'enum', name: 'State', symbols: ['ON', 'OFF'] } },
      { name: 'before', type: ['null', 'State'], default: null },
      { name: 'hash', type: { type: 'fixed', name: 'Hash', size: 2 } },
      { name: 'tags', type: { type: 'map', values: 'long' } },
      { name: 'at', type: { type: 'long', logicalType: 'time-micros' }, aliases: ['time'] },
      { name: 'next', type: ['null', 'air.Flight'], default: null },
    ],
  }
  const right = {
    ...{ id: '01234567-89ab-7def-8123-456789abcdef', delay: 3, state: 'ON', before: null },
    ...{ hash: Uint8Array.of(1, 2), tags: new Map([['a', 2n ** 60n]]), time: 5 },
  }
  const declared = (): Declared => load('flight.avsc', JSON.stringify(schema))

  test('what it wrote is right, with a default or an alias left out', () => {
    expect(told(declared(), right)).toEqual([])
    expect(told(declared(), { ...right, next: right, before: 'OFF' })).toEqual([])
  })

  test.each<[string, object, string]>([
    ['another type', { delay: 'x' }, 'type_changed|/delay|integer|string'],
    ['too large for an int', { delay: 2 ** 31 }, 'out_of_bounds|/delay|at most 2147483647|integer'],
    ['a symbol', { state: 'OUT' }, 'unseen_value|/state|one of 2 values|string'],
    ['a symbol in a union', { before: 'OUT' }, 'unseen_value|/before|one of 2 values|string'],
    ['a union', { before: 7 }, 'type_changed|/before|null or string|integer'],
    ['a size', { hash: Uint8Array.of(1) }, 'out_of_bounds|/hash|a length of at least 2|string'],
    ['an entry', { tags: new Map([['a', 'x']]) }, 'type_changed|/tags/{}|integer|string'],
    ['a logical type', { id: 'x' }, 'out_of_bounds|/id|the format uuid|string'],
    ['a time', { at: -1 }, 'out_of_bounds|/at|at least 0|integer'],
    ['within itself', { next: { ...right, delay: null } }, 'type_changed|/next/delay|integer|null'],
  ])('%s', (_what, part, found) => {
    expect(told(declared(), { ...right, ...part } as Value)).toEqual([found])
  })

  test('a field without a default is missing', () => {
    const { delay: _, ...rest } = right
    expect(told(declared(), rest)).toEqual(['missing_field|/delay||'])
  })

  test('its fields are those that are declared', () => {
    const { fields } = declared()
    expect([...(fields?.fields?.keys() ?? [])].sort()).toEqual([
      'at',
      'before',
      'delay',
      'hash',
      'id',
      'next',
      'state',
      'tags',
      'time',
    ])
    expect(fields?.entries).toBeUndefined()
    expect(fields?.fields?.get('next')?.fields?.has('delay')).toBe(true)
  })
})

describe('a .proto text', () => {
  const text = `syntax = "proto2"; package air; import "common/port.proto"; import "google/protobuf/timestamp.proto";
    message Other { optional int32 x = 1; }
    message Flight {
      required string id = 1; optional State state = 2; repeated Port stops = 3;
      map<string, int32> tags = 4; optional Flight next = 5; optional google.protobuf.Timestamp at = 6;
      enum State { ON = 0; OFF = 1; }
    }`
  const declared = (message: string | null = 'Flight'): Declared => {
    write(
      'common/port.proto',
      'syntax = "proto2"; package air; message Port { optional string code = 1; }',
    )
    return load('flight.proto', text, message)
  }

  test.each<[string, object, readonly string[]]>([
    [
      'right',
      { state: 'ON', stops: [{ code: 'ZRH' }], tags: new Map([['a', 1]]), at: { seconds: 1 } },
      [],
    ],
    ['an unknown symbol', { state: 7 }, ['unseen_value|/state|one of 2 values|integer']],
    ['in an import', { stops: [{ code: 1 }] }, ['type_changed|/stops/*/code|string|integer']],
    ['in a map', { tags: new Map([['a', 'x']]) }, ['type_changed|/tags/{}|integer|string']],
    ['within itself', { next: {} }, ['missing_field|/next/id||']],
  ])('%s', (_what, part, found) => {
    expect(told(declared(), { id: 'x', ...part } as Value)).toEqual(found)
  })

  test('without a name the first message is meant', () => {
    expect(told(declared(null), { x: 'x' })).toEqual(['type_changed|/x|integer|string'])
  })

  test('a field that is not in it is none that is declared', () => {
    expect(declared().fields?.fields?.has('#17')).toBe(false)
    expect(declared().fields?.entries).toBeUndefined()
  })
})

describe('a data contract', () => {
  const contract = `
apiVersion: v3.1.0
kind: DataContract
id: flights
version: 1.0.0
status: active
schema:
  - name: others
    properties: []
  - name: Flights
    physicalName: flights
    properties:
      - { name: id, logicalType: string, required: true, logicalTypeOptions: { minLength: 2, pattern: "^[A-Z]+$" } }
      - { name: delay, logicalType: integer, logicalTypeOptions: { maximum: 100 } }
      - { name: when, logicalType: timestamp, required: true }
      - name: carrier
        physicalName: op
        logicalType: string
        quality:
          - { metric: invalidValues, arguments: { validValues: [LX, LH] }, mustBe: 0 }
      - name: alliance
        logicalType: string
        quality:
          - { metric: invalidValues, arguments: { validValues: [A] }, mustBeLessThan: 5, unit: percent }
      - name: stops
        logicalType: array
        items: { logicalType: object, properties: [{ name: code, logicalType: string, required: true }] }
`
  const declared = (): Declared => load('flights.odcs.yaml', contract, 'flights')

  test.each<[string, object, readonly string[]]>([
    [
      'right',
      { delay: null, when: '2026-01-01', op: 'LX', alliance: 'B', stops: [{ code: 'x' }] },
      [],
    ],
    ['times may be numbers', { when: 5 }, []],
    [
      'times are no records',
      { when: {} },
      ['type_changed|/when|string or integer or number|object'],
    ],
    ['not null', { id: null }, ['type_changed|/id|string|null']],
    ['an option', { id: 'x' }, ['out_of_bounds|/id|a length of at least 2|string']],
    ['a bound', { delay: 101 }, ['out_of_bounds|/delay|at most 100|integer']],
    ['a value', { op: 'XX' }, ['unseen_value|/op|one of 2 values|string']],
    ['an item', { stops: [{}] }, ['missing_field|/stops/*/code||']],
  ])('%s', (_what, part, found) => {
    expect(told(declared(), { id: 'AB', when: 1, ...part } as Value)).toEqual(found)
  })

  test('its properties are the fields, by the names they have on the wire', () => {
    const fields = declared().fields?.fields
    expect([...(fields?.keys() ?? [])]).toEqual(['id', 'delay', 'when', 'op', 'alliance', 'stops'])
    expect(fields?.get('stops')?.items?.fields?.has('code')).toBe(true)
  })

  test('as JSON, and without a name the first of its schemas', () => {
    const json = {
      apiVersion: 'v3.0.2',
      kind: 'DataContract',
      schema: [{ properties: [{ name: 'a', required: true }] }],
    }
    expect(told(load('contract.json', JSON.stringify(json)), {})).toEqual(['missing_field|/a||'])
  })
})

describe('refused with the file and the reason', () => {
  test.each<[name: string, text: string, message: string | null, reason: RegExp]>([
    ['none.json', '{', null, /none\.json .*no JSON/],
    ['list.json', '[]', null, /neither a JSON Schema nor/],
    ['odd.json', '{"type":"strin"}', null, /`type` is none of JSON/],
    ['remote.json', '{"$ref":"https://example.org/x"}', null, /nothing is fetched/],
    ['deep.json', `${'{"not":'.repeat(300)}{}${'}'.repeat(300)}`, null, /deeper than 200/],
    ['large.json', `"${'x'.repeat(2_100_000)}"`, null, /larger than 2097152 bytes/],
    ['broken.avsc', '{"type":"record"}', null, /Avro schema cannot be used/],
    ['unknown.avsc', '{"type":"array","items":"Nowhere"}', null, /nothing defines Nowhere/],
    ['broken.proto', 'message {', null, /Protobuf schema cannot be used/],
    ['import.proto', 'import "../secret.proto"; message A {}', null, /secret\.proto is imported/],
    ['named.proto', 'syntax = "proto3"; message A {}', 'B', /no message B/],
    ['old.yaml', 'kind: DataContract\napiVersion: v2.2.0', null, /other than 3/],
    [
      'other.yaml',
      'kind: DataContract\napiVersion: v3.0.0\nschema: [{ name: a }]',
      'b',
      /no schema named b/,
    ],
    ['plain.yaml', 'a: 1', null, /no data contract/],
    ['broken.yaml', 'a: [', null, /no YAML/],
    ['schema.txt', '{}', null, /ends in none of/],
  ])('%s', (name, text, message, reason) => {
    const refusal = ((): unknown => {
      try {
        return load(name, text, message)
      } catch (error) {
        return error
      }
    })()
    expect(refusal).toBeInstanceOf(QuipuError)
    expect(refusal).toMatchObject({ code: 'CONFIG', message: expect.stringMatching(reason) })
    expect((refusal as QuipuError).message).toContain(join(folder, name))
  })

  test('a file that is not there, and a folder', () => {
    const file = join(folder, 'nothing.json')
    expect(() => loadDeclared({ file, message: null, format: null })).toThrow(/cannot be read/)
    mkdirSync(join(folder, 'folder.json'), { recursive: true })
    const place = { file: join(folder, 'folder.json'), message: null, format: null }
    expect(() => loadDeclared(place)).toThrow(QuipuError)
  })
})

test('fingerprints are of all that is promised', () => {
  const text = '{"type":"object"}'
  const one = load('a.json', text).fingerprint
  expect(one).toMatch(/^[0-9a-f]{16}$/)
  expect(load('b.json', text).fingerprint).toBe(one)
  expect(load('a.json', `${text} `).fingerprint).not.toBe(one)
  expect(load('a.json', text, 'message').fingerprint).not.toBe(one)
})

test('whatever a file holds, it is refused in one way or held against anything', () => {
  const keywords = fc.constantFrom(
    ...[
      'type',
      'enum',
      'properties',
      'items',
      'required',
      '$ref',
      '$id',
      'allOf',
      'oneOf',
      'pattern',
    ],
    ...['additionalProperties', 'minimum', 'format', 'dependencies', 'not', 'if', 'fields', 'name'],
    ...[
      'kind',
      'apiVersion',
      'schema',
      'symbols',
      'size',
      '__proto__',
      'definitions',
      'prefixItems',
    ],
  )
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>(
        'record',
        'object',
        'string',
        '#',
        '#/not',
        'DataContract',
        'v3.1.0',
      ),
      fc.constantFrom<unknown>(true, false, null, 1, -1, '', 'array', '(', 'https://example.org/x'),
      fc.dictionary(keywords, tie('json'), { maxKeys: 4 }),
      fc.array(tie('json'), { maxLength: 3 }),
    ),
  }))
  let accepted = 0
  fc.assert(
    fc.property(
      json,
      json,
      fc.constantFrom('x.json', 'x.avsc', 'x.yaml'),
      (schema, value, name) => {
        let declared: Declared
        try {
          declared = load(name, JSON.stringify(schema))
        } catch (error) {
          expect(error).toBeInstanceOf(QuipuError)
          return
        }
        accepted++
        for (const found of declared.check(value as Value) ?? [])
          expect(found.path).toMatch(/^(\/|$)/)
      },
    ),
    { numRuns: 600 },
  )
  expect(accepted).toBeGreaterThan(20)
})
