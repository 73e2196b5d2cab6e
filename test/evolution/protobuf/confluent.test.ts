/** What the Confluent Schema Registry refuses and lets pass, change by change. */
import { describe, expect, test } from 'vitest'
import { protobufEngine } from '../../../src/evolution/protobuf/engine.ts'
import { brokenBy, schemaOf } from './support.ts'

const field = (declaration: string) =>
  `message Order { ${declaration} } message Buyer {} enum Color { RED = 0; }`

const scalars: readonly (readonly string[])[] = [
  // Types of one line are read for each other, whatever is lost.
  ['int32', 'int64', 'uint32', 'uint64', 'bool', 'Color'],
  ['sint32', 'sint64'],
  ['string', 'bytes'],
  ['fixed32', 'sfixed32'],
  ['fixed64', 'sfixed64'],
  ['float'],
  ['double'],
]

describe('scalars', () => {
  const all = scalars.flatMap((types, group) => types.map((type) => [type, group] as const))
  for (const [before, from] of all)
    test(`${before} to each other type`, () => {
      for (const [after, to] of all) {
        const broken = brokenBy(field(`${before} a = 1;`), field(`${after} a = 1;`))
        expect([after, broken]).toEqual([after, from === to ? [] : ['FIELD_SCALAR_KIND_CHANGED']])
      }
    })
})

type Row = readonly [name: string, before: string, after: string, broken: readonly string[]]

const oneof = (inside: string, outside = '') => `message M { ${outside} oneof o { ${inside} } }`

