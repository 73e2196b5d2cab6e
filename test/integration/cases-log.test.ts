/**
 * Logs of all kinds on a real broker, one case each: what the broker does to a log is no loss, and what
 * is lost in it is still named.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { overlay } from '../../agents/kafkajs/overlay.ts'
import { flushAll } from '../../agents/kafkajs.ts'
import { checkTimes, TOPIC_RESOURCE } from '../../src/cli/preflight.ts'
import type { KafkaConfig } from '../../src/config/config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { startKafka, type TestKafka } from '../../src/testbed/kafka.ts'
import { type Books, openBooks } from '../support/books.ts'
import {
  CONSUME,
  makeScene,
  messagesOf,
  momentAgo,
  PRODUCE,
  patientClient,
  readAll,
  type Scene,
  sendAll,
  serviceOf,
  WINDOW_MS,
} from '../support/cases-producer.ts'
import { type Audit, audit, everAccused, idsOf, said } from '../support/cases-producer-audit.ts'
import { skipping, writing } from '../support/faulty-clients.ts'
import { createTopic, withAdmin } from '../support/kafka.ts'
import { quipu } from '../support/quipu.ts'
import { keysInLog } from '../support/read-log.ts'
import { noteStamps, type Stamps } from '../support/stamps.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-cases-log-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Looks, 50 ms apart, for what a group is to come to. */
const LOOKS_MAX = 1_200
/** For tests that run side by side, some of them on a broker of their own. */
const TIMEOUT_MS = 240_000

const stampsOf = (stamps: Stamps, keys: readonly string[]): string[] =>
  keys.map((key) => stamps.get(key) as string).sort()

describe.concurrent('a log that gives its own time', { timeout: TIMEOUT_MS }, () => {
  const config = { 'message.timestamp.type': 'LogAppendTime' }

  it('windows are those of the stamps; losses are named, and nothing else', async () => {
    const scene = await makeScene({ config })
    const birth = momentAgo()
    const stamps: Stamps = new Map()
    const unwritten = ['11', '12']
    const below = writing(patientClient(), (key) => (unwritten.includes(key) ? 0 : 1))
    const shop = serviceOf(scene, 'shop', { kafka: noteStamps(below, stamps), clock: () => birth })
    await sendAll(shop, scene.topic, messagesOf(60))
    const lossy = skipping(patientClient(), (key) => key === '40')
    await readAll(scene, serviceOf(scene, 'ship', { kafka: lossy }), 57)

    const books = await audit(scene)
    expect(said(books, PRODUCE)).toEqual({
      verdicts: ['breached'],
      counts: { expected: 60, delivered: 58, lost: 2 },
      findings: { lost: 2 },
    })
    expect(idsOf(books, PRODUCE, 'lost')).toEqual(stampsOf(stamps, unwritten))
    expect(said(books, CONSUME)).toEqual({
      verdicts: ['breached'],
      counts: { expected: 58, delivered: 57, lost: 1 },
      findings: { lost: 1 },
    })
    expect(idsOf(books, CONSUME, 'lost')).toEqual(stampsOf(stamps, ['40']))
  })

  it('messages without a stamp are known by their place and the time of the log', async () => {
    const scene = await makeScene({ config })
    await sendAll(patientClient(), scene.topic, messagesOf(30))
    const lossy = skipping(patientClient(), (key) => key === '8')
    await readAll(scene, serviceOf(scene, 'ship', { kafka: lossy }), 29)

    const books = await audit(scene, { laterMs: 10_000 })
    const { counts, findings } = said(books, CONSUME)
    expect(counts).toEqual({ expected: 30, delivered: 29, lost: 1 })
    expect(findings).toEqual({ lost: 1 })
    expect(said(books, PRODUCE).counts).toEqual({ unidentified: 30 })
  })
})

