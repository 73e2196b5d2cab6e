/**
 * Producers of all kinds on a real broker, one case each. What is true is known from below the agent: by
 * the stamps that were noted there, and by where a bare client put what it wrote.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Kafka, Producer, ProducerRecord } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { flushAll } from '../../agents/kafkajs.ts'
import { decodeFrame } from '../../src/hop/frame-codec.ts'
import { bytesOfWords, hexOfWords } from '../../src/message/id.ts'
import { offsetId } from '../../src/message/identity.ts'
import { Minter } from '../../src/message/mint.ts'
import { STAMP_HEADER } from '../../src/message/stamp.ts'
import { kafkaSender } from '../../src/transport/kafka.ts'
import type { FrameSender } from '../../src/transport/transport.ts'
import {
  CONSUME,
  FLUSH_MS,
  keysOf,
  LATENESS_MS,
  makeScene,
  messagesOf,
  momentAgo,
  PRODUCE,
  patientClient,
  readAll,
  type Scene,
  type Simple,
  sayGoodbye,
  sendAll,
  serviceOf,
  WINDOW_MS,
} from '../support/cases-producer.ts'
import { audit, everAccused, idsOf, said } from '../support/cases-producer-audit.ts'
import { cutAtCommit } from '../support/cases-producer-cut.ts'
import type { ShortPlan } from '../support/cases-producer-short-plan.ts'
import { skipping, writing } from '../support/faulty-clients.ts'
import { withAdmin } from '../support/kafka.ts'
import { noteStamps, type Stamps } from '../support/stamps.ts'

/** For tests that run side by side. */
const TIMEOUT_MS = 240_000

const stampsOf = (stamps: Stamps, keys: readonly string[]): string[] =>
  keys.map((key) => stamps.get(key) as string).sort()

describe.concurrent('a producer without an agent, beside one with', { timeout: TIMEOUT_MS }, () => {
  it('its messages are known by their place, and their loss at the group is named', async () => {
    const scene = await makeScene()
    const birth = momentAgo()
    const stamps: Stamps = new Map()
    const shop = serviceOf(scene, 'shop', {
      kafka: noteStamps(patientClient(), stamps),
      clock: () => birth,
    })
    const [own, bare] = [messagesOf(60, 'own'), messagesOf(40, 'bare')]
    await sendAll(shop, scene.topic, own)
    const places = await sendBare(scene, bare, birth)
    const lost = ['own3', 'own4', 'bare7', 'bare8', 'bare30']
    const faulty = skipping(patientClient(), (key) => lost.includes(key))
    await readAll(scene, serviceOf(scene, 'ship', { kafka: faulty }), 95)

    const books = await audit(scene)
    expect(said(books, PRODUCE)).toEqual({
      verdicts: ['met'],
      counts: { expected: 60, delivered: 60, unidentified: 40 },
      findings: { unidentified: 40 },
    })
    expect(said(books, CONSUME)).toEqual({
      verdicts: ['breached'],
      counts: { expected: 100, delivered: 95, lost: 5 },
      findings: { lost: 5 },
    })
    const truth = [
      ...stampsOf(stamps, lost.slice(0, 2)),
      ...lost.slice(2).map((k) => places.get(k)),
    ]
    expect(idsOf(books, CONSUME, 'lost')).toEqual(truth.sort())
  })

  it('what carries a stamp of a producer that nobody heard is unconfirmed', async () => {
    const scene = await makeScene()
    const birth = momentAgo()
    const shop = serviceOf(scene, 'shop', { clock: () => birth })
    await sendAll(shop, scene.topic, messagesOf(60, 'own'))
    const foreign = await sendStamped(scene, messagesOf(20, 'foreign'), birth)
    await readAll(scene, serviceOf(scene, 'ship'), 80)

    const books = await audit(scene)
    expect(said(books, PRODUCE)).toEqual({
      verdicts: ['indeterminate'],
      counts: { expected: 60, delivered: 60, unconfirmed: 20 },
      findings: { unconfirmed: 20 },
    })
    expect(idsOf(books, PRODUCE, 'unconfirmed')).toEqual(foreign)
    expect(said(books, CONSUME)).toEqual({
      verdicts: ['met'],
      counts: { expected: 80, delivered: 80 },
      findings: {},
    })
    expect(everAccused(books)).toEqual([])
  })
})

