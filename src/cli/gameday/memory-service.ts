/** The services of the memory run, written as anybody would write them, but for what is drawn for them. */
import type {
  Consumer,
  EachBatchPayload,
  EachMessagePayload,
  ICustomPartitioner,
  Kafka,
  KafkaMessage,
  Message,
  Producer,
} from 'kafkajs'
import { type AuditedOptions, audited, dropped, forward, sink } from '../../../agents/kafkajs.ts'
import { faultyKafka, stampOf } from './client-faults.ts'
import {
  type DrawnSend,
  type DrawnService,
  type GameDay,
  type GroupHop,
  isGroup,
  isTopic,
  type ProducerHop,
  type SendKind,
} from './day.ts'
import { astrayTopicOf } from './draw-mishaps.ts'
import { frameFrom, frameOf, passedOn } from './drift-values.ts'
import {
  againValue,
  alteredValue,
  clientFateOf,
  fateOf,
  keyOf,
  partitionOf,
  roundOf,
  routeOf,
  writtenValue,
} from './fate.ts'
import { Mortal } from './memory-mortal.ts'
import { chance } from './random.ts'
import type { Ledger } from './truth.ts'

/** What a process of the run is given. */
export interface World {
  readonly day: GameDay
  readonly ledger: Ledger
  readonly windowMs: number
  /** The one clock that is right. */
  readonly clock: () => number
  readonly kafka: () => Kafka
  readonly audit: (mortal: Mortal, service: DrawnService) => AuditedOptions
  /** Evidence of the process that is not on its way to the auditor yet. */
  readonly touched: (service: string, touch: Touch) => void
  readonly partitions: (topic: string) => number
  /** One past the last offset. */
  readonly endOf: (topic: string, partition: number) => number
}

/** One message that an agent has seen and not told of yet. */
export interface Touch {
  readonly id: string
  readonly partition?: number
  readonly offset?: number
}

const asTold: ICustomPartitioner =
  () =>
  ({ message }) =>
    message.partition ?? 0

/** At which point of a message a process dies. */
type Stage = 'before' | 'between' | 'after'
const STAGES: readonly Stage[] = ['before', 'between', 'after']
/** So often a handler throws at what it cannot handle before the code gives up. */
const ATTEMPTS_MAX = 3

abstract class Service {
  readonly mortal: Mortal = new Mortal()
  protected readonly world: World
  protected readonly drawn: DrawnService
  protected readonly kafka: Kafka
  protected readonly ids: Map<string, string> = new Map()
  #left = Number.POSITIVE_INFINITY

  constructor(world: World, drawn: DrawnService, commitEvery: number) {
    this.world = world
    this.drawn = drawn
    const { seed } = world.day
    const faulty = faultyKafka(this.mortal.kafka(world.kafka(), commitEvery), {
      fateOf: (topic, { key, value }) =>
        clientFateOf(seed, drawn, topic, String(key), roundOf(String(value))),
      know: (topic, { key }, id) => {
        this.ids.set(`${topic} ${key}`, id)
        world.touched(drawn.name, { id })
      },
      unplaced: (topic, id) => {
        for (const hop of world.day.hops)
          if ((isTopic(hop) || isGroup(hop)) && hop.topic === topic)
            world.ledger.unplace(hop.name, id)
      },
    })
    this.kafka = audited(faulty, world.audit(this.mortal, drawn))
  }

  /** Dies in the middle of its `after`th message from now on. */
  doom(after: number): void {
    this.#left = after
  }

