/**
 * The transport over a Kafka topic, with kafkajs, which is loaded when it is first needed.
 *
 * The reader stands alone: a consumer group of its own that commits nothing, since the positions are
 * the store's. Partitions of the transport are those of the topic, positions are offsets.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type {
  Admin,
  Consumer,
  EachBatchPayload,
  Kafka,
  KafkaConfig,
  Producer,
  SeekEntry,
} from 'kafkajs'
import { AUDIT_TOPIC } from '../base/audit-topic.ts'
import { messageOf, QuipuError } from '../base/errors.ts'
import { makeTopics } from './kafka/make-topics.ts'
import {
  connectError,
  isMovedLeader,
  isTooLarge,
  kafkaError,
  noAnswer,
  unreachable,
} from './kafka-errors.ts'
import { RecordQueue } from './record-queue.ts'
import { RecordRefused, refuseTooLarge } from './refused.ts'
import {
  type FrameReader,
  type FrameRecord,
  type FrameSender,
  type Positions,
  RECORD_BYTES_MAX,
} from './transport.ts'

/** ms for the first answer of a broker; with the retries of a client before that, less. */
const ANSWER_MS = 10_000
/** ms for joining a group: brokers hold the first member back for 3 s, more where they are slow. */
const JOIN_MS = 30_000
/** Looks for the leader of a partition that has moved, and the ms between them. */
const LED_LOOKS_MAX = 100
const LED_LOOK_MS = 100
/** ms that closing may take before the client is left to itself. */
const CLOSE_MS = 3_000
/** ms a fetch may wait for records; closing waits for the fetch. */
const FETCH_MS = 250
/** ms between looks whether a held-back consumer must send a heartbeat. */
const HEARTBEAT_LOOK_MS = 1_000

export interface KafkaTransportOptions {
  /** A client to use; its own settings and log stay as they are. */
  readonly kafka?: Kafka
  /** Without `kafka`: where to connect. With it: only to name them in errors. */
  readonly brokers?: readonly string[]
  /** Without `kafka`: ssl, sasl and the like. */
  readonly config?: Omit<KafkaConfig, 'brokers' | 'logLevel' | 'logCreator'>
  readonly topic?: string
  /** Told of errors that do not end anything; must not throw. */
  readonly onTrouble?: (text: string) => void
}

export interface AuditTopicOptions extends KafkaTransportOptions {
  /** Frames of one agent keep their order in any number; more let a busy topic spread. */
  readonly partitions?: number
  /** ms; longer than the auditor is ever down. */
  readonly retentionMs?: number
}

export function kafkaReader(options: KafkaTransportOptions): FrameReader {
  return new KafkaReader(options)
}

export function kafkaSender(options: KafkaTransportOptions): FrameSender {
  return new KafkaSender(options)
}

/** The topics that this client may see. @throws QuipuError if no broker answers, in bounded time */
export async function topicNames(options: KafkaTransportOptions): Promise<readonly string[]> {
  const { brokers = [] } = options
  const admin = (await clientOf(options)).admin()
  const late = (): Error => unreachable(brokers, `no answer within ${ANSWER_MS / 1000} s`)
  try {
    await within(ANSWER_MS, admin.connect(), late)
    return await within(ANSWER_MS, admin.listTopics(), late)
  } catch (error) {
    throw connectError(error, brokers)
  } finally {
    await quietly(admin.disconnect())
  }
}

/** Makes the audit topic where there is none; whether it did. */
export async function ensureAuditTopic(options: AuditTopicOptions): Promise<boolean> {
  const { topic = AUDIT_TOPIC, brokers = [], partitions = 4, onTrouble = () => {} } = options
  const { retentionMs = 7 * 86_400_000 } = options
  const asked = { brokers, topic, verb: 'create' }
  const admin = (await clientOf(options)).admin()
  try {
    await within(ANSWER_MS, admin.connect(), () => noAnswer(ANSWER_MS, asked))
    const work = async (): Promise<boolean> => {
      if ((await admin.listTopics()).includes(topic)) {
        await checkTopic(admin, topic, onTrouble)
        return false
      }
      const cluster = await admin.describeCluster()
      return await makeTopics(admin, [
        {
          topic,
          numPartitions: partitions,
          replicationFactor: Math.min(3, cluster.brokers.length),
          configEntries: [
            { name: 'cleanup.policy', value: 'delete' },
            { name: 'retention.ms', value: String(retentionMs) },
            // Twice the largest record: batches are checked, with what surrounds the records.
            { name: 'max.message.bytes', value: String(2 * RECORD_BYTES_MAX) },
          ],
        },
      ])
    }
    return await within(JOIN_MS, work(), () => noAnswer(JOIN_MS, asked))
  } catch (error) {
    throw kafkaError(error, asked)
  } finally {
    await quietly(admin.disconnect())
  }
}

