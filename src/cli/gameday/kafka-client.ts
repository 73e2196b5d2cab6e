/** The clients of a service: one with faults below the agent, and one that carries its frames. */
import {
  type Kafka,
  Kafka as KafkaClient,
  logLevel,
  type Message,
  type Producer,
  type ProducerRecord,
  type Transaction,
} from 'kafkajs'
import { overlay } from '../../../agents/kafkajs/overlay.ts'
import { decodeFrame } from '../../hop/frame-codec.ts'
import { hexOfWords } from '../../message/id.ts'
import { readStamp } from '../../message/stamp.ts'
import type { DrawnService } from './day.ts'
import { alteredValue, clientFateOf, roundOf } from './fate.ts'
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

export class SendRefused extends Error {}

/** Writes down what it is given, and does to each message what is drawn for it. */
export function faultyClient(kafka: Kafka, options: FaultyOptions): Kafka {
  return overlay(kafka, {
    producer: (config) => {
      const producer = kafka.producer(config)
      return overlay(producer, {
        send: (record) => send(producer, record, options),
        // A transaction is whole or not at all: nothing is done to what is sent in one.
        transaction: async () => {
          const transaction = await producer.transaction()
          return overlay<Transaction>(transaction, {
            send: (record) => {
              note(record, options)
              return transaction.send(record)
            },
          })
        },
      })
    },
  })
}

function note(
  { topic, messages }: ProducerRecord,
  { journal, stamps, prefix }: FaultyOptions,
): void {
  const at = Date.now()
  for (const { headers, key } of messages) {
    const stamp = readStamp(headers)
    if (stamp.kind !== 'stamped') continue
    const id = hexOfWords(stamp.words)
    stamps.set(stampKey(topic.slice(prefix.length), String(key)), id)
    journal.note({ kind: 'tried', at, topic, id })
  }
}

async function send(
  producer: Producer,
  record: ProducerRecord,
  options: FaultyOptions,
): ReturnType<Producer['send']> {
  const { seed, service, prefix } = options
  note(record, options)
  const topic = record.topic.slice(prefix.length)
  const written: Message[] = []
  const twice: Message[] = []
  let isRefused = false
  for (const message of record.messages) {
    const value = String(message.value)
    const fate = clientFateOf(seed, service, topic, String(message.key), roundOf(value))
    if (fate === 'refused' || fate === 'landed') isRefused = true
    if (fate === 'written-twice') twice.push(message)
    if (fate === 'rewritten') written.push({ ...message, value: alteredValue(value) })
    else if (fate !== 'unwritten' && fate !== 'refused') written.push(message)
  }
  const response = written.length === 0 ? [] : await producer.send({ ...record, messages: written })
  if (twice.length > 0) await producer.send({ ...record, messages: twice })
  if (isRefused) throw new SendRefused(`${topic} refuses it`)
  return response
}

/** The way of the frames; notes which of them the audit topic has taken. */
export function auditClient(kafka: Kafka, journal: Journal<Entry>, skewMs: number): Kafka {
  return overlay(kafka, {
    producer: (config) => {
      const producer = kafka.producer(config)
      return overlay(producer, {
        send: async (record) => {
          const response = await producer.send(record)
          for (const { value } of record.messages) {
            if (!(value instanceof Uint8Array)) continue
            const { sentAt, number } = decodeFrame(value)
            journal.note({ kind: 'told', at: sentAt - skewMs, number })
          }
          return response
        },
      })
    },
  })
}