  protected get isDoomed(): boolean {
    return Number.isFinite(this.#left)
  }

  /** A message begins; the stage at which this process dies of it. */
  protected stageOf(key: string): Stage | null {
    if (this.#left-- > 0) return null
    return STAGES[Math.floor(chance(this.world.day.seed, 'stage', key) * STAGES.length)] ?? null
  }

  protected async dieIf(is: boolean): Promise<void> {
    if (!is) return
    // Not waited for: the consumer ends when this very handler is given up.
    void this.mortal.die()
    await this.mortal.never()
  }

  abstract start(): Promise<void>
  abstract stop(): Promise<void>
  /** Once a turn. */
  abstract tick(): Promise<void>
}

export class ProducerService extends Service {
  readonly #hop: ProducerHop
  readonly #plain: Producer
  readonly #transactional: Producer | null

  constructor(world: World, drawn: DrawnService, hop: ProducerHop) {
    super(world, drawn, 1)
    this.#hop = hop
    this.#plain = this.kafka.producer({ createPartitioner: asTold })
    const isTransactional = world.day.sends.some(
      ({ service, kind }) => service === drawn.name && (kind === 'committed' || kind === 'aborted'),
    )
    this.#transactional = isTransactional
      ? this.kafka.producer({ createPartitioner: asTold, transactionalId: `${drawn.name}-tx` })
      : null
  }

  async start(): Promise<void> {
    await this.#plain.connect()
    await this.#transactional?.connect()
  }

  async tick(): Promise<void> {}

  async stop(): Promise<void> {
    await this.#plain.disconnect()
    await this.#transactional?.disconnect()
  }

  async send(drawn: DrawnSend): Promise<void> {
    const { ledger, clock, day } = this.world
    const { topic } = this.#hop
    const keys = Array.from({ length: drawn.count }, (_, i) =>
      keyOf({ service: drawn.service, index: drawn.first + i }),
    )
    const stage = this.stageOf(keys[0] ?? '')
    if (stage === 'before') await this.dieIf(true)
    const messages = this.#messages(drawn, keys)
    const record = { topic, messages, ...(drawn.kind === 'acks0' ? { acks: 0 } : {}) }
    const idOf = (key: string): string => this.ids.get(`${topic} ${key}`) ?? ''
    try {
      if (drawn.kind === 'plain' || drawn.kind === 'acks0') {
        const answer = this.#plain.send(record)
        if (stage === 'between') void this.mortal.die()
        await answer
      } else {
        const transaction = await (this.#transactional as Producer).transaction()
        try {
          await transaction.send(record)
          if (stage === 'between') await this.dieIf(true)
          if (drawn.kind === 'committed') await transaction.commit()
          else await transaction.abort()
        } catch (error) {
          await transaction.abort()
          throw error
        }
      }
    } catch {
      for (const key of keys) ledger.refused.add(idOf(key))
      return
    }
    if (drawn.kind === 'aborted') for (const key of keys) ledger.aborted.add(idOf(key))
    else
      for (const key of keys)
        ledger.pass(this.#hop.name, {
          ...{ id: idOf(key), value: writtenValue(day, drawn.service, key), at: clock() },
        })
    await this.dieIf(stage === 'after')
  }

  #messages({ service, bornWindows, isShuffled }: DrawnSend, keys: readonly string[]): Message[] {
    const { clock, windowMs, partitions, day } = this.world
    const { topic } = this.#hop
    const messages = keys.map((key) => ({
      key,
      value: writtenValue(day, service, key),
      partition: partitionOf(key, partitions(topic)),
      headers: {
        ...frameOf(day, service, key),
        ...(bornWindows === null
          ? {}
          : { quipu: foreignStamp(day.seed, clock() + bornWindows * windowMs, key) }),
      },
    }))
    if (!isShuffled) return messages
    const place = ({ key }: { key: string }): number => chance(day.seed, 'shuffle', key)
    return messages.sort((a, b) => place(a) - place(b))
  }
}

/** A stamp as another minter would have made it. */
function foreignStamp(seed: number, birth: number, key: string): Buffer {
  const stamp = Buffer.alloc(16)
  stamp.writeUIntBE(Math.max(0, Math.round(birth)), 0, 6)
  for (let i = 6; i < 14; i++) stamp[i] = Math.floor(chance(seed, 'stamp', key, i) * 256)
  stamp[6] = ((stamp[6] as number) & 0x0f) | 0x70
  stamp[8] = ((stamp[8] as number) & 0x3f) | 0x80
  // Sequence and ordinal end in zeros: no copy of anything.
  stamp.writeUInt16BE(0, 14)
  return stamp
}

type Send = (topic: string, output: Message, by: SendKind) => Promise<void>

/** Put aside, to be sent on later. */
interface Aside {
  readonly received: KafkaMessage
  readonly topic: string
  readonly due: number
}

export class GroupService extends Service {
  readonly #hop: GroupHop
  readonly #consumer: Consumer
  readonly #out: Producer
  /** For what is sent on in a transaction. */
  readonly #transactional: Producer | null
  /** By key: attempts so far. */
  readonly #tried = new Map<string, number>()
  /** By partition, the next offset. */
  readonly #next = new Map<number, number>()
  #aside: Aside[] = []
  #isLagging = false

