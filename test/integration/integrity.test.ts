/** Integrity as a user meets it: altered on the way through a service, on a real broker. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IHeaders, KafkaMessage, Message } from 'kafkajs'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { audited, flushAll, sink } from '../../agents/kafkajs.ts'
import { untilJudged, verdictsIn } from '../support/judged.ts'
import { createTopic, groupName, kafkaClient, sharedBrokers, topicName } from '../support/kafka.ts'
import { quipu, startAuditor } from '../support/quipu.ts'
import { noteStamps, type Stamps } from '../support/stamps.ts'

const COUNT = 600
const EDGE = 'enrich → enriched'

const folder = mkdtempSync(join(tmpdir(), 'quipu-integrity-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
afterEach(() => {
  vi.unstubAllEnvs()
})

/** Indexes of the messages to which each is done. */
interface Faults {
  readonly value?: readonly number[]
  readonly key?: readonly number[]
  readonly header?: readonly number[]
  readonly reordered?: readonly number[]
  readonly dropped?: readonly number[]
}

const FAULTS = {
  value: [7, 100, 101, 350, 599],
  key: [44, 511],
  header: [3, 250, 400],
  dropped: [42, 300],
}

describe('a pipeline that promises value, key and the header `source`', () => {
  it('is met where all is passed on as it came, whatever tracing does to the headers', async () => {
    const reordered = Array.from({ length: COUNT }, (_, i) => i).filter((i) => i % 2 === 0)
    const { store } = await run({ reordered })
    const check = await quipu(['check', '--store', store])
    expect([check.code, check.stdout.trimEnd().split('\n').at(-1)]).toEqual([0, 'All good!'])
    expect(await lossesIn(store)).toEqual([])
    for (const { verdict, counts, evidence } of await verdictsIn(store))
      expect([verdict, counts.altered, evidence]).toEqual(['met', 0, 'exact'])
  })

  it('names each altered message once and each dropped one, and nothing else', async () => {
    const reordered = [8, 9, 10, 222]
    const { store, stamps } = await run({ ...FAULTS, reordered })
    const ids = (indexes: readonly number[]): string[] =>
      indexes.map((i) => stamps.get(String(i)) as string).sort()
    const rows = await lossesIn(store)
    const named = (kind: string): string[] =>
      rows.filter((row) => row.kind === kind).map((row) => row.id.replaceAll('-', ''))
    expect(named('altered').sort()).toEqual(ids([...FAULTS.value, ...FAULTS.key, ...FAULTS.header]))
    expect(named('lost').sort()).toEqual(ids(FAULTS.dropped))
    expect(rows).toHaveLength(12)
    expect(new Set(rows.map(({ edge }) => edge))).toEqual(new Set([EDGE]))
    expect(new Set(rows.map(({ times }) => times))).toEqual(new Set([1]))

    const check = await quipu(['check', '--store', store, '--json'])
    expect([check.code, JSON.stringify(JSON.parse(check.stdout)).includes('"altered":10')]).toEqual(
      [1, true],
    )
    const verdicts = await verdictsIn(store)
    const sum = (edge: string): Record<string, number> => {
      const counts: Record<string, number> = {}
      for (const v of verdicts.filter((one) => one.edge === edge))
        for (const [name, n] of Object.entries(v.counts)) counts[name] = (counts[name] ?? 0) + n
      return counts
    }
    const clean = { duplicated: 0, undetermined: 0, unverified: 0, in_flight: 0 }
    expect(sum(EDGE)).toMatchObject({
      ...{ ...clean, expected: COUNT, delivered: COUNT - 12, altered: 10, lost: 2 },
    })
    for (const edge of ['checkin → flights', 'flights → enrich'])
      expect(sum(edge)).toMatchObject({ ...clean, delivered: COUNT, altered: 0, lost: 0 })
    for (const edge of ['enriched → load', 'load → store'])
      expect(sum(edge)).toMatchObject({ ...clean, delivered: COUNT - 2, altered: 0, lost: 0 })
  })
})

interface Outcome {
  readonly store: string
  /** By index. */
  readonly stamps: Stamps
}

async function run(faults: Faults): Promise<Outcome> {
  const names = {
    first: await createTopic({ prefix: 'flights', partitions: 3 }),
    second: await createTopic({ prefix: 'flights.enriched', partitions: 2 }),
    enrich: groupName('enrich'),
    load: groupName('load'),
    auditTopic: topicName('quipu.tallies'),
  }
  const file = join(folder, `${names.first}.yaml`)
  const store = join(folder, `${names.first}.db`)
  writeFileSync(file, yaml(names))
  const auditor = await startAuditor(['--config', file, '--store', store])
  vi.stubEnv('QUIPU_CONFIG', file)
  const stamps = await runServices(names, faults)
  // Three edges up to the service that drops some, two after it.
  await untilJudged(store, 5 * COUNT - 2 * (faults.dropped?.length ?? 0))
  auditor.child.kill('SIGTERM')
  expect(await auditor.ended, auditor.stderr()).toBe(143)
  return { store, stamps }
}

