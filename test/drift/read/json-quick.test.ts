/** Most texts are read by the library, and some by a parser of our own: they must come to the same. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonReader } from '../../../src/drift/read/json.ts'
import { DEPTH_MAX, type Value } from '../../../src/drift/read/reader.ts'
import { valueIn } from './readings.ts'

const read = (text: string) => jsonReader().read(Buffer.from(text))
/** A whole number of so many digits is not for the library, and neither is the text around it. */
const byParser = (text: string) => read(`[123456789012345678901234567890,${text}]`)
const byLibrary = (text: string) => read(`[0,${text}]`)
const second = (reading: ReturnType<typeof read>) => (valueIn(reading) as readonly Value[])[1]

test('any JSON', () => {
  const json = fc.json({ maxDepth: 4 })
  fc.assert(
    fc.property(json, (text) => {
      expect(second(byLibrary(text))).toStrictEqual(second(byParser(text)))
    }),
    { numRuns: 200 },
  )
})

test.each([
  ['names of prototypes', '{"__proto__":{"__proto__":[{"constructor":1}]},"toString":{}}'],
  ['a name that comes twice', '{"a":{"b":1},"c":2,"a":{"d":[]}}'],
  ['names that are numbers', '{"b":1,"2":2,"a":3,"1":4}'],
  ['escapes', '{"\\u0061\\n":"\\ud800\\u0000"}'],
  ['zeros', '[-0,0,-0.0,0e9,1E2]'],
  ['digits behind a point', '[0.1234567890123456789,1e-17]'],
  ['null', 'null'],
])('%s', (_, text) => {
  expect(second(byLibrary(text))).toStrictEqual(second(byParser(text)))
  expect(Object.keys(second(byLibrary(text)) ?? {})).toEqual(
    Object.keys(second(byParser(text)) ?? {}),
  )
})

test.each(['9007199254740993', '{"a":[-9007199254740993]}', '"1234567890123456"', '1e16'])(
  'digits that the library may round: %s',
  (text) => {
    expect(read(text)).toStrictEqual({ kind: 'value', value: second(byParser(text)) })
  },
)

test('as many levels', () => {
  const nested = (depth: number) => '[{"a":'.repeat(depth / 2) + 1 + '}]'.repeat(depth / 2)
  expect(read(nested(DEPTH_MAX)).kind).toBe('value')
  expect(read(nested(DEPTH_MAX + 2))).toEqual({ kind: 'too_large' })
})
