/** The library writes, and is asked what it reads; hostile bytes are written by hand. */
import fc from 'fast-check'
import protobuf from 'protobufjs'
import { describe, expect, test, vi } from 'vitest'
import { QuipuError } from '../../../src/base/errors.ts'
import { protobufReader } from '../../../src/drift/read/protobuf.ts'
import { messageNameAt } from '../../../src/drift/read/protobuf-schema.ts'
import {
  DEPTH_MAX,
  NODES_MAX,
  type Reader,
  VALUE_BYTES_MAX,
} from '../../../src/drift/read/reader.ts'
import { knownSchema } from '../../../src/drift/schemas/known-schema.ts'
import { plain, TOO_LARGE, undecodable, valueIn } from './readings.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const readerOf = (
  text: string,
  message: string | null = null,
  imports: Readonly<Record<string, string>> = {},
): Reader => protobufReader({ text, imports: new Map(Object.entries(imports)) }, message)
const proto3 = (body: string): string => `syntax = "proto3"; ${body}`
const read = (body: string, bytes: string): unknown => {
  const reading = readerOf(proto3(body)).read(hex(bytes))
  return reading.kind === 'value' ? plain(reading.value) : reading
}

const text = proto3(`
  package air;
  message Flight {
    int32 number = 1;
    string callsign = 2;
    sint64 at = 3;
    optional double delay = 4;
    State state = 5;
    repeated string stops = 6;
    map<string, bool> tags = 7;
    bytes raw = 8;
    Flight before = 9;
    repeated sint32 gates = 10;
    repeated uint32 legs = 11 [packed = false];
    fixed32 a = 12; sfixed32 b = 13; fixed64 c = 14; sfixed64 d = 15; float ratio = 16;
    uint64 e = 17; int64 f = 18; bool gone = 19;
    oneof seat { string row = 20; int32 column = 21; }
    map<int32, Flight> next = 22;
    enum State { DUE = 0; GONE = 1; }
  }`)
const library = protobuf.parse(text, new protobuf.Root(), { keepCase: true }).root
const Flight = library.lookupType('air.Flight')

const longs = fc.maxSafeInteger()
const flights = fc.letrec<{ flight: Record<string, unknown> }>((tie) => ({
  flight: fc.record(
    {
      number: fc.integer(),
      callsign: fc.string({ unit: 'grapheme' }),
      at: longs,
      delay: fc.double({ noNaN: true }),
      state: fc.constantFrom(0, 1),
      stops: fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }),
      tags: fc.dictionary(fc.string({ unit: 'grapheme' }), fc.boolean(), { minKeys: 1 }),
      raw: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      before: tie('flight'),
      gates: fc.array(fc.integer(), { minLength: 1 }),
      legs: fc.array(fc.integer({ min: 0 }), { minLength: 1 }),
      a: fc.integer({ min: 0 }),
      b: fc.integer(),
      c: fc.nat(),
      d: longs,
      ratio: fc.float({ noNaN: true }),
      e: fc.nat(),
      f: longs,
      gone: fc.boolean(),
      next: fc.constant({}),
    },
    { requiredKeys: ['next'], maxDepth: 3 } as never,
  ),
})).flight

/** As our reader has it: what the library writes of it, in our words. */
const expectedOf = (value: Record<string, unknown>): unknown => {
  const expected: Record<string, unknown> = { ...value }
  delete expected.next
  const { raw, tags, state, before } = value
  if (raw !== undefined) expected.raw = { bytes: (raw as Buffer).toString('hex') }
  if (tags !== undefined) expected.tags = { entries: Object.entries(tags as object) }
  if (state !== undefined) expected.state = state === 0 ? 'DUE' : 'GONE'
  if (before !== undefined) expected.before = expectedOf(before as never)
  for (const [name, one] of Object.entries(expected)) {
    const isImplicit = !['delay', 'before'].includes(name)
    const isDefault = one === 0 || Object.is(one, '') || one === false || one === 'DUE'
    const isNoBytes = name === 'raw' && (raw as Buffer).length === 0
    // What has its default, and no presence of its own, is not written.
    if (isImplicit && ((isDefault && !Object.is(one, -0)) || isNoBytes)) delete expected[name]
  }
  return expected
}

