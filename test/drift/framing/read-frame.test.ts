/** Vectors written by hand from what the vendors publish of their framings. */
import { deflateSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { avroFingerprint, singleObjectHeader } from '../../../src/base/avro-fingerprint.ts'
import type { Framed } from '../../../src/drift/framing/framed.ts'
import { readFrame } from '../../../src/drift/framing/read-frame.ts'
import { avroReader } from '../../../src/drift/read/avro.ts'
import { jsonReader } from '../../../src/drift/read/json.ts'
import { protobufReader } from '../../../src/drift/read/protobuf.ts'
import { VALUE_BYTES_MAX } from '../../../src/drift/read/reader.ts'
import { type Framing, framings } from '../../../src/drift/shape.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const GUID = '89791762-2336-4186-9674-299b90a802e2'
const GUID_HEX = GUID.replaceAll('-', '')
const told = ({ claim, schema, payload }: Framed): string =>
  `${claim} ${schema || '-'} ${Buffer.from(payload).toString('hex') || '-'}`
const readOf = (value: string, framing: Framing | null, headers?: unknown): string =>
  told(readFrame(hex(value), headers, framing))

describe('before the value', () => {
  test.each<[Framing, string, string]>([
    ['confluent', '00 00000007 0a0b', 'confluent 7 0a0b'],
    ['confluent', '00 7fffffff 0a', 'confluent 2147483647 0a'],
    // A message of Protobuf, or a null of Avro, may have no bytes.
    ['confluent', '00 00000007', 'confluent 7 -'],
    ['confluent', `01 ${GUID_HEX} 0a`, `confluent-v1 ${GUID} 0a`],
    ['apicurio-v3', '00 00000007 0a0b', 'apicurio-v3 7 0a0b'],
    ['apicurio-v2', '00 0000000000000007 0a', 'apicurio-v2 7 0a'],
    ['apicurio-v2', '00 7fffffffffffffff 0a', 'apicurio-v2 9223372036854775807 0a'],
    ['glue', `03 00 ${GUID_HEX} 0a`, `glue ${GUID} 0a`],
    // Of the schema "int", as the test data of Avro itself give it: 7275d51a3f395c8f.
    ['single-object', 'c301 8f5c393f1ad57572 06', 'single-object 7275d51a3f395c8f 06'],
    ['none', '00 00000007', 'none - 0000000007'],
  ])('%s: %s', (framing, value, expected) => {
    expect(readOf(value, framing)).toBe(expected)
  })

  test('a fingerprint is written as it is computed', () => {
    const schema = readFrame(singleObjectHeader('"int"'), undefined, 'single-object').schema
    expect(schema).toBe(avroFingerprint('"int"').toString(16))
  })
})

describe('where a frame is promised and there is none, the value is unframed, whole', () => {
  test.each<[Framing, string]>([
    ['confluent', '7b7d'],
    ['confluent', '00 000000'],
    ['confluent', `01 ${GUID_HEX.slice(2)}`],
    // No registry gives out such an id.
    ['confluent', '00 ffffffff 0a'],
    ['confluent', '02 00000007'],
    ['apicurio-v3', '00 000000'],
    ['apicurio-v3', '00 80000000 0a'],
    ['apicurio-v2', '00 00000007'],
    ['apicurio-v2', '00 8000000000000000'],
    ['glue', `03 00 ${GUID_HEX.slice(2)}`],
    ['glue', `03 04 ${GUID_HEX}`],
    ['glue', `00 00 ${GUID_HEX}`],
    ['single-object', 'c301 8f5c393f1ad575'],
    ['single-object', 'c302 8f5c393f1ad57572'],
    ['single-object', 'c3'],
  ])('%s: %s', (framing, value) => {
    expect(readOf(value, framing)).toBe(`unframed - ${value.replaceAll(' ', '')}`)
  })
})

describe('where nobody said', () => {
  test.each([
    ['7b7d', 'none'],
    ['20 0a 5b5d', 'none'],
    ['22', 'none'],
    ['02 06', 'none'],
    ['c3', 'none'],
    ['c3 02', 'none'],
    ['00', 'ambiguous'],
    ['01', 'ambiguous'],
    ['03 7b', 'ambiguous'],
    ['c301', 'ambiguous'],
  ])('%s is %s', (value, claim) => {
    expect(readOf(value, null)).toBe(`${claim} - ${value.replaceAll(' ', '')}`)
  })
})

test('a value of no bytes is empty, whatever is promised', () => {
  for (const framing of [null, ...framings]) expect(readOf('', framing)).toBe('empty - -')
})

describe('in headers', () => {
  const id = hex('00 00000009')
  test.each<[Framing, Record<string, unknown>, string]>([
    ['confluent', { __value_schema_id: id }, 'confluent 9 0000000007'],
    ['confluent', { __value_schema_id: hex(`01 ${GUID_HEX}`) }, `confluent-v1 ${GUID} 0000000007`],
    // The indexes of a message of Protobuf follow the id there too.
    ['confluent', { __value_schema_id: hex('00 00000009 040200') }, 'confluent 9 0402000000000007'],
    ['confluent', { __value_schema_id: id.toString('latin1') }, 'confluent 9 0000000007'],
    ['confluent', { __value_schema_id: [id] }, 'confluent 9 0000000007'],
    ['confluent', { __value_schema_id: [null, {}, id] }, 'confluent 9 0000000007'],
    ['apicurio-v3', { 'apicurio.value.contentId': hex('0000000000000003') }, 'apicurio-v3 3'],
    ['apicurio-v3', { 'apicurio.value.globalId': hex('0000000000000003') }, 'apicurio-v2 3'],
    ['apicurio-v2', { 'apicurio.value.contentId': hex('0000000000000003') }, 'apicurio-v3 3'],
    ['apicurio-v2', { 'apicurio.value.globalId': hex('0000000000000003') }, 'apicurio-v2 3'],
  ])('%s wins over the prefix: %j', (framing, headers, expected) => {
    const value = '00 00000007'
    expect(readOf(value, framing, headers)).toBe(
      expected.split(' ').length === 3 ? expected : `${expected} 0000000007`,
    )
  })

  test('of both kinds of id the one of the version counts', () => {
    const headers = {
      'apicurio.value.contentId': hex('0000000000000001'),
      'apicurio.value.globalId': hex('0000000000000002'),
    }
    expect(readOf('0a', 'apicurio-v3', headers)).toBe('apicurio-v3 1 0a')
    expect(readOf('0a', 'apicurio-v2', headers)).toBe('apicurio-v2 2 0a')
  })

  test.each<[string, unknown]>([
    ['none', undefined],
    ['null', null],
    ['a number', { __value_schema_id: 7 }],
    ['cut short', { __value_schema_id: hex('00 000009') }],
    ['too long', { __value_schema_id: hex('00 00000009 ffff') }],
    ['more than a header can be', { __value_schema_id: Buffer.alloc(1_000_000) }],
    ['characters beyond latin1', { __value_schema_id: '\u0000\u0000\u0000\u0000\u0109' }],
    ['of its prototype', Object.create({ __value_schema_id: id })],
    ['lists in lists', { __value_schema_id: [[id]] }],
    ['far behind', { __value_schema_id: [...Array(8).fill(null), id] }],
  ])('that are no id the prefix counts: %s', (_, headers) => {
    expect(readOf('00 00000007 0a', 'confluent', headers)).toBe('confluent 7 0a')
  })

  test('that throw are none', () => {
    const throwing = {
      get __value_schema_id(): never {
        throw new Error('not to be read')
      },
    }
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    for (const headers of [throwing, proxy]) {
      expect(readOf('00 00000007 0a', 'confluent', headers)).toBe('confluent 7 0a')
    }
  })

  test('a bare value of no bytes still has a schema', () => {
    expect(readOf('', 'confluent', { __value_schema_id: id })).toBe('confluent 9 -')
  })
})

describe('compressed by Glue', () => {
  const framed = (body: Uint8Array): Framed =>
    readFrame(Buffer.concat([hex(`03 05 ${GUID_HEX}`), body]), undefined, 'glue')

  test('is inflated', () => {
    expect(told(framed(deflateSync('{"a":1}')))).toBe(
      `glue ${GUID} ${Buffer.from('{"a":1}').toString('hex')}`,
    )
  })

  test('a bomb is too large for every reader, and takes no more than that', () => {
    const bomb = deflateSync(Buffer.alloc(50_000_000, 0x20))
    expect(bomb.length).toBeLessThan(VALUE_BYTES_MAX)
    const { payload } = framed(bomb)
    expect(payload.length).toBe(VALUE_BYTES_MAX + 1)
    expect(jsonReader().read(payload)).toEqual({ kind: 'too_large' })
  })

  test('as many bytes as are read are inflated', () => {
    expect(framed(deflateSync(Buffer.alloc(VALUE_BYTES_MAX))).payload.length).toBe(VALUE_BYTES_MAX)
  })

  test('what cannot be inflated is no value, for any reader', () => {
    const proto = { text: 'syntax = "proto3"; message M { int32 a = 1; }', imports: new Map() }
    const avro = ['"null"', '"int"', '"string"', '{"type":"record","name":"R","fields":[]}']
    const readers = [
      ...[jsonReader(), protobufReader(proto, null)],
      ...avro.map((schema) => avroReader(schema, new Map())),
    ]
    const whole = deflateSync('{"a":1}')
    for (const body of [whole.subarray(0, -5), hex('0000'), Buffer.alloc(0)]) {
      const { claim, payload } = framed(body)
      expect(claim).toBe('glue')
      for (const reader of readers) expect(reader.read(payload).kind).toBe('undecodable')
    }
  })
})

test('whatever the bytes, nothing is thrown and the payload is the end of the value', () => {
  const starts = fc.constantFrom('', '00', '01', '03', '0300', 'c301', '0000000007')
  const values = fc
    .tuple(starts, fc.uint8Array({ maxLength: 60 }))
    .map(([start, rest]) => Buffer.concat([hex(start), rest]))
  fc.assert(
    fc.property(values, fc.constantFrom(null, ...framings), (value, framing) => {
      const { payload } = readFrame(value, undefined, framing)
      // Compressed bytes are the one exception, and random ones do not inflate.
      if (value[0] === 3 && value[1] === 5) return
      expect(value.subarray(value.length - payload.length).equals(payload)).toBe(true)
    }),
    { numRuns: 2000 },
  )
})

test('whatever the headers, nothing is thrown', () => {
  const names = fc.constantFrom(
    '__value_schema_id',
    'apicurio.value.contentId',
    'apicurio.value.globalId',
  )
  const headers = fc.dictionary(names, fc.oneof(fc.anything(), fc.uint8Array({ maxLength: 40 })))
  fc.assert(
    fc.property(headers, fc.constantFrom(...framings), (some, framing) => {
      expect(() => readFrame(hex('00 00000007'), some, framing)).not.toThrow()
    }),
  )
})
