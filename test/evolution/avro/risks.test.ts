/** Each risk at its boundaries: what is told, and what is not worth telling. */
import { describe, expect, test } from 'vitest'
import { avroEngine } from '../../../src/evolution/avro/engine.ts'
import { holding, parsed, record, risked } from './support.ts'

type Row = readonly [what: string, before: unknown, after: unknown, expected: readonly string[]]

const logical = (type: string, logicalType: string, more: object = {}): object => ({
  ...{ type, logicalType, ...more },
})
const decimal = (precision: number, scale?: number): object =>
  logical('bytes', 'decimal', { precision, ...(scale === undefined ? {} : { scale }) })
const enumOf = (symbols: readonly string[], more: object = {}): object => ({
  ...{ type: 'enum', name: 'E', symbols, ...more },
})

const pair = (first: object, second: object): object =>
  record('R', [first as never, second as never])
const id = { name: 'id', type: 'long' }

const LOGICAL: readonly Row[] = [
  ['given', 'int', logical('int', 'date'), ['AVRO_LOGICAL_TYPE_CHANGED ']],
  ['taken', logical('int', 'date'), 'int', ['AVRO_LOGICAL_TYPE_CHANGED ']],
  [
    'another',
    logical('int', 'date'),
    logical('int', 'time-millis'),
    ['AVRO_LOGICAL_TYPE_CHANGED '],
  ],
  [
    'local or not',
    logical('long', 'timestamp-millis'),
    logical('long', 'local-timestamp-millis'),
    ['AVRO_LOGICAL_TYPE_CHANGED '],
  ],
  ['the same', logical('int', 'date'), logical('int', 'date'), []],
  // Ignored by every reader before and after.
  ['in the wrong place', logical('string', 'date'), 'string', []],
  [
    'a unit',
    logical('long', 'timestamp-millis'),
    logical('long', 'timestamp-micros'),
    ['AVRO_LOGICAL_UNIT_CHANGED '],
  ],
  [
    'a unit, promoted',
    logical('int', 'time-millis'),
    logical('long', 'time-micros'),
    ['AVRO_LOGICAL_UNIT_CHANGED '],
  ],
  ['a scale', decimal(9, 2), decimal(9, 3), ['AVRO_DECIMAL_SCALE_CHANGED ']],
  // No scale is a scale of 0.
  ['no scale', decimal(9), decimal(9, 0), []],
  ['a precision', decimal(9, 2), decimal(10, 2), ['AVRO_DECIMAL_PRECISION_CHANGED ']],
  [
    'both',
    decimal(9, 2),
    decimal(10, 3),
    ['AVRO_DECIMAL_SCALE_CHANGED ', 'AVRO_DECIMAL_PRECISION_CHANGED '],
  ],
  // More digits behind the point than there are: no decimal at all.
  ['an impossible scale', 'bytes', decimal(2, 3), []],
  [
    'in a union',
    ['null', decimal(9, 2)],
    [decimal(9, 3), 'null'],
    ['AVRO_DECIMAL_SCALE_CHANGED /0'],
  ],
  [
    'of a fixed',
    { type: 'fixed', name: 'F', size: 12 },
    { type: 'fixed', name: 'F', size: 12, logicalType: 'duration' },
    ['AVRO_LOGICAL_TYPE_CHANGED '],
  ],
  [
    'of a fixed of another size',
    { type: 'fixed', name: 'F', size: 8 },
    { type: 'fixed', name: 'F', size: 8, logicalType: 'duration' },
    [],
  ],
  // It is incompatible, and told as that.
  ['and the type', logical('int', 'date'), 'string', []],
]

const PROMOTIONS: readonly Row[] = [
  ['int as float', 'int', 'float', ['AVRO_LOSSY_PROMOTION ']],
  ['long as float', 'long', 'float', ['AVRO_LOSSY_PROMOTION ']],
  ['long as double', 'long', 'double', ['AVRO_LOSSY_PROMOTION ']],
  // 32 bits fit into the 53 of a double.
  ['int as double', 'int', 'double', []],
  ['int as long', 'int', 'long', []],
  ['float as double', 'float', 'double', []],
  // In a forward mode it is the old version that reads.
  ['by the old version', 'double', 'long', ['AVRO_LOSSY_PROMOTION ']],
  ['bytes as text', 'bytes', 'string', ['AVRO_BYTES_READ_AS_STRING ']],
  [
    'text as bytes, which the old version reads as text',
    'string',
    'bytes',
    ['AVRO_BYTES_READ_AS_STRING '],
  ],
  // A union reads what is the same first, …
  ['into a union that has it', 'long', ['double', 'long'], []],
  // … else the first branch that the value is promoted to.
  ['into a union that has not', 'int', ['float', 'double'], ['AVRO_LOSSY_PROMOTION /0']],
  ['into a union, exact first', 'int', ['double', 'float'], []],
]