test('reads what the library writes', () => {
  const reader = readerOf(text)
  fc.assert(
    fc.property(flights, (value) => {
      const bytes = Flight.encode(Flight.fromObject(value)).finish()
      expect(plain(valueIn(reader.read(bytes)))).toEqual(expectedOf(value))
    }),
    { numRuns: 300 },
  )
})

test('accepts no bytes that the library refuses', () => {
  const reader = readerOf(text)
  fc.assert(
    fc.property(flights, fc.nat(), fc.nat(255), fc.nat(), (value, at, byte, cut) => {
      const bytes = Flight.encode(Flight.fromObject(value)).finish()
      if (bytes.length === 0) return
      bytes[at % bytes.length] = byte
      const some = bytes.subarray(0, bytes.length - (cut % 3 === 0 ? cut % bytes.length : 0))
      if (reader.read(some).kind === 'value') expect(() => Flight.decode(some)).not.toThrow()
    }),
    { numRuns: 1000 },
  )
})

describe('numbers', () => {
  test.each<[string, string, unknown]>([
    ['int32', '08 ffffffffffffffffff01', -1],
    ['uint32', '08 ffffffff0f', 2 ** 32 - 1],
    ['sint32', '08 03', -2],
    ['sint32', '08 ffffffff0f', -(2 ** 31)],
    ['int64', '08 ffffffffffffffffff01', -1],
    ['int64', '08 ffffffffffffffff7f', 2n ** 63n - 1n],
    ['int64', '08 80808080808080808001', -(2n ** 63n)],
    ['uint64', '08 ffffffffffffffffff01', 2n ** 64n - 1n],
    ['uint64', '08 ffffffffffffff0f', Number.MAX_SAFE_INTEGER],
    ['uint64', '08 8080808080808010', 2n ** 53n],
    ['sint64', '08 ffffffffffffffffff01', -(2n ** 63n)],
    ['sint64', '08 feffffffffffffffff01', 2n ** 63n - 1n],
    ['fixed64', '09 ffffffffffffffff', 2n ** 64n - 1n],
    ['sfixed64', '09 ffffffffffffffff', -1],
    ['fixed32', '0d ffffffff', 2 ** 32 - 1],
    ['sfixed32', '0d ffffffff', -1],
    ['float', '0d 0000803f', 1],
    ['double', '09 000000000000f0ff', Number.NEGATIVE_INFINITY],
    ['bool', '08 8080808080808080 8001', true],
    ['bool', '08 00', false],
  ])('%s: %s', (type, bytes, expected) => {
    expect(read(`message M { ${type} a = 1; }`, bytes)).toEqual({ a: expected })
  })
})