describe.concurrent('a transactional producer', { timeout: TIMEOUT_MS }, () => {
  it('what it aborted is withdrawn: not lost, not delivered; markers are no holes', async () => {
    const scene = await makeScene()
    const birth = momentAgo()
    const shop = serviceOf(scene, 'shop', { clock: () => birth })
    await inTransactions(scene, shop, [
      { messages: messagesOf(20, 'a'), outcome: 'commit' },
      { messages: messagesOf(10, 'b'), outcome: 'abort' },
      { messages: messagesOf(20, 'c'), outcome: 'commit' },
      // The log ends with aborted records and a marker.
      { messages: messagesOf(5, 'd'), outcome: 'abort' },
    ])
    const read = await readAll(scene, serviceOf(scene, 'ship'), 40)
    expect(read).toEqual(keysOf([...messagesOf(20, 'a'), ...messagesOf(20, 'c')]).sort())

    const books = await audit(scene)
    expect(said(books, PRODUCE)).toEqual({
      verdicts: ['met'],
      counts: { expected: 40, delivered: 40, withdrawn: 15 },
      findings: {},
    })
    expect(said(books, CONSUME)).toEqual({
      verdicts: ['met'],
      counts: { expected: 40, delivered: 40 },
      findings: {},
    })
    expect(everAccused(books)).toEqual([])
  })

  it('what its client loses of a committed transaction is lost, among aborted ones', async () => {
    const scene = await makeScene()
    const birth = momentAgo()
    const stamps: Stamps = new Map()
    const shop = serviceOf(scene, 'shop', {
      kafka: noteStamps(patientClient(), stamps),
      clock: () => birth,
    })
    await inTransactions(scene, shop, [
      { messages: messagesOf(10, 'a'), outcome: 'commit' },
      { messages: messagesOf(10, 'b'), outcome: 'abort' },
      { messages: messagesOf(10, 'c'), outcome: 'commit' },
    ])
    const faulty = skipping(patientClient(), (key) => key === 'c4')
    await readAll(scene, serviceOf(scene, 'ship', { kafka: faulty }), 19)

    const books = await audit(scene)
    expect(said(books, CONSUME)).toEqual({
      verdicts: ['breached'],
      counts: { expected: 20, delivered: 19, lost: 1 },
      findings: { lost: 1 },
    })
    expect(idsOf(books, CONSUME, 'lost')).toEqual(stampsOf(stamps, ['c4']))
    expect(said(books, PRODUCE).verdicts).toEqual(['met'])
  })

  it('aborted messages that a client delivers after the key 00 00 00 00 are named', async () => {
    const scene = await makeScene({ partitions: 1 })
    const birth = momentAgo()
    const stamps: Stamps = new Map()
    const shop = serviceOf(scene, 'shop', {
      kafka: noteStamps(patientClient(), stamps),
      clock: () => birth,
    })
    const zero = Buffer.alloc(4)
    const aborted = [
      { key: 'x0', value: 'x0' },
      { key: zero, value: 'x1' },
      { key: 'x2', value: 'x2' },
      { key: 'x3', value: 'x3' },
    ]
    await inTransactions(scene, shop, [
      { messages: messagesOf(10, 'a'), outcome: 'commit' },
      { messages: aborted, outcome: 'abort' },
      { messages: messagesOf(10, 'b'), outcome: 'commit' },
    ])
    const read = await readAll(scene, serviceOf(scene, 'ship'), 23)
    // Of the client, not of ours: it takes the key for the marker that ends an aborted transaction.
    const delivered = [String(zero), 'x2', 'x3']
    const committed = [...messagesOf(10, 'a'), ...messagesOf(10, 'b')]
    expect(read).toEqual([...keysOf(committed), ...delivered].sort())

    const books = await audit(scene)
    expect(said(books, PRODUCE)).toEqual({
      verdicts: ['breached'],
      counts: { expected: 20, delivered: 20, withdrawn: 4, withdrawn_delivered: 3 },
      findings: { withdrawn_delivered: 3 },
    })
    expect(idsOf(books, PRODUCE, 'withdrawn_delivered')).toEqual(stampsOf(stamps, delivered))
    expect(said(books, CONSUME).findings).toEqual({})
  })
})

