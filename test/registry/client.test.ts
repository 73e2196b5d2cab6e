import { afterEach, describe, expect, test } from 'vitest'
import type { Registry } from '../../src/registry/client.ts'
import { openRegistry } from '../../src/registry/open.ts'
import {
  type FakeRegistry,
  type FakeRegistryOptions,
  type FakeSchema,
  guidOf,
  send,
  startFakeRegistry,
} from '../support/fake-registry.ts'

const int: FakeSchema = { schema: '"int"' }
const object: FakeSchema = {
  schema: '{"$ref":"other.json"}',
  schemaType: 'JSON',
  references: [{ name: 'other.json', subject: 'a', version: 1 }],
}

let fake: FakeRegistry
let registry: Registry

afterEach(async () => {
  registry.close()
  await fake.close()
})

async function start(options: FakeRegistryOptions): Promise<void> {
  fake = await startFakeRegistry(options)
  const access = { retriesMax: 0, timeoutMs: 2_000 }
  const place = { url: fake.url, workingFolder: '/', access, env: {} }
  registry = openRegistry({ ...place, isBackground: true })
}

describe('a schema by what messages call it', () => {
  test('its id is the same wherever it is registered', async () => {
    await start({ subjects: { a: [int, object], b: [int] } })
    const [first, second] = [await registry.version('a', 1), await registry.version('a', 2)]
    if (!first.ok || !second.ok) throw new Error('not registered')
    expect(await registry.version('b', 1)).toMatchObject({ value: { id: first.value.id } })
    expect(second.value.id).not.toBe(first.value.id)
    const avro = { schemaType: 'AVRO', schema: '"int"', references: [] }
    const json = { ...object, schemaType: 'JSON' }
    expect(await registry.schemaById(first.value.id)).toEqual({ ok: true, value: avro })
    expect(await registry.schemaById(second.value.id)).toEqual({ ok: true, value: json })
    expect(await registry.schemaByGuid(guidOf(int))).toEqual({ ok: true, value: avro })
    expect(await registry.placesOf(first.value.id)).toEqual({
      ok: true,
      value: [
        { subject: 'a', version: 1 },
        { subject: 'b', version: 1 },
      ],
    })
  })

  test('one that is missing is an answer', async () => {
    await start({ subjects: { a: [int] } })
    const missing = { ok: false, missing: 'schema' }
    expect(await registry.schemaById(7)).toEqual(missing)
    expect(await registry.schemaByGuid(guidOf(object))).toEqual(missing)
    expect(await registry.placesOf(7)).toEqual(missing)
  })

  test('of a deleted version it can still be had, and its places name that version', async () => {
    await start({ subjects: { a: [int, object] }, deleted: { a: [1] } })
    expect(await registry.versions('a')).toEqual({ ok: true, value: [2] })
    expect(await registry.version('a', 1)).toEqual({ ok: false, missing: 'version' })
    expect(await registry.schemaById(100_001)).toMatchObject({ ok: true })
    const places = { ok: true, value: [{ subject: 'a', version: 1 }] }
    expect(await registry.placesOf(100_001)).toEqual(places)
  })

  test.each<[string, number, unknown]>([
    ['no schema', 200, { id: 1 }],
    ['a text in place of a schema', 200, 'x'],
    ['a page that is not there', 404, { message: 'HTTP 404 Not Found' }],
    ['silence', 503, { error_code: 50_003, message: 'no' }],
  ])('%s is no answer', async (_what, status, value) => {
    const fault: FakeRegistryOptions['fault'] = (_request, response) => {
      send(response, status, value)
      return true
    }
    await start({ fault })
    await expect(registry.schemaById(1)).rejects.toMatchObject({ code: 'CANNOT_JUDGE' })
    await expect(registry.placesOf(1)).rejects.toMatchObject({ code: 'CANNOT_JUDGE' })
  })
})
