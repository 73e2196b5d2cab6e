/** Values that are written and not read, by the word of the library; and none where all is read. */
import avsc from 'avsc'
import { describe, expect, test } from 'vitest'
import { avroEngine } from '../../../src/evolution/avro/engine.ts'
import type { Counterexample } from '../../../src/evolution/engine.ts'
import { holding, parsed, record } from './support.ts'

const BUDGET = { instancesMax: 100 }

function found(reader: unknown, writer: unknown, budget = BUDGET): Counterexample | null {
  const [r, w] = [parsed(reader), parsed(writer)]
  return avroEngine.counterexample(r, w, avroEngine.compare(r, w, 'STRICT'), budget)
}

const enumOf = (...symbols: readonly string[]): object => ({ type: 'enum', name: 'E', symbols })
const list = (value: unknown): object =>
  record('List', [
    { name: 'value', type: value },
    { name: 'next', type: ['null', 'List'] },
  ])

describe('the value that is not read, and no other', () => {
  const rows: readonly (readonly [string, unknown, unknown, string])[] = [
    ['a number too large', 'int', 'long', '8589934592'],
    ['the symbol', enumOf('A', 'C'), enumOf('A', 'B', 'C'), '"B"'],
    ['the branch', ['null', 'int'], ['null', 'int', 'string'], '{"string":"a"}'],
    ['null', 'int', ['int', 'null'], 'null'],
    // An empty list is read by everybody.
    ['an item', { type: 'array', items: 'int' }, { type: 'array', items: 'string' }, '["a"]'],
    [
      'a value of a key',
      { type: 'map', values: 'int' },
      { type: 'map', values: 'string' },
      '{"key":"a"}',
    ],
    ['a field', record('R', [{ name: 'g', type: 'int' }]), holding('int'), '{"f":1}'],
    // The reader's branch of that name is flawed below: the value goes there.
    [
      'deep below a branch',
      ['null', record('R', [{ name: 'f', type: { type: 'array', items: 'int' } }])],
      ['null', record('R', [{ name: 'f', type: { type: 'array', items: ['int', 'string'] } }])],
      '{"R":{"f":[{"string":"a"}]}}',
    ],
    ['a list', list('int'), list('string'), '{"value":"a","next":null}'],
    // Its shortest value ends in the second branch.
    [
      'a list that begins with itself',
      'int',
      record('L', [{ name: 'next', type: ['L', 'null'] }]),
      '{"next":null}',
    ],
    ['a name', record('B', []), record('A', []), '{}'],
    [
      'a size',
      { type: 'fixed', name: 'F', size: 1 },
      { type: 'fixed', name: 'F', size: 2 },
      '"\\u0001\\u0001"',
    ],
    ['a record for a plain type', record('R', []), 'int', '1'],
    ['a union without branches', [], 'int', '1'],
    // The library wants the branch of a default first, and takes no other default.
    [
      'beside defaults it does not take',
      record('R', [
        { name: 'f', type: 'int' },
        { name: 'a', type: ['string', 'null'], default: null },
        { name: 'b', type: 'int', default: 'none' },
      ]),
      record('R', [
        { name: 'f', type: 'string' },
        { name: 'b', type: 'int' },
      ]),
      '{"f":"a","b":1}',
    ],
  ]
  test.each(rows)('%s', (_, reader, writer, text) => {
    expect(found(reader, writer)?.text).toBe(text)
  })
})

describe('none', () => {
  const rows: readonly (readonly [string, unknown, unknown])[] = [
    ['what is promoted', 'double', 'int'],
    ['another namespace', record('a.R', []), record('b.R', [])],
    // It cannot be written at all: a list without an end, an enum without symbols.
    [
      'a list without an end',
      record('L', [
        { name: 'l', type: 'L' },
        { name: 'f', type: 'int' },
      ]),
      record('L', [{ name: 'l', type: 'L' }]),
    ],
    ['an enum without symbols', 'int', { type: 'enum', name: 'E', symbols: [] }],
    ['a recursive type that fits', list('long'), list('int')],
  ]
  test.each(rows)('%s', (_, reader, writer) => {
    expect(found(reader, writer)).toBeNull()
  })

  test('where the budget is nothing', () => {
    expect(found('int', 'string', { instancesMax: 0 })).toBeNull()
  })
})

test('the words are those of the library, and the value is one that it writes', () => {
  const example = found(holding('int'), holding('string')) as Counterexample
  expect(example.refusal).toBe('cannot read "string" as "int"')
  const writer = avsc.Type.forSchema(holding('string') as avsc.Schema, { wrapUnions: 'always' })
  expect(writer.fromString(example.text)).toEqual({ f: 'a' })
})

test('both are bounded', () => {
  const fields = Array.from({ length: 400 }, (_, i) => ({ name: `field_${i}`, type: 'int' }))
  const branches = Array.from({ length: 100 }, (_, i) => ({
    type: 'fixed',
    name: `F${i}`,
    size: 1,
  }))
  const example = found(branches, record('R', fields)) as Counterexample
  expect(example.text).toHaveLength(2_000)
  expect(example.refusal).toHaveLength(300)
})
