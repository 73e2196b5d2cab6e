import avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AvroSchema, avroChecker } from '../../src/base/avro-bounds.ts'

const schema: AvroSchema = {
  type: 'record',
  name: 'R',
  fields: [
    { name: 'n', type: 'long' },
    { name: 's', type: 'string' },
    { name: 'f', type: { type: 'fixed', name: 'F', size: 3 } },
    { name: 'g', type: 'F' },
    { name: 'e', type: { type: 'enum', name: 'E', symbols: ['A', 'B'] } },
    { name: 'u', type: ['null', 'long'] },
    { name: 'd', type: 'double' },
    { name: 'b', type: 'boolean' },
    { name: 'a', type: { type: 'array', items: 'string' } },
  ],
}
const type = avsc.Type.forSchema(schema as Parameters<typeof avsc.Type.forSchema>[0])
const check = avroChecker(schema)

const value = fc.record({
  n: fc.integer({ min: -(2 ** 53) + 10, max: 2 ** 53 - 10 }),
  s: fc.string(),
  f: fc.uint8Array({ minLength: 3, maxLength: 3 }).map((b) => Buffer.from(b)),
  g: fc.uint8Array({ minLength: 3, maxLength: 3 }).map((b) => Buffer.from(b)),
  e: fc.constantFrom('A', 'B'),
  u: fc.option(fc.integer()),
  d: fc.double(),
  b: fc.boolean(),
  a: fc.array(fc.string(), { maxLength: 5 }),
})

describe('the walk over Avro bytes', () => {
  test('passes whatever avsc writes, and no shorter or longer bytes', () => {
    fc.assert(
      fc.property(value, (v) => {
        const bytes = type.toBuffer(v)
        check(bytes, 0)
        expect(() => check(Buffer.concat([bytes, Buffer.alloc(1)]), 0)).toThrow(RangeError)
        for (let i = 0; i < bytes.length; i++) {
          expect(() => check(bytes.subarray(0, i), 0)).toThrow(RangeError)
        }
      }),
    )
  })

  test('lets through only what avsc reads to the last byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          check(bytes, 0)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
          return
        }
        const buffer = Buffer.from(bytes)
        expect(type.decode(buffer, 0).offset).toBe(buffer.length)
      }),
      { numRuns: 2_000 },
    )
  })

  const longs: AvroSchema = { type: 'array', items: 'long' }

  test('takes arrays in several blocks, with and without their size', () => {
    // 04: two items, 02: one item, 00: the end; 01 is −1: one item, in a block of 02: one byte.
    avroChecker(longs)(Buffer.from('040608' + '0206' + '00', 'hex'), 0)
    avroChecker(longs)(Buffer.from('040608' + '010206' + '00', 'hex'), 0)
  })

  test('does not believe an array of 2^50, nor a string of 2^50 or of −1', () => {
    const huge = avsc.Type.forSchema('long').toBuffer(2 ** 50)
    expect(() => avroChecker(longs)(huge, 0)).toThrow('an array of')
    expect(() => avroChecker('string')(huge, 0)).toThrow('a length of')
    expect(() => avroChecker('string')(Buffer.from('01', 'hex'), 0)).toThrow('a length of -1')
    expect(() => avroChecker('long')(Buffer.alloc(12, 0xff), 0)).toThrow('too large')
  })
})
