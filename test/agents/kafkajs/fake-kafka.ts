/** A Kafka in memory with the habits of kafkajs: partitioner asked at each try, merged topics, events. */
import {
  type Consumer,
  type ConsumerRunConfig,
  type EachBatchPayload,
  type Kafka,
  type KafkaMessage,
  type Message,
  Partitioners,
  type PartitionMetadata,
  type Producer,
  type ProducerBatch,
  type ProducerConfig,
  type ProducerRecord,
  type RecordMetadata,
  type Transaction,
} from 'kafkajs'

export interface Written {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly message: Message
}

type Groups = { topic: string; messages: Message[] }[]

export class FakeKafka {
  readonly log: Written[] = []
  readonly consumers: FakeConsumer[] = []
  partitions = 3
  /** Called before each produce request; may throw, or wait. */
  beforeSend: (groups: Groups) => unknown = () => {}
  /** Partitions whose answers are left out, as if their broker had been skipped. */
  skipped: Set<number> = new Set()
  onCommit: () => unknown = () => {}
  tries = 1
  requests = 0
  readonly #ends = new Map<string, number>()

  get kafka(): Kafka {
    return this as unknown as Kafka
  }

  metadata(): PartitionMetadata[] {
    return Array.from({ length: this.partitions }, (_, partitionId) => ({
      partitionErrorCode: 0,
      partitionId,
      leader: 1,
      replicas: [1],
      isr: [1],
    }))
  }

  producer(config: ProducerConfig = {}): Producer {
    const partitioner = (config.createPartitioner ?? Partitioners.DefaultPartitioner)()
    const write = async (groups: Groups, acks = -1): Promise<RecordMetadata[]> => {
      this.requests++
      await Promise.resolve()
      const merged = new Map<string, Message[]>()
      for (const { topic, messages } of groups) {
        if (messages.some(({ value }) => value === undefined)) throw new Error('without value')
        for (const { headers } of messages) Object.keys(headers === undefined ? {} : headers)
        merged.set(topic, [...(merged.get(topic) ?? []), ...messages])
      }
      await this.beforeSend(groups)
      const response: RecordMetadata[] = []
      for (const [topic, messages] of merged) {
        let byPartition = new Map<number, Message[]>()
        for (let i = 0; i < this.tries; i++) {
          byPartition = new Map()
          for (const message of messages) {
            const partition = partitioner({ topic, partitionMetadata: this.metadata(), message })
            byPartition.set(partition, [...(byPartition.get(partition) ?? []), message])
          }
        }
        for (const [partition, list] of byPartition) {
          if (this.skipped.has(partition)) continue
          const key = `${topic} ${partition}`
          const base = this.#ends.get(key) ?? 0
          list.forEach((message, i) => {
            this.log.push({ topic, partition, offset: base + i, message })
          })
          this.#ends.set(key, base + list.length)
          const baseOffset = String(base)
          response.push({ topicName: topic, partition, errorCode: 0, baseOffset })
        }
      }
      return acks === 0 ? [] : response
    }
    const sender = {
      send: ({ topic, messages, acks }: ProducerRecord) => write([{ topic, messages }], acks),
      sendBatch: ({ topicMessages = [], acks }: ProducerBatch) => write(topicMessages, acks),
    }
    const producer: Partial<Producer> = {
      connect: async () => {},
      disconnect: async () => {},
      isIdempotent: () => config.idempotent ?? false,
      logger: () => console as never,
      ...sender,
      transaction: async () => {
        const transaction: Transaction = {
          ...sender,
          commit: async () => void (await this.onCommit()),
          abort: async () => {},
          sendOffsets: async () => {},
          isActive: () => true,
        }
        return transaction
      },
    }
    return producer as Producer
  }

  consumer(_: { groupId: string }): Consumer {
    const consumer = new FakeConsumer()
    this.consumers.push(consumer)
    return consumer as unknown as Consumer
  }

  admin(): unknown {
    return {
      connect: async () => {},
      disconnect: async () => {},
      fetchTopicMetadata: async ({ topics }: { topics: string[] }) => ({
        topics: topics.map((name) => ({ name, partitions: this.metadata() })),
      }),
    }
  }
}

export interface Delivery {
  readonly topic?: string
  readonly partition?: number
  readonly messages: readonly Partial<KafkaMessage>[]
  readonly firstOffset?: number | null
  readonly lastOffset?: number
  readonly isRunning?: () => boolean
  readonly isStale?: () => boolean
}

export class FakeConsumer {
  readonly events = {
    GROUP_JOIN: 'join',
    START_BATCH_PROCESS: 'start',
    END_BATCH_PROCESS: 'end',
  }
  readonly resolved: string[] = []
  #config: ConsumerRunConfig = {}
  readonly #listeners = new Map<string, ((event: unknown) => void)[]>()

  async connect(): Promise<void> {}
  async disconnect(): Promise<void> {}
  async subscribe(): Promise<void> {}

  on(name: string, listener: (event: unknown) => void): void {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener])
  }

  emit(name: string, payload: unknown = {}): void {
    for (const listener of this.#listeners.get(name) ?? []) listener({ payload })
  }

  async run(config: ConsumerRunConfig): Promise<void> {
    this.#config = config
    this.emit('join')
  }

  /** As kafkajs's runner does; rejects with the handler's error. */
  async deliver(delivery: Delivery): Promise<void> {
    const { topic = 'in', partition = 0, isRunning = () => true, isStale = () => false } = delivery
    const batchContext = {}
    const messages = delivery.messages.map((message) => ({
      key: null,
      value: Buffer.from('x'),
      timestamp: String(Date.now()),
      attributes: 0,
      batchContext,
      ...message,
    })) as unknown as KafkaMessage[]
    const first = messages[0]?.offset ?? null
    const last = messages[messages.length - 1]?.offset ?? '-1'
    const event = {
      topic,
      partition,
      firstOffset:
        delivery.firstOffset === undefined
          ? first
          : delivery.firstOffset === null
            ? null
            : String(delivery.firstOffset),
      lastOffset: delivery.lastOffset === undefined ? last : String(delivery.lastOffset),
      batchSize: messages.length,
    }
    this.emit('start', event)
    const { eachMessage, eachBatch } = this.#config
    if (messages.length > 0 && eachMessage !== undefined) {
      for (const message of messages)
        await eachMessage({
          topic,
          partition,
          message,
          heartbeat: async () => {},
          pause: () => () => {},
        })
    } else if (messages.length > 0 && eachBatch !== undefined) {
      await eachBatch({
        batch: { topic, partition, messages } as unknown as EachBatchPayload['batch'],
        resolveOffset: (offset) => void this.resolved.push(offset),
        heartbeat: async () => {},
        pause: () => () => {},
        commitOffsetsIfNecessary: async () => {},
        uncommittedOffsets: () => ({ topics: [] }),
        isRunning,
        isStale,
      })
    }
    this.emit('end', event)
  }
}
