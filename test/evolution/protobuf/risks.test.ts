/** Risks: what is told, and what is not. */
import { describe, expect, test } from 'vitest'
import { risksOf } from './support.ts'

type Row = readonly [name: string, before: string, after: string, risks: readonly string[]]

const m = (fields: string) => `message M { ${fields} }`

const rows: readonly Row[] = [
  ['the same', m('int32 a = 1;'), m('int32 a = 1;'), []],
  ['a field more', m(''), m('int32 a = 1;'), []],
  ['a wider number', m('int32 a = 1;'), m('int64 a = 1;'), []],
  // 2^63 does not fit, and −1 is written as a large number.
  ['no sign any more', m('int64 a = 1;'), m('uint64 a = 1;'), ['FIELD_NUMBER_NARROWED']],
  ['a number without a sign gains bits and one', m('uint32 a = 1;'), m('int64 a = 1;'), []],
  ['a sign at the same bits', m('uint32 a = 1;'), m('int32 a = 1;'), ['FIELD_NUMBER_NARROWED']],
  ['a bool to a number', m('bool a = 1;'), m('uint32 a = 1;'), []],
  ['a number to a bool', m('uint32 a = 1;'), m('bool a = 1;'), ['FIELD_NUMBER_NARROWED']],
  [
    'fixed bits with another sign',
    m('fixed32 a = 1;'),
    m('sfixed32 a = 1;'),
    ['FIELD_NUMBER_NARROWED'],
  ],
  ['a string to bytes', m('string a = 1;'), m('bytes a = 1;'), []],
  ['bytes to a string', m('bytes a = 1;'), m('string a = 1;'), ['FIELD_BYTES_TO_STRING']],
  // The type is refused already; that it has less room says no more.
  ['another type', m('int64 a = 1;'), m('string a = 1;'), []],
  [
    'another type and another name: another field',
    m('int64 a = 1;'),
    m('string b = 1;'),
    ['FIELD_NUMBER_REUSED'],
  ],
  ['another name', m('int32 a = 1;'), m('int32 b = 1;'), ['FIELD_JSON_RENAMED']],
  ['another name, the same in JSON', m('int32 a_b = 1;'), m('int32 aB = 1;'), []],
  ['the old name kept in JSON', m('int32 a = 1;'), m('int32 b = 1 [json_name = "a"];'), []],
  ['gone, all of it reserved', m('int32 a = 1;'), m('reserved 1; reserved "a";'), []],
  ['gone, its number reserved', m('int32 a = 1;'), m('reserved 1;'), ['FIELD_REMOVED_UNRESERVED']],
  ['gone, its name reserved', m('int32 a = 1;'), m('reserved "a";'), ['FIELD_REMOVED_UNRESERVED']],
  ['gone, in a reserved range', m('int32 a = 3;'), m('reserved 1 to 3; reserved "a";'), []],
  [
    'gone, beside a reserved range',
    m('int32 a = 4;'),
    m('reserved 1 to 3; reserved "a";'),
    ['FIELD_REMOVED_UNRESERVED'],
  ],
  ['a reserved number taken', m('reserved 2;'), m('int32 a = 2;'), ['FIELD_NUMBER_REUSED']],
  ['a reserved name taken', m('reserved "a";'), m('int32 a = 2;'), ['FIELD_NUMBER_REUSED']],
  ['another number', m('int32 a = 1;'), m('int32 a = 2;'), ['FIELD_NUMBER_CHANGED']],
  [
    'a list of strings',
    m('string a = 1;'),
    m('repeated string a = 1;'),
    ['FIELD_CARDINALITY_CHANGED'],
  ],
  [
    'a list of numbers',
    m('int32 a = 1;'),
    m('repeated int32 a = 1;'),
    ['FIELD_CARDINALITY_CHANGED'],
  ],
  ['presence', m('int32 a = 1;'), m('optional int32 a = 1;'), ['FIELD_PRESENCE_CHANGED']],
  // A message has presence in any case.
  ['presence of a message', m('M a = 1;'), m('optional M a = 1;'), []],
  ['into a oneof', m('int32 a = 1;'), m('oneof o { int32 a = 1; }'), ['FIELD_ONEOF_CHANGED']],
  [
    'a string that becomes required',
    'syntax = "proto2"; message M { optional string a = 1; }',
    'syntax = "proto2"; message M { required string a = 1; }',
    ['FIELD_REQUIRED_CHANGED'],
  ],
  [
    'a first default',
    'syntax = "proto2"; message M { optional string a = 1; }',
    'syntax = "proto2"; message M { optional string a = 1 [default = "x"]; }',
    ['FIELD_DEFAULT_CHANGED'],
  ],
  ['a value more', 'enum E { A = 0; }', 'enum E { A = 0; B = 1; }', []],
  ['an alias more', 'enum E { A = 0; }', 'enum E { option allow_alias = true; A = 0; B = 0; }', []],
  ['another zero', 'enum E { A = 0; }', 'enum E { B = 0; }', ['ENUM_ZERO_CHANGED']],
  [
    'another first value',
    'syntax = "proto2"; enum E { A = 1; B = 2; }',
    'syntax = "proto2"; enum E { B = 2; A = 1; }',
    ['ENUM_ZERO_CHANGED'],
  ],
  [
    'values in another order',
    'enum E { Z = 0; A = 1; B = 2; }',
    'enum E { Z = 0; B = 2; A = 1; }',
    [],
  ],
  [
    'a value gone, all of it reserved',
    'enum E { A = 0; B = 1; }',
    'enum E { reserved 1; reserved "B"; A = 0; }',
    [],
  ],
  [
    'an int for an enum',
    'message M { int32 a = 1; } enum E { A = 0; }',
    'message M { E a = 1; } enum E { A = 0; }',
    ['FIELD_ENUM_CHANGED'],
  ],
  [
    'in a nested message',
    'message M { message N { int64 a = 1; } }',
    'message M { message N { int32 a = 1; } }',
    ['FIELD_NUMBER_NARROWED'],
  ],
  [
    'in the values of a map',
    m('map<string, int64> a = 1;'),
    m('map<string, int32> a = 1;'),
    ['FIELD_NUMBER_NARROWED'],
  ],
]

describe('risks', () => {
  for (const [name, before, after, risks] of rows)
    test(name, () => expect(risksOf(before, after)).toEqual(risks))
})
