/** What an auditor asks registries, when, and what it leaves in the store of it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RegistryWatch } from '../../src/cli/audit-registry.ts'
import type { RegistryFacts } from '../../src/drift/registry-facts.ts'
import type { Claim, ShapePlan } from '../../src/drift/shape.ts'
import { hopKey } from '../../src/hop/hop.ts'
import { REGISTRY_FACT } from '../../src/store/facts.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { SeenSchema, Store } from '../../src/store/store.ts'
import { NOW } from '../reports/build.ts'
import { checkin, enrich, flights, frameOf } from '../store/frames.ts'
import { shapeDelta } from '../store/shapes.ts'
import { type FakeRegistry, send, startFakeRegistry } from '../support/fake-registry.ts'
import { lookedAt } from './looked.ts'

const schema = (name: string) => ({
  schema: JSON.stringify({ type: 'record', name, fields: [] }),
})
/** Ids are given in this order. */
const SUBJECTS = { 'flights-value': [schema('one'), schema('two')], other: [schema('three')] }
const [ONE, TWO, THREE, NONE] = ['100001', '100002', '100003', '100099']

let store: Store
let registry: FakeRegistry
let isDown = false
let now = 0
let troubles: string[] = []
const open: RegistryWatch[] = []

beforeEach(async () => {
  isDown = false
  now = NOW
  troubles = []
  store = await openSqliteStore(':memory:')
  registry = await startFakeRegistry({
    subjects: SUBJECTS,
    fault: (_, response) => {
      if (isDown) send(response, 503, { error_code: 50003, message: 'down for repair' })
      return isDown
    },
  })
})
afterEach(async () => {
  for (const watch of open.splice(0)) await watch.close()
  await registry.close()
  await store.close()
})

function watchOf(plan: Partial<ShapePlan> = {}): RegistryWatch {
  const place = { url: registry.url, workingFolder: '/', access: { retriesMax: 0 } }
  const pipeline = lookedAt({ subject: 'flights-value', registry: place, ...plan })
  const watch = new RegistryWatch({
    ...{ pipelines: [pipeline], store, env: {}, clock: () => now },
    onTrouble: (text) => troubles.push(text),
  })
  open.push(watch)
  return watch
}

const seen = (name: string, claim: Claim = 'confluent', hop = flights): SeenSchema => ({
  ...{ key: hopKey(hop), claim, schema: name },
})

const facts = async (): Promise<RegistryFacts | undefined> =>
  ((await store.fact(REGISTRY_FACT)) as Record<string, RegistryFacts> | undefined)?.[registry.url]

const states = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    Object.entries((await facts())?.schemas ?? {}).map(([id, { state }]) => [id, state]),
  )