describe.concurrent('ids made of a time that the log replaces', { timeout: TIMEOUT_MS }, () => {
  const config = { 'message.timestamp.type': 'LogAppendTime' }
  const messages = messagesOf(30).map((m) => ({ ...m, headers: { ce_id: `order-${m.key}` } }))

  it.each([{ by: 'header', name: 'ce_id' }, { by: 'offset' }] as const)(
    'by $by: the producer takes the time that the log answers',
    async (identity) => {
      const scene = await makeScene({ config, identity: { identity, time: { by: 'timestamp' } } })
      await sendAll(serviceOf(scene, 'shop'), scene.topic, messages)
      const lossy = skipping(patientClient(), (key) => key === '8')
      await readAll(scene, serviceOf(scene, 'ship', { kafka: lossy }), 29)

      const books = await audit(scene, { laterMs: 10_000 })
      const produced = said(books, PRODUCE)
      expect(new Set(produced.verdicts)).toEqual(new Set(['met']))
      expect(produced.counts).toEqual({ expected: 30, delivered: 30 })
      expect(said(books, CONSUME).counts).toEqual({ expected: 30, delivered: 29, lost: 1 })
      expect(everAccused(books)).toEqual([`${CONSUME}: lost`])
    },
  )
})

describe.concurrent('a pipeline file that takes the time of ids from the timestamp', {
  timeout: TIMEOUT_MS,
}, () => {
  const fileOf = async (type: string, time = ''): Promise<Books> => {
    const topic = await createTopic({ config: { 'message.timestamp.type': type } })
    const pipelines = `  orders:
    hops:
      shop: { producer: ${topic}, service: shop }
      orders: { topic: ${topic}, identity: { header: ce_id }${time} }
    edges: [{ from: shop, to: orders }]
`
    return openBooks({ folder, name: topic, pipelines })
  }

  it('is refused where the log replaces it: its producers do not all learn of that', async () => {
    const { file, store } = await fileOf('LogAppendTime')
    const { code, stderr } = await quipu(['audit', '--config', file, '--store', store, '--once'])
    expect(code).toBe(2)
    expect(stderr).toMatch(/LogAppendTime.*\n.*`time: \{ header: NAME \}`/s)
    expect(existsSync(store)).toBe(false)
  })

  it.each([
    ['the log keeps it', 'CreateTime', ''],
    ['it is taken from the message', 'LogAppendTime', ', time: { header: at }'],
  ])('is accepted where %s', async (_, type, time) => {
    const { file } = await fileOf(type, time)
    const { pipelines, kafka } = loadConfig({ path: file, namedBy: null }, {}, folder)
    const trouble: string[] = []
    const open = (): Kafka => patientClient()
    await checkTimes(pipelines, kafka as KafkaConfig, open, (line) => trouble.push(line))
    expect(trouble).toEqual([])
  })
})

