/** A producer of the in-memory Kafka: checks, partitions, appends, answers as kafkajs does. */
import type {
  ICustomPartitioner,
  Message,
  Offsets,
  PartitionMetadata,
  Producer,
  ProducerBatch,
  ProducerConfig,
  ProducerRecord,
  RecordMetadata,
  TopicMessages,
  Transaction as TransactionClient,
} from 'kafkajs'
import { type MemoryBroker, nextTurn } from './memory-broker.ts'
import { MemoryEmitter } from './memory-emitter.ts'
import { fenced, kafkaError, misuse, unknownTopic } from './memory-errors.ts'
import type { LogPartition, NewRecord, Transaction } from './memory-log.ts'
import { silentLogger } from './memory-logger.ts'
import { timestampOf, wireBytes, wireHeaders } from './memory-wire.ts'

const events = {
  CONNECT: 'producer.connect',
  DISCONNECT: 'producer.disconnect',
  REQUEST: 'producer.network.request',
  REQUEST_TIMEOUT: 'producer.network.request_timeout',
  REQUEST_QUEUE_SIZE: 'producer.network.request_queue_size',
} as const

type Partitioner = ReturnType<ICustomPartitioner>

export function memoryProducer(broker: MemoryBroker, config: ProducerConfig = {}): Producer {
  return new MemoryProducer(broker, config).client()
}

class MemoryProducer {
  readonly #broker: MemoryBroker
  readonly #emitter: MemoryEmitter
  readonly #idempotent: boolean
  readonly #transactionalId: string | undefined
  #partitioner: Partitioner | undefined
  #connected = false
  #producerId = ''
  #epoch = -1
  #ongoing: Transaction | null = null

  constructor(broker: MemoryBroker, config: ProducerConfig) {
    this.#broker = broker
    this.#emitter = new MemoryEmitter('producer', events, broker.clock)
    this.#idempotent = config.idempotent ?? false
    this.#transactionalId = config.transactionalId
    this.#partitioner = config.createPartitioner?.()
  }

  client(): Producer {
    const client = {
      connect: async () => {
        this.#connected = true
        this.#emitter.emit(events.CONNECT)
      },
      disconnect: async () => {
        this.#connected = false
        this.#emitter.emit(events.DISCONNECT)
      },
      isIdempotent: () => this.#idempotent,
      events,
      on: this.#emitter.on.bind(this.#emitter),
      send: (record: ProducerRecord) => this.#send(record, null),
      sendBatch: (batch: ProducerBatch) => this.#sendBatch(batch, null),
      transaction: () => this.#transaction(),
      logger: silentLogger,
    }
    return client as unknown as Producer
  }

