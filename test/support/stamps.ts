/** A client below the agent that writes down which stamp each message got, by its key. */
import type { Kafka, Message, Producer, ProducerBatch, ProducerRecord, Transaction } from 'kafkajs'
import { hexOfWords } from '../../src/message/id.ts'
import { readStamp } from '../../src/message/stamp.ts'

export type Stamps = Map<string, string>

export function noteStamps(kafka: Kafka, stamps: Stamps): Kafka {
  return through(kafka, {
    producer: (...args: Parameters<Kafka['producer']>) => noted(kafka.producer(...args), stamps),
  })
}

function noted<T extends Producer | Transaction>(producer: T, stamps: Stamps): T {
  const note = (messages: readonly Message[]): void => {
    for (const { key, headers } of messages) {
      const stamp = readStamp(headers)
      if (stamp.kind === 'stamped') stamps.set(String(key), hexOfWords(stamp.words))
    }
  }
  return through(producer, {
    send: (record: ProducerRecord) => {
      note(record.messages)
      return producer.send(record)
    },
    sendBatch: (batch: ProducerBatch) => {
      for (const { messages } of batch.topicMessages ?? []) note(messages)
      return producer.sendBatch(batch)
    },
    transaction: async () => noted(await (producer as Producer).transaction(), stamps),
  })
}

function through<T extends object>(target: T, own: Record<string, unknown>): T {
  return new Proxy(target, {
    get(_, name) {
      if (typeof name === 'string' && Object.hasOwn(own, name)) return own[name]
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