describe.concurrent('a topic that gets more partitions while messages flow', {
  timeout: TIMEOUT_MS,
}, () => {
  const LOST = ['late5', 'late6']

  /** Forty messages before and after; two of those after are swallowed by the group's client. */
  async function flow(scene: Scene, stamps: Stamps): Promise<void> {
    const metadataMaxAge = 300
    const shop = serviceOf(scene, 'shop', { kafka: noteStamps(patientClient(), stamps) })
    const lossy = skipping(patientClient(), (key) => LOST.includes(key))
    const ship = serviceOf(scene, 'ship', { kafka: lossy })
    const producer = shop.producer({ metadataMaxAge })
    const consumer = ship.consumer({
      ...{ groupId: scene.group, maxWaitTimeInMs: 100, metadataMaxAge },
    })
    let handled = 0
    let added = 0
    let isJoined = false
    consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
      isJoined ||= memberAssignment[scene.topic]?.length === 4
    })
    await producer.connect()
    await consumer.connect()
    await consumer.subscribe({ topic: scene.topic, fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ partition }) => {
        handled++
        if (partition >= 2) added++
      },
    })
    const send = async (prefix: string): Promise<void> => {
      const messages = messagesOf(40, prefix)
      await producer.send({ topic: scene.topic, messages: messages.slice(0, 20) })
      await sleep(500)
      await producer.send({ topic: scene.topic, messages: messages.slice(20) })
    }
    await send('early')
    await withAdmin((admin) =>
      admin.createPartitions({ topicPartitions: [{ topic: scene.topic, count: 4 }] }),
    )
    await send('between')
    // What is passed over while the group changes hands is judged by what it has committed.
    for (let look = 0; !isJoined && look < LOOKS_MAX; look++) await sleep(50)
    expect(isJoined).toBe(true)
    await sleep(2 * metadataMaxAge)
    await send('late')
    for (let look = 0; handled < 118 && look < LOOKS_MAX; look++) await sleep(50)
    await flushAll()
    await producer.disconnect()
    await consumer.disconnect()
    expect(handled).toBe(118)
    expect(added).toBeGreaterThan(0)
  }

  it('the new ones are read from their start, and nothing false is ever said', async () => {
    const scene = await makeScene()
    const stamps: Stamps = new Map()
    const client = patientClient()
    const kafka = overlay(client, {
      consumer: (config) => client.consumer({ ...config, metadataMaxAge: 300 }),
    })
    const books = await audit(scene, { kafka, during: () => flow(scene, stamps), laterMs: 5_000 })
    await expectTruth(books, stamps)
  })

  it('an auditor that does not notice takes them for unread; its next run reads them', async () => {
    const scene = await makeScene()
    const stamps: Stamps = new Map()
    const before = await audit(scene, { during: () => flow(scene, stamps), laterMs: 5_000 })
    const { counts, findings } = said(before, PRODUCE)
    expect(findings).toEqual({})
    expect(counts.expected).toBe(120)
    expect(counts.in_flight).toBeGreaterThan(0)
    expect((counts.delivered ?? 0) + (counts.in_flight ?? 0)).toBe(120)
    expect(idsOf(before, CONSUME, 'lost')).toEqual([])

    const after = await audit(scene, { laterMs: 5_000 })
    await expectTruth(after, stamps)
    expect(everAccused(before)).toEqual([])
  })

  async function expectTruth(books: Audit, stamps: Stamps): Promise<void> {
    const produced = said(books, PRODUCE)
    expect(new Set(produced.verdicts)).toEqual(new Set(['met']))
    expect(produced.counts).toEqual({ expected: 120, delivered: 120 })
    const consumed = said(books, CONSUME)
    expect(consumed.counts).toEqual({ expected: 120, delivered: 118, lost: 2 })
    expect(consumed.findings).toEqual({ lost: 2 })
    expect(idsOf(books, CONSUME, 'lost')).toEqual(stampsOf(stamps, LOST))
    expect(everAccused(books)).toEqual([`${CONSUME}: lost`])
    const everLost = books.history
      .flatMap((v) => v.findings)
      .filter((f) => f.code === 'lost')
      .flatMap((f) => f.ids.map(({ id }) => id))
    expect([...new Set(everLost)].sort()).toEqual(stampsOf(stamps, LOST))
  }
})