describe('what is on the wire', () => {
  test.each<[string, string, string, unknown]>([
    [
      'unknown fields stand as their numbers',
      '',
      '8801 07 9a01 01 61',
      { '#17': null, '#19': null },
    ],
    ['so do fields of another wire type', 'int32 a = 1;', '0a 01 61', { '#1': null }],
    ['and groups that nobody declared', '', '8b01 08 01 93 01 94 01 8c01', { '#17': null }],
    ['an enum by name', 'E a = 1; enum E { Z = 0; Y = 1; }', '08 01', { a: 'Y' }],
    ['an unknown one by number', 'E a = 1; enum E { Z = 0; Y = 1; }', '08 07', { a: 7 }],
    ['packed, as it is declared', 'repeated int32 a = 1;', '0a 02 01 02', { a: [1, 2] }],
    ['one by one, though it is packed', 'repeated int32 a = 1;', '08 01 08 02', { a: [1, 2] }],
    [
      'packed, though it is not',
      'repeated int32 a = 1 [packed = false];',
      '08 01 0a 02 02 03',
      { a: [1, 2, 3] },
    ],
    ['of one that comes twice the last', 'int32 a = 1;', '08 01 08 02', { a: 2 }],
    ['of a oneof the last', 'oneof o { int32 a = 1; int32 b = 2; }', '08 01 10 02', { b: 2 }],
    [
      'also where the message that holds it comes twice',
      'In a = 1; message In { oneof o { int32 b = 1; int32 c = 2; } }',
      '0a 02 08 01 0a 02 10 02',
      { a: { c: 2 } },
    ],
    [
      'a message that comes twice is one',
      'In a = 1; message In { int32 b = 1; int32 c = 2; }',
      '0a 02 08 01 0a 02 10 02',
      { a: { b: 1, c: 2 } },
    ],
    [
      'entries of a map without key or value',
      'map<int32, string> a = 1;',
      '0a 00 0a 02 08 07',
      {
        a: {
          entries: [
            ['0', ''],
            ['7', ''],
          ],
        },
      },
    ],
    [
      'messages of a map',
      'map<bool, In> a = 1; message In { int32 b = 1; }',
      '0a 02 08 01 0a 06 08 00 12 02 08 03',
      {
        a: {
          entries: [
            ['true', {}],
            ['false', { b: 3 }],
          ],
        },
      },
    ],
    [
      'the first symbol of an enum in a map',
      'map<string, E> a = 1; enum E { Z = 0; Y = 1; }',
      '0a 00',
      { a: { entries: [['', 'Z']] } },
    ],
    ['names as they are written', 'int32 snake_case = 1;', '08 01', { snake_case: 1 }],
    ['nothing', 'int32 a = 1;', '', {}],
  ])('%s', (_, body, bytes, expected) => {
    expect(read(`message M { ${body} }`, bytes)).toEqual(expected)
  })

  test('names of prototypes are plain data', () => {
    const body =
      'message M { map<string, int32> a = 1; int32 constructor = 3; int32 toString = 4; }'
    const value = valueIn(
      readerOf(proto3(body)).read(hex('0a 0d 0a 09 5f5f70726f746f5f5f 10 07 18 02')),
    )
    expect(Object.getPrototypeOf(value)).toBeNull()
    expect(Object.keys(value as object)).toEqual(['a', 'constructor'])
    expect((value as { a: Map<string, number> }).a.get('__proto__')).toBe(7)
  })
})

describe('other syntaxes', () => {
  const proto2 = `syntax = "proto2"; message M {
    required int32 a = 1; optional string b = 2; optional group In = 3 { optional int32 c = 1; }
    repeated int32 d = 4; extensions 100 to 200; }
    extend M { optional int32 extra = 100; }`

  test('of proto2 a required field that is missing is left out', () => {
    expect(plain(valueIn(readerOf(proto2).read(hex('2001 2002'))))).toEqual({ d: [1, 2] })
  })

  test('a group is a message', () => {
    const value = plain(valueIn(readerOf(proto2).read(hex('1b 08 07 1c'))))
    expect(value).toEqual({ in: { c: 7 } })
  })

  test('an extension is a field', () => {
    const value = plain(valueIn(readerOf(proto2).read(hex('a006 07')))) as object
    expect(Object.values(value)).toEqual([7])
    expect(Object.keys(value)[0]).toMatch(/extra$/)
  })

  test('text that is no UTF-8 is refused since proto3 only', () => {
    expect(readerOf(proto2).read(hex('12 01 ff')).kind).toBe('value')
    expect(read('message M { string a = 1; }', '0a 01 ff')).toEqual(undecodable('invalid UTF-8'))
    const edition =
      'edition = "2023"; message M { string a = 1; string b = 2 [features.utf8_validation = NONE]; }'
    expect(readerOf(edition).read(hex('0a 01 ff'))).toEqual(undecodable('invalid UTF-8'))
    expect(readerOf(edition).read(hex('12 01 ff')).kind).toBe('value')
  })

  test('an edition may delimit messages as groups are', () => {
    const edition = `edition = "2023"; message M {
      In a = 1 [features.message_encoding = DELIMITED]; In b = 2; message In { int32 c = 1; } }`
    const value = plain(valueIn(readerOf(edition).read(hex('0b 08 07 0c 12 02 08 08'))))
    expect(value).toEqual({ a: { c: 7 }, b: { c: 8 } })
  })
})