/** Leaders move: then kafkajs has to be asked again, which finds the new one. */
async function offsetsOf(admin: Admin, topic: string): ReturnType<Admin['fetchTopicOffsets']> {
  for (let i = 1; ; i++) {
    try {
      return await admin.fetchTopicOffsets(topic)
    } catch (error) {
      if (!isMovedLeader(error) || i === LED_LOOKS_MAX) throw error
      await sleep(LED_LOOK_MS)
    }
  }
}

/** A topic made by others may lose frames: worth a line, where we may look at all. */
async function checkTopic(
  admin: Admin,
  topic: string,
  onTrouble: (text: string) => void,
): Promise<void> {
  /** TOPIC; the enum is not there before kafkajs is loaded. */
  const type = 2
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type, name: topic, configNames: ['cleanup.policy', 'max.message.bytes'] }],
    })
    const values = new Map(
      resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]),
    )
    if (values.get('cleanup.policy')?.includes('compact')) {
      onTrouble(`${topic} is compacted: frames will be lost; set cleanup.policy=delete`)
    }
    if (Number(values.get('max.message.bytes') ?? RECORD_BYTES_MAX) < RECORD_BYTES_MAX) {
      onTrouble(`${topic} refuses large frames; set max.message.bytes=${2 * RECORD_BYTES_MAX}`)
    }
  } catch {
    // Not everyone may describe topics, and not every broker can.
  }
}

class KafkaSender implements FrameSender {
  readonly #options: KafkaTransportOptions
  readonly #topic: string
  #connected: Promise<Producer> | null = null
  #closed = false

  constructor(options: KafkaTransportOptions) {
    this.#options = options
    this.#topic = options.topic ?? AUDIT_TOPIC
  }

  async send(key: string, bytes: Uint8Array): Promise<void> {
    if (this.#closed) throw new QuipuError('CONNECTION', 'the sender is closed')
    refuseTooLarge(bytes)
    const { brokers = [] } = this.#options
    const asked = { brokers, topic: this.#topic, verb: 'write to' }
    try {
      const producer = await this.#connect()
      const value = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      const record = { topic: this.#topic, acks: -1, messages: [{ key, value }] }
      await within(JOIN_MS, producer.send(record), () => noAnswer(JOIN_MS, asked))
    } catch (error) {
      if (isTooLarge(error)) {
        throw new RecordRefused(
          'FORBIDDEN',
          `the topic ${this.#topic} refuses ${bytes.length} bytes`,
          { hint: `Set max.message.bytes=${2 * RECORD_BYTES_MAX} on it.`, cause: error },
        )
      }
      throw kafkaError(error, asked)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    const producer = await this.#connected?.catch(() => null)
    if (producer) await quietly(producer.disconnect())
  }

  /** One attempt at a time; a failed one is made again by the next send. */
  #connect(): Promise<Producer> {
    if (this.#connected === null) {
      this.#connected = this.#open()
      this.#connected.catch(() => {
        this.#connected = null
      })
    }
    return this.#connected
  }

  async #open(): Promise<Producer> {
    const kafka = await clientOf(this.#options)
    const { brokers = [] } = this.#options
    const asked = { brokers, topic: this.#topic, verb: 'write to' }
    const producer = kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 2 } })
    try {
      await within(ANSWER_MS, producer.connect(), () => noAnswer(ANSWER_MS, asked))
      return producer
    } catch (error) {
      void quietly(producer.disconnect())
      throw error
    }
  }
}

class KafkaReader implements FrameReader {
  readonly #options: KafkaTransportOptions
  readonly #topic: string
  readonly #onTrouble: (text: string) => void
  readonly #queue = new RecordQueue()
  /** Per partition the next offset to queue: what is below has been, or is not wanted. */
  readonly #next = new Map<number, number>()
  #admin: Admin | null = null
  #consumer: Consumer | null = null
  #closed = false

  constructor(options: KafkaTransportOptions) {
    this.#options = options
    this.#topic = options.topic ?? AUDIT_TOPIC
    this.#onTrouble = options.onTrouble ?? (() => {})
  }

  async open(positions: Positions): Promise<void> {
    try {
      const kafka = await clientOf(this.#options)
      this.#admin = kafka.admin()
      await this.#within(ANSWER_MS, this.#admin.connect())
      const offsets = await this.#within(ANSWER_MS, offsetsOf(this.#admin, this.#topic))
      for (const entry of offsets) this.#start(entry, positions[entry.partition] ?? 0)

      this.#consumer = kafka.consumer({
        groupId: `quipu-auditor-${randomBytes(8).toString('hex')}`,
        allowAutoTopicCreation: false,
        maxWaitTimeInMs: FETCH_MS,
        // Room for one record of the largest size and what surrounds it.
        maxBytesPerPartition: 2 * RECORD_BYTES_MAX,
      })
      await this.#within(ANSWER_MS, this.#consumer.connect())
      await this.#within(JOIN_MS, this.#run(this.#consumer))
    } catch (error) {
      await this.close()
      throw kafkaError(error, this.#asked)
    }
  }

