/** Pointers → line and column, and the text that stands there. */
import { expect, test } from 'vitest'
import { jsonSchemaEngine } from '../../../src/evolution/json-schema/engine.ts'
import { parsedText } from './support.ts'

const schema = parsedText(`{
  "type": "object",
  "properties": {
    "a/b": { "type": "string", "maxLength": 5 },
    "list": { "items": [{ "type": "string" },
      { "type": "number" }] },
    "twice": 1, "twice": { "title": "second" }
  }
}`)

test.each([
  // The whole text.
  { path: '', line: 1, column: 1, fragment: /^\{"type":"object"/ },
  { path: '/properties/a~1b/maxLength', line: 4, column: 32, fragment: /^5$/ },
  { path: '/properties/list/items/1', line: 6, column: 7, fragment: /^\{"type":"number"\}$/ },
  // Of two keys the last one counts, as in what is compared.
  { path: '/properties/twice', line: 7, column: 17, fragment: /second/ },
  // The nearest one above that is there.
  { path: '/properties/a~1b/minLength', line: 4, column: 5, fragment: null },
  { path: '/required/x', line: 1, column: 1, fragment: null },
])('$path', ({ path, line, column, fragment }) => {
  expect(jsonSchemaEngine.positionOf(schema, path)).toEqual({ line, column, source: 'a.json' })
  const text = jsonSchemaEngine.fragmentOf(schema, path)
  if (fragment === null) expect(text).toBeNull()
  else expect(text).toMatch(fragment)
})

test('a fragment is cut, and on one line', () => {
  const long = parsedText(JSON.stringify({ title: 'a\n'.repeat(500) }))
  const fragment = jsonSchemaEngine.fragmentOf(long, '') ?? ''
  expect(fragment.length).toBe(200)
  expect(fragment).not.toContain('\n')
})

test('no such document', () => {
  expect(jsonSchemaEngine.positionOf(schema, 'other.json#/a')).toBeNull()
  expect(jsonSchemaEngine.fragmentOf(schema, 'other.json#/a')).toBeNull()
})
