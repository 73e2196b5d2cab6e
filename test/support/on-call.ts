/**
 * The run behind docs/on-call.md: three brokers, services as users write them, an auditor that is a real
 * process, and somebody who is told of alerts.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Consumer, type EachMessagePayload, Kafka, logLevel, type Producer } from 'kafkajs'
import { type AuditedOptions, audited, flushAll, type Stamped } from '../../agents/kafkajs.ts'
import type { AlertEvent } from '../../src/alert/event.ts'
import { startKafka, type TestKafka } from '../../src/testbed/kafka.ts'
import { type Receiver, receiver } from '../alert/server.ts'
import { untilLed, withAdmin } from './kafka.ts'
import { KIOSK_SENT } from './on-call-plan.ts'
import { type Quipu, startAuditor } from './quipu.ts'
import { StillClock } from './still-clock.ts'

const FLIGHTS = 'flights'
const ENRICHED = 'flights.enriched'
/** Of no pipeline; led and followed as the partition that is to be cut off. */
const BESIDE = 'beside'
const WINDOW_MS = 1_000
/** Looks, 100 ms apart, for what is to come. */
const LOOKS_MAX = 600
/** ms that the follower hangs: less than the 2 s after which it would be taken out. */
const HANGS_MS = 300
/** A follower that hangs must not be missed on a busy machine, or nobody could be elected after it. */
const PATIENT = { 'broker.session.timeout.ms': '6000' }

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const MAIN = here('../../src/cli/main.ts')
const KIOSK = here('./on-call-kiosk.ts')
const TSX = fileURLToPath(import.meta.resolve('tsx'))

/** Releases of checkin that run side by side: the new one sends with acks 1. */
type Release = '2.3.1' | '2.4.0'
const ACKS: Readonly<Record<Release, number>> = { '2.3.1': -1, '2.4.0': 1 }

interface Jump {
  readonly among: readonly string[]
  /** Still to be handled of those. */
  after: number
  readonly past: number
}

/** Brokers by their part: `follower` and `leader` hold the partition that is to be cut off. */
interface Cast {
  readonly leader: number
  readonly follower: number
  readonly third: number
}

export class OnCall {
  readonly folder: string
  /** Of checkin. */
  onStamped: NonNullable<AuditedOptions['onStamped']> = () => {}
  warehouse: Consumer | null = null
  /** Of the warehouse: where it goes on. */
  nextOffset = 0
  /** What the warehouse does beside its work. */
  afterEach: (payload: EachMessagePayload) => void = () => {}
  readonly #cluster: TestKafka
  readonly #cast: Cast
  readonly #hook: Receiver
  readonly #auditor: Quipu
  readonly #clock = new StillClock()
  readonly #closing: { disconnect(): Promise<void> }[] = []
  readonly #handled: string[] = []
  readonly #checkin = new Map<Release, Producer>()
  readonly #forwarded = new Set<string>()
  #jump: Jump | null = null
  #sent = 0