  constructor(world: World, drawn: DrawnService, hop: GroupHop) {
    super(world, drawn, 1 + Math.floor(chance(world.day.seed, 'commit', hop.name) * 8))
    this.#hop = hop
    this.#consumer = this.kafka.consumer({ groupId: hop.group })
    this.#out = this.kafka.producer({ createPartitioner: asTold })
    this.#transactional =
      (drawn.rates.withdrawn ?? 0) > 0
        ? this.kafka.producer({
            createPartitioner: asTold,
            transactionalId: `${drawn.name}-tx`,
          })
        : null
  }

  async start(): Promise<void> {
    await this.#out.connect()
    await this.#transactional?.connect()
    await this.#consumer.connect()
    await this.#consumer.subscribe({ topic: this.#hop.topic, fromBeginning: true })
    await this.#consumer.run(
      this.#hop.isBatch
        ? { eachBatch: (payload) => this.#batch(payload) }
        : { eachMessage: (payload) => this.#message(payload) },
    )
    if (this.#isLagging) this.lag(true)
  }

  async stop(): Promise<void> {
    await this.#consumer.disconnect()
    await this.#out.disconnect()
    await this.#transactional?.disconnect()
  }

  /** By partition, the next offset. */
  get next(): ReadonlyMap<number, number> {
    return this.#next
  }

  /** Stops reading, or goes on. */
  lag(isLagging: boolean): void {
    this.#isLagging = isLagging
    const topics = [{ topic: this.#hop.topic }]
    if (isLagging) this.#consumer.pause(topics)
    else this.#consumer.resume(topics)
  }

  /** Goes back by so many messages in every partition. */
  replay(messages: number): void {
    for (const [partition, next] of this.#next)
      this.#consumer.seek({
        ...{ topic: this.#hop.topic, partition },
        offset: String(Math.max(0, next - messages)),
      })
  }

  /** Goes ahead by so many messages in every partition, no further than there are any. */
  skip(messages: number): void {
    const { topic } = this.#hop
    for (const [partition, next] of this.#next) {
      const offset = Math.min(next + messages, this.world.endOf(topic, partition))
      if (offset > next) this.#consumer.seek({ topic, partition, offset: String(offset) })
    }
  }

  async tick(): Promise<void> {
    const now = this.world.clock()
    const due = this.#aside.filter((aside) => aside.due <= now)
    this.#aside = this.#aside.filter((aside) => aside.due > now)
    for (const { received, topic } of due)
      await this.#send(topic, forward(received, this.#output(received, topic)))
  }

  get isIdle(): boolean {
    return this.#aside.length === 0
  }

  async #batch({ batch, resolveOffset }: EachBatchPayload): Promise<void> {
    for (const message of batch.messages) {
      const send: Send = (topic, output, by) => this.#send(topic, forward(message, output), by)
      const finish = (): void => resolveOffset(message.offset)
      await this.#handle(batch.partition, message, send, finish)
    }
  }

  async #message({ partition, message }: EachMessagePayload): Promise<void> {
    await this.#handle(
      partition,
      message,
      (topic, output, by) => this.#send(topic, output, by),
      () => {},
    )
  }

  async #handle(
    partition: number,
    message: KafkaMessage,
    send: Send,
    finish: () => void,
  ): Promise<void> {
    const { ledger, clock, day, touched } = this.world
    const hop = this.#hop
    const [key, value] = [String(message.key), String(message.value)]
    const stage = this.stageOf(key)
    await this.dieIf(stage === 'before')
    const fate = fateOf(day.seed, this.drawn, key, roundOf(value))
    const id = stampOf(message.headers) ?? ''
    const offset = Number(message.offset)
    const passing = { id, value, at: clock(), partition, offset }
    const reason = fate === 'filtered' ? hop.filter : fate === 'discarded' ? 'mistaken' : null
    const target = this.#targetOf(fate, key)
    const attempt = (this.#tried.get(key) ?? 0) + 1
    this.#tried.set(key, attempt)
    if (fate === 'hopeless') this.#fail(partition, offset, attempt)
    if (hop.sink !== null && fate !== 'dropped' && reason === null) {
      const seen = (): void => {
        sink(hop.sink as string).seen(message)
        ledger.pass(hop.sink as string, { ...passing, value: String(message.value) })
        touched(this.drawn.name, passing)
      }
      if (fate === 'altered') message.value = Buffer.from(alteredValue(value))
      seen()
      if (fate === 'doubled') seen()
    } else if (target !== undefined && fate !== 'dropped' && reason === null) {
      if (fate === 'late' || fate === 'postponed') this.#putAside(message, target, fate)
      else {
        const output = this.#output(message, target, fate)
        await send(target, output, fate === 'withdrawn' ? 'aborted' : 'plain')
        if (fate === 'doubled') await send(target, output, 'plain')
      }
    }
    await this.dieIf(stage === 'between')
    if (fate === 'retried' && attempt === 1) throw new Error('the handler has failed')
    if (reason !== null) {
      dropped(message, reason)
      ledger.drop(hop.name, { ...passing, reason })
    }
    ledger.pass(hop.name, passing)
    touched(this.drawn.name, passing)
    this.#next.set(partition, offset + 1)
    finish()
    // What comes after the handler's return dies with the process.
    if (stage === 'after') void this.mortal.die()
  }

  /** Throws; at last it seeks past the message before. */
  #fail(partition: number, offset: number, attempt: number): never {
    const { topic } = this.#hop
    // One that comes again, because the client began anew before it had gone there, is known by now.
    if (attempt >= ATTEMPTS_MAX)
      this.#consumer.seek({ topic, partition, offset: String(offset + 1) })
    throw new Error('the handler cannot take it')
  }