describe.concurrent('acks: 0', { timeout: TIMEOUT_MS }, () => {
  it('what was never written is named once the log was read to its end, and nothing else', async () => {
    const scene = await makeScene()
    const birth = momentAgo()
    const stamps: Stamps = new Map()
    const unwritten = ['5', '6', '33', '59']
    const shop = serviceOf(scene, 'shop', {
      kafka: noteStamps(
        writing(patientClient(), (key) => (unwritten.includes(key) ? 0 : 1)),
        stamps,
      ),
      clock: () => birth,
    })
    await sendAll(shop, scene.topic, messagesOf(60), 0)
    await readAll(scene, serviceOf(scene, 'ship'), 56)

    const books = await audit(scene)
    expect(said(books, PRODUCE)).toEqual({
      verdicts: ['breached'],
      counts: { expected: 60, delivered: 56, lost: 4 },
      findings: { lost: 4 },
    })
    expect(idsOf(books, PRODUCE, 'lost')).toEqual(stampsOf(stamps, unwritten))
    expect(said(books, CONSUME)).toEqual({
      verdicts: ['met'],
      counts: { expected: 56, delivered: 56 },
      findings: {},
    })
  })

  it('what is written is not lost, also where a group has not come so far', async () => {
    const scene = await makeScene()
    const birth = momentAgo()
    const clock = (): number => birth
    await sendAll(serviceOf(scene, 'shop', { clock }), scene.topic, messagesOf(30, 'a'), 0)
    await readAll(scene, serviceOf(scene, 'ship'), 30)
    await sendAll(serviceOf(scene, 'shop', { clock }), scene.topic, messagesOf(30, 'b'), 0)

    const books = await audit(scene)
    expect(said(books, PRODUCE)).toEqual({
      verdicts: ['met'],
      counts: { expected: 60, delivered: 60 },
      findings: {},
    })
    expect(said(books, CONSUME)).toEqual({
      verdicts: ['indeterminate'],
      counts: { expected: 60, delivered: 30, in_flight: 30 },
      findings: {},
    })
    expect(everAccused(books)).toEqual([])
  })
})