  poll(waitMs: number): Promise<readonly FrameRecord[]> {
    return this.#queue.poll(waitMs)
  }

  /** Read-committed ends: an open transaction holds them back, as it does the reader. */
  async ends(): Promise<Positions> {
    if (this.#admin === null || this.#closed) return {}
    try {
      const offsets = await this.#within(JOIN_MS, offsetsOf(this.#admin, this.#topic))
      return Object.fromEntries(offsets.map(({ partition, high }) => [partition, Number(high)]))
    } catch (error) {
      throw kafkaError(error, this.#asked)
    }
  }

  reached(): Positions {
    return this.#queue.reached()
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#queue.end()
    await Promise.all([
      this.#consumer === null ? null : quietly(this.#consumer.disconnect()),
      this.#admin === null ? null : quietly(this.#admin.disconnect()),
    ])
  }

  get #asked(): { brokers: readonly string[]; topic: string; verb: string } {
    return { brokers: this.#options.brokers ?? [], topic: this.#topic, verb: 'read' }
  }

  #within<T>(ms: number, work: Promise<T>): Promise<T> {
    return within(ms, work, () => noAnswer(ms, this.#asked))
  }

  #start({ partition, high, low }: SeekEntry & { high: string; low: string }, from: number): void {
    if (from > Number(high)) {
      throw new QuipuError(
        'STORE',
        `the store has read ${this.#topic} up to ${from} in partition ${partition}, ` +
          `where the topic ends at ${high}: it was made anew, or lost records`,
        { hint: 'Use a new store, or another audit topic.' },
      )
    }
    const start = Math.max(from, Number(low))
    this.#next.set(partition, start)
    this.#queue.passed(String(partition), start)
  }

  async #run(consumer: Consumer): Promise<void> {
    await consumer.subscribe({ topics: [this.#topic], fromBeginning: true })
    // After every join, the first too: nothing is committed, so the group would begin anew.
    consumer.on(consumer.events.GROUP_JOIN, () => {
      for (const [partition, next] of this.#next) {
        consumer.seek({ topic: this.#topic, partition, offset: String(next) })
      }
    })
    // Batches of markers or aborted records alone are shown by this event only.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) this.#passed(payload.partition, Number(payload.lastOffset) + 1)
    })
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      if (this.#closed) return
      this.#onTrouble(`reading ${this.#topic}: ${messageOf(error)}`)
      if (!restart) this.#queue.fail(kafkaError(error, this.#asked))
    })
    await consumer.run({ autoCommit: false, eachBatch: (payload) => this.#take(payload) })
  }

  async #take({ batch, heartbeat }: EachBatchPayload): Promise<void> {
    const { partition, messages } = batch
    for (const { offset, value } of messages) {
      while (this.#queue.isFull && !this.#closed) {
        await this.#queue.room(HEARTBEAT_LOOK_MS)
        await heartbeat()
      }
      const position = Number(offset)
      if (this.#closed) return
      if (position < (this.#next.get(partition) ?? 0)) continue
      this.#next.set(partition, position + 1)
      // A record without a value is foreign, and delivered as what it is: no bytes.
      this.#queue.push({ partition: String(partition), position, bytes: value ?? NO_BYTES })
    }
    this.#passed(partition, Number(batch.lastOffset()) + 1)
  }

  #passed(partition: number, position: number): void {
    if (position <= (this.#next.get(partition) ?? 0)) return
    this.#next.set(partition, position)
    this.#queue.passed(String(partition), position)
  }
}

const NO_BYTES = new Uint8Array(0)

async function clientOf(options: KafkaTransportOptions): Promise<Kafka> {
  if (options.kafka !== undefined) return options.kafka
  const { brokers = [], config = {}, onTrouble = () => {} } = options
  const { Kafka, logLevel } = await loadKafkajs()
  return new Kafka({
    clientId: 'quipu',
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    // In all about 5 s for a broker that refuses.
    retry: { initialRetryTime: 300, retries: 4 },
    ...config,
    brokers: [...brokers],
    // kafkajs logs each retry; what matters comes as an error anyway.
    logLevel: logLevel.ERROR,
    logCreator:
      () =>
      ({ log }) =>
        onTrouble(log.message),
  })
}

async function loadKafkajs(): Promise<typeof import('kafkajs')> {
  try {
    const loaded = await import('kafkajs')
    return loaded.Kafka === undefined
      ? (loaded as unknown as { default: typeof loaded }).default
      : loaded
  } catch (error) {
    throw new QuipuError('MISSING_PART', 'kafkajs is not installed', {
      hint: 'Run: npm install kafkajs',
      cause: error,
    })
  }
}

/** The work, or an error if it takes longer; then it goes on unheard. */
async function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    clearTimeout(timer)
    work.catch(() => {})
  }
}

/** Closing never fails and never takes long. */
async function quietly(work: Promise<unknown>): Promise<void> {
  await within(CLOSE_MS, work, () => new Error('late')).catch(() => {})
}
