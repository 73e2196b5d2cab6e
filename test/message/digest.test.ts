import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  digestOf,
  isTraceHeader,
  type Preserve,
  type PreservePart,
  preserveName,
  preserveOf,
} from '../../src/message/digest.ts'

const promise = (...parts: PreservePart[]): Preserve => preserveOf(parts) as Preserve
const VALUE = promise('value')
const ALL = promise('value', 'key', { headers: ['a', 'b'] })
const bytes = (text: string): Buffer => Buffer.from(text)

describe('the digest', () => {
  it.each([
    ['a value', { value: bytes('order 1') }, VALUE, 0xd6bde0d4],
    ['no value', { value: null }, VALUE, 0x55fce18b],
    ['an empty value', { value: bytes('') }, VALUE, 0x7eae8745],
    ['a key', { key: bytes('order 1') }, promise('key'), 0xd6bde0d4],
    [
      'all parts',
      {
        value: bytes('v'),
        key: bytes('k'),
        headers: { a: bytes('1'), b: [bytes('2'), bytes('3')] },
      },
      ALL,
      0x42f9f954,
    ],
    ['no part of all', {}, ALL, 0x001193f8],
  ])('of %s stays what older versions computed', (_, message, preserve, expected) => {
    expect(digestOf(message, preserve).toString(16)).toBe(expected.toString(16))
  })

  it('is the same for what is handed to a client and what arrives', () => {
    const value = fc.oneof(fc.string({ unit: 'binary' }), fc.constant('\ud800'), fc.integer())
    fc.assert(
      fc.property(value, fc.string(), fc.array(fc.string()), (v, key, header) => {
        const sent = { value: v, key, headers: { a: header, b: 'x' } }
        const arrived = {
          value: bytes(String(v)),
          key: bytes(key),
          headers: { b: bytes('x'), ...(header.length > 0 && { a: header.map((h) => bytes(h)) }) },
        }
        expect(digestOf(sent, ALL)).toBe(digestOf(arrived, ALL))
      }),
    )
  })

  it('changes with every single bit of a part', () => {
    const value = bytes('It changes with every single bit, wherever it stands.')
    const before = digestOf({ value }, VALUE)
    for (let bit = 0; bit < value.length * 8; bit++) {
      const other = Buffer.from(value)
      other[bit >> 3]! ^= 1 << (bit & 7)
      expect(digestOf({ value: other }, VALUE)).not.toBe(before)
    }
  })

  it('has few collisions: as many as 32 random bits would have', () => {
    const digests = new Set<number>()
    for (let i = 0; i < 200_000; i++) digests.add(digestOf({ value: `order ${i}` }, VALUE))
    // 4.7 are expected; CRC-32 of short texts that count has none.
    expect(digests.size).toBeGreaterThan(200_000 - 20)
  })

  it.each([
    ['nothing and empty', { value: null }, { value: '' }],
    ['value and key', { value: 'x' }, { key: 'x' }],
    ['swapped value and key', { value: 'x', key: 'y' }, { value: 'y', key: 'x' }],
    ['a border moved', { value: 'ab', key: 'c' }, { value: 'a', key: 'bc' }],
    ['header absent and empty', { headers: {} }, { headers: { a: '' } }],
    ['header nothing and absent', { headers: { a: null } }, { headers: {} }],
    ['header nothing and empty', { headers: { a: null } }, { headers: { a: '' } }],
    ['the other header', { headers: { a: 'x' } }, { headers: { b: 'x' } }],
    ['swapped headers', { headers: { a: 'x', b: 'y' } }, { headers: { a: 'y', b: 'x' } }],
    ['one value more', { headers: { a: ['x', 'y'] } }, { headers: { a: ['x'] } }],
    [
      'values moved',
      { headers: { a: ['x', 'y'], b: 'z' } },
      { headers: { a: 'x', b: ['y', 'z'] } },
    ],
    ['a header and a key', { headers: { a: 'x' } }, { key: 'x' }],
  ])('tells apart: %s', (_, one, other) => {
    expect(digestOf(one, ALL)).not.toBe(digestOf(other, ALL))
  })

  it.each([
    ['null and undefined', { value: null }, {}],
    ['header order', { headers: { a: 'x', b: 'y' } }, { headers: { b: 'y', a: 'x' } }],
    ['order of repeated values', { headers: { a: ['x', 'y'] } }, { headers: { a: ['y', 'x'] } }],
    ['repetition', { headers: { a: ['x', 'y', 'x'] } }, { headers: { a: ['x', 'y'] } }],
    ['one value and a list of it', { headers: { a: 'x' } }, { headers: { a: ['x'] } }],
    ['no value and an empty list', { headers: {} }, { headers: { a: [] } }],
    ['what is not promised', { headers: { c: 'x' } }, { headers: { c: 'y' }, timestamp: 1 }],
    ['inherited names', {}, { headers: Object.create({ a: 'x' }) }],
  ])('does not tell apart: %s', (_, one, other) => {
    expect(digestOf(one, ALL)).toBe(digestOf(other, ALL))
  })

  it('looks at what is promised only', () => {
    expect(digestOf({ value: 'x', key: 'k' }, VALUE)).toBe(
      digestOf({ value: 'x', key: 'l' }, VALUE),
    )
  })

  it('never looks at trace headers, even if they are named', () => {
    const named: Preserve = { value: true, key: false, headers: ['B3', 'a', 'traceparent'] }
    const of = (headers: object): number => digestOf({ value: 'x', headers }, named)
    expect(of({ traceparent: '1', B3: '1' })).toBe(of({ traceparent: '2' }))
    expect(of({ a: '1' })).not.toBe(of({ a: '2' }))
    expect(preserveName(named)).toBe('id+digest(value,headers:a)')
  })

  it('never throws, whatever the message is', () => {
    const trap = new Proxy({}, { get: () => fail(), getOwnPropertyDescriptor: () => fail() })
    const fail = (): never => {
      throw new Error('trap')
    }
    const strange = { toString: fail, [Symbol.toPrimitive]: fail }
    const getter = {
      get value(): never {
        return fail()
      },
      get headers(): never {
        return fail()
      },
    }
    for (const part of [trap, strange, Symbol('s'), Object.create(null), Number.NaN, 1n, [], {}]) {
      const message = { value: part, key: part, headers: { a: part, b: [part, [part]] } }
      const digests = [message, { headers: part }, part as object].map((m) => digestOf(m, ALL))
      for (const digest of [...digests, digestOf(getter, ALL)]) {
        expect(Number.isInteger(digest) && digest >= 0 && digest < 2 ** 32).toBe(true)
      }
    }
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (value, headers) => {
        expect(digestOf({ value, headers }, ALL)).toBe(digestOf({ value, headers }, ALL))
      }),
    )
  })
})