interface Names {
  readonly first: string
  readonly second: string
  readonly enrich: string
  readonly load: string
  readonly auditTopic: string
}

/** Three services as anybody writes them; resolves when all is read and all clients are closed. */
async function runServices(names: Names, faults: Faults): Promise<Stamps> {
  const { first, second, enrich, load, auditTopic } = names
  const stamps: Stamps = new Map()
  const troubles: string[] = []
  const options = {
    flushMs: 500,
    audit: { topic: auditTopic },
    onTrouble: (text: string) => void troubles.push(text),
  }
  const producer = audited(noteStamps(kafkaClient(), stamps), {
    ...{ ...options, service: 'checkin' },
  }).producer()
  const enricher = audited(kafkaClient(), { ...options, service: 'enrich' })
  const out = enricher.producer()
  const reader = enricher.consumer({ groupId: enrich, maxWaitTimeInMs: 100 })
  const loading = audited(kafkaClient(), { ...options, service: 'load' })
  const loader = loading.consumer({ groupId: load, maxWaitTimeInMs: 100 })
  const clients = [reader, loader, producer, out]
  for (const client of clients) await client.connect()
  await reader.subscribe({ topic: first, fromBeginning: true })
  await loader.subscribe({ topic: second, fromBeginning: true })
  let handled = 0
  let loaded = 0
  await reader.run({
    eachMessage: async ({ message }) => {
      const outgoing = enriched(message, faults)
      if (outgoing !== null) await out.send({ topic: second, messages: [outgoing] })
      handled++
    },
  })
  await loader.run({
    eachBatch: async ({ batch: { messages } }) => {
      for (const message of messages) sink('store').seen(message)
      loaded += messages.length
    },
  })
  for (let i = 0; i < COUNT; i += 20) {
    const messages = Array.from({ length: 20 }, (_, j) => messageOf(i + j))
    await producer.send({ topic: first, messages })
    await sleep(50)
  }
  const wanted = COUNT - (faults.dropped?.length ?? 0)
  for (let i = 0; (handled < COUNT || loaded < wanted) && i < 2_400; i++) await sleep(50)
  // Last words are bounded in time, so on a busy machine all else is said before.
  await flushAll()
  for (const client of clients) await client.disconnect()
  expect([handled, loaded, troubles]).toEqual([COUNT, wanted, []])
  return stamps
}

/** Bytes and text, nothing and the empty, one header value, several and none. */
function messageOf(i: number): Message {
  const values = [`flight ${i} to Zürich 🛫`, Buffer.from([0, 255, i & 255]), null, '']
  const sources = [
    { source: 'desk' },
    { source: Buffer.from('desk') },
    { source: ['desk', 'web', 'desk'] },
    { source: '' },
    { source: [] },
    {},
  ]
  return {
    key: String(i),
    value: values[i % values.length] as string | Buffer | null,
    headers: { channel: 'a', ...(sources[i % sources.length] as IHeaders), batch: String(i) },
  }
}

/** What the service makes of a message: as it came, but for what tracing adds, and for its faults. */
function enriched({ key, value, headers = {} }: KafkaMessage, faults: Faults): Message | null {
  const index = Number(key)
  const has = (fault: keyof Faults): boolean => faults[fault]?.includes(index) ?? false
  if (has('dropped')) return null
  const passed = has('reordered')
    ? Object.fromEntries(Object.entries(headers).map(repeated).reverse())
    : headers
  return {
    key: has('key') ? `0${index}` : key,
    value: has('value') ? `${value ?? 'null'} ` : value,
    headers: {
      ...passed,
      traceparent: `00-${'0'.repeat(31)}1-000000000000000${index % 10}-01`,
      tracestate: `quipu=${index}`,
      ...(has('header') ? { source: 'elsewhere' } : {}),
    },
  }
}

/** The values of a repeated header in another order. */
function repeated([name, value]: [string, IHeaders[string]]): [string, IHeaders[string]] {
  return [name, Array.isArray(value) ? [...value].reverse() : value]
}

interface Row {
  readonly edge: string
  readonly kind: string
  readonly id: string
  readonly times: number
}

async function lossesIn(store: string): Promise<readonly Row[]> {
  return JSON.parse((await quipu(['losses', '--store', store, '--json'])).stdout).losses
}

function yaml({ first, second, enrich, load, auditTopic }: Names): string {
  const preserve = 'preserve: [value, key, { headers: [source] }]'
  return `version: 1
window: 1s
lateness: 4s
kafka: { brokers: ["${sharedBrokers().join('", "')}"], audit: { topic: ${auditTopic} } }
pipelines:
  flights:
    hops:
      checkin: { producer: ${first}, service: checkin }
      flights: { topic: ${first} }
      enrich: { consumer: ${first}, group: ${enrich} }
      enriched: { topic: ${second} }
      load: { consumer: ${second}, group: ${load} }
      store: { sink: store }
    edges:
      - { from: checkin, to: flights, ${preserve} }
      - { from: flights, to: enrich, ${preserve} }
      - { from: enrich, to: enriched, ${preserve} }
      - { from: enriched, to: load, ${preserve} }
      - { from: load, to: store, ${preserve} }
`
}
