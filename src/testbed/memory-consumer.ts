/** A consumer of the in-memory Kafka: joins, fetches, hands over, commits, in kafkajs's order. */
import type {
  Batch,
  Consumer,
  ConsumerConfig,
  ConsumerRunConfig,
  ConsumerSubscribeTopic,
  ConsumerSubscribeTopics,
  GroupDescription,
  KafkaMessage,
  Offsets,
  TopicPartition,
  TopicPartitionOffset,
  TopicPartitionOffsetAndMetadata,
  TopicPartitions,
} from 'kafkajs'
import { MemoryBatch } from './memory-batch.ts'
import { type MemoryBroker, nextTurn } from './memory-broker.ts'
import { MemoryEmitter } from './memory-emitter.ts'
import { isRebalancing, kafkaError, misuse, rebalancing, unknownTopic } from './memory-errors.ts'
import type { Joined, MemoryGroup } from './memory-group.ts'
import { silentLogger } from './memory-logger.ts'
import { MemoryOffsets } from './memory-offsets.ts'

const events = {
  HEARTBEAT: 'consumer.heartbeat',
  COMMIT_OFFSETS: 'consumer.commit_offsets',
  GROUP_JOIN: 'consumer.group_join',
  FETCH: 'consumer.fetch',
  FETCH_START: 'consumer.fetch_start',
  START_BATCH_PROCESS: 'consumer.start_batch_process',
  END_BATCH_PROCESS: 'consumer.end_batch_process',
  CONNECT: 'consumer.connect',
  DISCONNECT: 'consumer.disconnect',
  STOP: 'consumer.stop',
  CRASH: 'consumer.crash',
  REBALANCING: 'consumer.rebalancing',
  RECEIVED_UNSUBSCRIBED_TOPICS: 'consumer.received_unsubscribed_topics',
  REQUEST: 'consumer.network.request',
  REQUEST_TIMEOUT: 'consumer.network.request_timeout',
  REQUEST_QUEUE_SIZE: 'consumer.network.request_queue_size',
} as const

const MAX_BYTES_PER_PARTITION = 1_048_576
/** kafkajs retries a failing handler so often before it starts the consumer anew. */
const RETRIES = 5
/** Errors of these names are taken for defects of the program: the consumer ends. */
const UNRECOVERABLE = new Set(['RangeError', 'ReferenceError', 'SyntaxError', 'TypeError'])

export function memoryConsumer(
  broker: MemoryBroker,
  config: ConsumerConfig,
  clientId: string,
): Consumer {
  if (!config.groupId) throw misuse('Consumer groupId must be a non-empty string.')
  return new MemoryConsumer(broker, config, clientId).client()
}

class MemoryConsumer {
  readonly #broker: MemoryBroker
  readonly #config: ConsumerConfig
  readonly #clientId: string
  readonly #group: MemoryGroup
  readonly #emitter: MemoryEmitter
  readonly #fromBeginning = new Map<string, boolean>()
  readonly #seeks = new Map<string, number>()
  readonly #paused = new Set<string>()

  #run: Required<Pick<ConsumerRunConfig, 'autoCommit' | 'eachBatchAutoResolve'>> &
    ConsumerRunConfig = { autoCommit: true, eachBatchAutoResolve: true }
  #memberId = ''
  #joined: Joined | null = null
  #offsets: MemoryOffsets | null = null
  /** From `run` to `stop` or to a crash for good. */
  #active = false
  #running = false
  #loop: Promise<void> = Promise.resolve()
  #stop: () => void = () => {}
  #stopped: Promise<void> = Promise.resolve()
  #wake: (() => void) | null = null
  #failures = 0
  #lastCommit = 0
  #resolvedSinceCommit = 0

  constructor(broker: MemoryBroker, config: ConsumerConfig, clientId: string) {
    this.#broker = broker
    this.#config = config
    this.#clientId = clientId
    this.#group = broker.group(config.groupId)
    this.#emitter = new MemoryEmitter('consumer', events, broker.clock)
  }