/** Until what was asked has been kept; the clock stands still. */
async function kept(at: number): Promise<void> {
  while ((await facts())?.at !== at) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('a registry', () => {
  it('is asked about the schemas seen at each hop of its topic, and about the subject', async () => {
    const watch = watchOf()
    watch.see([seen(ONE), seen(THREE, 'apicurio-v3', checkin), seen(NONE, 'confluent', enrich)])
    watch.turn()
    await kept(NOW)
    expect(await states()).toEqual({
      ...{ [ONE]: 'registered', [THREE]: 'registered', [NONE]: 'unregistered' },
    })
    const { schemas, subjects } = (await facts()) as RegistryFacts
    expect(schemas[THREE]).toMatchObject({ places: [{ subject: 'other', version: 1 }] })
    expect(subjects).toMatchObject({
      'flights-value': { state: 'registered', versions: [{ id: ONE }, { id: TWO }] },
    })
    expect(troubles).toEqual([])
  })

  it('is not asked about what it cannot know: other topics, and frames that name no such id', async () => {
    const watch = watchOf()
    const elsewhere = { ...flights, topic: 'bookings' }
    watch.see([
      seen(ONE, 'confluent', elsewhere),
      seen('0f0e0d0c-0000-0000-0000-000000000000', 'glue'),
      seen('00112233aabbccdd', 'single-object'),
      seen(TWO, 'apicurio-v2'),
    ])
    watch.turn()
    await kept(NOW)
    expect(await states()).toEqual({})
  })

  it('is asked again every minute, and every 5 s where a schema is new', async () => {
    const watch = watchOf()
    watch.see([seen(ONE)])
    watch.turn()
    await kept(NOW)
    const asked = registry.requests.length
    now += 59_999
    watch.see([seen(ONE)])
    watch.turn()
    expect((await facts())?.at).toBe(NOW)
    now += 1
    watch.turn()
    await kept(NOW + 60_000)
    expect(registry.requests.length).toBeGreaterThan(asked)
    now += 4_999
    watch.see([seen(TWO)])
    watch.turn()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect((await facts())?.at).toBe(NOW + 60_000)
    now += 1
    watch.turn()
    await kept(NOW + 65_000)
    expect(await states()).toEqual({ [ONE]: 'registered', [TWO]: 'registered' })
  })

  it('that is down says nothing, and that once; once it is back it says what it knows', async () => {
    isDown = true
    const watch = watchOf()
    watch.see([seen(ONE), seen(NONE)])
    watch.turn()
    await kept(NOW)
    expect(await states()).toEqual({ [ONE]: 'unreachable', [NONE]: 'unreachable' })
    now += 60_000
    watch.turn()
    await kept(now)
    expect(troubles).toHaveLength(1)
    expect(troubles[0]).toContain(registry.url)
    isDown = false
    now += 60_000
    watch.turn()
    await kept(now)
    expect(await states()).toEqual({ [ONE]: 'registered', [NONE]: 'unregistered' })
    isDown = true
    now += 60_000
    watch.turn()
    await kept(now)
    expect(troubles).toHaveLength(2)
    expect((await states())[ONE]).toBe('registered')
  })

  it('whose secret is not set is a trouble, and no word on any schema', async () => {
    const auth = { kind: 'bearer', tokenVariable: 'QUIPU_TEST_TOKEN' } as const
    const place = { url: registry.url, workingFolder: '/', access: { auth } }
    const watch = watchOf({ registry: place })
    watch.see([seen(ONE)])
    watch.turn()
    await kept(NOW)
    expect(await states()).toEqual({ [ONE]: 'unreachable' })
    expect(troubles).toHaveLength(1)
    expect(registry.requests).toEqual([])
    expect(JSON.stringify(await facts())).not.toContain('Bearer')
  })

  it('is asked by the next auditor about what was seen before it', async () => {
    const framed = { claim: 'confluent', schema: TWO } as const
    await store.fold([frameOf(0, { shapes: [shapeDelta(flights, NOW, [1], framed)] })], {}, NOW)
    const schemas = { [ONE]: { state: 'unreachable', why: 'no answer' } }
    await store.setFact(REGISTRY_FACT, { [registry.url]: { at: 1, schemas, subjects: {} } })
    watchOf().turn()
    await kept(NOW)
    expect(await states()).toEqual({ [ONE]: 'registered', [TWO]: 'registered' })
  })

  it('is asked a last time at the end if something new was seen, and never after that', async () => {
    const watch = watchOf()
    watch.turn()
    await kept(NOW)
    watch.see([seen(ONE)])
    await watch.close()
    expect(await states()).toEqual({ [ONE]: 'registered' })
    const asked = registry.requests.length
    watch.see([seen(TWO)])
    now += 60_000
    watch.turn()
    await watch.close()
    expect(registry.requests).toHaveLength(asked)
  })

  it('is not asked where no topic names one', async () => {
    const watch = watchOf({ registry: null })
    watch.see([seen(ONE)])
    watch.turn()
    await watch.close()
    expect([registry.requests.length, await store.fact(REGISTRY_FACT)]).toEqual([0, undefined])
  })
})
