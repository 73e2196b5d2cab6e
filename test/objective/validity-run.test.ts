/** Validity of a whole run: producer, topic and consumer with agents, an auditor, a store, a report. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { audited, flushAll, shutdown } from '../../agents/kafkajs.ts'
import { AuditEngine } from '../../src/cli/audit-engine.ts'
import { inputOf } from '../../src/cli/report-reader.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { tallyPlans } from '../../src/hop/plan.ts'
import type { Report } from '../../src/objective/report.ts'
import { reportOf } from '../../src/objective/report-of.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { MemoryKafka } from '../../src/testbed/memory-kafka.ts'
import { MemoryTransport } from '../../src/transport/memory.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-validity-'))
afterAll(async () => {
  await shutdown()
  rmSync(folder, { recursive: true, force: true })
})

const WINDOW_MS = 60_000
const EPOCH = Date.UTC(2026, 0, 1)
const WINDOWS = 3
const PER_WINDOW = 20
const schema = { type: 'object', required: ['n'], properties: { n: { type: 'integer' } } }

const FILE = `version: 1
window: 60s
lateness: 60s
pipelines:
  p:
    hops:
      feed: { producer: t, service: feed }
      t: { topic: t, schema: { file: t.schema.json, sample: all } }
      read: { consumer: t, group: read }
    edges: [{ from: feed, to: t }, { from: t, to: read }]
    objectives:
      shape: { indicator: validity, target: 99%, period: { calendar: year } }
      half: { indicator: validity, target: 50%, period: { calendar: year } }
`

/** In each window one message is a tombstone; those of `wrong` hold a text for a number. */
async function run(wrong: readonly number[], isLooking: boolean): Promise<Report> {
  const path = join(folder, 'quipu.yaml')
  writeFileSync(join(folder, 't.schema.json'), JSON.stringify(schema))
  const parsed = parseConfig(FILE, path, {})
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues))
  const { pipelines, promises } = parsed.config
  // Agents of an older version know no schema.
  const known = isLooking
    ? pipelines
    : pipelines.map((p) => ({ ...p, hops: p.hops.map(({ shape: _, ...hop }) => hop) }))
  let now = EPOCH
  const clock = (): number => now
  const broker = new MemoryKafka({ clock })
  const transport = new MemoryTransport()
  const store = await openSqliteStore(':memory:')
  await broker
    .kafka()
    .admin()
    .createTopics({ topics: [{ topic: 't', numPartitions: 1 }] })
  const engine = await AuditEngine.start({
    ...{ pipelines: known, store, clock, timer: false, flushMs: WINDOW_MS },
    ...{ reader: transport.reader(), sender: () => transport.sender() },
    kafkas: new Map([['default', broker.kafka('auditor')]]),
  })
  const turn = async (): Promise<void> => {
    await flushAll()
    await engine.turn(0)
  }
  const options = { clock, timer: false, windowMs: WINDOW_MS, flushMs: WINDOW_MS }
  const client = (service: string) =>
    audited(broker.kafka(), {
      ...{ ...options, service, planOf: tallyPlans(known) },
      audit: { sender: transport.sender() },
    })
  const producer = client('feed').producer()
  const consumer = client('reader').consumer({ groupId: 'read', maxWaitTimeInMs: 100 })
  await producer.connect()
  await consumer.connect()
  await consumer.subscribe({ topic: 't', fromBeginning: true })
  await consumer.run({ eachMessage: async () => undefined })
  const lookedAt = async (): Promise<number> =>
    (await store.shapes()).reduce((n, { shape: s }) => n + s.looked + s.tombstones, 0)
  for (let w = 0; w < WINDOWS; w++) {
    now = EPOCH + w * WINDOW_MS + 1_000
    const values = Array.from({ length: PER_WINDOW }, (_, i) => w * PER_WINDOW + i).map((n) =>
      n % PER_WINDOW === 0 ? null : JSON.stringify({ n: wrong.includes(n) ? String(n) : n }),
    )
    await producer.send({ topic: 't', messages: values.map((value) => ({ value })) })
    await broker.idle()
    await turn()
    // The schema is read from its file in real time; producer, topic and consumer look at each.
    const all = isLooking ? 3 * (w + 1) * PER_WINDOW : 0
    for (let i = 0; i < 500 && (await lookedAt()) < all; i++) {
      await sleep(10)
      await turn()
    }
  }
  await producer.disconnect()
  await consumer.disconnect()
  now += 10 * WINDOW_MS
  await turn()
  await engine.close()
  const input = await inputOf(store, {}, { pipelines, promises }, now)
  await store.close()
  // The store knows the pipeline as its auditor did.
  return reportOf({ ...input, pipelines, detail: 'ids', version: '0.1.0' })
}

describe('validity of a run', () => {
  it('counts what was written wrongly, of all that is no tombstone', async () => {
    const { objectives, drift, headline } = await run([7, 25, 26], true)
    const events = { good: 54, bad: 3, unknown: 0 }
    expect(objectives.map((o) => [o.objective.id, o.verdict, o.events])).toEqual([
      ['shape', 'breached', events],
      ['half', 'met', events],
    ])
    expect(drift.findings.map(({ code, path, count, of, since }) => [code, path, count, of, since]))
      // It began in the first window, and of the last one nothing is wrong.
      .toEqual([['type_changed', '/n', 3, 38, '2026-01-01T00:00:00.000Z']])
    expect(headline).toContain('Messages of t are not what was promised.')
  })

  it('is met where nothing was', async () => {
    const { objectives, drift } = await run([], true)
    expect(objectives.map((o) => o.verdict)).toEqual(['met', 'met'])
    expect(drift.findings).toEqual([])
  })

  it('is not known where the agents do not look, whatever was written', async () => {
    const { objectives, drift } = await run([7], false)
    const events = { good: 0, bad: 0, unknown: 60 }
    expect(objectives.map((o) => [o.verdict, o.events])).toEqual([
      ['indeterminate', events],
      ['indeterminate', events],
    ])
    expect(drift.findings).toEqual([])
  })
})
