/** `quipu schema check --with-traffic`: a real store of 30 days, a real registry's words, a child process. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseConfig } from '../../src/config/parse.ts'
import type { RegistryFacts } from '../../src/drift/registry-facts.ts'
import type { Field, Shape, Variant } from '../../src/drift/shape.ts'
import { encodeShape } from '../../src/drift/shape-codec.ts'
import type { ShapeDelta } from '../../src/hop/frame.ts'
import { consumerHop, type HopRef, topicHop } from '../../src/hop/hop.ts'
import { PIPELINES_FACT, REGISTRY_FACT } from '../../src/store/facts.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { frameOf, instanceOf, WINDOW_MS } from '../store/frames.ts'
import { type FakeRegistry, startFakeRegistry } from '../support/fake-registry.ts'
import { errorsOf } from '../support/json-schemas.ts'
import { quipu } from '../support/quipu.ts'

const DAY_MS = 86_400_000
const ID = ['0'.repeat(32)]

const avro = (...fields: readonly object[]): string =>
  JSON.stringify({ type: 'record', name: 'Order', fields })
const id = { name: 'id', type: 'long' }
const amount = { name: 'amount', type: 'double', default: 0 }
const note = { name: 'note', type: ['string', 'null'], default: '' }
/** Written until ten days ago; no later version reads it. */
const FIRST = avro({ name: 'id', type: 'string' })

const json = (...names: readonly string[]): string =>
  JSON.stringify({
    ...{ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' },
    additionalProperties: false,
    properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
  })

let folder: string
let registry: FakeRegistry
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quipu-traffic-'))
  const schemas = [FIRST, avro(id), avro(id, amount)].map((schema) => ({ schema }))
  registry = await startFakeRegistry({ subjects: { 'orders-value': schemas } })
  write('before/flights.json', json('origin', 'gate', 'old'))
  write('other/unseen.json', json('a', 'b'))
  write('one/flights.json', json('origin', 'gate'))
  write('two/flights.json', json('origin', 'old'))
  write('three/unseen.json', json('a'))
  write('twice/before/twin.json', json('a', 'b'))
  write('twice/after/twin.json', json('a'))
  write('avro/orders-value.avsc', avro(id, amount, note))
  await makeStore(join(folder, 'quipu.db'))
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await registry.close()
})

