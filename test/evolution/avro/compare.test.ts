/** Each rule of incompatibility at its boundaries: a pair that fits beside one that does not. */
import { describe, expect, test } from 'vitest'
import { avroEngine } from '../../../src/evolution/avro/engine.ts'
import { plainKinds } from '../../../src/evolution/avro/type.ts'
import { compared, holding, parsed, record } from './support.ts'

type Row = readonly [what: string, reader: unknown, writer: unknown, expected: readonly string[]]

const fixed = (name: string, size: number, more: object = {}): object => ({
  ...{ type: 'fixed', name, size, ...more },
})
const enumOf = (symbols: readonly string[], more: object = {}): object => ({
  ...{ type: 'enum', name: 'E', symbols, ...more },
})

const READS: Readonly<Record<string, readonly string[]>> = {
  null: ['null'],
  boolean: ['boolean'],
  int: ['int'],
  long: ['long', 'int'],
  float: ['float', 'long', 'int'],
  double: ['double', 'float', 'long', 'int'],
  bytes: ['bytes', 'string'],
  string: ['string', 'bytes'],
}

test('AVRO_TYPE_MISMATCH: every plain type against every other one', () => {
  for (const reader of plainKinds) {
    for (const writer of plainKinds) {
      const fits = READS[reader]?.includes(writer) ?? false
      const expected = fits ? [] : ['AVRO_TYPE_MISMATCH ']
      expect(compared(reader, writer), `${reader} reads ${writer}`).toEqual(expected)
    }
  }
})

const TYPES: readonly Row[] = [
  [
    'an array is no map',
    { type: 'array', items: 'int' },
    { type: 'map', values: 'int' },
    ['AVRO_TYPE_MISMATCH '],
  ],
  ['items promoted', { type: 'array', items: 'long' }, { type: 'array', items: 'int' }, []],
  [
    'items narrowed',
    { type: 'array', items: 'int' },
    { type: 'array', items: 'long' },
    ['AVRO_TYPE_MISMATCH /items'],
  ],
  [
    'values narrowed',
    { type: 'map', values: 'int' },
    { type: 'map', values: 'long' },
    ['AVRO_TYPE_MISMATCH /values'],
  ],
  // Promotion is between plain types: bytes of a fixed stay a fixed.
  ['a fixed is no bytes', 'bytes', fixed('F', 1), ['AVRO_TYPE_MISMATCH ']],
  ['an enum is no string', 'string', enumOf(['A']), ['AVRO_TYPE_MISMATCH ']],
  // What a protocol calls an error is a record.
  ['an error is a record', { type: 'error', name: 'R', fields: [] }, record('R', []), []],
  ['a logical type is not compared', { type: 'int', logicalType: 'date' }, 'int', []],
]

const NAMES: readonly Row[] = [
  ['another name', fixed('A', 1), fixed('B', 1), ['AVRO_NAME_MISMATCH /name']],
  ['another namespace', fixed('x.A', 1), fixed('y.A', 1), []],
  ['an alias', fixed('A', 1, { aliases: ['B'] }), fixed('B', 1), []],
  // An alias is a full name: the one of another namespace is not meant.
  [
    'an alias elsewhere',
    fixed('A', 1, { aliases: ['x.B'] }),
    fixed('y.B', 1),
    ['AVRO_NAME_MISMATCH /name'],
  ],
  ['an alias in full', fixed('A', 1, { aliases: ['y.B'] }), fixed('y.B', 1), []],
  [
    'an alias in the namespace of its type',
    fixed('y.A', 1, { aliases: ['B'] }),
    fixed('y.B', 1),
    [],
  ],
  [
    "an alias of the writer's",
    fixed('A', 1),
    fixed('B', 1, { aliases: ['A'] }),
    ['AVRO_NAME_MISMATCH /name'],
  ],
  ['names differ in case', fixed('A', 1), fixed('a', 1), ['AVRO_NAME_MISMATCH /name']],
  [
    'name and size',
    fixed('A', 1),
    fixed('B', 2),
    ['AVRO_NAME_MISMATCH /name', 'AVRO_FIXED_SIZE_MISMATCH /size'],
  ],
  ['size', fixed('A', 1), fixed('A', 2), ['AVRO_FIXED_SIZE_MISMATCH /size']],
  // Fields are compared in spite of the name: all is listed.
  [
    'name and field',
    record('A', [{ name: 'f', type: 'int' }]),
    record('B', [{ name: 'f', type: 'string' }]),
    ['AVRO_NAME_MISMATCH /name', 'AVRO_TYPE_MISMATCH /fields/0/type'],
  ],
]

