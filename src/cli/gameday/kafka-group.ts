/** A group of a game day: handles, sends on, stores, and writes down what it has done. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer, EachBatchPayload, KafkaMessage, Message, Producer } from 'kafkajs'
import { dropped, forward, sink } from '../../../agents/kafkajs.ts'
import { hexOfWords } from '../../message/id.ts'
import { readStamp } from '../../message/stamp.ts'
import { type DrawnFault, type GroupHop, isSink, isTopic } from './day.ts'
import { astrayTopicOf } from './draw-mishaps.ts'
import { frameFrom, passedOn } from './drift-values.ts'
import {
  againValue,
  alteredValue,
  clientFateOf,
  fateOf,
  partitionOf,
  roundOf,
  routeOf,
} from './fate.ts'
import type { Life } from './kafka-life.ts'
import { withAdmin } from './kafka-place.ts'
import { say } from './kafka-plan.ts'

/** The least that brokers allow as they come. */
const SESSION_MS = 6_000
/** What its edge does not declare. */
const UNDECLARED = 'mislaid'
/** So often a handler throws at what it cannot take before the code gives up. */
const ATTEMPTS_MAX = 3
/** Windows after its deadline at which a late output goes out, and before it, a postponed one. */
const LATE_WINDOWS = 1
const POSTPONED_WINDOWS = 0.5

export class GroupService {
  readonly #life: Life
  readonly #hop: GroupHop
  readonly #sinkHop: string
  readonly #partitions: ReadonlyMap<string, number>
  readonly #producer: Producer
  /** For what is sent on in a transaction. */
  readonly #transactional: Producer | null
  readonly #consumer: Consumer
  /** Offsets at which a handler has failed once, as it was to. */
  readonly #failed = new Set<string>()
  /** By offset: how often a handler has thrown at what it cannot take. */
  readonly #attempts = new Map<string, number>()
  /** The next offset, per partition. */
  readonly #next = new Map<number, number>()

  constructor(life: Life, hop: GroupHop) {
    this.#life = life
    this.#hop = hop
    const { day } = life.plan
    this.#sinkHop = day.hops.filter(isSink).find(({ sink }) => sink === hop.sink)?.name ?? ''
    this.#partitions = new Map(day.hops.filter(isTopic).map((t) => [t.topic, t.partitions]))
    this.#producer = life.kafka.producer({ allowAutoTopicCreation: false })
    this.#transactional =
      (life.service.rates.withdrawn ?? 0) > 0
        ? life.kafka.producer({
            ...{ allowAutoTopicCreation: false, maxInFlightRequests: 1 },
            transactionalId: `${life.plan.prefix}${hop.name}-tx`,
          })
        : null
    this.#consumer = this.#member()
  }

