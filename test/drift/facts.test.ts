import { afterEach, describe, expect, test } from 'vitest'
import { askRegistry, type Question } from '../../src/drift/facts.ts'
import { NO_FACTS, type RegistryFacts } from '../../src/drift/registry-facts.ts'
import { openRegistry } from '../../src/registry/open.ts'
import {
  type FakeRegistry,
  type FakeRegistryOptions,
  type FakeSchema,
  guidOf,
  send,
  startFakeRegistry,
} from '../support/fake-registry.ts'

const record = (fields: readonly object[]): FakeSchema => ({
  schema: JSON.stringify({ type: 'record', name: 'F', fields }),
})
const old = record([{ name: 'delay', type: 'int' }])
const young = record([
  {
    name: 'delay',
    type: ['null', { type: 'long', logicalType: 'timestamp-millis' }],
    default: null,
  },
  { name: 'stops', type: { type: 'array', items: { type: 'enum', name: 'E', symbols: ['A'] } } },
])
const [OLD, YOUNG] = ['100001', '100002'] as const

let fake: FakeRegistry | null = null

afterEach(async () => {
  await fake?.close()
  fake = null
})

async function ask(question: Question, previous: RegistryFacts = NO_FACTS): Promise<RegistryFacts> {
  const place = { url: fake?.url ?? 'http://127.0.0.1:9', workingFolder: '/' }
  const registry = openRegistry({ ...place, access: { retriesMax: 0, timeoutMs: 2_000 }, env: {} })
  try {
    return await askRegistry(registry, question, previous, 7)
  } finally {
    registry.close()
  }
}

async function start(options: FakeRegistryOptions): Promise<void> {
  fake = await startFakeRegistry(options)
}

describe('what a registry says', () => {
  test('of ids, GUIDs and subjects, also of those that are not there', async () => {
    await start({ subjects: { flights: [old, young], copies: [old] } })
    const ids = [OLD, YOUNG, '5', guidOf(old)]
    const facts = await ask({ ids, subjects: ['flights', 'none'] })
    expect(facts).toEqual({
      at: 7,
      schemas: {
        [OLD]: {
          state: 'registered',
          places: [
            { subject: 'copies', version: 1 },
            { subject: 'flights', version: 1 },
          ],
          fields: [{ path: '/delay', type: 'int', required: true }],
        },
        [YOUNG]: {
          state: 'registered',
          places: [{ subject: 'flights', version: 2 }],
          fields: [
            { path: '/delay', type: 'long (timestamp-millis) or null', required: false },
            { path: '/stops', type: 'array', required: true },
            { path: '/stops/*', type: 'E', required: false },
          ],
        },
        5: { state: 'unregistered' },
        [guidOf(old)]: {
          ...{ state: 'registered', places: [] },
          fields: [{ path: '/delay', type: 'int', required: true }],
        },
      },
      subjects: {
        flights: {
          state: 'registered',
          versions: [
            { version: 1, id: OLD },
            { version: 2, id: YOUNG },
          ],
        },
        none: { state: 'unregistered' },
      },
    })
  })

  test('a deleted version is still a place, and no version', async () => {
    await start({ subjects: { flights: [old, young] }, deleted: { flights: [1] } })
    const { schemas, subjects } = await ask({ ids: [OLD], subjects: ['flights'] })
    expect(schemas[OLD]).toMatchObject({ places: [{ subject: 'flights', version: 1 }] })
    expect(subjects.flights).toMatchObject({ versions: [{ version: 2, id: YOUNG }] })
  })

  test('what an id means is asked once; versions are asked each time', async () => {
    const subjects: Record<string, FakeSchema[]> = { flights: [old], others: [young] }
    await start({ subjects })
    const question = { ids: [OLD, YOUNG, '5'], subjects: ['flights'] }
    const first = await ask(question)
    expect(first.schemas[YOUNG]).toMatchObject({ places: [{ subject: 'others', version: 1 }] })
    const before = fake?.requests.length ?? 0
    subjects.flights = [old, young]
    const second = await ask(question, first)
    const paths = fake?.requests
      .slice(before)
      .map(({ path }) => path)
      .sort()
    // The id that was missing may have come.
    expect(paths).toEqual([
      '/schemas/ids/5',
      '/subjects/flights/versions',
      '/subjects/flights/versions/2',
    ])
    expect(second.schemas[YOUNG]).toMatchObject({
      places: [
        { subject: 'flights', version: 2 },
        { subject: 'others', version: 1 },
      ],
    })
  })

  test('without an answer what is registered stays so, all else is unreachable, and that is said', async () => {
    let isDown = false
    const fault: FakeRegistryOptions['fault'] = (_request, response) => {
      if (isDown) send(response, 500, { error_code: 50_001, message: 'no' })
      return isDown
    }
    await start({ subjects: { flights: [old] }, fault })
    const first = await ask({ ids: [OLD, '5'], subjects: ['flights', 'gone'] })
    expect(first.schemas[5]).toEqual({ state: 'unregistered' })
    expect(first.subjects.gone).toEqual({ state: 'unregistered' })
    expect(first.silence).toBeUndefined()
    isDown = true
    const asked = { ids: [OLD, '5', '6'], subjects: ['flights', 'gone', 'new'] }
    const second = await ask(asked, first)
    const silent = { state: 'unreachable', why: expect.stringContaining('500') }
    // What was not there may have come since.
    expect(second.schemas).toEqual({ [OLD]: first.schemas[OLD], 5: silent, 6: silent })
    expect(second.subjects).toEqual({
      flights: first.subjects.flights,
      ...{ gone: silent, new: silent },
    })
    expect(second.silence).toContain('500')
    isDown = false
    const third = await ask({ ids: ['6'], subjects: ['flights', 'new'] }, second)
    expect(third.schemas[6]).toEqual({ state: 'unregistered' })
    expect(third.silence).toBeUndefined()
  })

  test('of a subject only so many versions are asked for', async () => {
    const many = Array.from({ length: 210 }, (_, i) => record([{ name: `f${i}`, type: 'int' }]))
    await start({ subjects: { flights: many } })
    const { subjects } = await ask({ ids: [], subjects: ['flights'] })
    const fact = subjects.flights
    if (fact?.state !== 'registered') throw new Error('not registered')
    expect(fact.versions).toHaveLength(200)
    expect(fact.versions[0]?.version).toBe(11)
  })
})

