/** From a pipeline file with a JSON Schema to what the frames say, with nothing in between replaced. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, onTestFinished, vi } from 'vitest'
import { audited, flushAll } from '../../agents/kafkajs.ts'
import { topicAgent } from '../../agents/topic.ts'
import { lookers } from '../../src/drift/lookers.ts'
import { emptyShape, mergeShapes } from '../../src/drift/merge.ts'
import type { Shape } from '../../src/drift/shape.ts'
import { decodeShape } from '../../src/drift/shape-codec.ts'
import { agentSettings } from '../../src/hop/settings.ts'
import { MemoryKafka } from '../../src/testbed/memory-kafka.ts'
import { FrameLog } from './kafkajs/frames.ts'

const NOW = Date.UTC(2026, 0, 1, 12)
const folder = mkdtempSync(join(tmpdir(), 'quipu-looks-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SCHEMA = {
  type: 'object',
  required: ['flight', 'delay'],
  properties: { flight: { type: 'string' }, delay: { type: 'integer', maximum: 600 } },
}
const FILE = `version: 1
pipelines:
  flights:
    hops:
      desk: { producer: flights, service: desk }
      flights: { topic: flights, schema: { file: flights.schema.json, sample: all } }
      load: { consumer: flights, group: load }
    edges: [{ from: desk, to: flights }, { from: flights, to: load }]
`

const GOOD = 40
/** Value, what is odd about it. */
const FLAWS: readonly (readonly [value: string | null, odd: string])[] = [
  ['{"flight":"QP1"}', 'missing_field /delay'],
  ['{"flight":"QP2","delay":"12"}', 'type_changed /delay'],
  ['{"flight":"QP3","delay":601}', 'out_of_bounds /delay'],
  ['{"flight":"QP4","delay":1', 'undecodable '],
  [null, ''],
]

it('what breaks a JSON Schema is told by each hop, with the same ids', async () => {
  const config = join(folder, 'quipu.yaml')
  writeFileSync(config, FILE)
  writeFileSync(join(folder, 'flights.schema.json'), JSON.stringify(SCHEMA))
  vi.stubEnv('QUIPU_CONFIG', config)
  onTestFinished(() => {
    vi.unstubAllEnvs()
  })

  const memory = new MemoryKafka({ clock: () => NOW })
  const log = new FrameLog()
  const troubles: string[] = []
  const onTrouble = (text: string): void => void troubles.push(text)
  const options = { clock: () => NOW, timer: false, audit: { sender: log }, onTrouble }
  await memory
    .kafka()
    .admin()
    .createTopics({ topics: [{ topic: 'flights', numPartitions: 2 }] })
  const agent = await topicAgent({
    ...{ kafka: memory.kafka(), topics: ['flights'], sender: log, onTrouble },
    ...{ clock: () => NOW, timer: false, planOf: agentSettings({}, onTrouble).planOf },
    lookers: lookers({ env: {}, clock: () => NOW, onTrouble }),
  })
  const producer = audited(memory.kafka(), { ...options, service: 'desk' }).producer()
  const consumer = audited(memory.kafka(), { ...options, service: 'load' }).consumer({
    groupId: 'load',
  })
  await producer.connect()
  await consumer.connect()
  await consumer.subscribe({ topic: 'flights', fromBeginning: true })
  await consumer.run({ eachMessage: async () => {} })
  const good = Array.from({ length: GOOD }, (_, i) => JSON.stringify({ flight: `G${i}`, delay: i }))
  const values = [...good, ...FLAWS.map(([value]) => value)]
  await producer.send({ topic: 'flights', messages: values.map((value) => ({ value })) })
  await memory.idle()

  const shapeAt = (role: string): Shape => {
    const parts = log.frames
      .flatMap(({ shapes }) => shapes.filter(({ hop }) => hop.role === role))
      .map(({ shape }) => decodeShape(shape))
    return parts.reduce(mergeShapes, emptyShape(1, parts[0]?.declared ?? ''))
  }
  const roles = ['producer', 'topic', 'consumer']
  await vi.waitFor(async () => {
    await Promise.all([flushAll(), agent.flush()])
    for (const role of roles) expect(shapeAt(role).looked).toBe(GOOD + FLAWS.length - 1)
  }, 10_000)
  await Promise.all([producer.disconnect(), consumer.disconnect(), agent.close()])

  for (const role of roles) {
    const { tombstones, declared, variants } = shapeAt(role)
    expect([tombstones, declared.length, variants.length]).toEqual([1, 16, 1])
    const [variant] = variants
    expect(variant).toMatchObject({
      ...{ claim: 'none', count: GOOD + 4, invalid: 4, unread: {} },
    })
    const odd = variant?.oddities.map(({ kind, path, count }) => `${kind} ${path} ${count}`)
    expect(odd?.sort()).toEqual(FLAWS.flatMap(([, odd]) => (odd === '' ? [] : `${odd} 1`)).sort())
    const paths = variant?.fields.map(({ path, present }) => [path, present])
    expect(paths).toEqual([
      ['', GOOD + 3],
      ['/delay', GOOD + 2],
      ['/flight', GOOD + 3],
    ])
  }
  const ids = (role: string): unknown =>
    shapeAt(role).variants[0]?.oddities.map(({ kind, ids }) => [kind, ids])
  expect(ids('topic')).toEqual(ids('producer'))
  expect(ids('consumer')).toEqual(ids('producer'))
  expect(troubles).toEqual([])
})