describe('undecodable', () => {
  const body =
    'message M { int32 a = 1; string b = 2; M c = 3; repeated int32 d = 4; map<int32, M> e = 5; fixed64 f = 6; }'
  test.each([
    ['cut short', '08'],
    ['cut short', '12 02 61'],
    ['cut short', '1a 05 08 01'],
    // The string reaches beyond the message that holds it.
    ['cut short', '1a 02 12 05 61 61 61 61 61'],
    ['cut short', '22 01 80 01'],
    // An entry of a map, and packed numbers, that claim more than is there.
    ['cut short', '2a 06 bd 3b'],
    ['cut short', '22 06 08'],
    ['cut short', '1a 00 1a 04 22 03 08 08 08'],
    ['cut short', '31 00'],
    ['cut short', '9b 01'],
    ['a number of more than 64 bits', '08 ffffffffffffffffffff01'],
    ['a length beyond all bytes', '12 ffffffffff01'],
    ['an impossible field number', '00'],
    ['an impossible field number', 'ffffffffff7f'],
    ['an impossible wire type', '0f'],
    ['the end of another group', '0c'],
    ['the end of another group', '9b01 a401'],
    ['the end of another group', '2a 01 0c'],
  ])('%s: %s', (reason, bytes) => {
    expect(read(body, bytes)).toEqual(undecodable(reason))
  })
})

describe('bounds', () => {
  const nested = 'message M { M a = 1; repeated int32 b = 2; }'
  /** Messages in messages, this many. */
  const levels = (count: number): Buffer => {
    const parts: Buffer[] = []
    for (let size = 0, i = 1; i < count; i++) {
      const writer = protobuf.Writer.create().uint32(10).uint32(size)
      const head = Buffer.from(writer.finish())
      parts.unshift(head)
      size += head.length
    }
    return Buffer.concat(parts)
  }

  test('of levels', () => {
    expect(readerOf(proto3(nested)).read(levels(DEPTH_MAX)).kind).toBe('value')
    expect(readerOf(proto3(nested)).read(levels(DEPTH_MAX + 1))).toEqual(TOO_LARGE)
    expect(readerOf(proto3(nested)).read(levels(50_000))).toEqual(TOO_LARGE)
  })

  test('of levels of groups that nobody declared none is kept', () => {
    const groups = Buffer.concat([Buffer.alloc(100_000, 0x7b), Buffer.alloc(100_000, 0x7c)])
    expect(plain(valueIn(readerOf(proto3(nested)).read(groups)))).toEqual({ '#15': null })
    expect(readerOf(proto3(nested)).read(groups.subarray(0, 150_000))).toEqual(
      undecodable('cut short'),
    )
  })

  test('of values, packed and one by one', () => {
    const packed = (count: number): Uint8Array =>
      protobuf.Writer.create().uint32(18).bytes(Buffer.alloc(count)).finish()
    // The record and the list are values too.
    expect(readerOf(proto3(nested)).read(packed(NODES_MAX - 2)).kind).toBe('value')
    expect(readerOf(proto3(nested)).read(packed(NODES_MAX - 1))).toEqual(TOO_LARGE)
    const single = Buffer.alloc(2 * NODES_MAX, '1000', 'hex')
    expect(readerOf(proto3(nested)).read(single)).toEqual(TOO_LARGE)
    const unknown = Buffer.alloc(2 * NODES_MAX, '7800', 'hex')
    expect(readerOf(proto3(nested)).read(unknown)).toEqual(TOO_LARGE)
  })

  test('of bytes', () => {
    const long = Buffer.alloc(VALUE_BYTES_MAX + 1)
    expect(readerOf(proto3(nested)).read(long)).toEqual(TOO_LARGE)
  })
})

