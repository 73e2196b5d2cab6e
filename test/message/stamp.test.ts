import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOfWords, type IdWords } from '../../src/message/id.ts'
import { Minter } from '../../src/message/mint.ts'
import { readStamp } from '../../src/message/stamp.ts'

const words: IdWords = new Minter(() => 1_767_225_600_000).mint('flights')
const bytes = bytesOfWords(words)
const text = bytes.toString('latin1')

const hostileKeys = JSON.parse('{"__proto__": {"quipu": "x"}}') as object

describe('reading a stamp', () => {
  it.each<[string, unknown]>([
    ['a Buffer', { quipu: bytes }],
    ['a one-element array', { quipu: [bytes] }],
    ['a repeated header with another value first', { quipu: [Buffer.from('x'), bytes] }],
    ['latin-1 text', { quipu: text }],
    ['a view into a larger buffer', { quipu: Buffer.concat([Buffer.alloc(3), bytes]).subarray(3) }],
  ])('takes %s', (_, headers) => {
    expect(readStamp(headers)).toEqual({ kind: 'stamped', words })
  })

  it.each<[string, unknown, string]>([
    ['no headers', undefined, 'absent'],
    ['null headers', null, 'absent'],
    ['headers that are a number', 7, 'absent'],
    ['other headers', { traceparent: 'x' }, 'absent'],
    ['an inherited one', Object.create({ quipu: bytes }), 'absent'],
    ['__proto__', hostileKeys, 'absent'],
    ['null', { quipu: null }, 'malformed'],
    ['undefined', { quipu: undefined }, 'malformed'],
    ['a number', { quipu: 5 }, 'malformed'],
    ['an object', { quipu: { length: 16 } }, 'malformed'],
    ['an empty array', { quipu: [] }, 'malformed'],
    ['an empty Buffer', { quipu: Buffer.alloc(0) }, 'malformed'],
    ['a megabyte', { quipu: Buffer.alloc(1 << 20, 0x77) }, 'malformed'],
    ['a megabyte of text', { quipu: 'x'.repeat(1 << 20) }, 'malformed'],
    ['nested arrays', { quipu: [[bytes]] }, 'malformed'],
    ['the valid value behind eight others', { quipu: [...Array(8).fill('x'), bytes] }, 'malformed'],
    ['version 4', { quipu: withByte(6, 0x40) }, 'malformed'],
    ['variant 11', { quipu: withByte(8, 0xc0) }, 'malformed'],
  ])('of %s is %s', (_, headers, kind) => {
    expect(readStamp(headers).kind).toBe(kind)
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything({ withObjectString: true, withTypedArray: true }), (value) => {
        readStamp(value)
        readStamp({ quipu: value })
      }),
      { numRuns: 5_000 },
    )
  })
})

function withByte(at: number, value: number): Buffer {
  const copy = Buffer.from(bytes)
  copy[at] = value
  return copy
}
