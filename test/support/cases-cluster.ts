/**
 * One auditor as `quipu audit` runs it, beside services on real brokers; it can go and come back. What
 * was really sent and handled is written down here, apart from everything that is under test.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Kafka, logLevel, type Message, type Producer } from 'kafkajs'
import { expect } from 'vitest'
import { overlay } from '../../agents/kafkajs/overlay.ts'
import { type AuditedOptions, audited, flushAll } from '../../agents/kafkajs.ts'
import type { Explained } from '../../reports/explain.ts'
import { endOf } from '../../src/base/intervals.ts'
import { AuditEngine } from '../../src/cli/audit-engine.ts'
import { openLogs } from '../../src/cli/explain-clusters.ts'
import { explainedOf } from '../../src/cli/explain-reader.ts'
import { STORE_DEFAULT } from '../../src/cli/options.ts'
import { topicsOf } from '../../src/collect/judge.ts'
import type { Config } from '../../src/config/config.ts'
import { parseConfig } from '../../src/config/parse.ts'
import { type FindingCode, findingCodes } from '../../src/finding/finding.ts'
import type { EdgeVerdict, WindowVerdict } from '../../src/finding/verdict.ts'
import { hopKey, topicHop } from '../../src/hop/hop.ts'
import { tallyPlans } from '../../src/hop/plan.ts'
import { windowStartOf } from '../../src/message/window.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { ensureAuditTopic, kafkaReader, kafkaSender } from '../../src/transport/kafka.ts'
import { kafkaClient, topicName, untilLed, withAdmin } from './kafka.ts'
import { noteStamps } from './stamps.ts'
import { StillClock } from './still-clock.ts'

const WINDOW_MS = 1_000
const LATENESS_MS = 2_500
const FLUSH_MS = 300
/** A turn waits so long for frames, ms. */
const TURN_MS = 100
/** Verdicts that have stood still for so long, ms, are taken to be the last. */
const STILL_MS = 1_500
/** And for so many turns: one may take long where brokers are gone. */
const TURNS_MIN = 3
/** Looks, 100 ms apart, before a test gives up waiting. */
const LOOKS_MAX = 1_200

export interface SceneOptions {
  /** Clusters by name; the first holds the audit topic unless `audit` names another. */
  readonly clusters: Readonly<Record<string, readonly string[]>>
  readonly audit?: string
  /** Made beforehand where it must be of a certain kind. */
  readonly auditTopic?: string
  /** What stands below `pipelines:` in the file. */
  readonly pipelines: string
}

/** A message as it was sent. */
export interface Sent {
  readonly key: string
  /** 32 hex digits */
  readonly id: string
  /** ms, start of the window in which it was born */
  readonly window: number
}

/** What the auditor says of an edge in the windows of some messages, all together. */
export interface Said {
  readonly verdicts: readonly WindowVerdict[]
  readonly delivered: number
  /** Everything that was found, but for what only informs: the ids that each names, sorted. */
  readonly found: Partial<Record<FindingCode, readonly string[]>>
}

export class Scene {
  readonly config: Config
  readonly auditTopic: string
  readonly troubles: string[] = []
  readonly #brokers: Readonly<Record<string, readonly string[]>>
  readonly #auditBrokers: string[]
  readonly #store: Store
  readonly #clients: { disconnect(): Promise<void> }[] = []
  readonly #clock = new StillClock()
  #auditor: Auditor | null = null
  #sent = 0
  readonly #windows = new Set<number>()

  private constructor(options: SceneOptions, auditTopic: string, config: Config, store: Store) {
    this.#brokers = options.clusters
    this.#auditBrokers = this.#brokersOf(options.audit ?? Object.keys(options.clusters)[0] ?? '')
    this.auditTopic = auditTopic
    this.config = config
    this.#store = store
  }