describe('which message', () => {
  const many = `syntax = "proto2"; package air;
    enum E { Z = 0; }
    message A { optional group G = 1 {} map<string, int32> m = 2; message B { enum F { Y = 0; }
      message C { optional int32 x = 1; } } message D {} }
    message A2 { optional A.B.C c = 1; }`

  test.each([
    ['0', 'air.A'],
    ['1', 'air.A2'],
    ['0/0', 'air.A.B'],
    ['0/0/0', 'air.A.B.C'],
    ['0/1', 'air.A.D'],
    ['2', null],
    ['0/2', null],
    ['1/0', null],
    ['', null],
    ['-1', null],
    ['x', null],
    ['9999999999', null],
  ])('at %j stands %s', (indexes, name) => {
    expect(messageNameAt(many, indexes)).toBe(name)
  })

  test('without a package', () => {
    expect(messageNameAt(proto3('message A { message B {} }'), '0/0')).toBe('A.B')
  })

  test.each(['air.A.B.C', 'A.B.C', '0/0/0'])('%s is read', (message) => {
    expect(plain(valueIn(readerOf(many, message).read(hex('08 07'))))).toEqual({ x: 7 })
  })

  test('the text is not parsed for each of many indexes that somebody makes up', async () => {
    const parse = vi.spyOn(protobuf, 'parse')
    const known = await knownSchema({ schemaType: 'PROTOBUF', text: many, references: new Map() })
    const before = parse.mock.calls.length
    for (let i = 0; i < 500; i++) expect(known.reader(`9/${i}`)).toBeNull()
    expect(known.reader('0/0/0')?.read(hex('08 07'))).toEqual({ kind: 'value', value: { x: 7 } })
    expect(known.reader('0/0/0')).toBe(known.reader('0/0/0'))
    expect(parse).toHaveBeenCalledTimes(before)
    parse.mockRestore()
  })

  test('null is the first', () => {
    expect(plain(valueIn(readerOf(many).read(hex('0b 0c'))))).toEqual({ g: {} })
  })
})

describe('imports', () => {
  test('by the path that the line names, each once', () => {
    const imports = {
      'a/code.proto': proto3('package air; import "b.proto"; message Code { b.In c = 1; }'),
      'b.proto': proto3('package b; message In { int32 d = 1; }'),
    }
    const main = proto3(
      'package air; import "a/code.proto"; import public "b.proto"; message M { Code a = 1; }',
    )
    const value = valueIn(readerOf(main, null, imports).read(hex('0a 04 0a 02 08 07')))
    expect(plain(value)).toEqual({ a: { c: { d: 7 } } })
  })

  test.each([
    ['timestamp', 'Timestamp', '0a 02 08 07', { seconds: 7 }],
    ['wrappers', 'StringValue', '0a 03 0a 01 61', { value: 'a' }],
    ['struct', 'Value', '0a 02 08 00', { null_value: 'NULL_VALUE' }],
    ['type', 'Type', '0a 03 0a 01 61', { name: 'a' }],
    ['descriptor', 'FileDescriptorProto', '0a 03 0a 01 61', { name: 'a' }],
  ])('google/protobuf/%s.proto comes with every compiler', (file, type, bytes, expected) => {
    const body = `import "google/protobuf/${file}.proto"; message M { google.protobuf.${type} a = 1; }`
    const value = read(body, bytes) as { a: object }
    const snake = Object.entries(value.a).map(([name, one]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      one,
    ])
    expect(Object.fromEntries(snake)).toEqual(expected)
  })

  test('a name means what the innermost scope has, not what lies below it', () => {
    // The library by itself would find A.In.Code.
    const main = proto3(`package p;
      message A { Code a = 1; message In { message Code { string x = 1; } } }
      message Code { int32 x = 1; }`)
    expect(plain(valueIn(readerOf(main).read(hex('0a 02 08 07'))))).toEqual({ a: { x: 7 } })
  })
})

describe('a schema that cannot be used', () => {
  test.each([
    ['no Protobuf', 'message {', null],
    ['without a message', proto3(''), null],
    ['without that one', proto3('message M {}'), 'N'],
    ['without one at that place', proto3('message M {}'), '1'],
    ['an enum of that name', proto3('enum M { A = 0; }'), 'M'],
    ['an import that is missing', proto3('import "gone.proto"; message M {}'), null],
    ['a name that the library drops', proto3('message M { int32 __proto__ = 1; }'), null],
    ['an import named as a prototype', proto3('import "__proto__"; message M {}'), null],
    ['a type that nothing declares', proto3('message M { Gone a = 1; }'), null],
    ['too many fields', proto3(`message M {${';'.repeat(633)}}`), null],
    ['too many characters', proto3(`// ${' '.repeat(2 ** 20)}\nmessage M {}`), null],
  ])('%s', (_, schema, message) => {
    expect(() => readerOf(schema, message)).toThrow(QuipuError)
    expect(() => readerOf(schema, message)).toThrow(/^the Protobuf schema cannot be used: ./)
  })
})

test('any bytes are read to an end', () => {
  const reader = readerOf(text)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(['value', 'undecodable', 'too_large']).toContain(reader.read(bytes).kind)
    }),
    { numRuns: 3000 },
  )
})
