/** Texts of every syntax to the model; what is wrong is a problem with its place. */
import { describe, expect, test } from 'vitest'
import { protobufEngine } from '../../../src/evolution/protobuf/engine.ts'
import { filesOf, problemsOf, schemaOf } from './support.ts'

const p3 = 'syntax = "proto3";'
const engine = protobufEngine()
const fieldOf = (text: string) => schemaOf(text).files[0]?.messages[0]?.fields[0]

describe('what a syntax means where nothing is written', () => {
  test.each([
    ['syntax = "proto2"; message M { optional int32 a = 1; }', 'explicit', false, 'optional'],
    ['syntax = "proto2"; message M { required int32 a = 1; }', 'required', false, 'required'],
    [
      'syntax = "proto2"; message M { repeated int32 a = 1 [packed = true]; }',
      'repeated',
      true,
      'repeated',
    ],
    [`${p3} message M { int32 a = 1; }`, 'implicit', true, null],
    [`${p3} message M { optional int32 a = 1; }`, 'explicit', true, 'optional'],
    [`${p3} message M { oneof o { int32 a = 1; } }`, 'explicit', true, null],
    [`${p3} message M { M a = 1; }`, 'explicit', true, null],
    [`${p3} message M { map<int32, M> a = 1; }`, 'map', true, null],
    ['edition = "2023"; message M { int32 a = 1; }', 'explicit', true, null],
    [
      'edition = "2023"; option features.field_presence = IMPLICIT; message M { int32 a = 1; }',
      'implicit',
      true,
      null,
    ],
    [
      'edition = "2023"; message M { int32 a = 1 [features.field_presence = LEGACY_REQUIRED]; }',
      'required',
      true,
      null,
    ],
  ])('%s', (text, cardinality, isPacked, label) => {
    expect(fieldOf(text)).toMatchObject({ cardinality, isPacked, label })
  })

  test('a message of an edition may stand between tags, as a group does', () => {
    const option = '[features.message_encoding = DELIMITED]'
    expect(fieldOf(`edition = "2023"; message M { M a = 1 ${option}; }`)?.kind).toBe('group')
    expect(fieldOf('syntax = "proto2"; message M { optional group A = 1 {} }')).toMatchObject({
      ...{ kind: 'group', name: 'a', typeName: 'M.A' },
    })
  })

  test('a name in JSON loses its underscores, unless it is given', () => {
    expect(fieldOf(`${p3} message M { int32 foo_bar__baz_ = 1; }`)?.jsonName).toBe('fooBarBaz')
    expect(fieldOf(`${p3} message M { int32 a = 1 [json_name = "z"]; }`)?.jsonName).toBe('z')
  })
})

test('a name that is reserved without quotes does not make the rest forgotten', () => {
  const schema = schemaOf(
    'edition = "2023"; message M { reserved old; message N {} } message O {} enum E { A = 0; }',
  )
  expect([...schema.messages.keys()]).toEqual(['M.N', 'M', 'O'])
  expect(schema.messages.get('M')?.reservedNames).toEqual(['old'])
  expect([...schema.enums.keys()]).toEqual(['E'])
})

describe('problems', () => {
  test('an import that is not given, at its line', () => {
    const text = `${p3}\nimport "a.proto";\nmessage M {}`
    const parsed = engine.parse({ name: 'orders.proto', text })
    expect(parsed).toMatchObject({
      ok: false,
      problems: [
        { code: 'missing_reference', source: 'orders.proto', position: { line: 2, column: 1 } },
      ],
    })
  })

  test('all imports that are not given, those of references too', () => {
    const references = new Map([['a.proto', `${p3} import "c.proto";`]])
    const text = `${p3} import "a.proto"; import "b.proto"; import "c.proto";`
    // One that two files want is missing in both.
    expect(problemsOf(text, references)).toEqual(Array(3).fill('missing_reference'))
  })

  test('a type that nothing declares, at the field', () => {
    const text = `${p3} message M {\n  Nobody a = 1;\n}`
    expect(engine.parse({ name: 'm', text })).toMatchObject({
      problems: [{ code: 'unresolved_type', source: 'm', position: { line: 2, column: 3 } }],
    })
  })

  test('a type of a neighbour’s, which is in no scope of the field', () => {
    expect(problemsOf(`${p3} message M { A a = 1; } message N { message A {} }`)).toEqual([
      'unresolved_type',
    ])
  })

  test.each([
    ['a number twice', 'message M { int32 a = 1; int32 b = 1; }', 'unparsable'],
    ['a name twice', 'message M { int32 a = 1; int32 a = 2; }', 'unparsable'],
    ['a reserved number', 'message M { reserved 1; int32 a = 1; }', 'unparsable'],
    ['no proto at all', '{ "type": "record" }', 'unparsable'],
    ['an end that is missing', 'message M {', 'unparsable'],
    [
      'an extension of an enum',
      'enum E { A = 0; } extend E { optional int32 a = 1; }',
      'unparsable',
    ],
  ])('%s', (_, text, code) => {
    expect(problemsOf(`${p3} ${text}`)).toEqual([code])
  })

  test('the line of what the parser does not understand', () => {
    const text = `${p3}\nmessage M {\n  int32 a 1;\n}`
    expect(engine.parse({ name: 'm', text })).toMatchObject({
      problems: [{ code: 'unparsable', position: { line: 3 } }],
    })
  })
})

describe('imports', () => {
  test.each(['any', 'api', 'descriptor', 'duration', 'empty', 'field_mask', 'source_context'])(
    'google/protobuf/%s.proto is there without being given',
    (name) => expect(problemsOf(`${p3} import "google/protobuf/${name}.proto";`)).toEqual([]),
  )

  test('several of the library’s files may declare the same', () => {
    const names = ['any', 'api', 'type', 'source_context', 'struct', 'wrappers', 'timestamp']
    const imports = names.map((name) => `import "google/protobuf/${name}.proto";`).join(' ')
    expect(problemsOf(`${p3} ${imports} message M { google.protobuf.Any a = 1; }`)).toEqual([])
  })

  test('a given file is meant before one of the library’s', () => {
    const own = `${p3} package google.protobuf; message Timestamp { string text = 1; }`
    const path = 'google/protobuf/timestamp.proto'
    const schema = schemaOf(`import "${path}"; message M { google.protobuf.Timestamp at = 1; }`, {
      [path]: own,
    })
    expect(schema.messages.get('google.protobuf.Timestamp')?.fields[0]?.name).toBe('text')
  })

  test('options of one’s own, declared after they are used', () => {
    const text = `${p3} import "google/protobuf/descriptor.proto";
      message M { string a = 1 [(note) = "x"]; }
      extend google.protobuf.FieldOptions { string note = 50000; }`
    expect(problemsOf(text)).toEqual([])
  })

  test('files of a directory see each other in any order, and none is only a reference', () => {
    const schema = filesOf({
      'b.proto': `${p3} package x; message B {}`,
      'a.proto': `${p3} import "b.proto"; package x; message A { B b = 1; }`,
    })
    expect(schema.files.map(({ path, isMain }) => [path, isMain])).toEqual([
      ['a.proto', true],
      ['b.proto', true],
    ])
  })
})