  /** The auditor runs from the start. */
  static async open(options: SceneOptions): Promise<Scene> {
    const auditTopic = options.auditTopic ?? topicName('quipu.tallies')
    const config = configOf(options, auditTopic)
    const scene = new Scene(options, auditTopic, config, await openSqliteStore(':memory:'))
    await ensureAuditTopic({ kafka: kafkaClient(scene.#auditBrokers), topic: auditTopic })
    await scene.startAuditor()
    return scene
  }

  async startAuditor(): Promise<void> {
    const topic = this.auditTopic
    const engine = await AuditEngine.start({
      pipelines: this.config.pipelines,
      store: this.#store,
      reader: kafkaReader({ kafka: kafkaClient(this.#auditBrokers), topic }),
      sender: () => kafkaSender({ kafka: kafkaClient(this.#auditBrokers), topic }),
      kafkas: new Map(
        Object.keys(this.#brokers).map((name) => [name, kafkaClient(this.#brokersOf(name))]),
      ),
      name: topic,
      flushMs: FLUSH_MS,
      onTrouble: (text) => this.troubles.push(text),
    })
    this.#auditor = new Auditor(engine)
  }

  async stopAuditor(): Promise<void> {
    const auditor = this.#auditor
    this.#auditor = null
    await auditor?.stop()
  }

  /** A service of this name, audited; `below` stands between the agent and the brokers. */
  service(cluster: string, service: string, below: (kafka: Kafka) => Kafka = (k) => k): Kafka {
    const options: AuditedOptions = {
      ...{ service, cluster, windowMs: WINDOW_MS, latenessMs: LATENESS_MS, flushMs: FLUSH_MS },
      clock: this.#clock.now,
      planOf: tallyPlans(this.config.pipelines),
      audit: { kafka: kafkaClient(this.#auditBrokers), topic: this.auditTopic },
    }
    return audited(below(patientClient(this.#brokersOf(cluster))), options)
  }

  async sender(topic: string, options: SenderOptions = {}): Promise<Sender> {
    const { cluster = 'default', service = 'shop', acks = -1, below = (kafka) => kafka } = options
    const stamps = new Map<string, string>()
    const kafka = this.service(cluster, service, (k) => noteStamps(below(k), stamps))
    const producer = kafka.producer()
    await producer.connect()
    this.#clients.push(producer)
    return {
      send: async (count) => {
        const keys = Array.from({ length: count }, () => String(this.#sent++))
        const messages = keys.map((key) => ({ key, value: key }))
        await this.#clock.during(() => producer.send({ topic, acks, messages }))
        return keys.map((key) => this.#noted(key, stamps.get(key) ?? ''))
      },
      close: () => producer.disconnect(),
    }
  }

  #noted(key: string, id: string): Sent {
    const window = windowStartOf(Number.parseInt(id.slice(0, 12), 16), WINDOW_MS)
    this.#windows.add(window)
    return { key, id, window }
  }

  async reader(topic: string, group: string, options: ReaderOptions = {}): Promise<Reader> {
    const { cluster = 'default', service = 'ship', below } = options
    const consumer = this.service(cluster, service, below).consumer({
      groupId: group,
      maxWaitTimeInMs: 100,
    })
    const handled: string[] = []
    await consumer.connect()
    this.#clients.push(consumer)
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ message }) => void handled.push(String(message.key)),
    })
    const has = (sent: readonly Sent[]): boolean => sent.every(({ key }) => handled.includes(key))
    return {
      handled,
      reads: (sent) =>
        until(
          () => has(sent),
          () => `the group to read ${sent.length} messages`,
        ),
      close: () => consumer.disconnect(),
    }
  }

  /** All that is sent from now on is born in a later window than what was sent before. */
  async nextWindow(): Promise<void> {
    await sleep(windowStartOf(Date.now(), WINDOW_MS) + WINDOW_MS - Date.now() + 20)
  }

  /** Agents have sent what they counted so far, and the auditor, if there is one, has read and judged it. */
  async calm(): Promise<void> {
    await flushAll()
    const auditor = this.#auditor
    if (auditor === null) return
    const frames = await this.#frames()
    await until(
      async () => (await this.#isTaken(frames)) && (await this.#isAllRead()),
      () => `the auditor to read all; trouble: ${this.troubles.join('; ')}`,
    )
    const turns = auditor.turns + TURNS_MIN
    await until(
      () => auditor.turns >= turns || auditor.check(),
      () => 'the auditor to judge',
    )
  }

  /** Closes the services, then waits until the auditor has said its last of what was sent. */
  async settle(): Promise<void> {
    for (const client of this.#clients.splice(0)) await client.disconnect()
    await this.quiet()
  }

  /** The deadlines of all that was sent are over, and the auditor says nothing new. */
  async quiet(): Promise<void> {
    const newest = Math.max(0, ...this.#windows)
    await sleep(newest + WINDOW_MS + LATENESS_MS + FLUSH_MS - Date.now())
    const frames = await this.#frames()
    let last = ''
    let since = Date.now()
    let turns = 0
    await until(
      async () => {
        const auditor = this.#auditor
        auditor?.check()
        const all = await this.#store.verdicts()
        const now = all.map((v) => `${v.pipeline} ${v.edge} ${v.window.start} ${v.revision}`).join()
        const isRead = (await this.#isTaken(frames)) && (await this.#isAllRead())
        if (now !== last || !this.#isAllJudged(all) || !isRead) {
          since = Date.now()
          turns = auditor?.turns ?? 0
        }
        last = now
        return Date.now() - since >= STILL_MS && (auditor?.turns ?? TURNS_MIN) >= turns + TURNS_MIN
      },
      () => `verdicts to settle; trouble: ${this.troubles.join('; ')}`,
    )
  }

  /** Where the partitions of the audit topic end now, but for those that hold nothing. */
  async #frames(): Promise<readonly (readonly [partition: number, end: number])[]> {
    const offsets = await withAdmin(
      (admin) => admin.fetchTopicOffsets(this.auditTopic),
      this.#auditBrokers,
    )
    const held = offsets.filter(({ high, low }) => Number(high) > Number(low))
    return held.map(({ partition, high }) => [partition, Number(high)])
  }

  async #isTaken(frames: readonly (readonly [partition: number, end: number])[]): Promise<boolean> {
    const positions = await this.#store.positions()
    return frames.every(([partition, end]) => (positions[partition] ?? 0) >= end)
  }

  /** The books hold what topic agents watched, to the ends of the logs: frames may wait for brokers. */
  async #isAllRead(): Promise<boolean> {
    const coverage = await this.#store.coverage()
    for (const { cluster, topic } of topicsOf(this.config.pipelines)) {
      const key = hopKey(topicHop(cluster, topic))
      const watched = coverage.find((c) => c.key === key)?.partitions
      const ends = await withAdmin((a) => a.fetchTopicOffsets(topic), this.#brokersOf(cluster))
      for (const { partition, high } of ends)
        if (Number(high) > (endOf(watched?.get(partition) ?? []) ?? 0)) return false
    }
    return true
  }

  /** Every edge has a verdict that counts on each window in which something was sent. */
  #isAllJudged(verdicts: readonly EdgeVerdict[]): boolean {
    const judged = new Set(
      verdicts
        .filter(({ state }) => state !== 'open')
        .map(({ pipeline, edge, window }) => `${pipeline} ${edge} ${window.start}`),
    )
    return this.config.pipelines.every(({ name, edges }) =>
      edges.every(({ name: edge }) =>
        [...this.#windows].every((window) => judged.has(`${name} ${edge} ${window}`)),
      ),
    )
  }

  /** Of the windows that hold these messages. */
  async said(edge: string, sent: readonly Sent[], pipeline = 'line'): Promise<Said> {
    const windows = new Set(sent.map(({ window }) => window))
    const all = await this.#store.verdicts({ pipeline })
    const here = all.filter((v) => v.edge === edge && windows.has(v.window.start))
    const found: Said['found'] = {}
    for (const { code, ids } of here.flatMap(({ findings }) => findings)) {
      if (findingCodes[code] === 'info') continue
      found[code] = [...(found[code] ?? []), ...ids.map(({ id }) => id)].sort()
    }
    return {
      verdicts: [...new Set(here.map(({ verdict }) => verdict))].sort(),
      delivered: here.reduce((n, { counts }) => n + counts.delivered, 0),
      found,
    }
  }

  /** Why, as `quipu explain` says it of the window of these messages: it reads the log too. */
  async why(edge: string, [first]: readonly Sent[], cluster = 'default'): Promise<Explained> {
    const brokers = this.#brokersOf(cluster)
    return explainedOf(this.#store, {
      target: `${edge}@${new Date(first?.window ?? 0).toISOString()}`,
      ...{ store: STORE_DEFAULT, now: Date.now() },
      logs: (topics) => openLogs({ brokers }, topics),
    })
  }

  /** Every verdict in one line each, and what went wrong, for whoever reads a failure. */
  async told(): Promise<string> {
    const verdicts = (await this.#store.verdicts()).map(lineOf)
    return [...verdicts, ...new Set(this.troubles)].join('\n')
  }

  async close(): Promise<void> {
    for (const client of this.#clients.splice(0)) await client.disconnect().catch(() => {})
    await this.stopAuditor().catch(() => {})
    await this.#store.close()
  }

  #brokersOf(cluster: string): string[] {
    return [...(this.#brokers[cluster] ?? [])]
  }
}

export interface SenderOptions {
  readonly cluster?: string
  readonly service?: string
  readonly acks?: number
  readonly below?: (kafka: Kafka) => Kafka
}

export interface Sender {
  /** One request, of one window; all of it was acknowledged. */
  send(count: number): Promise<readonly Sent[]>
  close(): Promise<void>
}

export interface ReaderOptions {
  readonly cluster?: string
  readonly service?: string
  readonly below?: (kafka: Kafka) => Kafka
}

export interface Reader {
  /** Keys, in the order in which they came. */
  readonly handled: readonly string[]
  /** Resolves when all of these were handled. */
  reads(sent: readonly Sent[]): Promise<void>
  close(): Promise<void>
}

/** Turns until it is told to stop; what ends it by itself would have ended `quipu audit`. */
class Auditor {
  readonly #engine: AuditEngine
  readonly #running: Promise<void>
  turns = 0
  #isStopping = false
  #failure: unknown = null

  constructor(engine: AuditEngine) {
    this.#engine = engine
    this.#running = this.#run().catch((error) => {
      this.#failure = error
    })
  }

  async #run(): Promise<void> {
    for (; !this.#isStopping; this.turns++) await this.#engine.turn(TURN_MS)
  }

  /** @throws what has ended it */
  check(): false {
    if (this.#failure !== null) throw this.#failure
    return false
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#running
    await this.#engine.close()
    this.check()
  }
}

function configOf({ clusters, audit, pipelines }: SceneOptions, topic: string): Config {
  const named = Object.entries(clusters).map(
    ([name, brokers]) => `${name}: { brokers: ${JSON.stringify(brokers)} }`,
  )
  const [first] = Object.keys(clusters)
  const source = `version: 1
window: ${WINDOW_MS}ms
lateness: ${LATENESS_MS}ms
kafka:
  clusters: { ${named.join(', ')} }
  audit: { topic: ${topic}, cluster: ${audit ?? first} }
pipelines:
${pipelines}`
  const parsed = parseConfig(source, 'quipu.yaml', {})
  if (!parsed.ok) throw new Error(parsed.issues.map(({ message }) => message).join('\n'))
  return parsed.config
}

export interface LineOptions {
  readonly topic: string
  readonly group: string
  readonly name?: string
  readonly cluster?: string
  /** What the edge into the topic promises. */
  readonly promise?: string
}

/** The shortest pipeline: a service sends to a topic, and a group reads it. */
export function line(options: LineOptions): string {
  const { topic, group, name = 'line', cluster = 'default', promise = '' } = options
  return `  ${name}:
    hops:
      shop: { producer: ${topic}, service: shop, cluster: ${cluster} }
      orders: { topic: ${topic}, cluster: ${cluster} }
      ship: { consumer: ${topic}, group: ${group}, cluster: ${cluster} }
    edges:
      - { from: shop, to: orders${promise} }
      - { from: orders, to: ship }
`
}

export const SENT = 'shop → orders'
export const READ = 'orders → ship'

/** What is said of messages that all arrived. */
export const met = (sent: readonly Sent[]): Said => ({
  verdicts: ['met'],
  delivered: sent.length,
  found: {},
})

/**
 * Where the auditor may know less than we do: who is accused was lost, and who is praised arrived.
 *
 * @param lost of those sent, what the edge really lost
 */
export async function expectNothingFalse(
  scene: Scene,
  edge: string,
  sent: readonly Sent[],
  lost: readonly Sent[],
  pipeline?: string,
): Promise<void> {
  const told = await scene.told()
  for (const window of new Set(sent.map((s) => s.window))) {
    const here = sent.filter((s) => s.window === window)
    const lostHere = lost.filter((s) => s.window === window)
    const { verdicts, delivered, found } = await scene.said(edge, here, pipeline)
    expect(verdicts, told).toHaveLength(1)
    for (const [code, ids] of Object.entries(found)) {
      if (code === 'lost') expect(idsOf(lostHere), told).toEqual(expect.arrayContaining([...ids]))
      else expect(findingCodes[code as FindingCode], `${code} in\n${told}`).not.toBe('error')
    }
    if (verdicts[0] === 'met') expect([delivered, lostHere.length], told).toEqual([here.length, 0])
  }
}

export const idsOf = (sent: readonly Sent[]): readonly string[] => sent.map(({ id }) => id).sort()

const lineOf = ({ pipeline, edge, window, verdict, counts, findings, from, to }: EdgeVerdict) =>
  JSON.stringify({
    ...{ pipeline, edge, at: new Date(window.start).toISOString().slice(14, 19), verdict },
    counts: Object.fromEntries(Object.entries(counts).filter(([, n]) => n > 0)),
    findings: findings.map(({ code, count, args }) => [code, count, args]),
    hops: [...from, ...to].map(({ hop, count, passage, why }) => [hop, count, passage, why]),
  })

/** Waits for brokers for minutes: what a service does when they stay away is not the question here. */
function patientClient(brokers: string[]): Kafka {
  const retry = { initialRetryTime: 100, maxRetryTime: 1_000, retries: 120 }
  return new Kafka({ clientId: 'service', brokers, logLevel: logLevel.NOTHING, retry })
}

/** A topic of one partition under a given name; resolves when every broker knows who leads it. */
export async function createNamed(
  topic: string,
  brokers: string[],
  replicas?: number[],
): Promise<void> {
  const where =
    replicas === undefined
      ? { numPartitions: 1 }
      : { replicaAssignment: [{ partition: 0, replicas }] }
  await withAdmin(async (admin) => {
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, ...where }] })
  }, brokers)
  await untilLed(topic, brokers)
}

/** A client below the agent that sends other values than it was given. */
export function altering(kafka: Kafka, isAltered: (key: string) => boolean): Kafka {
  const altered = (message: Message): Message =>
    isAltered(String(message.key)) ? { ...message, value: 'altered' } : message
  const faulty = (producer: Producer): Producer =>
    overlay(producer, {
      send: (record) => producer.send({ ...record, messages: record.messages.map(altered) }),
    })
  return overlay(kafka, { producer: (config) => faulty(kafka.producer(config)) })
}

/** Bounded: what never comes is for the test to say. */
async function until(isDone: () => boolean | Promise<boolean>, what: () => string): Promise<void> {
  for (let i = 0; i < LOOKS_MAX; i++) {
    if (await isDone()) return
    await sleep(100)
  }
  throw new Error(`waited in vain for ${what()}`)
}