  private constructor(folder: string, parts: readonly [TestKafka, Cast, Receiver, Quipu]) {
    this.folder = folder
    ;[this.#cluster, this.#cast, this.#hook, this.#auditor] = parts
  }

  /** @param file the pipeline file, as the page shows it */
  static async open(file: string): Promise<OnCall> {
    const folder = mkdtempSync(join(tmpdir(), 'quipu-on-call-'))
    const [cluster, hook] = await Promise.all([
      startKafka({ brokers: 3, config: PATIENT }),
      receiver(),
    ])
    process.env.FLIGHTS_BROKERS = cluster.brokers.join(',')
    process.env.ALERTS_URL = hook.url
    const cast = await castOf(cluster.brokers)
    await makeTopics(cluster.brokers, cast)
    writeFileSync(join(folder, 'quipu.yaml'), file)
    // As in the project of whoever is on call.
    symlinkSync(resolve('node_modules'), join(folder, 'node_modules'))
    const command = join(folder, 'quipu')
    writeFileSync(
      command,
      `#!/bin/sh\nexec '${process.execPath}' --import '${TSX}' '${MAIN}' "$@"\n`,
    )
    chmodSync(command, 0o755)
    const auditor = await startAuditor([], folder)
    const run = new OnCall(folder, [cluster, cast, hook, auditor])
    await run.#startServices()
    return run
  }

  async #startServices(): Promise<void> {
    const enrich = this.#service('enrich')
    const enricher = enrich.consumer({ groupId: 'enrich', maxWaitTimeInMs: 100 })
    const forwarder = enrich.producer()
    for (const version of Object.keys(ACKS) as Release[]) {
      const onStamped = (stamped: Stamped): unknown => this.onStamped(stamped)
      const options = { version, clock: this.#clock.now, onStamped }
      const producer = this.#service('checkin', options).producer()
      this.#checkin.set(version, producer)
    }
    const clients = [enricher, forwarder, ...this.#checkin.values()]
    await Promise.all(clients.map((client) => client.connect()))
    this.#closing.push(...clients)
    await enricher.subscribe({ topic: FLIGHTS, fromBeginning: true })
    await enricher.run({
      eachMessage: async ({ message: { key, value } }) => {
        await forwarder.send({ topic: ENRICHED, messages: [{ key, value }] })
        this.#forwarded.add(String(key))
      },
    })
    await this.#startWarehouse()
  }

  async #startWarehouse(): Promise<void> {
    const consumer = this.#service('warehouse').consumer({
      ...{ groupId: 'warehouse', maxWaitTimeInMs: 100 },
    })
    this.#closing.push(consumer)
    this.warehouse = consumer
    await consumer.connect()
    await consumer.subscribe({ topic: ENRICHED, fromBeginning: true })
    await consumer.run({
      eachMessage: async (payload) => {
        this.#handled.push(String(payload.message.key))
        this.nextOffset = Number(payload.message.offset) + 1
        this.afterEach(payload)
        await this.#jumpAfter(payload)
      },
    })
  }

  async #jumpAfter({ message, partition }: EachMessagePayload): Promise<void> {
    const jump = this.#jump
    if (jump === null || !jump.among.includes(String(message.key)) || --jump.after > 0) return
    this.#jump = null
    // Past the end of the log there is nothing to go to.
    const isThere = (): boolean => jump.among.every((key) => this.#forwarded.has(key))
    await this.until(isThere, () => 'what the warehouse is to go past')
    const offset = String(Number(message.offset) + 1 + jump.past)
    this.warehouse?.seek({ topic: ENRICHED, partition, offset })
  }

  #service(service: string, options: Partial<AuditedOptions> = {}): Kafka {
    const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 60 }
    const { brokers } = this.#cluster
    const kafka = new Kafka({ clientId: service, brokers, logLevel: logLevel.NOTHING, retry })
    process.env.QUIPU_CONFIG = join(this.folder, 'quipu.yaml')
    try {
      return audited(kafka, { ...options, service, flushMs: 400 })
    } finally {
      delete process.env.QUIPU_CONFIG
    }
  }

  /** Events as they came, the oldest first. */
  get told(): readonly AlertEvent[] {
    return this.#hook.received.map(({ body }) => JSON.parse(body) as AlertEvent)
  }

  /**
   * As many into each of the two partitions; all born at `at`.
   * @returns their keys
   */
  async send(
    release: Release,
    ofEach: number,
    at: number = Date.now(),
  ): Promise<readonly string[]> {
    const messages = Array.from({ length: 2 * ofEach }, (_, i) => ({
      ...{ key: this.#keyOf(this.#sent++), value: 'FRA-JFK', partition: i % 2 },
    }))
    const producer = this.#checkin.get(release) as Producer
    const send = () => producer.send({ topic: FLIGHTS, acks: ACKS[release], messages })
    await this.#clock.during(send, at)
    return messages.map(({ key }) => key)
  }

  /** Resolves at the start of a window. */
  async nextWindow(): Promise<number> {
    await sleep(WINDOW_MS - (Date.now() % WINDOW_MS) + 20)
    return Date.now()
  }

  async arrived(keys: readonly string[]): Promise<void> {
    const missing = (): string[] => keys.filter((key) => !this.#handled.includes(key))
    await this.until(
      () => missing().length === 0,
      () => `the warehouse to handle ${missing()}`,
    )
  }

  /**
   * Both releases send; the leader takes messages of the new one that its follower never gets, and dies.
   * @returns the keys of those that no log has
   */
  async loseTheLeader(ofEach: number): Promise<readonly string[]> {
    const { leader, follower } = this.#cast
    const at = await this.nextWindow()
    await this.send('2.3.1', ofEach, at)
    await this.#cluster.pause(follower)
    // The follower may have asked for more already: what answers that is none of the messages.
    await this.#answerFollower()
    const keys = await this.send('2.4.0', ofEach, at)
    await sleep(HANGS_MS)
    await this.#cluster.kill(leader)
    await this.#cluster.resume(follower)
    return keys.filter((_, i) => i % 2 === 0)
  }

  async #answerFollower(): Promise<void> {
    // The leader itself: the follower would not answer.
    const brokers = [this.#cluster.brokers[this.#cast.leader] as string]
    const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer()
    await producer.connect()
    await producer.send({ topic: BESIDE, acks: 1, messages: [{ value: null }] })
    await producer.disconnect()
  }

  /** Of the next messages the warehouse handles `after`, and goes past as many as `past`. */
  async goPast(after: number, past: number): Promise<readonly string[]> {
    const among = Array.from({ length: 20 }, (_, i) => this.#keyOf(this.#sent + i))
    this.#jump = { among, after, past }
    return this.send('2.3.1', among.length / 2, await this.nextWindow())
  }

  readonly #keyOf = (index: number): string => `LH${1_000 + index}`

  /** A release of checkin that is killed before it has reported what it sent. */
  async killAKiosk(): Promise<void> {
    const child = spawn(process.execPath, ['--import', TSX, KIOSK], {
      env: { ...process.env, QUIPU_CONFIG: join(this.folder, 'quipu.yaml') },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      await said(child, KIOSK_SENT)
    } finally {
      child.kill('SIGKILL')
      await once(child, 'close')
    }
  }

  async until(isSo: () => boolean | Promise<boolean>, what: () => string): Promise<void> {
    for (let look = 0; look < LOOKS_MAX; look++) {
      if (await isSo()) return
      await sleep(100)
    }
    throw new Error(`waited in vain for ${what()}\n${this.#auditor.stderr()}`)
  }

  async close(): Promise<void> {
    await flushAll()
    for (const client of this.#closing.splice(0)) await client.disconnect().catch(() => {})
    this.#auditor.child.kill('SIGTERM')
    await this.#auditor.ended
    await this.#hook.close()
    await this.#cluster.close()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function said(child: ChildProcess, word: string): Promise<void> {
  for await (const chunk of child.stdout ?? []) if (String(chunk).includes(word)) return
  throw new Error(`expected the kiosk to say ${word}`)
}

/** Who dies coordinates no group: groups that move elsewhere are another story. */
async function castOf(brokers: string[]): Promise<Cast> {
  const topics = ['__consumer_offsets']
  const { topics: found } = await withAdmin(
    (admin) => admin.fetchTopicMetadata({ topics }),
    brokers,
  )
  const third = (found[0]?.partitions[0]?.leader ?? 1) - 1
  const [leader = 0, follower = 0] = [0, 1, 2].filter((index) => index !== third)
  return { leader, follower, third }
}

async function makeTopics(brokers: string[], { leader, follower, third }: Cast): Promise<void> {
  const led = (...replicas: readonly number[][]) =>
    replicas.map((of, partition) => ({ partition, replicas: of.map((index) => index + 1) }))
  const topics = [
    {
      topic: FLIGHTS,
      // Two replicas, and any one of them is enough: what many a topic has that was made in a hurry.
      configEntries: [{ name: 'min.insync.replicas', value: '1' }],
      replicaAssignment: led([leader, follower], [third, follower]),
    },
    { topic: ENRICHED, replicaAssignment: led([third, follower, leader]) },
    { topic: BESIDE, replicaAssignment: led([leader, follower]) },
  ]
  await withAdmin((admin) => admin.createTopics({ waitForLeaders: false, topics }), brokers)
  for (const { topic } of topics) await untilLed(topic, brokers)
}
