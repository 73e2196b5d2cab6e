/**
 * Many small pipelines under one auditor: each case has topics and a group of its own, so that cases
 * run side by side. The truth is kept by the handlers themselves and by the stamps of what was sent.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, ConsumerConfig, Kafka, Producer } from 'kafkajs'
import { expect } from 'vitest'
import { type AuditedOptions, audited } from '../../agents/kafkajs.ts'
import { AuditEngine } from '../../src/cli/audit-engine.ts'
import type { FindingCode } from '../../src/finding/finding.ts'
import type { Counts, EdgeVerdict } from '../../src/finding/verdict.ts'
import { consumerHop, hopKey, producerHop, topicHop } from '../../src/hop/hop.ts'
import type { Pipeline } from '../../src/hop/pipeline.ts'
import { DEFAULT_SEED } from '../../src/sketch/sketch.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { ensureAuditTopic, kafkaReader, kafkaSender } from '../../src/transport/kafka.ts'
import { declare } from './declare.ts'
import { createTopic, groupName, kafkaClient, topicName, withAdmin } from './kafka.ts'
import { noteStamps, type Stamps } from './stamps.ts'
import { StillClock } from './still-clock.ts'

export const WINDOW_MS = 1_000
export const LATENESS_MS = 2_500
export const FLUSH_MS = 400
/** What the services of a case are told. */
export const TIMES: Pick<AuditedOptions, 'windowMs' | 'latenessMs' | 'flushMs'> = {
  windowMs: WINDOW_MS,
  latenessMs: LATENESS_MS,
  flushMs: FLUSH_MS,
}

/** The edge that is looked at: from the topic to the group that reads it. */
export const READ = 'orders → ship'
/** Where the group passes on. */
export const PASSED_ON = 'ship → next'

export interface Line {
  /** Also the name of the pipeline. */
  readonly name: string
  readonly topic: string
  readonly group: string
  /** The group passes on to it; empty where it does not. */
  readonly next: string
}

export interface LineOptions {
  readonly partitions?: number
  readonly passesOn?: boolean
}

export async function makeLine(
  name: string,
  { partitions = 1, passesOn = false }: LineOptions = {},
): Promise<Line> {
  const topic = await createTopic({ prefix: name, partitions })
  const next = passesOn ? await createTopic({ prefix: `${name}.next` }) : ''
  return { name, topic, group: groupName(name), next }
}

/** The group has committed its beginning: what it commits later speaks for all from there on. */
export function begin({ topic, group }: Line): Promise<void> {
  const partitions = [{ partition: 0, offset: '0' }]
  return withAdmin(async (admin) => {
    await admin.setOffsets({ groupId: group, topic, partitions })
  })
}

function pipelineOf({ name, topic, group, next }: Line): Pipeline {
  const shop = declare('shop', producerHop('default', topic, 'shop'))
  const orders = declare('orders', topicHop('default', topic))
  const ship = declare('ship', consumerHop('default', topic, group))
  const edges = [
    { name: 'shop → orders', from: [shop], to: [orders], filter: [], preserve: null },
    { name: READ, from: [orders], to: [ship], filter: [], preserve: null },
  ]
  const hops = [shop, orders, ship]
  if (next !== '') {
    const after = declare('next', topicHop('default', next))
    hops.push(after)
    edges.push({ name: PASSED_ON, from: [ship], to: [after], filter: [], preserve: null })
  }
  return {
    ...{ name, hops, edges, owner: {}, seed: DEFAULT_SEED, thresholdsMs: [] },
    ...{ windowMs: WINDOW_MS, latenessMs: LATENESS_MS },
  }
}

/** Looks for what is waited for; bounded, what never comes is for the test to say. */
const LOOKS_MAX = 600
const LOOK_MS = 200

export class Stage {
  readonly auditTopic: string
  readonly store: Store
  /** Every verdict ever said, as it was said. */
  readonly said: EdgeVerdict[] = []
  readonly #engine: AuditEngine
  readonly #producer: Producer
  readonly #clock: StillClock
  readonly #stamps: Stamps
  #isOpen = true
  #turns = 0
  #trouble: unknown = null
  readonly #running: Promise<void>

  private constructor(
    auditTopic: string,
    store: Store,
    engine: AuditEngine,
    producer: Producer,
    clock: StillClock,
    stamps: Stamps,
  ) {
    this.auditTopic = auditTopic
    this.store = store
    this.#engine = engine
    this.#producer = producer
    this.#clock = clock
    this.#stamps = stamps
    this.#running = this.#run()
  }