  #targetOf(fate: string | null, key: string): string | undefined {
    const { deadLetter, again } = this.#hop
    if (fate === 'dead-lettered') return deadLetter ?? undefined
    if (fate === 'again') return again ?? undefined
    if (fate === 'astray') return astrayTopicOf(this.world.day) ?? undefined
    return routeOf(this.world.day.seed, this.#hop, key)
  }

  #putAside(received: KafkaMessage, topic: string, fate: 'late' | 'postponed'): void {
    const { clock, windowMs, day } = this.world
    const wait = chance(day.seed, 'aside', String(received.key))
    const windows = fate === 'late' ? day.latenessWindows + 1.2 + 2 * wait : 1.5 * wait
    this.#aside.push({ received, topic, due: clock() + windows * windowMs })
  }

  #output(received: KafkaMessage, topic: string, fate: string | null = null): Message {
    const key = String(received.key)
    const value = passedOn(this.world.day, this.#hop.service, key, String(received.value))
    const partition = partitionOf(key, this.world.partitions(topic))
    const place = { key, partition, headers: frameFrom(received.headers) }
    if (fate === 'altered') return { ...place, value: alteredValue(value) }
    if (fate === 'again') return { ...place, value: againValue(key, value) }
    return { ...place, value }
  }

  async #send(topic: string, message: Message, by: SendKind = 'plain'): Promise<void> {
    try {
      if (by === 'aborted') await this.#withdraw(topic, message)
      else await this.#out.send({ topic, messages: [message] })
    } catch (error) {
      // What the client refuses, the code takes for sent.
      if (!this.#isRefused(topic, message)) throw error
    }
  }

  #isRefused(topic: string, { key, value }: Message): boolean {
    const round = roundOf(String(value))
    return clientFateOf(this.world.day.seed, this.drawn, topic, String(key), round) === 'refused'
  }

  async #withdraw(topic: string, message: Message): Promise<void> {
    const transaction = await (this.#transactional as Producer).transaction()
    try {
      await transaction.send({ topic, messages: [message] })
    } finally {
      await transaction.abort()
    }
  }
}
