/** From the path of a difference to a place in a text, and to what stands there. */
import { expect, test } from 'vitest'
import { avroEngine } from '../../../src/evolution/avro/engine.ts'
import { parsedText } from './support.ts'

const text = `{
  "type": "record",
  "name": "Order",
  "fields": [
    {"name": "id", "type": "long"},
    {"name": "lines", "type": {"type": "array", "items": {
      "type": "record",
      "name": "Line",
      "fields": [{"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["A", "B"]}}]
    }}},
    {"name": "last", "type": ["null", "Line"]},
    {"name": "extra", "type": {"type": "map", "values": "State"}}
  ]
}`
const schema = parsedText({ name: 'order.avsc', text })

const rows: readonly (readonly [path: string, place: string, fragment: string | null])[] = [
  ['/name', '3:11', '"Order"'],
  ['/fields/0', '5:5', '{"name": "id", "type": "long"}'],
  ['/fields/0/type', '5:28', '"long"'],
  ['/fields/1/type/items/fields/0/type/symbols', '9:89', '["A", "B"]'],
  ['/fields/1/type/items/fields/0/type/symbols/1', '9:95', '"B"'],
  // A branch is where it is named …
  ['/fields/2/type/1', '11:39', '"Line"'],
  // … and what is in it is where it is defined.
  ['/fields/2/type/1/name', '8:15', '"Line"'],
  ['/fields/2/type/1/fields/0/name', '9:27', '"state"'],
  ['/fields/3/type/values/symbols/0', '9:90', '"A"'],
  // What is not there: the nearest element above it, and no text.
  ['/fields/9', '1:1', null],
  ['/fields/0/default', '5:5', null],
  ['/fields/0/type/items', '5:28', null],
  ['/fields/2/type/7', '11:30', null],
]

test.each(rows)('%s', (path, place, fragment) => {
  const position = avroEngine.positionOf(schema, path)
  expect(position?.source).toBe('order.avsc')
  expect(`${position?.line}:${position?.column}`).toBe(place)
  expect(avroEngine.fragmentOf(schema, path)).toBe(fragment)
})

test('the whole is the first place, on one line and bounded', () => {
  expect(avroEngine.positionOf(schema, '')).toEqual({ source: 'order.avsc', line: 1, column: 1 })
  const fragment = avroEngine.fragmentOf(schema, '') as string
  expect(fragment).toMatch(/^\{ "type": "record", "name": "Order", .*…$/)
  expect(fragment).toHaveLength(200)
})

test('of a name that is there twice the last one counts, as in the schema', () => {
  const twice = parsedText({
    name: 'a',
    text: '{"type": "map", "values": "int", "values": "long"}',
  })
  expect(avroEngine.fragmentOf(twice, '/values')).toBe('"long"')
})