const rows: readonly Row[] = [
  ['the same', 'message M { int32 a = 1; }', 'message M { int32 a = 1; }', []],
  ['a package', 'package a; message M {}', 'package b; message M {}', ['PACKAGE_CHANGED']],
  ['a package that was none', 'message M {}', 'package b; message M {}', ['PACKAGE_CHANGED']],
  ['a message more', 'message M {}', 'message M {} message N {}', []],
  ['a message less', 'message M {} message N {}', 'message M {}', ['MESSAGE_REMOVED']],
  ['messages in another order', 'message M {} message N {}', 'message N {} message M {}', []],
  ['a message renamed', 'message M {}', 'message N {}', ['MESSAGE_REMOVED']],
  ['a nested message less', 'message M { message N {} }', 'message M {}', ['MESSAGE_REMOVED']],
  // What was in it is not told again.
  [
    'a message less, with one in it',
    'message M { message N {} } message O {}',
    'message O {}',
    ['MESSAGE_REMOVED'],
  ],
  ['an enum in its stead', 'message M {}', 'enum M { A = 0; }', ['MESSAGE_REMOVED']],
  ['an enum less', 'message M {} enum E { A = 0; }', 'message M {}', []],
  ['a value less', 'enum E { A = 0; B = 1; }', 'enum E { A = 0; }', []],
  ['a field more', 'message M {}', 'message M { int32 a = 1; }', []],
  ['a field less', 'message M { int32 a = 1; }', 'message M {}', []],
  ['a field renamed', 'message M { int32 a = 1; }', 'message M { int32 b = 1; }', []],
  // Number 1 went, and 2 came.
  ['a field renumbered', 'message M { int32 a = 1; }', 'message M { int32 a = 2; }', []],
  ['a scalar to a message', field('int32 a = 1;'), field('Buyer a = 1;'), ['FIELD_KIND_CHANGED']],
  ['a message to a scalar', field('Buyer a = 1;'), field('string a = 1;'), ['FIELD_KIND_CHANGED']],
  ['a message to an enum', field('Buyer a = 1;'), field('Color a = 1;'), ['FIELD_KIND_CHANGED']],
  [
    'a map to a message',
    field('map<string, int32> a = 1;'),
    field('Buyer a = 1;'),
    ['FIELD_KIND_CHANGED'],
  ],
  [
    'a scalar to a map',
    field('string a = 1;'),
    field('map<string, int32> a = 1;'),
    ['FIELD_KIND_CHANGED'],
  ],
  ['the key of a map', field('map<int32, int32> a = 1;'), field('map<int64, int32> a = 1;'), []],
  [
    'the key of a map, of another kind',
    field('map<int32, int32> a = 1;'),
    field('map<string, int32> a = 1;'),
    ['FIELD_SCALAR_KIND_CHANGED'],
  ],
  [
    'the value of a map, of another kind',
    field('map<string, int32> a = 1;'),
    field('map<string, Buyer> a = 1;'),
    ['FIELD_KIND_CHANGED'],
  ],
  [
    'a map of another name: its entries are nobody’s type',
    field('map<string, int32> a = 1;'),
    field('map<string, int32> b = 1;'),
    [],
  ],
  [
    'another message',
    'message M { A a = 1; } message A {} message B {}',
    'message M { B a = 1; } message A {} message B {}',
    ['FIELD_NAMED_TYPE_CHANGED'],
  ],
  [
    'the same message, said in full',
    'package p; message M { A a = 1; message A {} }',
    'package p; message M { .p.M.A a = 1; message A {} }',
    [],
  ],
  [
    'another message of the same name, nearer',
    'message M { A a = 1; } message A {}',
    'message M { A a = 1; message A {} } message A {}',
    ['FIELD_NAMED_TYPE_CHANGED'],
  ],
  [
    'a group to a message',
    'message M { optional group A = 1 {} }',
    'message M { optional A a = 1; message A {} required int32 z = 2; }',
    ['FIELD_KIND_CHANGED', 'REQUIRED_FIELD_ADDED'],
  ],
  // Labels are looked at only where both are written, and of numbers only.
  [
    'a list of what had no label',
    'message M { int32 a = 1; }',
    'message M { repeated int32 a = 1; }',
    [],
  ],
  [
    'a list of what was optional',
    'message M { optional int32 a = 1; }',
    'message M { repeated int32 a = 1; }',
    ['FIELD_NUMERIC_LABEL_CHANGED'],
  ],
  [
    'a list of strings of what was optional',
    'message M { optional string a = 1; }',
    'message M { repeated string a = 1; }',
    [],
  ],
  [
    'a number that becomes required',
    'message M { optional int32 a = 1; }',
    'message M { required int32 a = 1; }',
    ['FIELD_NUMERIC_LABEL_CHANGED'],
  ],
  [
    'a required field more',
    'message M { optional int32 b = 2; }',
    'message M { optional int32 b = 2; required int32 a = 1; }',
    ['REQUIRED_FIELD_ADDED'],
  ],
  [
    'a required field less',
    'message M { required int32 a = 1; }',
    'message M {}',
    ['REQUIRED_FIELD_REMOVED'],
  ],
  [
    'a required field in a new message',
    'message M { required int32 a = 1; }',
    'message M { required int32 a = 1; } message N { required int32 a = 1; }',
    [],
  ],
  ['a oneof around one field', 'message M { int32 a = 1; }', oneof('int32 a = 1;'), []],
  [
    'a oneof around two fields',
    'message M { int32 a = 1; int32 b = 2; }',
    oneof('int32 a = 1; int32 b = 2;'),
    ['MULTIPLE_FIELDS_MOVED_TO_ONEOF'],
  ],
  [
    'a oneof around one field and a new one',
    'message M { int32 a = 1; }',
    oneof('int32 a = 1; int32 b = 2;'),
    [],
  ],
  [
    'a field into a oneof that there is',
    oneof('int32 b = 2;', 'int32 a = 1;'),
    oneof('int32 a = 1; int32 b = 2;'),
    ['FIELD_MOVED_TO_EXISTING_ONEOF'],
  ],
  [
    'two oneofs made one',
    'message M { oneof o { int32 a = 1; } oneof p { int32 b = 2; } }',
    oneof('int32 a = 1; int32 b = 2;'),
    ['FIELD_MOVED_TO_EXISTING_ONEOF'],
  ],
  ['a field more in a oneof', oneof('int32 a = 1;'), oneof('int32 a = 1; int32 b = 2;'), []],
  [
    'a field less in a oneof',
    oneof('int32 a = 1; int32 b = 2;'),
    oneof('int32 a = 1;'),
    ['ONEOF_FIELD_REMOVED'],
  ],
  ['a oneof less, with all in it', oneof('int32 a = 1; int32 b = 2;'), 'message M {}', []],
  // One that is left elsewhere shows that the other is missed.
  [
    'a oneof less, with one field left',
    oneof('int32 a = 1; int32 b = 2;'),
    'message M { int32 a = 1; }',
    ['ONEOF_FIELD_REMOVED'],
  ],
  ['a oneof renamed', oneof('int32 a = 1;'), 'message M { oneof q { int32 a = 1; } }', []],
  [
    'a type in a oneof that is renamed too',
    oneof('int32 a = 1;'),
    'message M { oneof q { string a = 1; } }',
    ['FIELD_SCALAR_KIND_CHANGED'],
  ],
  [
    'fields out of a oneof',
    oneof('int32 a = 1; int32 b = 2;'),
    'message M { int32 a = 1; int32 b = 2; }',
    [],
  ],
  // What proto3 calls optional is no oneof.
  ['optional in proto3', 'message M { int32 a = 1; }', 'message M { optional int32 a = 1; }', []],
  [
    'two that were optional in one oneof',
    'message M { optional int32 a = 1; optional int32 b = 2; }',
    oneof('int32 a = 1; int32 b = 2;'),
    ['MULTIPLE_FIELDS_MOVED_TO_ONEOF'],
  ],
]

describe('changes', () => {
  for (const [name, before, after, broken] of rows)
    test(name, () => expect(brokenBy(before, after)).toEqual(broken))
})

describe('what is imported', () => {
  const main = 'import "buyer.proto"; message Order { shop.Buyer by = 1; }'
  const order = (buyer: string) => schemaOf(main, { 'buyer.proto': `package shop; ${buyer}` })
  const broken = (before: string, after: string) =>
    protobufEngine()
      .compare(order(after), order(before), 'STRICT')
      .map(({ rule, readerPath }) => [rule, readerPath])

  test('is compared where a field uses it', () => {
    expect(broken('message Buyer { int32 id = 1; }', 'message Buyer { string id = 1; }')).toEqual([
      ['PROTO_FIELD_SCALAR_KIND_CHANGED', 'shop.Buyer.id'],
    ])
  })

  test('is not compared where nothing uses it', () => {
    const rest = 'message Buyer {}'
    expect(broken(`${rest} message Rest { int32 a = 1; }`, `${rest} message Rest {}`)).toEqual([])
  })

  test('may move into the schema itself', () => {
    const inside = schemaOf('message Order { Buyer by = 1; } message Buyer { string id = 1; }')
    const found = protobufEngine().compare(
      inside,
      order('message Buyer { int32 id = 1; }'),
      'STRICT',
    )
    expect(found.map(({ rule }) => rule)).toEqual(['PROTO_FIELD_SCALAR_KIND_CHANGED'])
  })
})