describe.concurrent('clocks that are ten minutes off', { timeout: TIMEOUT_MS }, () => {
  const OFF_MS = 600_000
  const off = (ms: number) => (): number => Date.now() + ms

  it.each([
    { who: 'shop', which: 'ahead', shop: OFF_MS, ship: 0 },
    { who: 'shop', which: 'behind', shop: -OFF_MS, ship: 0 },
    { who: 'ship', which: 'ahead', shop: 0, ship: OFF_MS },
    { who: 'ship', which: 'behind', shop: 0, ship: -OFF_MS },
  ])('change no verdict, and show: $who $which', async ({ who, which, ...offMs }) => {
    const scene = await makeScene()
    const stamps: Stamps = new Map()
    const kafka = noteStamps(patientClient(), stamps)
    const shop = serviceOf(scene, 'shop', { kafka, clock: off(offMs.shop) })
    const lost = ['7', '31']
    const ship = serviceOf(scene, 'ship', {
      kafka: skipping(patientClient(), (key) => lost.includes(key)),
      clock: off(offMs.ship),
    })
    // Still there when the auditor comes: of one that has ended, nobody knows how old its frames are.
    const staying = (who === 'shop' ? shop : ship).producer()
    await staying.connect()
    await sendAll(shop, scene.topic, messagesOf(60))
    await readAll(scene, ship, 58)
    await sleep(WINDOW_MS + 2 * FLUSH_MS)

    // The window's end lies ahead by the clock that gave its births.
    const laterMs = offMs.shop < 0 ? 0 : offMs.shop + WINDOW_MS + LATENESS_MS
    const books = await audit(scene, { laterMs, alive: [who] })
    await staying.disconnect()
    const produced = said(books, PRODUCE)
    expect(new Set(produced.verdicts)).toEqual(new Set(['met']))
    expect([produced.counts, produced.findings]).toEqual([{ expected: 60, delivered: 60 }, {}])
    const consumed = said(books, CONSUME)
    expect(consumed.counts).toEqual({ expected: 60, delivered: 58, lost: 2 })
    expect(consumed.findings).toEqual({ lost: 2 })
    expect(idsOf(books, CONSUME, 'lost')).toEqual(stampsOf(stamps, lost))

    const notes = books.assessment.coverage.clocks
    const near = OFF_MS - 60_000
    const [note] = notes.filter((n) => n.kind !== 'edge_behind')
    if (which === 'ahead') {
      expect(note).toMatchObject({ kind: 'ahead', service: who, instances: 1 })
      // Proven: never more than it is.
      expect(note?.kind === 'ahead' && note.atLeastMs).toBeLessThanOrEqual(OFF_MS)
      expect(note?.kind === 'ahead' && note.atLeastMs).toBeGreaterThan(near)
    } else {
      expect(note).toMatchObject({ kind: 'behind_or_slow', service: who, instances: 1 })
      expect(note?.kind === 'behind_or_slow' && note.atMostMs).toBeGreaterThanOrEqual(OFF_MS - 1)
    }
    // Nothing comes before it was sent, but by a clock that is behind.
    const edges = notes.filter((n) => n.kind === 'edge_behind').map((n) => n.edge)
    expect(edges).toEqual(who === 'ship' && which === 'behind' ? [CONSUME] : [])
  })
})

describe.concurrent('births that nobody believes', { timeout: TIMEOUT_MS }, () => {
  const DAY_MS = 86_400_000

  it('are counted apart: their windows are indeterminate, all others as they are', async () => {
    const scene = await makeScene()
    const birth = momentAgo()
    const [past, future] = [birth - 8 * DAY_MS, birth + DAY_MS]
    for (const [prefix, at] of [
      ['past', past],
      ['now', birth],
      ['future', future],
    ] as const)
      await sendAll(
        serviceOf(scene, 'shop', { clock: () => at }),
        scene.topic,
        messagesOf(10, prefix),
      )
    const lossy = skipping(patientClient(), (key) => key === 'now4')
    await readAll(scene, serviceOf(scene, 'ship', { kafka: lossy }), 29)

    const books = await audit(scene)
    expect(said(books, PRODUCE)).toEqual({
      verdicts: ['indeterminate', 'met', 'indeterminate'],
      counts: { expected: 30, delivered: 10, undetermined: 20 },
      findings: { hole: 2, undetermined: 20 },
    })
    expect(said(books, CONSUME)).toEqual({
      verdicts: ['indeterminate', 'breached', 'indeterminate'],
      counts: { expected: 10, delivered: 9, lost: 1 },
      // Neither the topic's agent nor the group's believes them.
      findings: { hole: 4, lost: 1 },
    })
    expect(everAccused(books)).toEqual([`${CONSUME}: lost`])
    const { dropped } = books.assessment.coverage
    expect(dropped).toEqual([{ reason: 'stray-births', count: 40 }])
  })

  it('in more windows than are named: none of them is judged', async () => {
    const scene = await makeScene()
    const birth = momentAgo()
    let at = birth - 8 * DAY_MS
    const producer = serviceOf(scene, 'shop', { clock: () => at }).producer()
    await producer.connect()
    for (const message of messagesOf(40)) {
      await producer.send({ topic: scene.topic, messages: [message] })
      at += 1_000
    }
    await producer.disconnect()
    await sendAll(serviceOf(scene, 'shop', { clock: () => birth }), scene.topic, messagesOf(10))

    const books = await audit(scene)
    const { verdicts, counts } = said(books, PRODUCE)
    expect(verdicts).toEqual([...Array.from({ length: 40 }, () => 'indeterminate'), 'met'])
    expect(counts).toEqual({ expected: 50, delivered: 10, undetermined: 40 })
    expect(everAccused(books)).toEqual([])
  })
})

