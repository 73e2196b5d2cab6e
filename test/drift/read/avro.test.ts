/** The library writes, and is asked what it reads; hostile bytes are written by hand. */
import avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { QuipuError } from '../../../src/base/errors.ts'
import { avroReader } from '../../../src/drift/read/avro.ts'
import type { Reader, Reading } from '../../../src/drift/read/reader.ts'
import { DEPTH_MAX, NODES_MAX, VALUE_BYTES_MAX } from '../../../src/drift/read/reader.ts'
import { plain, TOO_LARGE, undecodable, valueIn } from './readings.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const readerOf = (schema: unknown, references: Readonly<Record<string, unknown>> = {}): Reader =>
  avroReader(
    JSON.stringify(schema),
    new Map(Object.entries(references).map(([name, one]) => [name, JSON.stringify(one)])),
  )
const read = (schema: unknown, bytes: string): Reading => readerOf(schema).read(hex(bytes))

const flight = {
  type: 'record',
  name: 'Flight',
  namespace: 'air',
  fields: [
    { name: 'number', type: 'int' },
    { name: 'callsign', type: 'string' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'delay', type: ['null', 'double'] },
    { name: 'state', type: { type: 'enum', name: 'State', symbols: ['DUE', 'GONE'] } },
    { name: 'stops', type: { type: 'array', items: 'string' } },
    { name: 'tags', type: { type: 'map', values: 'boolean' } },
    { name: 'digest', type: { type: 'fixed', name: 'Digest', size: 2 } },
    { name: 'raw', type: 'bytes' },
    { name: 'before', type: ['null', 'Flight'] },
    { name: 'next', type: ['null', 'air.Flight'] },
    { name: 'last', type: 'State' },
    { name: 'ratio', type: 'float' },
  ],
}
const library = avsc.Type.forSchema(flight as avsc.Schema, { wrapUnions: 'never' })

const flights = fc.letrec<{ flight: Record<string, unknown> }>((tie) => ({
  flight: fc.record({
    number: fc.integer(),
    callsign: fc.string({ unit: 'grapheme' }),
    // Beyond that the library writes another number: those are below, written by hand.
    at: fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 }),
    delay: fc.option(fc.double({ noNaN: true })),
    state: fc.constantFrom('DUE', 'GONE'),
    stops: fc.array(fc.string()),
    tags: fc.dictionary(fc.string(), fc.boolean()),
    digest: fc.uint8Array({ minLength: 2, maxLength: 2 }).map((bytes) => Buffer.from(bytes)),
    raw: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    before: fc.option(tie('flight'), { depthSize: 'small', maxDepth: 3 }),
    next: fc.constant(null),
    last: fc.constantFrom('DUE', 'GONE'),
    ratio: fc.float({ noNaN: true }),
  }),
})).flight

/** As our reader has it. */
const expectedOf = (value: Record<string, unknown>): unknown => ({
  ...value,
  digest: { bytes: (value.digest as Buffer).toString('hex') },
  raw: { bytes: (value.raw as Buffer).toString('hex') },
  tags: { entries: Object.entries(value.tags as object) },
  before: value.before === null ? null : expectedOf(value.before as never),
})

test('reads what the library writes', () => {
  const reader = readerOf(flight)
  fc.assert(
    fc.property(flights, (value) => {
      expect(plain(valueIn(reader.read(library.toBuffer(value))))).toEqual(expectedOf(value))
    }),
    { numRuns: 300 },
  )
})

test('accepts no bytes that the library refuses', () => {
  const reader = readerOf(flight)
  fc.assert(
    fc.property(flights, fc.nat(), fc.nat(255), fc.nat(), (value, at, byte, cut) => {
      const bytes = library.toBuffer(value)
      bytes[at % bytes.length] = byte
      const some = bytes.subarray(0, bytes.length - (cut % 3 === 0 ? cut % bytes.length : 0))
      if (reader.read(some).kind !== 'value') return
      try {
        library.fromBuffer(some)
      } catch (error) {
        // A long that only a bigint can hold.
        expect((error as Error).message).toBe('potential precision loss')
      }
    }),
    { numRuns: 1000 },
  )
})

test('a value that is cut short anywhere is undecodable', () => {
  const reader = readerOf(flight)
  const [value] = fc.sample(flights, { numRuns: 1, seed: 7 })
  const bytes = library.toBuffer(value)
  for (let length = 0; length < bytes.length; length++) {
    expect(reader.read(bytes.subarray(0, length)).kind).toBe('undecodable')
  }
  expect(reader.read(Buffer.concat([bytes, hex('000000')]))).toEqual(
    undecodable('3 bytes left over'),
  )
})

