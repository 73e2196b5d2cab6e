/** What the doctor says of schema files and registries. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { CheckResult } from '../../src/cli/doctor/check.ts'
import { examine } from '../../src/cli/doctor/examine.ts'
import { checkSchemas } from '../../src/cli/doctor/schemas.ts'
import type { ShapePlan } from '../../src/drift/shape.ts'
import {
  type FakeRegistry,
  type FakeRegistryOptions,
  startFakeRegistry,
} from '../support/fake-registry.ts'
import { lookedAt } from './looked.ts'

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'quipu-doctor-'))
  writeFileSync(join(dir, 'flights.schema.json'), '{"type":"object"}')
  writeFileSync(join(dir, 'broken.schema.json'), '{"type":')
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

let registry: FakeRegistry | null = null
afterEach(async () => {
  await registry?.close()
  registry = null
})

const states = (results: readonly CheckResult[]): string[] =>
  results.map((r) => `${r.id} ${r.subject}: ${r.state}`)

const of = (plan: Partial<ShapePlan>, env = {}) => checkSchemas([lookedAt(plan)], env)

describe('a schema file', () => {
  it('that can be used is well', async () => {
    const results = await of({ file: join(dir, 'flights.schema.json') })
    expect(states(results)).toEqual(['schema-file flights.schema.json: ok'])
  })

  it.each(['broken.schema.json', 'absent.schema.json'])('named %s is wrong', async (name) => {
    const results = await of({ file: join(dir, name) })
    expect(states(results)).toEqual([`schema-file ${name}: fail`])
    expect(results[0]?.message).toContain(name)
    expect(results[0]?.todo).not.toBeNull()
  })

  it('of several topics is told once', async () => {
    const looked = lookedAt({ file: join(dir, 'flights.schema.json') })
    const twice = [looked, { ...looked, name: 'other' }]
    expect(await checkSchemas(twice, {})).toHaveLength(1)
  })

  it('is not asked for where messages are only observed', async () => {
    expect(await of({})).toEqual([])
  })
})

describe('a registry', () => {
  const schema = { schema: '"string"' }
  const asked = async (
    plan: Partial<ShapePlan>,
    options: FakeRegistryOptions = { subjects: { 'flights-value': [schema, schema, schema] } },
    access: NonNullable<ShapePlan['registry']>['access'] = {},
    env = {},
  ) => {
    registry = await startFakeRegistry(options)
    const { url } = registry
    const results = await of({ ...plan, registry: { url, workingFolder: dir, access } }, env)
    return { results, told: states(results).map((one) => one.replace(url, 'URL')) }
  }

  it.each<[string, Partial<ShapePlan>, string[]]>([
    [
      'that has all versions is well',
      { subject: 'flights-value', versions: [1, 3] },
      ['registry URL: ok', 'schema-subject flights-value: ok'],
    ],
    [
      'that lacks a version is not what the file says',
      { subject: 'flights-value', versions: [3, 4] },
      ['registry URL: ok', 'schema-subject flights-value: fail'],
    ],
    [
      'that lacks the subject neither',
      { subject: 'flight-value' },
      ['registry URL: ok', 'schema-subject flight-value: fail'],
    ],
    ['without a subject is asked whether it answers', {}, ['registry URL: ok']],
  ])('%s', async (_, plan, expected) => {
    const { told, results } = await asked(plan)
    expect(told).toEqual(expected)
    for (const { state, todo } of results) expect(todo === null).toBe(state === 'ok')
    expect(registry?.requests.length).toBeGreaterThan(0)
  })

  it('says which versions there are where one is missing', async () => {
    const { results } = await asked({ subject: 'flights-value', versions: [3, 4] })
    expect(results[1]?.message).toBe('has no version 4 (it has 1, 2, 3)')
  })

  it('that wants to know who asks is not readable, and is with its secret', async () => {
    const options = { subjects: { s: [schema] }, authorization: 'Bearer hush' }
    const auth = { kind: 'bearer', tokenVariable: 'TOKEN' } as const
    expect((await asked({ subject: 's' }, options)).told).toEqual(['registry URL: fail'])
    await registry?.close()
    const { told } = await asked({ subject: 's' }, options, { auth }, { TOKEN: 'hush' })
    expect(told).toEqual(['registry URL: ok', 'schema-subject s: ok'])
    await registry?.close()
    const { told: without } = await asked({ subject: 's' }, options, { auth })
    expect(without).toEqual(['registry URL: fail'])
  })

  it('that is down is wrong, and no word on its subjects', async () => {
    registry = await startFakeRegistry()
    const { url } = registry
    await registry.close()
    registry = null
    const plan = { subject: 's', registry: { url, workingFolder: dir, access: {} } }
    expect(states(await of(plan))).toEqual([`registry ${url}: fail`])
  })
})

it('the doctor looks at both by itself, where the file names some', async () => {
  const config = join(dir, 'quipu.yaml')
  writeFileSync(
    config,
    `version: 1
pipelines:
  p:
    hops:
      s: { producer: t, service: s }
      t: { topic: t, schema: { file: broken.schema.json } }
    edges: [{ from: s, to: t }]
`,
  )
  const results = await examine({ config, store: join(dir, 'q.db'), env: {}, cwd: dir })
  const told = states(results)
  expect(told).toContain('schema-file broken.schema.json: fail')
  writeFileSync(
    config,
    `version: 1\npipelines:\n  p:\n    hops: { s: { producer: t, service: s }, t: { topic: t } }\n    edges: [{ from: s, to: t }]\n`,
  )
  const plain = states(await examine({ config, store: join(dir, 'q.db'), env: {}, cwd: dir }))
  expect(plain).toEqual(told.filter((one) => !one.startsWith('schema')))
})