describe('fields of a schema', () => {
  async function fieldsOf(schema: FakeSchema): Promise<string[]> {
    await start({ subjects: { a: [schema] } })
    const fact = (await ask({ ids: ['100001'], subjects: [] })).schemas['100001']
    if (fact?.state !== 'registered') throw new Error('not registered')
    return fact.fields.map(({ path, type, required }) => `${path} ${type}${required ? ' !' : ''}`)
  }

  test('JSON Schema', async () => {
    const schema = {
      required: ['a'],
      properties: {
        a: { type: 'string', format: 'date' },
        b: { enum: [1, 2] },
        c: { oneOf: [{ type: 'null' }, { $ref: '#/definitions/c' }] },
        'd/e': { type: 'array', items: { type: 'integer' } },
        f: { type: 'object', additionalProperties: { type: 'boolean' } },
        g: true,
      },
      definitions: { c: { type: 'object', properties: { x: { $ref: '#' } } } },
    }
    const fields = await fieldsOf({ schema: JSON.stringify(schema), schemaType: 'JSON' })
    expect(fields.slice(0, 9)).toEqual([
      '/a string (date) !',
      '/b one of 2 values',
      '/c object or null',
      '/d~1e array',
      '/f object',
      '/g anything',
      '/c/x anything',
      '/d~1e/* integer',
      '/f/{} boolean',
    ])
    // It holds itself: it is followed so far, and not for ever.
    expect(fields.length).toBeLessThanOrEqual(200)
    expect(fields).toContain('/c/x/c/x/a string (date) !')
  })

  test('Protobuf', async () => {
    const schema = `syntax = "proto3"; message A { int32 a = 1; repeated B b = 2; map<string, bytes> c = 3; }
      message B { E e = 1; } enum E { X = 0; }`
    expect(await fieldsOf({ schema, schemaType: 'PROTOBUF' })).toEqual([
      '/a int32',
      '/b repeated',
      '/c map',
      '/b/* B',
      '/c/{} bytes',
      '/b/*/e enum',
    ])
  })

  test('one that cannot be read has none', async () => {
    expect(await fieldsOf({ schema: '{"type":"nonsense"}' })).toEqual([])
  })
})