test.each<[string, unknown, string, unknown]>([
  ['a zigzag', 'long', '01', -1],
  ['the largest safe number', 'long', 'feffffffffffff1f', Number.MAX_SAFE_INTEGER],
  ['one beyond it', 'long', '80808080808080 20', 2n ** 53n],
  ['the largest long', 'long', 'feffffffffffffffff01', 2n ** 63n - 1n],
  ['the smallest long', 'long', 'ffffffffffffffffff01', -(2n ** 63n)],
  ['more bytes than it needs', 'long', '8200', 1],
  ['a union', ['null', 'string'], '02 02 61', 'a'],
  ['a primitive type in long', { type: { type: 'string' } }, '02 61', 'a'],
  ['a map', { type: 'map', values: 'int' }, '02 12 5f5f70726f746f5f5f 0e 00', [['__proto__', 7]]],
  ['a list in two blocks', { type: 'array', items: 'int' }, '02 02 04 04 06 00', [1, 2, 3]],
  ['a block that says its bytes', { type: 'array', items: 'int' }, '01 02 02 00', [1]],
  ['bytes', 'bytes', '04 0102', { bytes: '0102' }],
  // As the serializers of Confluent write a value that is nothing else.
  ['bare bytes', 'bytes', '7b7d', { bytes: '7b7d' }],
])('%s', (_, schema, bytes, expected) => {
  const value = plain(valueIn(read(schema, bytes)))
  expect(
    Array.isArray(expected) && schema instanceof Object && 'values' in schema
      ? (value as { entries: unknown }).entries
      : value,
  ).toEqual(expected)
})

describe('undecodable', () => {
  test.each<[string, unknown, string]>([
    ['cut short', 'double', '00'],
    ['cut short', 'string', '04 61'],
    // 2^50 items of bytes that are not there.
    ['cut short', { type: 'array', items: 'string' }, '8080808080808004'],
    ['a boolean that is neither 0 nor 1', 'boolean', '02'],
    ['an int of more than 32 bits', 'int', '8080808020'],
    ['a long of more than 64 bits', 'long', 'ffffffffffffffffff7f'],
    ['a long of more than 64 bits', 'long', 'ffffffffffffffffffff01'],
    ['a length below 0, or beyond all bytes', 'string', '01'],
    ['a length below 0, or beyond all bytes', 'string', 'feffffffffffffffff01'],
    ['invalid UTF-8', 'string', '02 ff'],
    ['an unknown union branch', ['null', 'string'], '04'],
    ['an unknown union branch', ['null', 'string'], '01'],
    ['an unknown enum symbol', { type: 'enum', name: 'E', symbols: ['A'] }, '02'],
    ['a block of less than no bytes', { type: 'array', items: 'int' }, '01 01'],
  ])('%s: %j', (reason, schema, bytes) => {
    expect(read(schema, bytes)).toEqual(undecodable(reason))
  })
})

describe('bounds', () => {
  const zigzag = (value: number): Buffer => avsc.Type.forSchema('long').toBuffer(value)
  const list = (items: unknown) => ({ type: 'array', items })
  const nothing = { type: 'record', name: 'Nothing', fields: [] }

  test('items of no bytes take from the values that may be read', () => {
    const many = (count: number) => Buffer.concat([zigzag(count), hex('00')])
    expect(valueIn(readerOf(list('null')).read(many(NODES_MAX - 1)))).toHaveLength(NODES_MAX - 1)
    for (const items of ['null', nothing, { type: 'fixed', name: 'F', size: 0 }]) {
      expect(readerOf(list(items)).read(many(2 ** 31))).toEqual(TOO_LARGE)
      expect(readerOf(list(items)).read(many(2 ** 50))).toEqual(TOO_LARGE)
      expect(readerOf(list(items)).read(hex('ffffffffffffffffff01 00'))).toEqual(TOO_LARGE)
    }
  })

  test('a record that holds itself without end has too many levels', () => {
    const endless = { type: 'record', name: 'A', fields: [{ name: 'a', type: 'A' }] }
    expect(read(endless, '')).toEqual(TOO_LARGE)
  })

  test('records of records of records that take no bytes have too many values', () => {
    let schema: unknown = 'null'
    for (let i = 0; i < 40; i++) {
      const type = i === 0 ? schema : `R${i - 1}`
      const first = { name: 'a', type: schema }
      schema = { type: 'record', name: `R${i}`, fields: [first, { name: 'b', type }] }
    }
    expect(read(schema, '')).toEqual(TOO_LARGE)
  })

  test.each([
    ['as deep as is read', DEPTH_MAX, 'value'],
    ['one deeper', DEPTH_MAX + 1, 'too_large'],
    ['as deep as bytes are read', VALUE_BYTES_MAX, 'too_large'],
  ])('lists in lists, %s', (_, depth, kind) => {
    const lists = {
      type: 'record',
      name: 'L',
      fields: [{ name: 'l', type: ['null', 'L'] }],
    }
    expect(readerOf(lists).read(Buffer.from([...Array(depth - 1).fill(2), 0])).kind).toBe(kind)
  })

  test('of bytes', () => {
    const long = (length: number) => Buffer.concat([zigzag(length), Buffer.alloc(length, 0x61)])
    expect(readerOf('string').read(long(VALUE_BYTES_MAX - 3)).kind).toBe('value')
    expect(readerOf('string').read(long(VALUE_BYTES_MAX))).toEqual(TOO_LARGE)
  })
})