describe.concurrent('a producer that exits as soon as its send has resolved', {
  timeout: TIMEOUT_MS,
}, () => {
  it('having reported before: what it told counts, its hole ends, later windows are met', async () => {
    const scene = await makeScene()
    const birth = momentAgo(3)
    const [told, untold] = [messagesOf(10, 'told'), messagesOf(10, 'untold')]
    await exitAfterSending(scene, { birth, reported: told, unreported: untold })
    await sendEachWindow(scene, birth - WINDOW_MS, 5)
    await readAll(scene, serviceOf(scene, 'ship'), 70)

    const books = await audit(scene)
    // It is sealed up to its only moment, and may have sent for three heartbeats more.
    expect(said(books, PRODUCE)).toEqual({
      verdicts: ['met', 'indeterminate', 'indeterminate', 'met', 'met'],
      counts: { expected: 60, delivered: 60 },
      findings: { hole: 2, undetermined_extra: 10 },
    })
    const untoldIds = books.verdicts
      .filter((v) => v.edge === PRODUCE)
      .map((v) => v.findings.find((f) => f.code === 'undetermined_extra')?.count ?? 0)
    expect(untoldIds.filter((n) => n > 0)).toEqual([10])
    expect(said(books, CONSUME)).toEqual({
      verdicts: ['met', 'met', 'met', 'met', 'met'],
      counts: { expected: 70, delivered: 70 },
      findings: {},
    })
    expect(everAccused(books)).toEqual([])
  })

  it('before its first report: its messages are unconfirmed, and nothing else is', async () => {
    const scene = await makeScene()
    const birth = momentAgo(3)
    await exitAfterSending(scene, { birth, reported: [], unreported: messagesOf(10, 'untold') })
    await sendEachWindow(scene, birth - WINDOW_MS, 4)
    await readAll(scene, serviceOf(scene, 'ship'), 50)

    const books = await audit(scene)
    expect(said(books, PRODUCE)).toEqual({
      verdicts: ['met', 'indeterminate', 'met', 'met'],
      counts: { expected: 40, delivered: 40, unconfirmed: 10 },
      findings: { unconfirmed: 10 },
    })
    expect(said(books, CONSUME)).toEqual({
      verdicts: ['met', 'met', 'met', 'met'],
      counts: { expected: 50, delivered: 50 },
      findings: {},
    })
    expect(everAccused(books)).toEqual([])
  })
})

describe.concurrent('a nightly producer', { timeout: TIMEOUT_MS }, () => {
  const HOUR_MS = 3_600_000

  it.each([
    { ending: 'with goodbye', isKilled: false },
    { ending: 'killed after its last report', isKilled: true },
  ])('ends $ending: the windows of the day are met, as is its next night', async (night) => {
    const scene = await makeScene()
    const birth = momentAgo()
    const start = birth - 8 * HOUR_MS
    let at = start
    const mortal = new MortalSender(scene)
    const first = serviceOf(scene, 'shop', {
      ...{ clock: () => at, timer: false, audit: { sender: mortal } },
    }).producer()
    await first.connect()
    await first.send({ topic: scene.topic, messages: messagesOf(10, 'first') })
    // One heartbeat after the window's end.
    at += 2 * WINDOW_MS
    // A flush is bounded in time; the report is to be heard before anybody is killed.
    for (let look = 0; mortal.toldAt < at && look < 60; look++) await flushAll()
    if (!night.isKilled) await first.disconnect()
    mortal.isDead = true
    let hour = start
    const day = serviceOf(scene, 'shop', { clock: () => hour }).producer()
    await day.connect()
    for (let i = 1; i <= 6; i++) {
      hour = start + i * HOUR_MS
      await day.send({ topic: scene.topic, messages: messagesOf(5, `day${i}.`) })
    }
    await sayGoodbye(day)
    const second = serviceOf(scene, 'shop', { clock: () => birth })
    await sendAll(second, scene.topic, messagesOf(10, 'second'))
    await readAll(scene, serviceOf(scene, 'ship'), 50)

    const books = await audit(scene)
    if (night.isKilled) await first.disconnect()
    await mortal.close()
    for (const edge of [PRODUCE, CONSUME])
      expect(said(books, edge)).toEqual({
        verdicts: Array.from({ length: 8 }, () => 'met'),
        counts: { expected: 50, delivered: 50 },
        findings: {},
      })
    expect(everAccused(books)).toEqual([])
  })
})

