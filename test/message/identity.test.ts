import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOfWords, hexOfWords, type IdWords, partsOfWords } from '../../src/message/id.ts'
import {
  birthTime,
  foreignId,
  type IdentitySpec,
  identify,
  identityName,
  offsetId,
  type TimeSpec,
} from '../../src/message/identity.ts'
import { Minter } from '../../src/message/mint.ts'

const TIME: TimeSpec = { by: 'timestamp' }
const PLACE = { cluster: 'default', topic: 't', partition: 3, offset: '42' }
const NOW = 1_767_225_600_000

/** 64 bits of SHA-256, read off the id bit by bit: not the way the code puts them there. */
function hashBits(words: IdWords): string {
  const bits = [...words].map((w) => w.toString(2).padStart(32, '0')).join('')
  return bits.slice(52, 64) + bits.slice(66, 118)
}
const shaBits = (source: string): string =>
  [...createHash('sha256').update(source).digest().subarray(0, 8)]
    .map((b) => b.toString(2).padStart(8, '0'))
    .join('')

describe('a foreign id', () => {
  it('is a UUIDv8 with its birth time and 64 bits of SHA-256', () => {
    const words = foreignId(NOW, Buffer.from('order-1'))
    expect(partsOfWords(words)).toMatchObject({ birth: NOW, version: 8, ordinal: 0 })
    expect(hashBits(words)).toBe(shaBits('order-1'))
  })

  it.each<[IdentitySpec, object, string]>([
    [{ by: 'header', name: 'ce_id' }, { headers: { ce_id: 'order-1' } }, 'order-1'],
    [{ by: 'header', name: 'ce_id' }, { headers: { ce_id: [Buffer.from('a'), 'b'] } }, 'a'],
    [{ by: 'key' }, { key: Buffer.from('k') }, 'k'],
    [{ by: 'json', pointer: '/a~1b/0/~0' }, { value: '{"a/b":[{"~":7}]}' }, '7'],
    [{ by: 'json', pointer: '/ok' }, { value: Buffer.from('{"ok":true}') }, 'true'],
    [{ by: 'offset' }, {}, '["default","t",3,"42"]'],
  ])('is taken by %j', (spec, message, source) => {
    const words = identify({ timestamp: String(NOW), ...message }, spec, TIME, PLACE)
    expect(words === null ? null : hashBits(words)).toBe(shaBits(source))
  })

  it.each<[string, IdentitySpec, object]>([
    ['a header that is not there', { by: 'header', name: 'ce_id' }, { headers: {} }],
    ['an inherited header', { by: 'header', name: 'toString' }, { headers: {} }],
    ['a null key', { by: 'key' }, { key: null }],
    ['an empty key', { by: 'key' }, { key: '' }],
    ['a key of 5,000 bytes', { by: 'key' }, { key: 'k'.repeat(5_000) }],
    ['no JSON', { by: 'json', pointer: '/id' }, { value: '{' }],
    ['a pointer to nowhere', { by: 'json', pointer: '/id' }, { value: '{}' }],
    ['a pointer into the prototype', { by: 'json', pointer: '/__proto__/id' }, { value: '{}' }],
    ['an object', { by: 'json', pointer: '/id' }, { value: '{"id":{}}' }],
    ['more JSON than is read', { by: 'json', pointer: '/id' }, { value: ' '.repeat(2 ** 20 + 1) }],
    ['no time', { by: 'key' }, { key: 'k', timestamp: 'soon' }],
    ['a time before 1970', { by: 'key' }, { key: 'k', timestamp: -1 }],
    ['a time beyond 48 bits', { by: 'key' }, { key: 'k', timestamp: 2 ** 48 }],
  ])('is none of %s', (_, spec, message) => {
    expect(identify({ timestamp: NOW, ...message }, spec, TIME, PLACE)).toBe(null)
  })

  it('keeps an id of our layout that came in a header', () => {
    const words = new Minter(() => NOW).mint('t')
    const headers = { ce_id: bytesOfWords(words) }
    expect(identify({ headers }, { by: 'header', name: 'ce_id' }, TIME, PLACE)).toEqual(words)
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (headers, value, timestamp) => {
        for (const spec of [
          { by: 'stamp' },
          { by: 'header', name: 'x' },
          { by: 'key' },
          { by: 'json', pointer: '/a' },
          { by: 'offset' },
        ] as const)
          identify({ headers, key: value, value, timestamp }, spec, TIME, PLACE)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('birth time', () => {
  it.each<[unknown, number | null]>([
    [NOW, NOW],
    [String(NOW), NOW],
    [Buffer.from(String(NOW)), NOW],
    ['2026-01-01T00:00:00Z', NOW],
    [NOW + 0.7, NOW],
    ['', null],
    ['yesterday', null],
    [Number.NaN, null],
    [null, null],
    [{}, null],
  ])('of %j is %j', (timestamp, expected) => {
    expect(birthTime({ timestamp }, TIME)).toBe(expected)
  })
})

describe('an id by place', () => {
  it('differs for each cluster, topic, partition and offset, however they are spelt', () => {
    const at = (place: Partial<typeof PLACE>): string =>
      hexOfWords(offsetId({ timestamp: NOW }, { ...PLACE, ...place }) as IdWords)
    const ids = [{}, { cluster: 'eu' }, { topic: 'u' }, { partition: 4 }, { offset: '43' }].map(at)
    expect(new Set(ids).size).toBe(5)
    // No text can be shifted from one field to the next.
    expect(at({ topic: 't","3' })).not.toBe(at({ topic: 't' }))
  })
})

describe('the name of an identity', () => {
  it('tells apart what may not be compared', () => {
    expect(identityName({ by: 'stamp' })).toBe('stamp')
    expect(identityName({ by: 'header', name: 'ce_id' })).toBe('header:ce_id;time=timestamp')
    expect(identityName({ by: 'json', pointer: '/id' }, { by: 'json', pointer: '/at' })).toBe(
      'json:/id;time=json:/at',
    )
  })
})
