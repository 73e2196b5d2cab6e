/** The library: the verdict of the command, for programs. */
import { describe, expect, expectTypeOf, it } from 'vitest'
import {
  type Compatibility,
  type CompatibilityRequest,
  checkCompatibility,
  type EvolutionFinding,
  type Mode,
  type SchemaFormat,
} from '../../src/index.ts'

const record = (...fields: object[]): string =>
  JSON.stringify({ type: 'record', name: 'Order', fields })
const ID = { name: 'id', type: 'long' }
const NOTE = { name: 'note', type: 'string' }
const proto = (...lines: string[]): string => ['syntax = "proto3";', ...lines, ''].join('\n')

describe('checkCompatibility', () => {
  it.each<[string, CompatibilityRequest, boolean | null]>([
    [
      'a field with a default',
      {
        format: 'avro',
        previous: [record(ID)],
        next: record(ID, { ...NOTE, default: '' }),
      },
      true,
    ],
    ['one without', { format: 'avro', previous: [record(ID)], next: record(ID, NOTE) }, false],
    // Forward the old reader passes over it.
    [
      'one without, forward',
      { format: 'avro', mode: 'FORWARD', previous: [record(ID)], next: record(ID, NOTE) },
      true,
    ],
    // Only the latest counts, unless the mode says all.
    [
      'against the latest',
      { format: 'avro', previous: [record(ID), record(ID, NOTE)], next: record(ID, NOTE) },
      true,
    ],
    [
      'against all',
      {
        ...{ format: 'avro', mode: 'BACKWARD_TRANSITIVE' },
        ...{ previous: [record(ID), record(ID, NOTE)], next: record(ID, NOTE) },
      },
      false,
    ],
    ['a new subject', { format: 'avro', previous: [], next: record(ID) }, true],
    ['no schema', { format: 'avro', previous: [], next: '{' }, null],
    [
      'an earlier version that is none',
      { format: 'avro', previous: ['{'], next: record(ID) },
      null,
    ],
    [
      'an optional property of an open model',
      {
        format: 'json-schema',
        previous: ['{"type":"object"}'],
        next: '{"type":"object","properties":{"a":{"type":"string"}}}',
      },
      false,
    ],
    [
      'the same, lenient',
      {
        ...{ format: 'json-schema', policy: 'LENIENT', previous: ['{"type":"object"}'] },
        next: '{"type":"object","properties":{"a":{"type":"string"}}}',
      },
      true,
    ],
    [
      'a reference that is given',
      {
        format: 'avro',
        references: { Id: '{"type":"fixed","name":"Id","size":4}' },
        previous: [record({ name: 'id', type: 'Id' })],
        next: record({ name: 'id', type: 'Id' }),
      },
      true,
    ],
    [
      'one that is not',
      { format: 'avro', previous: [], next: record({ name: 'id', type: 'Id' }) },
      null,
    ],
    [
      'imports of Protobuf, each version with its own',
      {
        format: 'protobuf',
        previous: [proto('import "a.proto";', 'message X { A a = 1; }')],
        previousFiles: { 'a.proto': proto('message A { int32 n = 1; }') },
        next: proto('import "a.proto";', 'message X { A a = 1; }'),
        nextFiles: { 'a.proto': proto('message A { int32 n = 1; string more = 2; }') },
      },
      true,
    ],
    [
      'whole sets of files',
      {
        format: 'protobuf',
        previousFiles: { 'a.proto': proto('message A { int32 n = 1; }') },
        nextFiles: { 'a.proto': proto('message A { string n = 1; }') },
      },
      false,
    ],
    [
      'whole sets of files, a list of versions',
      {
        ...{ format: 'protobuf', mode: 'BACKWARD_TRANSITIVE' },
        previousFiles: [
          { 'a.proto': proto('message A { int32 n = 1; }') },
          { 'a.proto': proto('message A { int32 n = 1; int32 m = 2; }') },
        ],
        nextFiles: { 'a.proto': proto('message A { int32 n = 1; int32 m = 2; }') },
      },
      true,
    ],
  ])('%s', (_, request, expected) => {
    const { compatible, findings } = checkCompatibility(request)
    expect(compatible).toBe(expected)
    const kinds = new Set(findings.map((f) => f.kind))
    expect([kinds.has('incompatible'), kinds.has('problem')]).toEqual([
      expected === false,
      expected === null,
    ])
  })

  it('proves what it refuses, unless asked not to', () => {
    const request = { format: 'avro', previous: [record(ID)], next: record(ID, NOTE) } as const
    const [first] = checkCompatibility(request).findings
    expect(JSON.parse(first?.counterexample?.text ?? 'null')).toHaveProperty('id')
    const [bare] = checkCompatibility({ ...request, counterexamples: false }).findings
    expect(bare).toEqual({ ...first, counterexample: null })
  })

  it.each([
    ['format', { format: 'xml' }],
    ['mode', { format: 'avro', mode: 'BACK' }],
    ['policy', { format: 'avro', policy: 'LAX' }],
    ['ruleSet', { format: 'protobuf', ruleSet: 'buf' }],
  ])('refuses a %s that there is not', (option, request) => {
    expect(() => checkCompatibility(request as CompatibilityRequest)).toThrow(`no ${option}`)
  })

  it.each([
    ['confluent', true],
    ['buf-wire', true],
    ['buf-wire-json', false],
  ] as const)('judges Protobuf by the rules of %s', (ruleSet, compatible) => {
    const [before, after] = ['int32', 'int64'].map((t) => proto(`message A { ${t} x = 1; }`))
    const request = { previous: [before as string], next: after as string, ruleSet }
    expect(checkCompatibility({ format: 'protobuf', ...request }).compatible).toBe(compatible)
  })

  it.each<[string, CompatibilityRequest, string]>([
    ['buf forward', { format: 'protobuf', mode: 'FULL', next: '', ruleSet: 'buf-wire' }, 'no mode'],
    ['buf for Avro', { format: 'avro', next: record(ID), ruleSet: 'buf-wire' }, 'Protobuf only'],
    [
      'one text as a list',
      { format: 'avro', previous: record(ID), next: record(ID) } as unknown as CompatibilityRequest,
      'is a list of texts',
    ],
    ['no Protobuf file', { format: 'protobuf', nextFiles: {} }, 'nothing to judge'],
  ])('refuses %s', (_, request, message) => {
    expect(() => checkCompatibility(request)).toThrow(message)
  })

  it('has the types that it promises', () => {
    expectTypeOf(checkCompatibility).parameters.toEqualTypeOf<[CompatibilityRequest]>()
    expectTypeOf(checkCompatibility).returns.toEqualTypeOf<Compatibility>()
    expectTypeOf<Compatibility['compatible']>().toEqualTypeOf<boolean | null>()
    expectTypeOf<Compatibility['findings']>().toEqualTypeOf<readonly EvolutionFinding[]>()
    expectTypeOf<CompatibilityRequest['mode']>().toEqualTypeOf<Mode | undefined>()
    expectTypeOf<CompatibilityRequest['format']>().toEqualTypeOf<SchemaFormat>()
  })
})
