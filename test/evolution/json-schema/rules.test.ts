/** Every rule by its own example: the flaw it describes is found under its id, and not the other way round. */
import { expect, test } from 'vitest'
import { jsonSchemaEngine } from '../../../src/evolution/json-schema/engine.ts'
import { parsedText } from './support.ts'

const { rules } = jsonSchemaEngine
/** Their example would have to be larger than a page. */
const WITHOUT_EXAMPLE = ['JSON_NOT_COMPARED']
const incompatible = rules.filter(
  ({ id, kind }) => kind === 'incompatible' && !WITHOUT_EXAMPLE.includes(id),
)
const risks = rules.filter(({ kind }) => kind === 'risk')

test('ids are unique, and start with the format', () => {
  const ids = rules.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter((id) => !/^JSON_[A-Z_]+$/.test(id))).toEqual([])
})

test.each(incompatible)('$id is found in its example', ({ id, example }) => {
  const [before, after] = [parsedText(example.before), parsedText(example.after)]
  const differences = jsonSchemaEngine.compare(after, before, 'STRICT')
  expect(differences.map(({ rule }) => rule)).toContain(id)
  const own = differences.find(({ rule }) => rule === id)
  // Every placeholder of its sentence was filled.
  expect(own?.message).not.toMatch(/[{}]|undefined/)
})

test.each(incompatible)('$id is not found where nothing changes', ({ example }) => {
  for (const text of [example.before, example.after]) {
    expect(jsonSchemaEngine.compare(parsedText(text), parsedText(text), 'STRICT')).toEqual([])
  }
})

test.each(risks)(
  '$id is found in its example, and not where nothing changes',
  ({ id, example }) => {
    const [before, after] = [parsedText(example.before), parsedText(example.after)]
    const found = jsonSchemaEngine.risks(before, after)
    expect(found.map(({ rule }) => rule)).toEqual([id])
    expect(found[0]?.message).not.toMatch(/[{}]|undefined/)
    expect(jsonSchemaEngine.risks(before, before)).toEqual([])
    expect(jsonSchemaEngine.risks(after, after)).toEqual([])
  },
)

test('LENIENT accepts what it is known for, and no more', () => {
  const accepted = incompatible.filter(({ example }) => {
    const [before, after] = [parsedText(example.before), parsedText(example.after)]
    return jsonSchemaEngine.compare(after, before, 'LENIENT').length === 0
  })
  expect(accepted.map(({ id }) => id.replace('JSON_', ''))).toEqual([
    ...['FORMAT_ADDED', 'FORMAT_CHANGED', 'CONTENT_ENCODING_ADDED', 'CONTENT_ENCODING_CHANGED'],
    ...['CONTENT_MEDIA_TYPE_ADDED', 'CONTENT_MEDIA_TYPE_CHANGED'],
    'OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL',
    'REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL',
    'PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL',
    ...['ADDITIONAL_PROPERTIES_REMOVED', 'ADDITIONAL_PROPERTIES_NARROWED'],
    ...['UNEVALUATED_PROPERTIES_REMOVED', 'UNEVALUATED_PROPERTIES_NARROWED'],
    'PATTERN_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL',
    'PATTERN_PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL',
  ])
})