const ENUMS: readonly Row[] = [
  ['a symbol more is read', enumOf(['A', 'B']), enumOf(['A']), []],
  ['a symbol less', enumOf(['A']), enumOf(['A', 'B']), ['AVRO_MISSING_ENUM_SYMBOLS /symbols']],
  ['a symbol less, and a default', enumOf(['A'], { default: 'A' }), enumOf(['A', 'B']), []],
  // The default that counts is the one of who reads.
  [
    "a writer's default",
    enumOf(['A']),
    enumOf(['A', 'B'], { default: 'A' }),
    ['AVRO_MISSING_ENUM_SYMBOLS /symbols'],
  ],
  // A field's default is for a missing field.
  [
    "a field's default",
    holding(enumOf(['A']), { default: 'A' }),
    holding(enumOf(['A', 'B'])),
    ['AVRO_MISSING_ENUM_SYMBOLS /fields/0/type/symbols'],
  ],
  ['order', enumOf(['A', 'B']), enumOf(['B', 'A']), []],
]

const UNIONS: readonly Row[] = [
  ['a branch more is read', ['null', 'int'], ['null'], []],
  ['a branch less', ['null'], ['null', 'int'], ['AVRO_MISSING_UNION_BRANCH ']],
  [
    'each branch that is missing',
    ['null'],
    ['int', 'null', 'string'],
    ['AVRO_MISSING_UNION_BRANCH ', 'AVRO_MISSING_UNION_BRANCH '],
  ],
  ['a branch promoted', ['null', 'double'], ['null', 'int'], []],
  ['order', ['int', 'null'], ['null', 'int'], []],
  ['into a union', ['null', 'int'], 'int', []],
  ['into a union without it', ['null', 'int'], 'string', ['AVRO_MISSING_UNION_BRANCH ']],
  ['out of a union of one', 'int', ['int'], []],
  // Null may have been written.
  ['out of a union', 'int', ['null', 'int'], ['AVRO_TYPE_MISMATCH ']],
  ['out of a union of what is promoted', 'double', ['int', 'long'], []],
  ['nothing is written', 'int', [], []],
  ['nothing is read', [], 'int', ['AVRO_MISSING_UNION_BRANCH ']],
  ['nothing of nothing', [], [], []],
  // The branch of the same name counts, and none that merely looks alike.
  [
    'a record of another name',
    [record('A', [])],
    [record('B', [])],
    ['AVRO_MISSING_UNION_BRANCH '],
  ],
  ['a record of an alias', [record('A', [], { aliases: ['B'] })], [record('B', [])], []],
  [
    'a record that is flawed',
    ['null', record('A', [{ name: 'f', type: 'int' }])],
    ['null', record('A', [])],
    ['AVRO_MISSING_UNION_BRANCH '],
  ],
  // Two of one name in two namespaces: the second one fits.
  [
    'the second of a name',
    [record('x.A', [{ name: 'f', type: 'int' }]), record('y.A', [])],
    [record('z.A', [])],
    [],
  ],
]