  #member(): Consumer {
    const { kafka, plan } = this.#life
    const groupId = `${plan.prefix}${this.#hop.group}`
    return kafka.consumer({
      ...{ groupId, sessionTimeout: SESSION_MS, heartbeatInterval: 1_000 },
      ...{ maxWaitTimeInMs: 100, allowAutoTopicCreation: false },
      retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: 20 },
    })
  }

  async run(): Promise<void> {
    const life = this.#life
    await life.patiently(() => this.#producer.connect())
    await life.patiently(async () => this.#transactional?.connect())
    life.onEnd(async () => {
      await this.#consumer.disconnect()
      await this.#producer.disconnect()
      await this.#transactional?.disconnect()
    })
    await this.#join(this.#consumer)
    for (const fault of life.plan.day.faults) this.#plan(fault)
    life.put(0)
    life.ready()
  }

  async #join(consumer: Consumer): Promise<void> {
    const { topic, isBatch } = this.#hop
    const { plan } = this.#life
    await this.#life.patiently(() => consumer.connect())
    // Tells of markers of transactions too, which reach no handler.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      const { partition, lastOffset } = payload
      this.#tell(partition, Number(lastOffset) + 1)
    })
    await this.#life.patiently(() =>
      consumer.subscribe({ topic: `${plan.prefix}${topic}`, fromBeginning: true }),
    )
    await consumer.run(
      isBatch
        ? { eachBatch: (payload) => this.#handleBatch(payload) }
        : { eachMessage: ({ partition, message }) => this.#handle(partition, message) },
    )
  }

  #tell(partition: number, next: number): void {
    say({ kind: 'read', partition, next, handled: this.#next.get(partition) ?? 0 })
  }

  #plan(fault: DrawnFault): void {
    if (!('service' in fault) || fault.service !== this.#hop.service) return
    const inMs = this.#life.msUntil(fault.at)
    // One that died has done it already, or never will.
    if (inMs <= 0) return
    switch (fault.kind) {
      case 'replay':
        setTimeout(() => this.#goBack(fault.messages), inMs)
        break
      case 'skip':
        this.#life.put(1)
        setTimeout(() => {
          void this.#goAhead(fault.messages)
            .catch((error) => console.error(`going ahead: ${String(error)}`))
            .finally(() => this.#life.put(-1))
        }, inMs)
        break
      case 'join':
        this.#life.put(1)
        setTimeout(() => {
          void this.#second(fault.forWindows * this.#life.plan.windowMs)
            .catch((error) => console.error(`a second member: ${String(error)}`))
            .finally(() => this.#life.put(-1))
        }, inMs)
        break
    }
  }

  /** By so many messages in every partition. */
  #goBack(messages: number): void {
    for (const [partition, next] of this.#next) this.#seek(partition, Math.max(0, next - messages))
  }

  /** By so many messages in every partition, no further than there are any: so it lets some come. */
  async #goAhead(messages: number): Promise<void> {
    const { kafka, plan } = this.#life
    const topic = `${plan.prefix}${this.#hop.topic}`
    const ends = await withAdmin(kafka, async (admin) => {
      this.#consumer.pause([{ topic }])
      await sleep(plan.windowMs)
      return admin.fetchTopicOffsets(topic)
    })
    for (const { partition, high } of ends) {
      const next = this.#next.get(partition)
      const to = Math.min((next ?? 0) + messages, Number(high))
      if (next !== undefined && to > next) this.#seek(partition, to)
    }
    this.#consumer.resume([{ topic }])
  }

  #seek(partition: number, to: number): void {
    const topic = `${this.#life.plan.prefix}${this.#hop.topic}`
    this.#consumer.seek({ topic, partition, offset: String(to) })
    this.#tell(partition, to)
  }

  /** Another member of the group, for a while: partitions change hands, twice. */
  async #second(ms: number): Promise<void> {
    const consumer = this.#member()
    try {
      await this.#join(consumer)
      await sleep(ms)
    } finally {
      await consumer.disconnect()
    }
  }

  async #handleBatch({ batch, resolveOffset, isRunning, isStale, heartbeat }: EachBatchPayload) {
    for (const message of batch.messages) {
      if (!isRunning() || isStale()) return
      await this.#handle(batch.partition, message)
      resolveOffset(message.offset)
      await heartbeat()
    }
  }

  async #handle(partition: number, message: KafkaMessage): Promise<void> {
    const life = this.#life
    const { name, filter, deadLetter, again } = this.#hop
    const { day } = life.plan
    const key = String(message.key)
    const value = String(message.value)
    const round = roundOf(value)
    const stamp = readStamp(message.headers)
    const id = stamp.kind === 'stamped' ? hexOfWords(stamp.words) : ''
    const offset = Number(message.offset)
    const fate = fateOf(day.seed, life.service, key, round)
    const drop = (reason: string): void => {
      dropped(message, reason)
      life.drop(name, { id, value, at: Date.now(), partition, offset, reason })
    }
    const on = routeOf(day.seed, this.#hop, key)
    switch (fate) {
      case 'dropped':
        break
      case 'filtered':
        drop(filter ?? UNDECLARED)
        break
      case 'discarded':
        drop(UNDECLARED)
        break
      case 'dead-lettered':
        await this.#send(deadLetter, message, value)
        break
      case 'hopeless':
        this.#fail(partition, offset)
        break
      case 'astray':
        await this.#send(astrayTopicOf(day), message, value)
        break
      case 'withdrawn':
        await this.#withdraw(on, message, value)
        break
      case 'again':
        await this.#send(again, message, againValue(key, value))
        break
      case 'late':
        this.#sendAt(id, day.latenessWindows + 1 + LATE_WINDOWS, on, message, value)
        break
      case 'postponed':
        this.#sendAt(id, day.latenessWindows + 1 - POSTPONED_WINDOWS, on, message, value)
        break
      default: {
        const told = fate === 'altered' ? alteredValue(value) : value
        await this.#pass(on, message, told, id)
        if (fate === 'doubled') await this.#pass(on, message, told, id)
      }
    }
    life.passTheMiddle()
    const place = `${partition}/${offset}`
    if (fate === 'retried' && !this.#failed.has(place)) {
      this.#failed.add(place)
      throw new Error('as it was to')
    }
    this.#next.set(partition, Math.max(this.#next.get(partition) ?? 0, offset + 1))
    life.pass(name, { id, value, at: Date.now(), partition, offset })
  }

  /** To the next topic, or into the sink. */
  async #pass(
    topic: string | undefined,
    message: KafkaMessage,
    value: string,
    id: string,
  ): Promise<void> {
    if (this.#hop.sink === null) return this.#send(topic ?? null, message, value)
    const { value: received } = message
    // The agent looks at what is stored, which may not be what was received.
    message.value = Buffer.from(value)
    sink(this.#hop.sink).seen(message)
    message.value = received
    this.#life.pass(this.#sinkHop, { id, value, at: Date.now() })
  }

  async #send(topic: string | null, message: KafkaMessage, value: string): Promise<void> {
    if (topic === null) return
    const output = this.#output(topic, message, value)
    await this.#taken(topic, output, () =>
      this.#producer.send(this.#record(topic, message, output)),
    )
  }

  /** Sent on in a transaction that is aborted. */
  async #withdraw(topic: string | undefined, message: KafkaMessage, value: string): Promise<void> {
    if (topic === undefined || this.#transactional === null) return
    const output = this.#output(topic, message, value)
    const transaction = await this.#transactional.transaction()
    await this.#taken(topic, output, async () => {
      try {
        await transaction.send(this.#record(topic, message, output))
      } finally {
        await transaction.abort()
      }
    })
  }

  #record(topic: string, message: KafkaMessage, output: Message) {
    const messages = [this.#hop.isBatch ? forward(message, output) : output]
    return { topic: `${this.#life.plan.prefix}${topic}`, messages }
  }

  /** What the client refuses, the code takes for sent. */
  async #taken(
    topic: string,
    { key, value }: Message,
    send: () => Promise<unknown>,
  ): Promise<void> {
    const { plan, service } = this.#life
    const round = roundOf(String(value))
    try {
      await send()
    } catch (error) {
      if (clientFateOf(plan.day.seed, service, topic, String(key), round) !== 'refused') throw error
    }
  }

  /** Throws; at last it seeks past the message before. */
  #fail(partition: number, offset: number): never {
    const place = `${partition}/${offset}`
    const attempts = (this.#attempts.get(place) ?? 0) + 1
    this.#attempts.set(place, attempts)
    if (attempts >= ATTEMPTS_MAX) this.#seek(partition, offset + 1)
    throw new Error('the handler cannot take it')
  }

  #output(topic: string, { key: bytes, headers }: KafkaMessage, value: string): Message {
    const key = String(bytes)
    return {
      ...{ key, value: passedOn(this.#life.plan.day, this.#hop.service, key, value) },
      partition: partitionOf(key, this.#partitions.get(topic) ?? 1),
      headers: frameFrom(headers),
    }
  }

  /** So many windows after its birth; the context of the handling is long gone by then. */
  #sendAt(
    id: string,
    windows: number,
    topic: string | undefined,
    message: KafkaMessage,
    value: string,
  ): void {
    const { windowMs } = this.#life.plan
    if (topic === undefined) return
    const born = Number.parseInt(id.slice(0, 12), 16)
    const dueAt = Math.floor(born / windowMs) * windowMs + windows * windowMs
    // Births may be far off; the day is short.
    const inMs = Math.min(Math.max(0, dueAt - Date.now()), windows * windowMs)
    this.#life.put(1)
    setTimeout(() => {
      const output = forward(message, this.#output(topic, message, value))
      this.#producer
        .send({ topic: `${this.#life.plan.prefix}${topic}`, messages: [output] })
        .catch((error) => console.error(`a late send failed: ${String(error)}`))
        .finally(() => this.#life.put(-1))
    }, inMs)
  }
}
