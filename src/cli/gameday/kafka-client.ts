/** The client of a service: with faults below the agent, and all that it sends noted. */
import {
  type Kafka,
  Kafka as KafkaClient,
  logLevel,
  type Producer,
  type ProducerRecord,
  type RecordMetadata,
} from 'kafkajs'
import { overlay } from '../../../agents/kafkajs/overlay.ts'
import { faultyKafka, stampOf } from './client-faults.ts'
import type { DrawnService } from './day.ts'
import { clientFateOf, roundOf } from './fate.ts'
import type { Entry } from './kafka-entry.ts'
import type { Journal } from './kafka-journal.ts'

export function plainClient(brokers: readonly string[], clientId: string): Kafka {
  return new KafkaClient({
    clientId,
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 12 },
  })
}

export interface FaultyOptions {
  readonly seed: number
  readonly service: DrawnService
  readonly prefix: string
  readonly journal: Journal<Entry>
  /** Which id each message got, by topic and key. */
  readonly stamps: Stamps
}

/** Ids (hex) of what was last sent, by topic without its prefix and key. */
export type Stamps = Map<string, string>
export const stampKey = (topic: string, key: string): string => `${topic} ${key}`

/** Writes down what it is given, and does to each message what is drawn for it. */
export function faultyClient(
  kafka: Kafka,
  { seed, service, prefix, journal, stamps }: FaultyOptions,
): Kafka {
  const unplaced = (topic: string, id: string): void => {
    journal.note({ kind: 'unplaced', topic: topic.slice(prefix.length), id })
  }
  return faultyKafka(heedingAnswers(kafka, unplaced), {
    fateOf: (topic, { key, value }) => {
      const round = roundOf(String(value))
      return clientFateOf(seed, service, topic.slice(prefix.length), String(key), round)
    },
    know: (topic, { key }, id) => {
      stamps.set(stampKey(topic.slice(prefix.length), String(key)), id)
      journal.note({ kind: 'tried', at: Date.now(), id })
    },
    unplaced,
  })
}

/** Notes what the answer of the brokers leaves out. */
function heedingAnswers(kafka: Kafka, unplaced: (topic: string, id: string) => void): Kafka {
  const heed = ({ topic, messages }: ProducerRecord, answer: readonly RecordMetadata[]): void => {
    const told = new Set(answer.map(({ partition }) => partition))
    for (const { partition, headers } of messages) {
      const id = stampOf(headers)
      if (id !== null && !told.has(partition ?? 0)) unplaced(topic, id)
    }
  }
  const send = async <T extends Pick<Producer, 'send'>>(
    to: T,
    record: ProducerRecord,
  ): Promise<RecordMetadata[]> => {
    const answer = await to.send(record)
    heed(record, answer)
    return answer
  }
  return overlay(kafka, {
    producer: (config) => {
      const producer = kafka.producer(config)
      return overlay(producer, {
        send: (record) => send(producer, record),
        transaction: async () => {
          const transaction = await producer.transaction()
          return overlay(transaction, { send: (record) => send(transaction, record) })
        },
      })
    },
  })
}