const FIELDS: readonly Row[] = [
  ['a field less', record('R', []), holding('int'), []],
  [
    'a field more',
    holding('int'),
    record('R', []),
    ['AVRO_READER_FIELD_MISSING_DEFAULT_VALUE /fields/0'],
  ],
  ['a field more, and a default', holding('int', { default: 0 }), record('R', []), []],
  // Null is a default: it is there.
  ['a default of null', holding(['null', 'int'], { default: null }), record('R', []), []],
  // That null may be written does not make a default.
  [
    'no default of null',
    holding(['null', 'int']),
    record('R', []),
    ['AVRO_READER_FIELD_MISSING_DEFAULT_VALUE /fields/0'],
  ],
  // The enum's own default is for symbols; the registry says so in these words, at the type.
  [
    "an enum's default",
    holding(enumOf(['A'], { default: 'A' })),
    record('R', []),
    ['AVRO_TYPE_MISMATCH /fields/0/type'],
  ],
  ['an alias', record('R', [{ name: 'new', type: 'int', aliases: ['f'] }]), holding('int'), []],
  [
    "an alias of the writer's",
    record('R', [{ name: 'new', type: 'int' }]),
    holding('int', { aliases: ['new'] }),
    ['AVRO_READER_FIELD_MISSING_DEFAULT_VALUE /fields/0'],
  ],
  [
    'an alias, and the type',
    record('R', [{ name: 'new', type: 'int', aliases: ['f'] }]),
    holding('string'),
    ['AVRO_TYPE_MISMATCH /fields/0/type'],
  ],
  // A default does not help where the field was written.
  [
    'a default, and the type',
    holding('int', { default: 0 }),
    holding('string'),
    ['AVRO_TYPE_MISMATCH /fields/0/type'],
  ],
  [
    'a name and an alias that are both written',
    record('R', [{ name: 'a', type: 'int', aliases: ['b'] }]),
    record('R', [
      { name: 'a', type: 'int' },
      { name: 'b', type: 'int' },
    ]),
    ['AVRO_AMBIGUOUS_FIELD /fields/0'],
  ],
  [
    'a name and an alias, one written',
    record('R', [{ name: 'a', type: 'int', aliases: ['b'] }]),
    record('R', [{ name: 'b', type: 'int' }]),
    [],
  ],
  [
    'its own name as an alias',
    holding('int', { aliases: ['f'] }),
    holding('int'),
    ['AVRO_AMBIGUOUS_FIELD /fields/0'],
  ],
  [
    'another order',
    record('R', [
      { name: 'b', type: 'string' },
      { name: 'a', type: 'int' },
    ]),
    record('R', [
      { name: 'a', type: 'int' },
      { name: 'b', type: 'string' },
    ]),
    [],
  ],
]

describe.each([
  ['types', TYPES],
  ['AVRO_NAME_MISMATCH, AVRO_FIXED_SIZE_MISMATCH', NAMES],
  ['AVRO_MISSING_ENUM_SYMBOLS', ENUMS],
  ['AVRO_MISSING_UNION_BRANCH', UNIONS],
  ['AVRO_READER_FIELD_MISSING_DEFAULT_VALUE, AVRO_AMBIGUOUS_FIELD', FIELDS],
])('%s', (_, rows) => {
  test.each(rows)('%s', (_what, reader, writer, expected) => {
    expect(compared(reader, writer)).toEqual(expected)
  })
})

test('all is listed, in the order of the reader, with paths in both schemas', () => {
  const reader = record('R', [
    { name: 'b', type: 'int' },
    { name: 'c', type: 'string' },
    { name: 'a', type: { type: 'array', items: ['null', 'int'] } },
  ])
  const writer = record('R', [
    { name: 'a', type: { type: 'array', items: ['null', 'string'] } },
    { name: 'b', type: ['int', 'string'] },
  ])
  const differences = avroEngine.compare(parsed(reader), parsed(writer), 'STRICT')
  expect(differences.map((d) => [d.rule, d.readerPath, d.writerPath, d.args.registryPath])).toEqual(
    [
      ['AVRO_TYPE_MISMATCH', '/fields/0/type', '/fields/1/type/1', '/fields/0/type/1'],
      ['AVRO_READER_FIELD_MISSING_DEFAULT_VALUE', '/fields/1', '', '/fields/1'],
      [
        'AVRO_MISSING_UNION_BRANCH',
        '/fields/2/type/items',
        '/fields/0/type/items/1',
        '/fields/2/type/items/1',
      ],
    ],
  )
})

test('a missing branch says what is wrong with the one of its name', () => {
  const writer = parsed(['null', record('Paid', [])])
  const reader = parsed(['null', record('Paid', [{ name: 'amount', type: 'int' }])])
  const [difference] = avroEngine.compare(reader, writer, 'STRICT')
  expect(difference?.message).toContain('no field `amount`')
})
