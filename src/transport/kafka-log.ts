/**
 * Logs of real topics, read without joining a group (see kafka/idle-consumer.ts).
 *
 * Leaders move and brokers die: each question is asked again with fresh metadata, a few times and for
 * `ANSWER_MS` in all. The answers to Fetch are decoded in record-batch.ts, so the request goes straight to
 * the connections of a broker.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster, Consumer, Kafka } from 'kafkajs'
import { QuipuError } from '../base/errors.ts'
import { askBroker, type Connections, connectionsOf } from './kafka/ask-broker.ts'
import { idleConsumer } from './kafka/idle-consumer.ts'
import { isMovedLeader, kafkaError, noAnswer } from './kafka-errors.ts'
import {
  type Asked,
  decodeFetch,
  encodeFetch,
  FETCH,
  type Fetched,
  sliceOf,
} from './kafka-fetch.ts'
import type { LogPartition, LogReader, LogSlice, Sieve } from './log.ts'

/** ms for one question, with all its repetitions. */
const ANSWER_MS = 10_000
/** ms for one answer to a Fetch. */
const FETCH_MS = 5_000
const ATTEMPTS_MAX = 6
/** ms before the second attempt, twice as much before the third, and so on. */
const PAUSE_MS = 100
/** ms that closing may take before the client is left to itself. */
const CLOSE_MS = 3_000

export interface KafkaLogOptions {
  readonly kafka: Kafka
  /** To name them in errors. */
  readonly brokers?: readonly string[]
}

export function kafkaLogReader(options: KafkaLogOptions): LogReader {
  return new KafkaLog(options)
}

class KafkaLog implements LogReader {
  readonly #brokers: readonly string[]
  readonly #consumer: Consumer
  readonly #cluster: Cluster | null
  #connected: Promise<void> | null = null
  /** Who closes waits for no answer any more. */
  readonly #over = new AbortController()

  constructor({ kafka, brokers = [] }: KafkaLogOptions) {
    this.#brokers = brokers
    // Ends are those of a committed reader.
    const config = { readUncommitted: false, retry: { retries: 2 } }
    const { consumer, cluster } = idleConsumer(kafka, 'quipu-log', config)
    this.#consumer = consumer
    this.#cluster = cluster
  }

  async partitions(topic: string): Promise<readonly LogPartition[]> {
    const lows = await this.#offsets(topic, { fromBeginning: true })
    const highs = await this.#offsets(topic, { fromBeginning: false })
    return [...lows]
      .map(([partition, low]) => ({ partition, low, high: highs.get(partition) ?? low }))
      .sort((a, b) => a.partition - b.partition)
  }

  async offsetsAt(topic: string, at: number): Promise<ReadonlyMap<number, number>> {
    const found = await this.#offsets(topic, { fromTimestamp: Math.max(Math.floor(at), 0) })
    const isLate = [...found.values()].some((offset) => offset < 0)
    const ends = isLate ? await this.#offsets(topic, { fromBeginning: false }) : found
    return new Map([...found].map(([p, offset]) => [p, offset < 0 ? (ends.get(p) ?? 0) : offset]))
  }

  async read(
    topic: string,
    partition: number,
    from: number,
    to: number,
    sieve?: Sieve,
  ): Promise<LogSlice> {
    if (from >= to) return { records: [], looked: 0, next: from }
    return this.#ask(topic, async (cluster) => {
      const fetched = await fetchOf(cluster, { topic, partition, from, to })
      if (fetched.errorCode === OFFSET_OUT_OF_RANGE) {
        // Not through #ask, which would wait for what this question has left.
        const [low] = await offsetsOf(cluster, topic, { fromBeginning: true }, [partition])
        return { records: [], looked: 0, next: Math.min(Math.max(from, low?.[1] ?? from), to) }
      }
      if (fetched.errorCode !== 0) throw brokerError(fetched.errorCode)
      return sliceAt(fetched, { topic, partition, from, to, sieve })
    })
  }

  async close(): Promise<void> {
    this.#over.abort()
    const closed = Promise.all([this.#cluster?.disconnect(), this.#consumer.disconnect()])
    await Promise.race([closed.catch(() => {}), sleep(CLOSE_MS, undefined, { ref: false })])
  }

  #offsets(topic: string, at: At): Promise<ReadonlyMap<number, number>> {
    return this.#ask(topic, async (cluster) => new Map(await offsetsOf(cluster, topic, at)))
  }

  /** Asks, and asks again where the answer may be another one when the leaders are known anew. */
  async #ask<T>(topic: string, question: (cluster: Cluster) => Promise<T>): Promise<T> {
    const asked = { brokers: this.#brokers, topic, verb: 'read' }
    const timer = new AbortController()
    const ended = AbortSignal.any([timer.signal, this.#over.signal])
    const late = sleep(ANSWER_MS, undefined, { signal: ended }).then(() => {
      throw noAnswer(ANSWER_MS, asked)
    })
    late.catch(() => {})
    try {
      return await Promise.race([this.#untilTold(topic, question, ended), late])
    } catch (error) {
      throw kafkaError(error, asked)
    } finally {
      timer.abort()
    }
  }

  async #untilTold<T>(
    topic: string,
    question: (cluster: Cluster) => Promise<T>,
    ended: AbortSignal,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        const cluster = await this.#ready(topic)
        if (attempt > 1) await cluster.refreshMetadata()
        return await question(cluster)
      } catch (error) {
        if (ended.aborted || attempt === ATTEMPTS_MAX || !mayPass(error)) throw error
      }
      await sleep(PAUSE_MS * 2 ** (attempt - 1), undefined, { signal: ended })
    }
  }

  async #ready(topic: string): Promise<Cluster> {
    const cluster = this.#cluster
    if (cluster === null)
      throw new QuipuError('MISSING_PART', 'this version of kafkajs does not hand out its cluster')
    this.#connected ??= cluster.connect().catch((error: unknown) => {
      this.#connected = null
      throw error
    })
    await this.#connected
    await cluster.addTargetTopic(topic)
    return cluster
  }
}

