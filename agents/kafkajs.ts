/**
 * The agent for kafkajs: `audited(kafka, options)` stamps what is sent and counts what is handled.
 *
 * The result behaves as the Kafka it was given; kafkajs itself is never imported at load time. Nothing
 * here throws into the caller, changes the caller's objects, or waits for the audit path, except for a
 * bounded flush at `disconnect`.
 */
import type { Consumer, ConsumerConfig, Kafka, Producer, ProducerConfig } from 'kafkajs'
import { digestsOf } from '../src/hop/digests.ts'
import { NEVER, NOWHERE } from '../src/hop/tally.ts'
import { bytesOfWords } from '../src/message/id.ts'
import { STAMP_HEADER } from '../src/message/stamp.ts'
import { auditedConsumer } from './kafkajs/consumer.ts'
import { FORWARDED, handlingOf } from './kafkajs/handling.ts'
import { Lifetime } from './kafkajs/lifetime.ts'
import type { AuditedOptions } from './kafkajs/options.ts'
import { overlay } from './kafkajs/overlay.ts'
import { defaultPartitioner, partitionMemory } from './kafkajs/partitioner.ts'
import { auditedProducer } from './kafkajs/producer.ts'

export { flushAll, shutdown } from './kafkajs/lifetime.ts'
export type { AuditedOptions, TopicIdentity } from './kafkajs/options.ts'
export type { Stamped } from './kafkajs/stamped.ts'

const results = new WeakSet<object>()

/** A Kafka whose producers and consumers are audited; with `QUIPU_DISABLED=1` the very same object. */
export function audited<K extends Kafka>(kafka: K, options: AuditedOptions): K {
  if (process.env.QUIPU_DISABLED === '1' || results.has(kafka)) return kafka
  const lifetime = new Lifetime(kafka, options)
  const methods: Partial<Kafka> = {
    producer: (config) => producerOf(lifetime, config),
    consumer: (config) => consumerOf(lifetime, config),
  }
  const result = overlay(kafka, methods as Partial<K>)
  results.add(result)
  return result
}

function producerOf(lifetime: Lifetime, config: ProducerConfig | undefined): Producer {
  const { kafka } = lifetime
  const createPartitioner = config?.createPartitioner ?? defaultPartitioner()
  if (createPartitioner === null) {
    lifetime.onTrouble('kafkajs cannot be loaded: partitions and offsets of sends are not known')
    return auditedProducer(lifetime, kafka.producer(config), null)
  }
  const memory = partitionMemory(createPartitioner)
  const producer = kafka.producer({ ...config, createPartitioner: memory.create })
  return auditedProducer(lifetime, producer, memory)
}

function consumerOf(lifetime: Lifetime, config: ConsumerConfig): Consumer {
  const consumer = lifetime.kafka.consumer(config)
  const group: unknown = config?.groupId
  return typeof group === 'string' ? auditedConsumer(lifetime, consumer, group) : consumer
}

/**
 * A new message like `outgoing` that carries the id of `received`: for `eachBatch`, buffers and timers,
 * where the context cannot know. What it is not given a received message for it returns as it is.
 */
export function forward<M extends object>(received: object, outgoing: M): M {
  try {
    const handling = handlingOf(received)
    const headers: unknown = (outgoing as { headers?: unknown }).headers ?? {}
    if (handling === null || handling.words === null || typeof headers !== 'object') return outgoing
    const stamp = bytesOfWords(handling.words)
    return {
      [FORWARDED]: handling,
      ...outgoing,
      headers: { ...headers, [STAMP_HEADER]: stamp },
    }
  } catch {
    return outgoing
  }
}

/** Declares that the message is not passed on, and why: counted when the message is handled. */
export function dropped(received: object, reason: string): void {
  try {
    const handling = handlingOf(received)
    handling?.feed?.drop(handling, String(reason))
  } catch {
    // A message that is none of ours.
  }
}

export interface Sink {
  /** The message has arrived there. */
  seen(received: object): void
}

/** A place at the end of a pipeline, as it is called in the pipeline file. */
export function sink(name: string): Sink {
  return {
    seen(received) {
      try {
        const handling = handlingOf(received)
        if (handling?.feed == null || handling.words === null) return
        const { feed, words, identified, begun } = handling
        const recorder = feed.topic.sink(String(name), identified)
        // Of the message as it arrives there, not as it was received.
        const digests = digestsOf(received, recorder.preserves)
        // The birth of what has no id of its own is not known.
        const at = identified ? feed.now() : NEVER
        recorder.add(words, NOWHERE, NOWHERE, at, begun, digests)
      } catch {
        // A message that is none of ours.
      }
    },
  }
}