describe('the name of a promise', () => {
  it.each<[PreservePart[], string]>([
    [['value'], 'id+digest(value)'],
    [['value', 'key'], 'id+digest(key,value)'],
    [
      ['value', { headers: ['b', 'a', 'b'] }, 'key', { headers: ['a'] }],
      'id+digest(key,value,headers:a,b)',
    ],
    [[{ headers: ['A', 'a'] }], 'id+digest(headers:A,a)'],
    [[{ headers: ['a,b', 'ä%'] }], 'id+digest(headers:a%002cb,%00e4%0025)'],
    [[{ headers: ['value)', 'traceparent'] }], 'id+digest(headers:value%0029)'],
  ])('of %j is %s', (parts, name) => {
    expect(preserveName(promise(...parts))).toBe(name)
  })

  it('differs for different promises', () => {
    const header = fc.string({ unit: fc.constantFrom('a', ',', '%', '2', 'c', '0', ')', '\ud800') })
    const part: fc.Arbitrary<PreservePart> = fc.oneof(
      fc.constantFrom<PreservePart>('value', 'key'),
      fc.record({ headers: fc.array(header, { maxLength: 3 }) }),
    )
    fc.assert(
      fc.property(fc.array(part), fc.array(part), (a, b) => {
        const [one, other] = [preserveOf(a), preserveOf(b)]
        if (one === null || other === null) return
        expect(preserveName(one) === preserveName(other)).toBe(
          JSON.stringify(one) === JSON.stringify(other),
        )
      }),
    )
  })

  it('is none where nothing can be kept', () => {
    expect(preserveOf([])).toBeNull()
    expect(preserveOf([{ headers: ['Traceparent', 'quipu'] }])).toBeNull()
  })
})

it.each([
  ['traceparent', true],
  ['TraceState', true],
  ['baggage', true],
  ['quipu', true],
  ['b3', true],
  ['B3-TraceId', true],
  ['X-B3-SpanId', true],
  ['x-datadog-trace-id', true],
  ['dd-pathway-ctx-base64', true],
  ['quipu-order', false],
  ['my-traceparent', false],
  ['traceparents', false],
  ['x-b4', false],
  ['', false],
])('%s is a trace header: %s', (name, expected) => {
  expect(isTraceHeader(name)).toBe(expected)
})