  async #send(record: ProducerRecord, transaction: Transaction | null): Promise<RecordMetadata[]> {
    const { topic, messages, ...options } = record
    return this.#sendBatch({ ...options, topicMessages: [{ topic, messages }] }, transaction)
  }

  async #sendBatch(
    { acks = -1, topicMessages = [] }: ProducerBatch,
    transaction: Transaction | null,
  ): Promise<RecordMetadata[]> {
    const idempotent = this.#idempotent || transaction !== null
    checkBatch(topicMessages, acks, idempotent)
    if (!this.#connected) throw kafkaError('The producer is disconnected')
    return this.#broker.sending(async () => {
      const partitioner = await this.#loadPartitioner()
      const writes = merged(topicMessages).flatMap((entry) => this.#route(entry, partitioner))
      await nextTurn()
      if (transaction !== null) this.#checkEpoch()
      const answers = writes.map(({ place, records }) =>
        answerOf(place, place.append(records, transaction)),
      )
      this.#broker.log.changed()
      return acks === 0 ? [] : answers
    })
  }

  async #loadPartitioner(): Promise<Partitioner> {
    this.#partitioner ??= (await import('kafkajs')).default.Partitioners.DefaultPartitioner()
    return this.#partitioner
  }

  /** Partition by partition in ascending order, encoded before anything is written. */
  #route({ topic, messages }: TopicMessages, partitioner: Partitioner): Write[] {
    const places = this.#broker.log.partitions(topic)
    const partitionMetadata = places.map(metadataOf)
    const now = this.#broker.clock()
    const perPartition = new Map<number, NewRecord[]>()
    for (const message of messages) {
      const partition = partitioner({ topic, partitionMetadata, message })
      const records = perPartition.get(partition)
      const record = recordOf(message, now)
      if (records === undefined) perPartition.set(partition, [record])
      else records.push(record)
    }
    return [...perPartition]
      .sort(([a], [b]) => a - b)
      .map(([partition, records]) => {
        const place = places[partition]
        if (place === undefined) throw unknownTopic()
        return { place, records }
      })
  }

  async #transaction(): Promise<TransactionClient> {
    const id = this.#transactionalId
    if (!id) throw misuse('Must provide transactional id for transactional producer')
    if (this.#ongoing !== null) {
      throw misuse(
        'There is already an ongoing transaction for this producer. Please end the transaction before beginning another.',
      )
    }
    if (this.#producerId === '') {
      this.#producerId = this.#broker.nextId()
      this.#epoch = this.#broker.fence(id)
    }
    this.#checkEpoch()
    const transaction = this.#broker.begin(id, this.#producerId, this.#epoch)
    this.#ongoing = transaction
    const offsets: (Offsets & { consumerGroupId: string })[] = []
    let ended = false

    const guarded =
      <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
      (...args: A): Promise<R> =>
        ended || this.#ongoing !== transaction
          ? Promise.reject(misuse('Cannot continue to use transaction once ended'))
          : work(...args)
    const end = (committed: boolean) => (): Promise<void> =>
      this.#broker.sending(async () => {
        await nextTurn()
        this.#checkEpoch()
        this.#broker.end(transaction, committed)
        if (committed) for (const entry of offsets) this.#commitOffsets(entry)
        ended = true
        this.#ongoing = null
      })
    return {
      send: guarded((record: ProducerRecord) => this.#send(record, transaction)),
      sendBatch: guarded((batch: ProducerBatch) => this.#sendBatch(batch, transaction)),
      commit: guarded(end(true)),
      abort: guarded(end(false)),
      sendOffsets: guarded(async (entry: Offsets & { consumerGroupId: string }) => {
        this.#checkEpoch()
        offsets.push(entry)
      }),
      isActive: () => !ended && this.#ongoing === transaction,
    }
  }

  #commitOffsets({ consumerGroupId, topics }: Offsets & { consumerGroupId: string }): void {
    const group = this.#broker.group(consumerGroupId)
    for (const { topic, partitions } of topics)
      for (const place of partitions) {
        // The broker keeps it, though kafkajs's types leave it out.
        const { partition, offset, metadata } = place as typeof place & { metadata?: string | null }
        group.commit(topic, partition, Number(offset), metadata ?? null)
      }
  }

  #checkEpoch(): void {
    if (this.#broker.isFenced(this.#transactionalId ?? '', this.#epoch)) throw fenced()
  }
}

interface Write {
  readonly place: LogPartition
  readonly records: readonly NewRecord[]
}

function checkBatch(
  topicMessages: readonly TopicMessages[],
  acks: number,
  idempotent: boolean,
): void {
  if (topicMessages.some(({ topic }) => !topic)) throw misuse('Invalid topic')
  if (idempotent && acks !== -1) {
    throw misuse(
      "Not requiring ack for all messages invalidates the idempotent producer's EoS guarantees",
    )
  }
  for (const { topic, messages } of topicMessages) {
    if (!messages) throw misuse(`Invalid messages array [${messages}] for topic "${topic}"`)
    const bare = messages.find((message) => message.value === undefined)
    if (bare) {
      throw misuse(`Invalid message without value for topic "${topic}": ${JSON.stringify(bare)}`)
    }
  }
}

function merged(topicMessages: readonly TopicMessages[]): TopicMessages[] {
  const byTopic = new Map<string, Message[]>()
  for (const { topic, messages } of topicMessages)
    byTopic.set(topic, [...(byTopic.get(topic) ?? []), ...messages])
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }))
}

function recordOf(message: Message, now: number): NewRecord {
  return {
    headers: wireHeaders(message.headers),
    key: wireBytes(message.key),
    value: wireBytes(message.value),
    timestamp: timestampOf(message, now),
  }
}

export function metadataOf({ partition }: { readonly partition: number }): PartitionMetadata {
  return {
    partitionErrorCode: 0,
    partitionId: partition,
    leader: 1,
    replicas: [1],
    isr: [1],
    offlineReplicas: [],
  }
}

function answerOf({ topic, partition, start }: LogPartition, base: number): RecordMetadata {
  return {
    topicName: topic,
    partition,
    errorCode: 0,
    baseOffset: String(base),
    logAppendTime: '-1',
    logStartOffset: String(start),
  }
}