  client(): Consumer {
    const client = {
      connect: async () => this.#emitter.emit(events.CONNECT),
      disconnect: async () => {
        await this.#halt()
        this.#emitter.emit(events.DISCONNECT)
      },
      subscribe: (s: ConsumerSubscribeTopics | ConsumerSubscribeTopic) => this.#subscribe(s),
      stop: () => this.#halt(),
      run: (config?: ConsumerRunConfig) => this.#start(config ?? {}),
      commitOffsets: (list: TopicPartitionOffsetAndMetadata[]) => this.#commitGiven(list),
      seek: (place: TopicPartitionOffset) => this.#seek(place),
      describeGroup: async () => this.#describe(),
      pause: (list: TopicPartitionList) => this.#setPaused(list, true),
      paused: () => this.#pausedList(),
      resume: (list: TopicPartitionList) => this.#setPaused(list, false),
      on: this.#emitter.on.bind(this.#emitter),
      events,
      logger: silentLogger,
    }
    return client as unknown as Consumer
  }

  async #subscribe(subscription: ConsumerSubscribeTopics | ConsumerSubscribeTopic): Promise<void> {
    if (this.#active) throw misuse('Cannot subscribe to topic while consumer is running')
    const { fromBeginning = false } = subscription
    const wanted = 'topics' in subscription ? subscription.topics : [subscription.topic]
    if (wanted[0] === undefined) throw misuse('Missing required argument "topics"')
    for (const topic of wanted) {
      if (topic instanceof RegExp) {
        for (const name of this.#broker.log.topics)
          if (topic.test(name)) this.#fromBeginning.set(name, fromBeginning)
        continue
      }
      if (!this.#broker.log.has(topic)) throw unknownTopic()
      this.#fromBeginning.set(topic, fromBeginning)
    }
  }

  async #start(config: ConsumerRunConfig): Promise<void> {
    if (this.#active) return
    const { autoCommit = true, eachBatchAutoResolve = true } = config
    this.#run = { ...config, autoCommit, eachBatchAutoResolve }
    this.#active = true
    this.#running = true
    this.#stopped = new Promise((resolve) => {
      this.#stop = resolve
    })
    const unwatch = this.#broker.log.watch(() => this.#awake())
    const worker = { isParked: () => this.#wake !== null }
    this.#broker.workers.add(worker)
    this.#emitter.emit(events.CONNECT)
    await this.#join()
    this.#loop = this.#consume().finally(() => {
      unwatch()
      this.#broker.workers.delete(worker)
      this.#broker.settled()
    })
  }

  async #halt(): Promise<void> {
    if (!this.#active) return
    this.#running = false
    this.#stop()
    this.#awake()
    await this.#loop
    if (this.#active) this.#leave()
  }

  #leave(): void {
    this.#active = false
    this.#group.leave(this.#memberId)
    this.#memberId = ''
    this.#joined = null
    this.#emitter.emit(events.STOP)
  }

  async #consume(): Promise<void> {
    while (this.#running) {
      try {
        if (this.#joined === null) await this.#join()
        else if (this.#isStale()) throw rebalancing()
        else await this.#turn()
      } catch (error) {
        await this.#recover(error)
      }
    }
  }

  async #turn(): Promise<void> {
    this.#emitter.emit(events.FETCH_START, {})
    const fetched = this.#fetch()
    // A fetch takes a turn; what was sought or paused meanwhile is thrown away, as in kafkajs.
    if (fetched.length > 0) await nextTurn()
    this.#emitter.emit(events.FETCH, { numberOfBatches: fetched.length })
    if (fetched.length === 0) return this.#park()
    const batches = fetched.filter(
      (batch) => !this.#seeks.has(keyOf(batch)) && !this.#paused.has(keyOf(batch)),
    )
    const queue = batches[Symbol.iterator]()
    const failures: unknown[] = []
    const work = async (): Promise<void> => {
      for (const batch of queue) await this.#handle(batch).catch((e) => failures.push(e))
    }
    const { partitionsConsumedConcurrently = 1 } = this.#run
    await Promise.all(Array.from({ length: partitionsConsumedConcurrently }, work))
    if (failures.length > 0) throw failures[0]
  }

  async #recover(error: unknown): Promise<void> {
    if (isRebalancing(error)) {
      const { groupId } = this.#config
      this.#emitter.emit(events.REBALANCING, { groupId, memberId: this.#memberId })
      this.#joined = null
      this.#failures = 0
      return
    }
    const { retry } = this.#config
    const isDefect = error instanceof Error && UNRECOVERABLE.has(error.name)
    const isFinal = (error as { retriable?: unknown } | null)?.retriable === false
    if (!isDefect && !isFinal && ++this.#failures <= (retry?.retries ?? RETRIES)) {
      await nextTurn()
      return
    }
    const crash = kafkaError(error instanceof Error ? error.message : String(error), {
      name: isDefect || isFinal ? 'KafkaJSNonRetriableError' : 'KafkaJSNumberOfRetriesExceeded',
      retriable: false,
      cause: error,
    })
    const restart = !isDefect && !isFinal && (await (retry?.restartOnFailure?.(crash) ?? true))
    this.#failures = 0
    // kafkajs starts anew with nothing of what it was told before.
    this.#seeks.clear()
    this.#paused.clear()
    this.#leave()
    this.#emitter.emit(events.DISCONNECT)
    this.#emitter.emit(events.CRASH, { error: crash, groupId: this.#config.groupId, restart })
    await nextTurn()
    if (restart && this.#running) this.#active = true
    else this.#running = false
  }

  async #join(): Promise<void> {
    if (this.#memberId === '') this.#memberId = `${this.#clientId}-${this.#broker.nextId()}`
    const topics = [...this.#fromBeginning.keys()]
    const joining = this.#group.join(this.#memberId, topics, () => this.#awake())
    const joined = await Promise.race([joining, this.#stopped])
    if (joined === undefined) return
    this.#joined = joined
    this.#offsets = new MemoryOffsets(
      this.#broker.log,
      this.#group,
      this.#run.autoCommit,
      this.#fromBeginning,
      () => this.#emitter.emit(events.REQUEST, { apiName: 'ListOffsets' }),
    )
    this.#emitter.emit(events.GROUP_JOIN, {
      groupId: this.#config.groupId,
      memberId: this.#memberId,
      leaderId: joined.leaderId,
      isLeader: joined.leaderId === this.#memberId,
      memberAssignment: joined.assignment,
      groupProtocol: 'RoundRobinAssigner',
      duration: 0,
    })
  }

  #isStale(): boolean {
    return this.#joined === null || this.#group.isStale(this.#joined.generation)
  }

  #fetch(): MemoryBatch[] {
    const { log } = this.#broker
    const offsets = this.#offsets as MemoryOffsets
    const { maxBytesPerPartition = MAX_BYTES_PER_PARTITION, readUncommitted = false } = this.#config
    const out: MemoryBatch[] = []
    for (const place of this.#assigned()) {
      const { topic, partition } = place
      const key = keyOf(place)
      const sought = this.#seeks.get(key)
      if (sought !== undefined) {
        this.#seeks.delete(key)
        offsets.seek(topic, partition, sought)
      }
      if (this.#paused.has(key) || !log.has(topic)) continue
      const found = log.partition(topic, partition)
      const from = offsets.next(found)
      const limit = readUncommitted ? found.end : found.lastStable
      if (from >= limit) continue
      const records = found.read(from, limit, maxBytesPerPartition)
      if (records.length > 0) {
        out.push(new MemoryBatch(place, from, found.end, records, !readUncommitted))
      }
    }
    return out
  }

  #assigned(): TopicPartition[] {
    return Object.entries(this.#joined?.assignment ?? {}).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    )
  }

  async #handle(batch: MemoryBatch): Promise<void> {
    if (!this.#running) return
    const payload = {
      topic: batch.topic,
      partition: batch.partition,
      highWatermark: batch.highWatermark,
      offsetLag: batch.offsetLag(),
      offsetLagLow: batch.offsetLagLow(),
      batchSize: batch.messages.length,
      firstOffset: batch.firstOffset(),
      lastOffset: batch.lastOffset(),
    }
    this.#emitter.emit(events.START_BATCH_PROCESS, payload)
    const { eachMessage, eachBatch } = this.#run
    // Control records or aborted messages only: no callback, but the offsets are passed over.
    if (batch.isEmpty()) this.#resolve(batch, batch.lastOffset())
    else if (eachMessage) await this.#eachMessage(batch, eachMessage)
    else if (eachBatch) await this.#eachBatch(batch, eachBatch)
    if (batch.isEmpty()) this.#commitIfNecessary()
    this.#emitter.emit(events.END_BATCH_PROCESS, { ...payload, duration: 0 })
    if (!batch.isEmpty()) this.#autoCommit()
    this.#heartbeat()
  }

  async #eachMessage(
    batch: MemoryBatch,
    handler: NonNullable<ConsumerRunConfig['eachMessage']>,
  ): Promise<void> {
    const { topic, partition } = batch
    for (const message of batch.messages) {
      if (!this.#running || this.#seeks.has(keyOf(batch))) break
      try {
        await handler({
          topic,
          partition,
          message: message as KafkaMessage,
          heartbeat: async () => this.#heartbeat(),
          pause: () => this.#pauseHere(batch),
        })
      } catch (error) {
        this.#autoCommit()
        throw error
      }
      this.#resolve(batch, message.offset)
      this.#heartbeat()
      this.#commitIfNecessary()
      if (this.#paused.has(keyOf(batch))) break
    }
  }

  async #eachBatch(
    batch: MemoryBatch,
    handler: NonNullable<ConsumerRunConfig['eachBatch']>,
  ): Promise<void> {
    const last = batch.messages[batch.messages.length - 1]?.offset
    try {
      await handler({
        batch: batch as unknown as Batch,
        // The last message stands for the control records behind it.
        resolveOffset: (o) => this.#resolve(batch, o === last ? batch.lastOffset() : o),
        heartbeat: async () => this.#heartbeat(),
        pause: () => this.#pauseHere(batch),
        commitOffsetsIfNecessary: async (offsets?: Offsets) =>
          offsets ? this.#commit(offsets.topics) : this.#commitIfNecessary(),
        uncommittedOffsets: () => (this.#offsets as MemoryOffsets).uncommitted(),
        isRunning: () => this.#running,
        isStale: () => this.#seeks.has(keyOf(batch)),
      })
    } catch (error) {
      this.#autoCommit()
      throw error
    }
    if (this.#run.eachBatchAutoResolve) this.#resolve(batch, batch.lastOffset())
  }

  /** Every beat looks; kafkajs's does so every few seconds. */
  #heartbeat(): void {
    if (!this.#running || !this.#isStale()) return
    this.#autoCommit()
    throw rebalancing()
  }

  #resolve(place: TopicPartition, offset: string): void {
    this.#offsets?.resolve(place, offset)
    this.#resolvedSinceCommit++
  }

  #autoCommit(): void {
    if (this.#run.autoCommit) this.#commit(this.#offsets?.uncommitted().topics ?? [])
  }

  #commitIfNecessary(): void {
    const { autoCommit, autoCommitInterval, autoCommitThreshold } = this.#run
    if (!autoCommit) return
    const due =
      autoCommitInterval != null && this.#broker.clock() >= this.#lastCommit + autoCommitInterval
    const full = autoCommitThreshold != null && this.#resolvedSinceCommit >= autoCommitThreshold
    if (due || full) this.#autoCommit()
  }

  #commit(topics: Offsets['topics']): void {
    this.#lastCommit = this.#broker.clock()
    this.#resolvedSinceCommit = 0
    if (topics.length === 0) return
    for (const { topic, partitions } of topics)
      for (const { partition, offset } of partitions)
        this.#group.commit(topic, partition, Number(offset))
    this.#emitter.emit(events.COMMIT_OFFSETS, {
      groupId: this.#config.groupId,
      memberId: this.#memberId,
      groupGenerationId: this.#joined?.generation ?? 0,
      topics,
    })
  }

  async #commitGiven(list: readonly TopicPartitionOffsetAndMetadata[]): Promise<void> {
    this.#checkRunning()
    const topics = new Map<string, { partition: number; offset: string }[]>()
    for (const { topic, partition, offset } of list) {
      if (!topic) throw misuse(`Invalid topic ${topic}`)
      if (Number.isNaN(Number(offset)) || Number(offset) < 0) {
        throw misuse('Offset must not be a negative number')
      }
      topics.set(topic, [...(topics.get(topic) ?? []), { partition, offset: String(offset) }])
    }
    this.#commit([...topics].map(([topic, partitions]) => ({ topic, partitions })))
  }

  #seek({ topic, partition, offset }: TopicPartitionOffset): void {
    if (!topic) throw misuse(`Invalid topic ${topic}`)
    const n = Number(offset)
    if (Number.isNaN(n)) throw misuse(`Invalid offset, expected a long received ${offset}`)
    if (n < -2) throw misuse('Offset must not be a negative number')
    this.#checkRunning()
    this.#seeks.set(keyOf({ topic, partition }), n)
    this.#awake()
  }

  #setPaused(list: TopicPartitionList, paused: boolean): void {
    this.#checkRunning()
    for (const { topic, partitions } of list) {
      if (!topic) throw misuse(`Invalid topic ${topic}`)
      const all = this.#broker.log.partitions(topic).map((p) => p.partition)
      for (const partition of partitions ?? all) {
        if (paused) this.#paused.add(keyOf({ topic, partition }))
        else this.#paused.delete(keyOf({ topic, partition }))
      }
    }
    this.#awake()
  }

  #pauseHere({ topic, partition }: TopicPartition): () => void {
    const list = [{ topic, partitions: [partition] }]
    this.#setPaused(list, true)
    return () => this.#setPaused(list, false)
  }

  #pausedList(): TopicPartitions[] {
    const topics = new Map<string, number[]>()
    for (const place of this.#assigned()) {
      if (!this.#paused.has(keyOf(place))) continue
      topics.set(place.topic, [...(topics.get(place.topic) ?? []), place.partition])
    }
    return [...topics].map(([topic, partitions]) => ({ topic, partitions }))
  }

  #checkRunning(): void {
    if (this.#active) return
    throw misuse('Consumer group was not initialized, consumer#run must be called first')
  }

  #describe(): GroupDescription {
    return describeGroup(this.#group)
  }

  async #park(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      this.#broker.settled()
    })
  }

  #awake(): void {
    const wake = this.#wake
    this.#wake = null
    wake?.()
  }
}

type TopicPartitionList = readonly { readonly topic: string; readonly partitions?: number[] }[]

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}\n${partition}`
}

export function describeGroup(group: MemoryGroup): GroupDescription {
  const { members } = group
  return {
    groupId: group.id,
    protocol: members.length > 0 ? 'RoundRobinAssigner' : '',
    protocolType: 'consumer',
    state: members.length > 0 ? 'Stable' : 'Empty',
    members: members.map((memberId) => ({
      memberId,
      clientId: memberId,
      clientHost: '/127.0.0.1',
      memberAssignment: Buffer.alloc(0),
      memberMetadata: Buffer.alloc(0),
    })),
  }
}