describe('types of other texts', () => {
  const code = {
    type: 'record',
    name: 'Code',
    namespace: 'air',
    fields: [{ name: 'c', type: 'int' }],
  }
  const user = (type: string) => ({
    ...{ type: 'record', name: 'Stop', namespace: 'air' },
    fields: [{ name: 'code', type }],
  })

  test.each(['air.Code', 'Code'])('by the name %s', (name) => {
    const reader = readerOf(user(name), { 'air.Code': code })
    expect(plain(valueIn(reader.read(hex('0e'))))).toEqual({ code: { c: 7 } })
  })

  test('which need others in turn, in any order', () => {
    const leg = {
      ...{ type: 'record', name: 'Leg', namespace: 'air' },
      fields: [{ name: 'stop', type: 'Stop' }],
    }
    const references = { a: leg, b: user('Code'), c: code }
    const reader = readerOf({ type: 'array', items: 'air.Leg' }, references)
    expect(plain(valueIn(reader.read(hex('020e00'))))).toEqual([{ stop: { code: { c: 7 } } }])
  })

  test('names like those of prototypes are names', () => {
    const odd = {
      ...{ type: 'record', name: '__proto__' },
      fields: [
        { name: '__proto__', type: 'int' },
        { name: 'constructor', type: ['null', '__proto__'] },
      ],
    }
    const value = valueIn(readerOf(odd).read(hex('0e 00'))) as object
    expect(Object.getPrototypeOf(value)).toBeNull()
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor'])
  })
})

describe('a schema that cannot be used', () => {
  let deep: unknown = 'int'
  for (let i = 0; i < 300; i++) deep = { type: 'array', items: deep }
  test.each<[string, string]>([
    ['it is no JSON', '{'],
    ['nothing defines Flight', '"Flight"'],
    ['nothing defines toString', '"toString"'],
    ['a type has no name', '{"type":"record","fields":[]}'],
    ['a record has no fields', '{"type":"record","name":"R"}'],
    ['a field has no name', '{"type":"record","name":"R","fields":[{"type":"int"}]}'],
    [
      'two fields are named a',
      '{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}',
    ],
    ['the symbols of an enum are no list of names', '{"type":"enum","name":"E","symbols":[1]}'],
    ['the size of a fixed type is no number', '{"type":"fixed","name":"F","size":-1}'],
    ['a type is neither a name, a list nor an object', '{"type":"array"}'],
    ['a type is neither a name, a list nor an object', 'null'],
    ['it is deeper than 200 levels', JSON.stringify(deep)],
    ['it has more than 1048576 characters', `"${'a'.repeat(2 ** 20)}"`],
  ])('%s', (what, text) => {
    const make = () => avroReader(text, new Map())
    expect(make).toThrow(QuipuError)
    expect(make).toThrow(`the Avro schema cannot be used: ${what}`)
  })

  test('the bare name of a primitive type can', () => {
    expect(avroReader('string', new Map()).read(hex('0261'))).toEqual({ kind: 'value', value: 'a' })
  })
})

test('any bytes are read to an end', () => {
  const reader = readerOf(flight)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect(['value', 'undecodable', 'too_large']).toContain(reader.read(bytes).kind)
    }),
    { numRuns: 3000 },
  )
})