describe.concurrent('a commit whose answer never came', { timeout: TIMEOUT_MS }, () => {
  it('is resolved by the log: what landed is unconfirmed, not unexpected', async () => {
    const { scene, stamps } = await commitInDoubt('answer')
    await readAll(scene, serviceOf(scene, 'ship'), 20)

    const books = await audit(scene)
    expect(said(books, PRODUCE)).toEqual({
      verdicts: ['met'],
      counts: { expected: 10, delivered: 10, unconfirmed: 10 },
      findings: { unconfirmed: 10 },
    })
    const doubtful = keysOf(messagesOf(10, 'doubt'))
    expect(idsOf(books, PRODUCE, 'unconfirmed')).toEqual(stampsOf(stamps, doubtful))
    expect(said(books, CONSUME)).toEqual({
      verdicts: ['met'],
      counts: { expected: 20, delivered: 20 },
      findings: {},
    })
    expect(everAccused(books)).toEqual([])
  })

  it('nor its request: what did not land is not lost', async () => {
    const { scene } = await commitInDoubt('request')
    // Until somebody ends it, an open transaction holds back whoever reads what is committed.
    await endTransaction(scene)
    await untilCommitted(scene, 21)
    await readAll(scene, serviceOf(scene, 'ship'), 10)

    const books = await audit(scene)
    expect(said(books, PRODUCE)).toEqual({
      verdicts: ['met'],
      counts: { expected: 10, delivered: 10, unconfirmed: 10 },
      findings: {},
    })
    expect(said(books, CONSUME)).toEqual({
      verdicts: ['met'],
      counts: { expected: 10, delivered: 10 },
      findings: {},
    })
    expect(everAccused(books)).toEqual([])
  })
})

/** One transaction that is committed, and one of which nobody knows. */
async function commitInDoubt(
  lost: 'answer' | 'request',
): Promise<{ scene: Scene; stamps: Stamps }> {
  const scene = await makeScene()
  const birth = momentAgo()
  const stamps: Stamps = new Map()
  const clock = (): number => birth
  const sure = serviceOf(scene, 'shop', { clock })
  await sendAll(sure, scene.topic, messagesOf(10, 'sure'))
  const kafka = noteStamps(cutAtCommit(scene.brokers, lost), stamps)
  const shop = serviceOf(scene, 'shop', { clock, kafka })
  const committed = inTransactions(scene, shop, [
    { messages: messagesOf(10, 'doubt'), outcome: 'commit' },
  ])
  await expect(committed).rejects.toThrow()
  return { scene, stamps }
}

/** Offsets that may be read, markers among them; bounded. */
async function untilCommitted({ topic, brokers }: Scene, offsets: number): Promise<void> {
  await withAdmin(async (admin) => {
    for (let look = 0; look < 600; look++) {
      const ends = await admin.fetchTopicOffsets(topic)
      const end = ends.reduce((sum, { high }) => sum + Number(high), 0)
      if (end >= offsets) return
      await sleep(100)
    }
    throw new Error(`expected ${offsets} committed offsets in ${topic}`)
  }, brokers)
}

const SHORT = fileURLToPath(new URL('../support/cases-producer-short.ts', import.meta.url))
const TSX = fileURLToPath(import.meta.resolve('tsx'))

