import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jsonReader } from '../../../src/drift/read/json.ts'
import { DEPTH_MAX, NODES_MAX, VALUE_BYTES_MAX } from '../../../src/drift/read/reader.ts'
import { plain, undecodable, valueIn } from './readings.ts'

const read = (text: string | Uint8Array) => jsonReader().read(Buffer.from(text as string))

test('reads what JSON.parse reads', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      const value = plain(valueIn(read(text)))
      const told = JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? Number(one) : one))
      expect(told).toBe(JSON.stringify(JSON.parse(text)))
    }),
    { numRuns: 500 },
  )
})

/** Texts that are nearly JSON, of the marks that it is made of. */
const nearly = fc
  .array(
    fc.constantFrom(
      ...[
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"',
        '\\',
        '"a"',
        'true',
        'null',
        'nul',
        ' ',
        '\t',
        '\u000b',
      ],
      ...['0', '-', '.', 'e', '+', '12', '01', '1.5', '1e9', '\\u00e9', '\\x', '\u0001', '\ufeff'],
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

test('accepts what JSON.parse accepts, and nothing else', () => {
  fc.assert(
    fc.property(nearly, (text) => {
      let isJson = true
      try {
        JSON.parse(text)
      } catch {
        isJson = false
      }
      expect(read(text).kind).toBe(isJson ? 'value' : 'undecodable')
    }),
    { numRuns: 5000 },
  )
})

describe('undecodable', () => {
  test.each([
    ['', 'cut short'],
    ['  \n', 'cut short'],
    ['{"a":1', 'cut short'],
    ['{"a"', 'cut short'],
    ['{"a', 'cut short'],
    ['[1,', 'cut short'],
    ['[tru', 'cut short'],
    ['-', 'cut short'],
    ['"\\', 'cut short'],
    ['{}{}', 'text after the value'],
    ['1.', 'text after the value'],
    ['{a:1}', 'no JSON'],
    ['{"a":1,}', 'no JSON'],
    ["'a'", 'no JSON'],
    ['"\n"', 'no JSON'],
    ['"\\x"', 'no JSON'],
    ['NaN', 'no JSON'],
    ['\ufeff{}', 'a byte order mark'],
  ])('%j: %s', (text, reason) => {
    expect(read(text)).toEqual(undecodable(reason))
  })

  test.each([
    ['a byte that begins nothing', [0x22, 0x80, 0x22]],
    ['a character in more bytes than it needs', [0x22, 0xc0, 0xaf, 0x22]],
    ['half a surrogate pair', [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ['cut within a character', [0x22, 0xc3]],
  ])('invalid UTF-8: %s', (_, bytes) => {
    expect(read(Uint8Array.from(bytes))).toEqual(undecodable('invalid UTF-8'))
  })
})

describe('names of prototypes are plain data', () => {
  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    '%s',
    (name) => {
      const value = valueIn(read(`{"${name}":{"polluted":true}}`)) as object
      expect(Object.getPrototypeOf(value)).toBeNull()
      expect(Object.keys(value)).toEqual([name])
      expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    },
  )

  test('of a name that comes twice the last value counts', () => {
    expect(plain(valueIn(read('{"a":1,"__proto__":2,"a":3,"__proto__":4}')))).toEqual(
      JSON.parse('{"a":3,"__proto__":4}'),
    )
  })
})

test.each<[string, unknown]>([
  ['9007199254740991', 9007199254740991],
  ['9007199254740993', 9007199254740993n],
  ['-9007199254740993', -9007199254740993n],
  ['1.5e3', 1500],
  // Not whole as it is written, so as near as a number comes.
  ['9007199254740993.0', 9007199254740992],
  ['-0', -0],
  ['1e999', Number.POSITIVE_INFINITY],
  [`1${'0'.repeat(39)}`, 10n ** 39n],
  [`1${'0'.repeat(40)}`, 1e40],
])('the number %s', (text, expected) => {
  expect(valueIn(read(text))).toBe(expected)
})

describe('bounds', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  const wide = (nodes: number) => `[${Array(nodes - 1).fill(0)}]`

  test.each([
    ['levels', nested(DEPTH_MAX), nested(DEPTH_MAX + 1)],
    ['levels of records', '{"a":'.repeat(DEPTH_MAX) + 1 + '}'.repeat(DEPTH_MAX), nested(65)],
    ['values', wide(NODES_MAX), wide(NODES_MAX + 1)],
    ['bytes', `${' '.repeat(VALUE_BYTES_MAX - 2)}{}`, `${' '.repeat(VALUE_BYTES_MAX - 1)}{}`],
  ])('%s', (_, within, beyond) => {
    expect(read(within).kind).toBe('value')
    expect(read(beyond)).toEqual({ kind: 'too_large' })
  })

  test.each([
    ['a million lists, one in the other', '['.repeat(1_000_000)],
    ['as many as bytes are read', '['.repeat(VALUE_BYTES_MAX)],
    ['as many records', '{"":'.repeat(60_000)],
    ['lists within their bytes', `[${'[],'.repeat(80_000)}[]]`],
  ])('%s', (_, text) => {
    expect(read(text)).toEqual({ kind: 'too_large' })
  })

  test('a number of as many digits as bytes are read is no bigint', () => {
    expect(valueIn(read('9'.repeat(VALUE_BYTES_MAX)))).toBe(Number.POSITIVE_INFINITY)
  })
})

test('any bytes are read to an end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(['value', 'undecodable', 'too_large']).toContain(jsonReader().read(bytes).kind)
    }),
    { numRuns: 2000 },
  )
})