function write(name: string, text: string): void {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

const field = (path: string, present: number, of: number): Field => ({
  ...{ path, declared: true, of, present, nulls: 0, lists: 0, ids: ID },
  ...(path === ''
    ? { objects: present, types: { object: present } }
    : { objects: 0, types: { string: present } }),
  ...{ length: null, number: null, distinct: [], symbols: [], moreSymbols: 0 },
})

const variant = (
  schema: string,
  count: number,
  fields: Readonly<Record<string, number>>,
): Variant => ({
  ...{
    claim: schema === '' ? 'none' : 'confluent',
    schema,
    type: '',
    count,
    invalid: 0,
    unread: {},
  },
  ...{ ids: ID, oddities: [], moreOddities: 0, moreFields: 0 },
  fields: [
    field('', count, count),
    ...Object.entries(fields).map(([path, present]) => field(path, present, count)),
  ],
})

const delta = (hop: HopRef, window: number, oneIn: number, one: Variant): ShapeDelta => {
  const shape: Shape = {
    ...{ oneIn, declared: '', looked: one.count, tombstones: 0, variants: [one] },
  }
  return { hop, window, shape: encodeShape(shape) }
}

/** Thirty days: of flights 1,000 a day, one in 64 looked at; of orders a version more every ten days. */
async function makeStore(path: string): Promise<void> {
  const parsed = parseConfig(
    `version: 1
schemas: { registry: { url: "${registry.url}" } }
pipelines:
  p:
    hops:
      flights: { topic: flights, schema: observe }
      enrich: { consumer: flights, group: enrich }
      twin: { topic: twin, schema: observe }
      copy: { topic: copy, schema: { file: twice/after/twin.json } }
      orders: { topic: orders, schema: { subject: orders-value } }
    edges: [{ from: flights, to: enrich }]
`,
    join(folder, 'quipu.yaml'),
    {},
  )
  if (!parsed.ok) throw new Error(parsed.issues[0]?.message)
  const store = await openSqliteStore(path)
  const now = Date.now()
  const flights = topicHop('default', 'flights')
  const spy = consumerHop('default', 'flights', 'spy')
  const shapes = Array.from({ length: 30 }, (_, day): readonly ShapeDelta[] => {
    const window = Math.floor((now - day * DAY_MS - DAY_MS / 2) / WINDOW_MS) * WINDOW_MS
    const seen = variant('', 1_000, { '/gate': 940, '/origin': 1_000 })
    const version = String(day > 20 ? 1 : day > 10 ? 2 : 3)
    return [
      delta(flights, window, 64, seen),
      // What a group saw is not counted beside the topic.
      delta(topicHop('default', 'twin'), window, 1, variant('', 1_000, { '/a': 1_000 })),
      delta(spy, window, 64, seen),
      delta(topicHop('default', 'orders'), window, 1, variant(version, 1_000, { '/id': 1_000 })),
    ]
  })
  await store.fold([frameOf(0, { instance: instanceOf(1), shapes: shapes.flat() })], {}, now)
  const facts: RegistryFacts = {
    ...{ at: now, schemas: {} },
    subjects: {
      'orders-value': {
        state: 'registered',
        versions: [1, 2, 3].map((version) => ({ version, id: String(version) })),
      },
    },
  }
  await store.setFact(PIPELINES_FACT, parsed.config.pipelines)
  await store.setFact(REGISTRY_FACT, { [registry.url]: facts })
  await store.close()
}

const check = (...args: readonly string[]) => quipu(['schema', 'check', ...args], folder)

describe('a field that is removed', () => {
  it.concurrent('is a note where no message has carried it', async () => {
    const { code, stdout, stderr } = await check('one', '--against', 'before', '--with-traffic')
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(' info JSON_PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL flights: ')
    expect(stdout).toContain(
      '0 of 30,000 messages carried it (one in 64 is looked at) in 30 days: it is less than 1 in 10,000, with 95%.',
    )
    expect(stdout).toMatch(/\nok: 1 subject, 1 version, BACKWARD; 1 note\n$/)
  })

  it.concurrent('fails, and is named with its volume, where most carry it', async () => {
    const { code, stdout } = await check('two', '--against', 'before', '--with-traffic=quipu.db')
    expect(code).toBe(1)
    expect(stdout).toContain(
      '94% of messages carry it: about 1,800,000 (1,780,000 to 1,830,000; one in 64 is looked at) on 30 of 30 days; read by enrich, spy.',
    )
    expect(stdout).toMatch(/\n1 error in 1 subject; compared: 1 subject, 1 version, BACKWARD\n$/)
  })

  it.concurrent('is what the schemas say where nothing was seen, and that is said', async () => {
    const args = ['three', '--against', 'other']
    const [plain, weighed] = await Promise.all([check(...args), check(...args, '--with-traffic')])
    expect([weighed.code, weighed.stdout]).toEqual([1, plain.stdout])
    expect(weighed.stderr).toBe(
      'traffic: unseen: nothing was looked at in 30 days, so its findings stay as they are\n',
    )
  })

  it.concurrent('is no note where another topic of its schema was not looked at', async () => {
    const { code, stdout } = await check(
      ...['twice/after', '--against', 'twice/before', '--with-traffic'],
    )
    expect(code).toBe(1)
    expect(stdout).toContain(
      '0 of 30,000 messages carried it; it was looked at on 0 of 30 days only, which acquits nothing.',
    )
  })

  it.concurrent('comes in JSON with the figures, as the published schema has it', async () => {
    const { stdout } = await check('one', '--against', 'before', '--json', '--with-traffic')
    const report = JSON.parse(stdout)
    expect(errorsOf('schema-check', report)).toEqual([])
    expect(report.findings[0].args).toMatchObject({
      ...{ trafficCarried: 0, trafficRead: 30_000, trafficOneIn: 64, trafficDays: 30 },
      ...{ trafficTopics: ['flights'], trafficGroups: ['enrich', 'spy'] },
      severityWithoutTraffic: 'error',
    })
  })
})

describe('versions that are on no topic any more', () => {
  const args = () => [
    ...['avro', '--against', `registry:${registry.url}`, '--mode', 'BACKWARD_TRANSITIVE'],
    '--with-traffic=quipu.db',
  ]

  it.concurrent('are compared unless somebody says how long topics keep messages', async () => {
    const { code, stdout } = await check(...args())
    expect(code).toBe(1)
    expect(stdout).toContain('AVRO_TYPE_MISMATCH')
  })

  it.concurrent('are left out then, and that is said', async () => {
    const { code, stdout, stderr } = await check(...args(), '--retention', '15d')
    expect([code, stdout]).toEqual([0, 'ok: 1 subject, 2 versions, BACKWARD_TRANSITIVE\n'])
    expect(stderr).toMatch(
      /^traffic: orders-value version 1 is left out: nobody has written it since \d{4}-.*Z\n$/,
    )
  })

  it.concurrent('stay where topics keep messages for longer', async () => {
    const { code } = await check(...args(), '--retention', '25d')
    expect(code).toBe(1)
  })
})

describe('wrong usage', () => {
  it.concurrent('a store that is not there is never an empty one', async () => {
    const { code, stderr } = await check('one', '--against', 'before', '--with-traffic=gone.db')
    expect(code).toBe(4)
    expect(stderr).toContain('there is no store at gone.db')
  })

  it.concurrent('--retention alone would do nothing', async () => {
    const { code, stderr } = await check('one', '--against', 'before', '--retention', '7d')
    expect(code).toBe(2)
    expect(stderr).toContain('--retention says nothing without --with-traffic')
  })
})