async function exitAfterSending(
  { brokers, topic, auditTopic }: Scene,
  messages: Pick<ShortPlan, 'birth' | 'reported' | 'unreported'>,
): Promise<void> {
  const times = { windowMs: WINDOW_MS, flushMs: FLUSH_MS }
  const plan: ShortPlan = { brokers, topic, auditTopic, ...times, ...messages }
  const child = spawn(process.execPath, ['--import', TSX, SHORT, JSON.stringify(plan)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk
  })
  const [code] = await once(child, 'close')
  expect(code, output).toBe(0)
}

/** Ten messages of the same service in each of so many windows. */
async function sendEachWindow(scene: Scene, from: number, windows: number): Promise<void> {
  let at = from
  const producer = serviceOf(scene, 'shop', { clock: () => at }).producer()
  await producer.connect()
  for (let i = 0; i < windows; i++) {
    at = from + i * WINDOW_MS
    await producer.send({ topic: scene.topic, messages: messagesOf(10, `w${i}.`) })
  }
  await sayGoodbye(producer)
}

/** The way of frames of an agent in this process that is to end as if it were killed: it says no more. */
class MortalSender implements FrameSender {
  isDead = false
  /** ms, by its own clock: when it cut the newest frame that the broker has. */
  toldAt = 0
  readonly #to: FrameSender

  constructor({ brokers, auditTopic }: Scene) {
    this.#to = kafkaSender({ kafka: patientClient(brokers), topic: auditTopic })
  }

  async send(key: string, bytes: Uint8Array): Promise<void> {
    if (this.isDead) throw new Error('dead')
    await this.#to.send(key, bytes)
    this.toldAt = Math.max(this.toldAt, decodeFrame(bytes).sentAt)
  }

  close(): Promise<void> {
    return this.#to.close()
  }
}

interface Round {
  readonly messages: ProducerRecord['messages']
  readonly outcome: 'commit' | 'abort'
}

const transactional = ({ topic }: Scene, kafka: Kafka): Producer =>
  kafka.producer({ transactionalId: `tx.${topic}`, maxInFlightRequests: 1, idempotent: true })

/** Whoever begins under the same name ends what was open. */
async function endTransaction(scene: Scene): Promise<void> {
  const producer = transactional(scene, patientClient())
  await producer.connect()
  await (await producer.transaction()).abort()
  await producer.disconnect()
}

async function inTransactions(scene: Scene, kafka: Kafka, rounds: readonly Round[]): Promise<void> {
  const { topic } = scene
  const producer = transactional(scene, kafka)
  await producer.connect()
  try {
    for (const { messages, outcome } of rounds) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages })
      await transaction[outcome]()
    }
  } finally {
    await sayGoodbye(producer)
  }
}

/** Sends with a bare client; returns the id of each by its place. */
async function sendBare(
  { topic }: Scene,
  messages: readonly Simple[],
  birth: number,
): Promise<Map<string, string>> {
  const timestamp = String(birth)
  const producer = patientClient().producer()
  const places = new Map<string, string>()
  await producer.connect()
  for (const [i, message] of messages.entries()) {
    const partition = i % 2
    const [place] = await producer.send({
      topic,
      messages: [{ ...message, partition, timestamp }],
    })
    const at = { cluster: 'default', topic, partition, offset: place?.baseOffset ?? '' }
    const words = offsetId({ timestamp }, at)
    if (words !== null) places.set(message.key, hexOfWords(words))
  }
  await producer.disconnect()
  return places
}

/** Sends with a bare client what somebody stamped who reports nowhere; returns the ids, sorted. */
async function sendStamped(
  { topic }: Scene,
  messages: readonly Simple[],
  birth: number,
): Promise<string[]> {
  const minter = new Minter(() => birth)
  const ids: string[] = []
  const stamped = messages.map((message) => {
    const words = minter.mint(topic)
    ids.push(hexOfWords(words))
    return { ...message, headers: { [STAMP_HEADER]: bytesOfWords(words) } }
  })
  await sendAll(patientClient(), topic, stamped)
  return ids.sort()
}
