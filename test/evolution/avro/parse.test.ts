/** What a schema is refused for, with its place; what is taken though it looks odd. */
import { describe, expect, test } from 'vitest'
import { avroEngine } from '../../../src/evolution/avro/engine.ts'
import { holding, parsed, problemsOf, record } from './support.ts'

const fixed = { type: 'fixed', name: 'F', size: 1 }

describe('refused, as the Java implementation refuses it', () => {
  const rows: readonly (readonly [string, unknown, string])[] = [
    ['no schema', 5, 'not_a_schema'],
    ['null', null, 'not_a_schema'],
    ['no type', {}, 'not_a_schema'],
    ['a type within a type', { type: { type: 'int' } }, 'not_a_schema'],
    ['an array of nothing', { type: 'array' }, 'not_a_schema'],
    ['a map of nothing', { type: 'map' }, 'not_a_schema'],
    ['a record without fields', { type: 'record', name: 'R' }, 'not_a_schema'],
    ['a record without a name', { type: 'record', fields: [] }, 'bad_name'],
    ['a name with a dash', record('a-b', []), 'bad_name'],
    ['a name that begins with a digit', record('1a', []), 'bad_name'],
    ['a namespace with a dash', record('R', [], { namespace: 'a-b' }), 'bad_name'],
    ['an empty part of a name', record('a..R', []), 'bad_name'],
    ['the name of a plain type', record('string', []), 'bad_name'],
    ['a field without a name', record('R', [{ type: 'int' } as never]), 'bad_name'],
    ['a field without a type', record('R', [{ name: 'f' } as never]), 'not_a_schema'],
    ['a field that is a name', record('R', ['f' as never]), 'not_a_schema'],
    [
      'two fields of a name',
      record('R', [
        { name: 'f', type: 'int' },
        { name: 'f', type: 'int' },
      ]),
      'duplicate',
    ],
    ['aliases that are none', record('R', [], { aliases: 'A' }), 'not_a_schema'],
    ['an alias with a dash', record('R', [], { aliases: ['a-b'] }), 'bad_name'],
    ['an enum without symbols', { type: 'enum', name: 'E' }, 'not_a_schema'],
    ['two symbols of a name', { type: 'enum', name: 'E', symbols: ['A', 'A'] }, 'duplicate'],
    ['a symbol with a dash', { type: 'enum', name: 'E', symbols: ['A-B'] }, 'bad_name'],
    [
      'a default that is no symbol',
      { type: 'enum', name: 'E', symbols: ['A'], default: 'B' },
      'bad_default',
    ],
    ['a size below nothing', { ...fixed, size: -1 }, 'bad_size'],
    ['a size that is no whole number', { ...fixed, size: 1.5 }, 'bad_size'],
    ['a size in words', { ...fixed, size: '1' }, 'bad_size'],
    ['a union in a union', ['null', ['int']], 'nested_union'],
    ['a branch twice', ['null', 'null'], 'duplicate'],
    // Bytes do not tell one from the other.
    [
      'a branch twice but for its logical type',
      ['int', { type: 'int', logicalType: 'date' }],
      'duplicate',
    ],
    [
      'two arrays in a union',
      [
        { type: 'array', items: 'int' },
        { type: 'array', items: 'long' },
      ],
      'duplicate',
    ],
    ['a name twice', ['null', fixed, { type: 'array', items: fixed }], 'name_redefined'],
    ['a name that is not there', holding('Other'), 'missing_reference'],
    ['a name of another namespace', [record('a.R', []), 'b.R'], 'missing_reference'],
    ['a name that is too long', 'x'.repeat(1_001), 'bad_name'],
  ]
  test.each(rows)('%s', (_, schema, code) => {
    expect(problemsOf(schema).map((problem) => problem.code)).toEqual([code])
  })
})

describe('taken', () => {
  const rows: readonly (readonly [string, unknown])[] = [
    ['a union without branches', []],
    ['an enum without symbols in it', { type: 'enum', name: 'E', symbols: [] }],
    ['a fixed without bytes', { ...fixed, size: 0 }],
    ['letters of any script', record('Größe', [{ name: '数', type: 'int' }])],
    ['the name of a plain type in a namespace', record('n.string', [])],
    ['two of one name in two namespaces', [record('a.R', []), record('b.R', [])]],
    [
      'a name before what defines it',
      record('R', [
        { name: 'a', type: 'F' },
        { name: 'b', type: fixed },
      ]),
    ],
    ['a logical type that nobody knows', { type: 'string', logicalType: 'ulid' }],
    ['a logical type in the wrong place', { type: 'string', logicalType: 'date' }],
    ['keys of others', { type: 'int', 'connect.name': 'x', toString: 1 }],
    ['names of JavaScript', record('constructor', [{ name: '__proto__', type: 'int' }])],
  ]
  test.each(rows)('%s', (_, schema) => {
    expect(problemsOf(schema)).toEqual([])
  })
})

describe('names', () => {
  const nameIn = (schema: unknown): unknown => {
    const { type } = parsed(schema).root
    return 'name' in type ? type.name : null
  }

  test('a dot in a name sets aside the namespace', () => {
    expect(nameIn(record('a.R', [], { namespace: 'b' }))).toBe('a.R')
    expect(nameIn(record('R', [], { namespace: 'b' }))).toBe('b.R')
    expect(nameIn(record('R', [], { namespace: '' }))).toBe('R')
  })

  test('a type within another one has its namespace, and is found by its own name', () => {
    const schema = record('a.R', [
      { name: 'f', type: { type: 'fixed', name: 'F', size: 1 } },
      { name: 'g', type: 'F' },
      { name: 'h', type: 'a.F' },
    ])
    const names = parsed(schema).types.flatMap((type) => ('name' in type ? [type.name] : []))
    expect(names).toEqual(['a.R', 'a.F'])
  })

  test('where the namespace does not have a name, that without one is taken', () => {
    const schema = ['null', fixed, record('a.R', [{ name: 'f', type: 'F' }])]
    expect(problemsOf(schema)).toEqual([])
  })
})

test('a problem has its place', () => {
  const text = '{\n  "type": "record", "name": "R",\n  "fields": [{"name": "f", "type": "itn"}]\n}'
  expect(avroEngine.parse({ name: 'r.avsc', text })).toEqual({
    ok: false,
    problems: [
      {
        code: 'missing_reference',
        message: 'itn is not defined here, and no reference holds it; did you mean `int`?',
        source: 'r.avsc',
        position: { line: 3, column: 36 },
      },
    ],
  })
})

test('what people write for a type within a field is answered with how it is written', () => {
  const [problem] = problemsOf(holding('array', { items: 'int' }))
  expect(problem?.message).toContain('{"type": {"type": "array", …}}')
})

describe('texts', () => {
  const codesOf = (text: string): unknown => {
    const result = avroEngine.parse({ name: 'a', text })
    return result.ok ? [] : result.problems.map(({ code, position }) => [code, position])
  }

  test('comments are read over', () => {
    expect(codesOf('/* {{ " */ "int" // [')).toEqual([])
  })

  test('what is no JSON says where', () => {
    expect(codesOf('{\n "type": int }')).toEqual([['unparsable', { line: 2, column: 10 }]])
    expect(codesOf('')).toEqual([['unparsable', { line: 1, column: 1 }]])
    expect(codesOf('"int" "int"')).toEqual([['unparsable', { line: 1, column: 7 }]])
  })
})