describe.concurrent('a compacted topic', { timeout: TIMEOUT_MS }, () => {
  let kafka: TestKafka
  beforeAll(async () => {
    kafka = await startKafka({
      config: {
        'log.cleaner.enable': 'true',
        'log.cleaner.backoff.ms': '200',
        'log.cleaner.threads': '1',
        'log.cleaner.dedupe.buffer.size': '2000000',
      },
    })
  })
  afterAll(() => kafka?.close())

  /** One window: keys that stay, then five rounds of ten keys of which the last stays; then a window. */
  async function writeRounds(
    scene: Scene,
    birth: number,
    unwritten: readonly string[] = [],
  ): Promise<Stamps> {
    const { brokers, topic } = scene
    const stamps: Stamps = new Map()
    let now = birth
    const below = writing(patientClient(brokers), (key) => (unwritten.includes(key) ? 0 : 1))
    const shop = serviceOf(scene, 'shop', { kafka: noteStamps(below, stamps), clock: () => now })
    const producer = shop.producer()
    await producer.connect()
    await producer.send({ topic, messages: messagesOf(10, 'stays') })
    for (let round = 0; round < 5; round++) {
      await producer.send({ topic, messages: messagesOf(10, 'again') })
      await sleep(150)
    }
    now += WINDOW_MS
    await producer.send({ topic, messages: messagesOf(10, 'next') })
    await producer.disconnect()
    return stamps
  }

  const written = async ({ brokers, topic }: Scene): Promise<number> =>
    (await keysInLog(brokers, topic)).length

  /** Has the cleaner come, and waits until it has removed what it will; records that are left. */
  async function compacted(scene: Scene, most: number): Promise<number> {
    await setConfig(scene, COMPACTED)
    let before = await written(scene)
    for (let look = 0; look < 240; look++) {
      await sleep(500)
      const now = await written(scene)
      if (now === before && now < most) return now
      before = now
    }
    throw new Error(`the cleaner has removed nothing: ${before} records`)
  }

  /** Segments are closed soon: the cleaner never touches the newest one. */
  const ROLLING = { 'segment.ms': '100' }
  const COMPACTED = {
    ...ROLLING,
    'cleanup.policy': 'compact',
    'min.cleanable.dirty.ratio': '0.01',
    'max.compaction.lag.ms': '200',
  }

  const makeRolling = (): Promise<Scene> =>
    makeScene({ brokers: kafka.brokers, partitions: 1, config: ROLLING })

  async function setConfig(
    { brokers, topic }: Scene,
    config: Readonly<Record<string, string>>,
  ): Promise<void> {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
    await withAdmin(async (admin) => {
      const resources = [{ type: TOPIC_RESOURCE, name: topic, configEntries }]
      await admin.alterConfigs({ validateOnly: false, resources })
    }, brokers)
  }

  it('ids that were compacted before they were read are undetermined, never lost', async () => {
    const scene = await makeRolling()
    await writeRounds(scene, momentAgo(1))
    const left = await compacted(scene, 70)
    await readAll(scene, serviceOf(scene, 'ship'), left)

    const books = await audit(scene)
    expect(await written(scene)).toBe(left)
    expect(said(books, PRODUCE)).toEqual({
      verdicts: ['indeterminate', 'met'],
      counts: { expected: 70, delivered: left, undetermined: 70 - left },
      findings: { compacted: 70 - left },
    })
    expect(said(books, CONSUME)).toEqual({
      verdicts: ['met', 'met'],
      counts: { expected: left, delivered: left },
      findings: {},
    })
    expect(everAccused(books)).toEqual([])
  })

  it('what is missing beyond the empty offsets is lost: how many, not which', async () => {
    const scene = await makeRolling()
    await writeRounds(scene, momentAgo(1), ['stays3', 'stays4'])
    const left = await compacted(scene, 68)
    await readAll(scene, serviceOf(scene, 'ship'), left)

    const books = await audit(scene)
    expect(await written(scene)).toBe(left)
    expect(said(books, PRODUCE)).toEqual({
      verdicts: ['breached', 'met'],
      counts: { expected: 70, delivered: left, undetermined: 68 - left, lost: 2 },
      findings: { compacted: 68 - left, lost: 2 },
    })
    expect(idsOf(books, PRODUCE, 'lost')).toEqual([])
    expect(said(books, CONSUME).verdicts).toEqual(['met', 'met'])
  })

  it('where nothing was removed yet, what is lost is named as anywhere', async () => {
    const scene = await makeScene({ config: { 'cleanup.policy': 'compact' } })
    const stamps = await writeRounds(scene, momentAgo(1), ['stays3', 'next7'])
    const books = await audit(scene)
    expect(said(books, PRODUCE)).toEqual({
      verdicts: ['breached', 'breached'],
      counts: { expected: 70, delivered: 68, lost: 2 },
      findings: { lost: 2 },
    })
    expect(idsOf(books, PRODUCE, 'lost')).toEqual(stampsOf(stamps, ['stays3', 'next7']))
  })

  it('a group that read them before is not accused of having read what nobody wrote', async () => {
    const scene = await makeRolling()
    const ship = serviceOf(scene, 'ship')
    const reading = readAll(scene, ship, 70)
    await writeRounds(scene, momentAgo(1))
    const read = (await reading).length
    const left = await compacted(scene, 70)

    const books = await audit(scene)
    expect([read, left < read]).toEqual([70, true])
    expect(said(books, PRODUCE).counts).toEqual({
      ...{ expected: 70, delivered: left, undetermined: 70 - left },
    })
    const consumed = said(books, CONSUME)
    expect(consumed.counts).toMatchObject({ expected: left, delivered: left })
    expect(consumed.findings).toEqual({ undetermined_extra: read - left })
    expect(everAccused(books)).toEqual([])
  })
})
