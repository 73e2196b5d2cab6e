/** Messages that prove it: written with one schema, misread with the other. */
import { describe, expect, test } from 'vitest'
import { protobufEngine } from '../../../src/evolution/protobuf/engine.ts'
import { samePair } from './support.ts'

const engine = protobufEngine()

function found(before: string, after: string, instancesMax = 1_000) {
  const [from, to] = samePair(before, after)
  const differences = engine.compare(to, from, 'STRICT')
  return engine.counterexample(to, from, differences, { instancesMax })
}

const m = (fields: string) => `message M { ${fields} }`

describe('found', () => {
  test.each([
    ['another type', m('int32 a = 1;'), m('string a = 1;'), '{"M":{"a":1}}', 'nothing is read'],
    // The same bits, read in another way.
    [
      'zigzag',
      m('int32 a = 1;'),
      m('sint32 a = 1;'),
      '{"M":{"a":1}}',
      '1 was written, and -1 is read',
    ],
    [
      'fewer bits',
      m('int64 a = 1;'),
      m('int32 a = 1;'),
      '{"M":{"a":"9223372036854775807"}}',
      '-1 is read',
    ],
    ['a bool', m('int32 a = 1;'), m('bool a = 1;'), '{"M":{"a":2147483647}}', 'true is read'],
    ['no UTF-8', m('bytes a = 1;'), m('string a = 1;'), '{"M":{"a":"0xff"}}', ''],
    [
      'the last item',
      m('repeated string a = 1;'),
      m('string a = 1;'),
      '{"M":{"a":["a","a"]}}',
      '2 were written',
    ],
    [
      'one of two',
      m('int32 a = 1; int32 b = 2;'),
      m('oneof o { int32 a = 1; int32 b = 2; }'),
      '{"M":{"a":1,"b":1}}',
      'a: 1 was written, and nothing is read',
    ],
    [
      'none of a oneof',
      m('oneof o { int32 a = 1; int32 b = 2; }'),
      m('oneof o { int32 a = 1; }'),
      '{"M":{"b":1}}',
      'nothing of oneof o is set',
    ],
    [
      'what is required',
      'syntax = "proto2"; message M {}',
      'syntax = "proto2"; message M { required int32 a = 1; }',
      '{"M":{}}',
      "missing required 'a'",
    ],
    ['no such message', 'message M {} message N {}', 'message M {}', '{"N":{}}', 'no such type'],
    [
      'in a map',
      m('map<string, int32> a = 1;'),
      m('map<string, string> a = 1;'),
      '{"M":{"a":{"k":1}}}',
      'key "k"',
    ],
    [
      'a number that a closed enum does not name',
      'edition = "2023"; message M { E a = 1; } enum E { A = 0; B = 1; }',
      'edition = "2023"; message M { E a = 1; } enum E { option features.enum_type = CLOSED; A = 0; }',
      '{"M":{"a":1}}',
      'nothing is read',
    ],
  ])('%s', (_, before, after, text, refusal) => {
    const example = found(before, after)
    expect(example?.text).toBe(text)
    expect(example?.refusal).toContain(refusal)
  })

  test('where the difference is, before elsewhere', () => {
    const before = 'message A { bytes a = 1; } message B { int32 b = 1; }'
    const after = 'message A { string a = 1; } message B { string b = 1; }'
    expect(found(before, after)?.text).toBe('{"B":{"b":1}}')
  })
})

describe('not found', () => {
  test.each([
    ['the same', m('int32 a = 1;'), m('int32 a = 1;')],
    ['a field that the reader does not know', m('int32 a = 1;'), m('')],
    ['a field that the writer does not know', m(''), m('int32 a = 1;')],
    ['more bits', m('int32 a = 1;'), m('int64 a = 1;')],
    ['bytes of a string', m('string a = 1;'), m('bytes a = 1;')],
    ['a list of one', m('string a = 1;'), m('repeated string a = 1;')],
    ['packed or not', m('repeated int32 a = 1;'), m('repeated int32 a = 1 [packed = false];')],
    ['a new name', m('int32 a = 1;'), m('int32 b = 1;')],
    // It is the registry that keeps them apart, not the bytes.
    ['a package', 'package a; message M { M m = 1; }', 'package b; message M { M m = 1; }'],
  ])('%s', (_, before, after) => expect(found(before, after)).toBeNull())

  test('beyond the budget', () => {
    const before = m('int32 a = 1; int32 b = 2;')
    const after = m('int32 a = 1; string b = 2;')
    expect(found(before, after, 4)).toBeNull()
    expect(found(before, after, 5)?.text).toBe('{"M":{"b":1}}')
  })
})
