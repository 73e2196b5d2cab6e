/** What references mean where drafts are subtle, by flaws that a public suite of cases brought to light. */
import { describe, expect, test } from 'vitest'
import { declaredBySchema } from '../../../src/drift/declared/json-schema.ts'
import type { Schema } from '../../../src/drift/declared/schema-json.ts'

const MODERN = 'https://json-schema.org/draft/2020-12/schema'
const OLDER = 'https://json-schema.org/draft/2019-09/schema'

function kinds(schema: Schema, value: Parameters<ReturnType<typeof declaredBySchema>['check']>[0]) {
  return declaredBySchema(schema, [])
    .check(value)
    ?.map(({ kind }) => kind)
}

describe('a name beside a reference', () => {
  const schema = (draft: string): Schema => ({
    $schema: draft,
    $id: 'http://quipu.example/outer/',
    definitions: {
      text: { $id: 'http://quipu.example/inner/it.json', type: 'string' },
      number: { $id: 'it.json', type: 'integer' },
    },
    allOf: [{ $id: 'http://quipu.example/inner/', $ref: 'it.json' }],
  })

  test('up to draft 7 is none', () => {
    const old = schema('http://json-schema.org/draft-07/schema#')
    expect(kinds(old, 1)).toEqual([])
    expect(kinds(old, 'x')).toEqual(['type_changed'])
  })

  test('is one since', () => {
    expect(kinds(schema(MODERN), 'x')).toEqual([])
    expect(kinds(schema(MODERN), 1)).toEqual(['type_changed'])
  })
})

describe('a reference that depends on the way', () => {
  const list = (anchors: object): Schema => ({
    $schema: MODERN,
    $id: 'http://quipu.example/texts',
    $ref: 'list',
    $defs: {
      list: {
        $id: 'list',
        items: { $dynamicRef: '#item' },
        $defs: { any: { $dynamicAnchor: 'item', type: 'integer' } },
      },
      ...anchors,
    },
  })

  test('accuses nobody where several are called so', () => {
    const several = list({ text: { $dynamicAnchor: 'item', type: 'string' } })
    expect(kinds(several, ['x'])).toEqual([])
    expect(declaredBySchema(several, []).fields?.items ?? null).toBeNull()
  })

  test('is like any other where one is', () => {
    expect(kinds(list({}), ['x'])).toEqual(['type_changed'])
    expect(kinds(list({}), [1])).toEqual([])
  })

  test('accuses nobody either where two of draft 2019-09 lead back', () => {
    const schema = (isInner: boolean): Schema => ({
      $schema: OLDER,
      $id: 'http://quipu.example/outer',
      $recursiveAnchor: true,
      anyOf: [{ type: 'integer' }, { $ref: '#/$defs/inner' }],
      $defs: {
        inner: {
          $id: 'http://quipu.example/inner',
          $recursiveAnchor: isInner,
          type: ['object', 'string'],
          additionalProperties: { $recursiveRef: '#' },
        },
      },
    })
    expect(kinds(schema(true), { a: 1 })).toEqual([])
    expect(kinds(schema(false), { a: 1 })).toEqual(['type_changed'])
  })
})