type At = { readonly fromBeginning: boolean } | { readonly fromTimestamp: number }

async function offsetsOf(
  cluster: Cluster,
  topic: string,
  at: At,
  only?: readonly number[],
): Promise<readonly (readonly [number, number])[]> {
  const numbers =
    only ?? cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)
  const partitions = numbers.map((partition) => ({ partition }))
  const found = await cluster.fetchTopicsOffset([{ topic, partitions, ...at }])
  return found.flatMap((f) => f.partitions).map((p) => [p.partition, Number(p.offset)] as const)
}

async function fetchOf(cluster: Cluster, asked: Asked): Promise<Fetched> {
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(asked.topic, [asked.partition]))
  if (nodeId === undefined)
    throw new QuipuError('NOT_FOUND', `${asked.topic} has no partition ${asked.partition}`)
  const connections = connectionsOf(await cluster.findBroker({ nodeId }))
  if (connections === null)
    throw new QuipuError('MISSING_PART', 'this version of kafkajs does not hand out connections')

  await connected(connections)
  return askBroker(connections, FETCH, encodeFetch(asked), decodeFetch, FETCH_MS)
}

/** Under way, by broker. */
const opening = new WeakMap<Connections, Promise<unknown>>()

/** kafkajs would open one for each that asks before the first is open, and forget all but one of them. */
async function connected(connections: Connections): Promise<void> {
  const known = opening.get(connections)
  const one = known ?? connections.getConnection(1)
  opening.set(connections, one)
  try {
    await one
  } finally {
    if (known === undefined) opening.delete(connections)
  }
}

/** Names the place of what cannot be decoded. */
function sliceAt(fetched: Fetched, asked: Asked): LogSlice {
  try {
    return sliceOf(fetched, asked)
  } catch (error) {
    if (!(error instanceof QuipuError)) throw error
    const at = `partition ${asked.partition} of ${asked.topic}, offset ${asked.from}`
    throw new QuipuError(error.code, `${at}: ${error.message}`, { cause: error })
  }
}

const OFFSET_OUT_OF_RANGE = 1
/** Kafka's numbers of what kafkajs would have named. */
const ERRORS: Readonly<Record<number, string>> = {
  3: 'UNKNOWN_TOPIC_OR_PARTITION',
  5: 'LEADER_NOT_AVAILABLE',
  6: 'NOT_LEADER_FOR_PARTITION',
  9: 'REPLICA_NOT_AVAILABLE',
  29: 'TOPIC_AUTHORIZATION_FAILED',
  56: 'KAFKA_STORAGE_ERROR',
  74: 'FENCED_LEADER_EPOCH',
  75: 'UNKNOWN_LEADER_EPOCH',
}
const PASSING: readonly unknown[] = [
  'UNKNOWN_TOPIC_OR_PARTITION',
  'REPLICA_NOT_AVAILABLE',
  'KAFKA_STORAGE_ERROR',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
]

function brokerError(code: number): Error {
  const type = ERRORS[code] ?? `error ${code} of Kafka`
  return Object.assign(new Error(type), { type })
}

/** A topic that is not known at all is not asked for again; kafkajs says so without the code. */
function mayPass(error: unknown): boolean {
  if (error instanceof QuipuError) return false
  if (isMovedLeader(error)) return true
  const { type, name, code } = error as { type?: unknown; name?: unknown; code?: unknown }
  if (type === 'UNKNOWN_TOPIC_OR_PARTITION' && code !== undefined) return false
  return PASSING.includes(type) || GONE.includes(name)
}

/** Names of kafkajs's errors of a connection or a broker that is no more. */
const GONE: readonly unknown[] = [
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSNumberOfRetriesExceeded',
  'KafkaJSTopicMetadataNotLoaded',
]
