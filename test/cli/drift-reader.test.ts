/** What drifted, read of a store: by declarations of then, and by what registries said. */
import { afterEach, beforeEach, expect, it } from 'vitest'
import { driftOf } from '../../src/cli/drift-reader.ts'
import type { RegistryFacts } from '../../src/drift/registry-facts.ts'
import type { ShapePlan } from '../../src/drift/shape.ts'
import type { Pipeline } from '../../src/hop/pipeline.ts'
import { REGISTRY_FACT } from '../../src/store/facts.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { NOW, START } from '../reports/build.ts'
import { checkin, enrich, flights, frameOf, instanceOf, WINDOW_MS } from '../store/frames.ts'
import { type Look, shapeDelta } from '../store/shapes.ts'
import { lookedAt } from './looked.ts'

const URL = 'https://registry.example'
const PLAN: Partial<ShapePlan> = {
  ...{ subject: 'flights-value', framing: 'confluent' },
  registry: { url: URL, workingFolder: '/etc/quipu', access: {} },
}
const by = (schema: string): Look => ({ claim: 'confluent', schema })
const at = (subject: string, version: number) => ({
  state: 'registered' as const,
  places: [{ subject, version }],
  fields: [],
})
const FACTS: RegistryFacts = {
  at: NOW,
  schemas: {
    '7': at('flights-value', 1),
    '9': at('bookings-value', 1),
    '10': { state: 'unregistered' },
    '11': { state: 'unreachable', why: 'no answer' },
  },
  subjects: { 'flights-value': { state: 'registered', versions: [{ version: 1, id: '7' }] } },
}

let store: Store
beforeEach(async () => {
  store = await openSqliteStore(':memory:')
})
afterEach(() => store.close())

const put = (schema: string) =>
  store.fold(
    [checkin, flights, enrich].map((hop, i) =>
      frameOf(i, { shapes: [shapeDelta(hop, START, [1, 2], by(schema))], host: 'pod-1' }),
    ),
    {},
    NOW,
  )

async function codes(audited: readonly Pipeline[] = [lookedAt(PLAN)]): Promise<string[]> {
  const [drift] = await driftOf(store, { audited, now: NOW })
  return drift?.findings.map(({ code, hops }) => `${code} ${hops.join(' ')}`) ?? ['no pipeline']
}

it.each([
  ['its subject is no drift', '7', []],
  ['another subject is foreign', '9', ['foreign_schema checkin flights enrich']],
  ['no subject is unregistered', '10', ['unregistered_schema checkin flights enrich']],
  ['a registry that did not answer is not read', '11', ['unread checkin flights enrich']],
  ['which nobody asked is not read', '12', ['unread checkin flights enrich']],
])('a schema of %s', async (_, schema, expected) => {
  await store.setFact(REGISTRY_FACT, { [URL]: FACTS })
  await put(schema)
  expect(await codes()).toEqual(expected)
})

it('the word of another registry is no word of this one', async () => {
  await store.setFact(REGISTRY_FACT, { 'https://other.example': FACTS })
  await put('10')
  expect(await codes()).toEqual(['unread checkin flights enrich'])
})

it('producers are named with what they run, and where', async () => {
  await store.setFact(REGISTRY_FACT, { [URL]: FACTS })
  await put('10')
  const [drift] = await driftOf(store, { audited: [lookedAt(PLAN)], now: NOW })
  const producer = { service: 'checkin', instance: instanceOf(1), host: 'pod-1', count: 2, of: 2 }
  expect(drift?.findings).toMatchObject([{ producers: [producer], since: START }])
})

it('each pipeline is judged by itself, and only those that look at something', async () => {
  await store.setFact(REGISTRY_FACT, { [URL]: FACTS })
  await put('10')
  const looked = lookedAt(PLAN)
  const hopsOf = (...names: string[]) => looked.hops.filter(({ name }) => names.includes(name))
  const audited = [
    looked,
    { ...looked, name: 'billing', hops: hopsOf('enrich'), edges: [] },
    { ...looked, name: 'blind', hops: hopsOf('dlq', 'store'), edges: [] },
  ]
  const drift = await driftOf(store, { audited, now: NOW })
  expect(drift.map(({ pipeline }) => pipeline)).toEqual(['flights', 'billing'])
  expect(drift.map(({ findings }) => findings.map(({ hops }) => hops))).toEqual([
    [['checkin', 'flights', 'enrich']],
    [['enrich']],
  ])
  const only = await driftOf(store, { audited, pipeline: 'billing', now: NOW })
  expect(only).toEqual(drift.slice(1))
})

it('windows before the time that is asked for are no findings, and are read unless told', async () => {
  await put('10')
  await store.setFact(REGISTRY_FACT, { [URL]: FACTS })
  const query = { audited: [lookedAt(PLAN)], now: NOW }
  const since = START + WINDOW_MS
  expect((await driftOf(store, { ...query, since }))[0]).toMatchObject({ findings: [], cells: [] })
  expect((await driftOf(store, { ...query, from: since }))[0]).toMatchObject({ cells: [] })
  expect((await driftOf(store, query))[0]?.cells).toHaveLength(3)
})