const DEFAULTS: readonly Row[] = [
  [
    'changed',
    holding('int', { default: 0 }),
    holding('int', { default: 1 }),
    ['AVRO_DEFAULT_CHANGED /fields/0'],
  ],
  ['removed', holding('int', { default: 0 }), holding('int'), ['AVRO_DEFAULT_REMOVED /fields/0']],
  ['given', holding('int'), holding('int', { default: 0 }), []],
  [
    'the same in another order',
    holding({ type: 'map', values: 'int' }, { default: { a: 1, b: 2 } }),
    holding({ type: 'map', values: 'int' }, { default: { b: 2, a: 1 } }),
    [],
  ],
  [
    'changed of a renamed field',
    holding('int', { default: 0 }),
    record('R', [{ name: 'g', aliases: ['f'], type: 'int', default: 1 }]),
    ['AVRO_DEFAULT_CHANGED /fields/0'],
  ],
  [
    'of another type',
    holding('int'),
    holding('int', { default: '0' }),
    ['AVRO_DEFAULT_INVALID /fields/0'],
  ],
  [
    'too large',
    holding('int'),
    holding('int', { default: 2_147_483_648 }),
    ['AVRO_DEFAULT_INVALID /fields/0'],
  ],
  ['as large as can be', holding('int'), holding('int', { default: 2_147_483_647 }), []],
  ['as small as can be', holding('int'), holding('int', { default: -2_147_483_648 }), []],
  [
    'no whole number',
    holding('long'),
    holding('long', { default: 1.5 }),
    ['AVRO_DEFAULT_INVALID /fields/0'],
  ],
  [
    'null of no union',
    holding('int'),
    holding('int', { default: null }),
    ['AVRO_DEFAULT_INVALID /fields/0'],
  ],
  ['null of a union', holding(['null', 'int']), holding(['null', 'int'], { default: null }), []],
  [
    'null of the second branch',
    holding(['int', 'null']),
    holding(['int', 'null'], { default: null }),
    ['AVRO_DEFAULT_OF_LATER_BRANCH /fields/0'],
  ],
  [
    'no symbol',
    holding(enumOf(['A'])),
    holding(enumOf(['A']), { default: 'B' }),
    ['AVRO_DEFAULT_INVALID /fields/0'],
  ],
  ['a symbol', holding(enumOf(['A'])), holding(enumOf(['A']), { default: 'A' }), []],
  [
    'a character that is no byte',
    holding('bytes'),
    holding('bytes', { default: '\u0100' }),
    ['AVRO_DEFAULT_INVALID /fields/0'],
  ],
  ['bytes', holding('bytes'), holding('bytes', { default: '\u0000\u00ff' }), []],
  [
    'too short for a fixed',
    holding({ type: 'fixed', name: 'F', size: 2 }),
    holding({ type: 'fixed', name: 'F', size: 2 }, { default: 'x' }),
    ['AVRO_DEFAULT_INVALID /fields/0'],
  ],
  // Which of the two it was before, nobody knows; it is incompatible anyway.
  [
    'of a field that stands for two',
    pair({ name: 'a', type: 'int', default: 0 }, { name: 'b', type: 'int', default: 1 }),
    record('R', [{ name: 'a', aliases: ['b'], type: 'int', default: 2 }]),
    [],
  ],
  // In a new type, which nothing before it is compared with.
  [
    'of a new record',
    record('R', []),
    record('R', [
      {
        name: 'n',
        type: ['null', record('N', [{ name: 'x', type: 'int', default: 'x' }])],
        default: null,
      },
    ]),
    ['AVRO_DEFAULT_INVALID /fields/0/type/1/fields/0'],
  ],
]

const ENUMS: readonly Row[] = [
  [
    'a symbol less, and a default',
    enumOf(['A', 'B']),
    enumOf(['A'], { default: 'A' }),
    ['AVRO_ENUM_DEFAULT_SWALLOWS /symbols'],
  ],
  // Incompatible, and told as that.
  ['a symbol less', enumOf(['A', 'B']), enumOf(['A']), []],
  [
    'a symbol more, and a default before',
    enumOf(['A'], { default: 'A' }),
    enumOf(['A', 'B'], { default: 'A' }),
    ['AVRO_ENUM_DEFAULT_SWALLOWS_NEW /symbols'],
  ],
  ['a symbol more, and a default now', enumOf(['A']), enumOf(['A', 'B'], { default: 'A' }), []],
  ['order', enumOf(['A', 'B'], { default: 'A' }), enumOf(['B', 'A'], { default: 'A' }), []],
]