  static async open(lines: readonly Line[]): Promise<Stage> {
    const auditTopic = topicName('quipu.tallies')
    await ensureAuditTopic({ kafka: kafkaClient(), topic: auditTopic })
    const store = await openSqliteStore(':memory:')
    const engine = await AuditEngine.start({
      pipelines: lines.map(pipelineOf),
      store,
      name: groupName('auditor'),
      reader: kafkaReader({ kafka: kafkaClient(), topic: auditTopic }),
      sender: () => kafkaSender({ kafka: kafkaClient(), topic: auditTopic }),
      kafkas: new Map([['default', kafkaClient() as Kafka]]),
      flushMs: FLUSH_MS,
    })
    const stamps: Stamps = new Map()
    const clock = new StillClock()
    const shop = audited(noteStamps(kafkaClient(), stamps), {
      ...{ service: 'shop', ...TIMES, clock: clock.now, audit: { topic: auditTopic } },
    })
    const producer = shop.producer()
    await producer.connect()
    return new Stage(auditTopic, store, engine, producer, clock, stamps)
  }

  async #run(): Promise<void> {
    try {
      while (this.#isOpen) {
        this.said.push(...(await this.#engine.turn(200)))
        this.#turns++
      }
    } catch (error) {
      this.#trouble = error
    }
  }

  async close(): Promise<void> {
    this.#isOpen = false
    await this.#running
    await this.#producer.disconnect()
    await this.#engine.close()
    await this.store.close()
    if (this.#trouble !== null) throw this.#trouble
  }

  /** Keys are the numbers from `from` on, in turns over the partitions given; all of one window. */
  async send({ topic }: Line, from: number, count: number, partitions = 1): Promise<void> {
    const messages = Array.from({ length: count }, (_, i) => ({
      ...{ key: `${topic}/${from + i}`, value: 'v', partition: i % partitions },
    }))
    await this.#clock.during(() => this.#producer.send({ topic, messages }))
  }

  /** Ids of the numbers that were sent, sorted. */
  idsOf({ topic }: Line, numbers: readonly number[]): string[] {
    return numbers.map((n) => this.#stamps.get(`${topic}/${n}`) ?? `#${n}`).sort()
  }

  /** The service that reads, as its owner would start it. */
  ship(options: Partial<AuditedOptions> = {}): Kafka {
    const audit = { topic: this.auditTopic }
    return audited(kafkaClient(), { service: 'ship', ...TIMES, audit, ...options })
  }

  /** Of the windows that hold messages of this line; others know more. */
  async verdicts({ name }: Line, edge: string = READ): Promise<readonly EdgeVerdict[]> {
    const all = await this.store.verdicts({ pipeline: name, edge })
    return all.filter(({ from, to }) => [...from, ...to].some(({ count }) => count > 0))
  }

  /** The group's commit by which the auditor has judged last; null: it knows of none. */
  async committed({ topic, group }: Line): Promise<number | null> {
    const fact = (await this.store.fact('log-watch')) as Watched | undefined | null
    const key = hopKey(consumerHop('default', topic, group))
    return fact?.groups[key]?.['0']?.last ?? null
  }

  /** Verdicts on an edge that accused at any time, settled or not, of one of these; told as text. */
  everSaid({ name }: Line, accusations: readonly (keyof Counts)[], edge: string = READ): string {
    const of = this.said.filter((v) => v.pipeline === name && v.edge === edge)
    return told(of.filter(({ counts }) => accusations.some((count) => counts[count] > 0)))
  }

  /**
   * The verdicts when they are as they are waited for, no window is open any more, and they are the same
   * once all has been judged that the auditor was told by then. `isThere` must say all that the test
   * demands of them: what is true already may be said before its reasons have come.
   */
  async until(
    line: Line,
    isThere: (verdicts: readonly EdgeVerdict[]) => boolean,
    edge: string = READ,
  ): Promise<readonly EdgeVerdict[]> {
    for (let look = 0; look < LOOKS_MAX && this.#trouble === null; look++) {
      const verdicts = await this.verdicts(line, edge)
      if (verdicts.every(isSettled) && isThere(verdicts)) {
        await this.turns()
        const again = await this.verdicts(line, edge)
        if (told(again) === told(verdicts)) return again
      }
      await sleep(LOOK_MS)
    }
    expect(this.#trouble, 'the auditor fell').toBe(null)
    return this.verdicts(line, edge)
  }

  /** Waits for so many whole turns of the auditor: what it was told by then it has judged. */
  async turns(count = 2): Promise<void> {
    const goal = this.#turns + 1 + count
    await until(() => this.#turns >= goal || this.#trouble !== null)
  }
}

/** What the auditor keeps of polls, as far as it is looked at here: groups, partitions, the last commit. */
interface Watched {
  readonly groups: Readonly<
    Record<string, Readonly<Record<string, { readonly last: number | null }>>>
  >
}

const isSettled = ({ state }: EdgeVerdict): boolean => state !== 'open'

/** All that was sent is expected, nothing of it is under way, and no more than so many undetermined. */
export const allJudged =
  (expected: number, undetermined = 0) =>
  (verdicts: readonly EdgeVerdict[]): boolean => {
    const counts = sumOf(verdicts)
    return (
      counts.expected === expected && counts.in_flight === 0 && counts.undetermined === undetermined
    )
  }

/** All of them by the word of agents, and nothing is to be said. */
export const allMet = (verdicts: readonly EdgeVerdict[]): boolean =>
  verdicts.every((v) => v.verdict === 'met' && v.evidence === 'exact' && v.findings.length === 0)

export function sumOf(verdicts: readonly EdgeVerdict[]): Record<keyof Counts, number> {
  const sum: Record<string, number> = {}
  for (const { counts } of verdicts)
    for (const [name, n] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + n
  return sum as Record<keyof Counts, number>
}

/** Ids that findings name, each as often as it is named, sorted. */
export function named(verdicts: readonly EdgeVerdict[], ...codes: FindingCode[]): string[] {
  return verdicts
    .flatMap((v) => v.findings.filter(({ code }) => codes.includes(code)))
    .flatMap(({ ids }) => ids)
    .flatMap(({ id, times }) => Array.from({ length: times }, () => id))
    .sort()
}

/** Codes of all findings, once. */
export const codesOf = (verdicts: readonly EdgeVerdict[]): string[] =>
  [...new Set(verdicts.flatMap((v) => v.findings.map(({ code }) => code)))].sort()

/** What went wrong, for the message of a test that fails. */
export const told = (verdicts: readonly EdgeVerdict[]): string =>
  verdicts
    .map(({ window, state, verdict, evidence, counts, findings, from, to }) =>
      JSON.stringify({
        at: window.start,
        is: [state, verdict, evidence],
        counts: Object.fromEntries(Object.entries(counts).filter(([, n]) => n > 0)),
        findings: findings.map(({ code, count, args, ids }) => [code, count, ids.length, args]),
        hops: [...from, ...to].map(({ hop, count, passage, why }) => [hop, count, passage, why]),
      }),
    )
    .join('\n')

/** Bounded: what never comes is for the test to say. */
export async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  for (let look = 0; look < LOOKS_MAX && !(await isDone()); look++) await sleep(LOOK_MS)
}

/** Messages sent after it are born in a window that holds nothing of what was sent before. */
export async function nextWindow(): Promise<void> {
  await sleep(WINDOW_MS - (Date.now() % WINDOW_MS) + 20)
}

/** Members that are killed must be missed soon; brokers take no less than 6 s. */
export const MEMBER: Omit<ConsumerConfig, 'groupId'> = {
  maxWaitTimeInMs: 100,
  sessionTimeout: 6_000,
  heartbeatInterval: 300,
}

/** A member that reads; `handled` is the truth that its handler keeps: numbers, in order. */
export interface Member {
  readonly consumer: Consumer
  readonly handled: number[]
}

export interface MemberOptions {
  readonly fromBeginning?: boolean
  /** The group commits before each so-manyth message only; default: as clients do. */
  readonly commitEvery?: number
  /** Runs in the handler, before the message counts as handled. */
  readonly handle?: (number: number) => Promise<void>
}

/** Resolves when it has asked for messages with its assignment. */
export async function join(
  kafka: Kafka,
  { topic, group }: Pick<Line, 'topic' | 'group'>,
  { fromBeginning = true, commitEvery, handle = async () => {} }: MemberOptions = {},
): Promise<Member> {
  const consumer = kafka.consumer({ groupId: group, ...MEMBER })
  const handled: number[] = []
  let hasFetched = false
  consumer.on(consumer.events.FETCH, () => {
    hasFetched = true
  })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning })
  await consumer.run({
    autoCommit: commitEvery === undefined,
    eachMessage: async ({ partition, message: { key, offset } }) => {
      if (commitEvery !== undefined && Number(offset) % commitEvery === 0)
        await consumer.commitOffsets([{ topic, partition, offset }])
      const number = numberOf(key)
      await handle(number)
      handled.push(number)
    },
  })
  await until(() => hasFetched)
  return { consumer, handled }
}

export const numberOf = (key: Buffer | string | null): number => Number(String(key).split('/')[1])

/** The numbers `[from, to)`. */
export const numbers = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i)