const NAMES: readonly Row[] = [
  [
    'nearly the same name',
    pair(id, { name: 'mail', type: 'string' }),
    pair(id, { name: 'email', type: 'string', default: '' }),
    ['AVRO_FIELD_RENAMED_WITH_DEFAULT /fields/1'],
  ],
  [
    'in the same place',
    pair(id, { name: 'note', type: 'string' }),
    pair(id, { name: 'remark', type: 'string', default: '' }),
    ['AVRO_FIELD_RENAMED_WITH_DEFAULT /fields/1'],
  ],
  [
    'and nullable now',
    pair(id, { name: 'note', type: 'string' }),
    pair(id, { name: 'remark', type: ['null', 'string'], default: null }),
    ['AVRO_FIELD_RENAMED_WITH_DEFAULT /fields/1'],
  ],
  // Found by it: nothing is lost.
  [
    'with an alias',
    pair(id, { name: 'mail', type: 'string' }),
    pair(id, { name: 'email', type: 'string', default: '', aliases: ['mail'] }),
    [],
  ],
  [
    'of another type',
    pair(id, { name: 'note', type: 'string' }),
    pair(id, { name: 'remark', type: 'int', default: 0 }),
    [],
  ],
  [
    'elsewhere and called otherwise',
    pair({ name: 'note', type: 'string' }, id),
    pair(id, { name: 'remark', type: 'string', default: '' }),
    [],
  ],
  [
    'only a new field',
    record('R', [id]),
    pair(id, { name: 'note', type: 'string', default: '' }),
    [],
  ],
  ['only an old field less', pair(id, { name: 'note', type: 'string' }), record('R', [id]), []],
  // With a field more in the record, the same place says nothing.
  [
    'in the same place of a longer record',
    record('R', [{ name: 'note', type: 'string' }]),
    pair({ name: 'remark', type: 'string', default: '' }, { name: 'n', type: 'int', default: 0 }),
    [],
  ],
  // One field went: it has one new name.
  [
    'two of nearly the same name',
    record('R', [{ name: 'mail', type: 'string' }]),
    pair(
      { name: 'email', type: 'string', default: '' },
      { name: 'mails', type: 'string', default: '' },
    ),
    ['AVRO_FIELD_RENAMED_WITH_DEFAULT /fields/0'],
  ],
  // Without a default it is incompatible.
  [
    'without a default',
    pair(id, { name: 'mail', type: 'string' }),
    pair(id, { name: 'email', type: 'string' }),
    [],
  ],
  [
    'an alias of a field gone',
    holding('int', { aliases: ['e'] }),
    holding('int'),
    ['AVRO_ALIAS_REMOVED /fields/0'],
  ],
  [
    'an alias of a type gone',
    record('R', [], { aliases: ['Q'] }),
    record('R', []),
    ['AVRO_ALIAS_REMOVED '],
  ],
  // Back to the old name: it is still found.
  [
    'an alias that is the name again',
    record('R', [], { aliases: ['Q'] }),
    record('Q', [], { aliases: ['R'] }),
    [],
  ],
  ['a namespace', record('a.R', []), record('b.R', []), ['AVRO_NAMESPACE_CHANGED /name']],
  ['a namespace, with an alias', record('a.R', []), record('b.R', [], { aliases: ['a.R'] }), []],
]

const NOTHING: readonly Row[] = [
  [
    'doc, order and other keys',
    holding('int', { doc: 'a', order: 'ascending' }),
    holding('int', { doc: 'b', order: 'ignore', x: 1 }),
    [],
  ],
  [
    'the order of fields',
    pair(id, { name: 'a', type: 'int' }),
    pair({ name: 'a', type: 'int' }, id),
    [],
  ],
]

describe.each([
  ['logical types', LOGICAL],
  ['promotions', PROMOTIONS],
  ['defaults', DEFAULTS],
  ['enums', ENUMS],
  ['names', NAMES],
  ['nothing', NOTHING],
])('%s', (_, rows) => {
  test.each(rows)('%s', (_what, before, after, expected) => {
    expect(risked(before, after)).toEqual(expected)
  })
})

test('the same plain type is told at every place', () => {
  const both = (type: string): object => pair({ name: 'a', type }, { name: 'b', type })
  expect(risked(both('long'), both('double'))).toEqual([
    'AVRO_LOSSY_PROMOTION /fields/0/type',
    'AVRO_LOSSY_PROMOTION /fields/1/type',
  ])
})

test('paths are of the new version, then of the old one', () => {
  const before = record('R', [{ name: 'f', type: 'long' }])
  const after = pair({ name: 'new', type: 'int', default: 0 }, { name: 'f', type: 'double' })
  const [risk] = avroEngine.risks(parsed(before), parsed(after))
  expect([risk?.readerPath, risk?.writerPath]).toEqual(['/fields/1/type', '/fields/0/type'])
})
