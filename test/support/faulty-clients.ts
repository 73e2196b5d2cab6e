/**
 * Kafka clients with faults that stand below the agent, so that it cannot see them: it reports what
 * such a client tells it.
 */
import type { Consumer, Kafka, Message, Producer, ProducerRecord } from 'kafkajs'
import { overlay } from '../../agents/kafkajs/overlay.ts'

/** Consumers never hand over the messages whose key is to be skipped. */
export function skipping(kafka: Kafka, isSkipped: (key: string) => boolean): Kafka {
  const faulty = (consumer: Consumer): Consumer =>
    overlay(consumer, {
      run: (config) =>
        consumer.run({
          ...config,
          eachMessage: async (payload) => {
            if (isSkipped(String(payload.message.key))) return
            await config?.eachMessage?.(payload)
          },
        }),
    })
  return overlay(kafka, { consumer: (config) => faulty(kafka.consumer(config)) })
}

/** Producers acknowledge every message, and write it so many times. */
export function writing(kafka: Kafka, times: (key: string) => 0 | 1 | 2): Kafka {
  const faulty = (producer: Producer): Producer => {
    const send = async (record: ProducerRecord): ReturnType<Producer['send']> => {
      const atLeast = (n: number): Message[] =>
        record.messages.filter(({ key }) => times(String(key)) >= n)
      const response = await producer.send({ ...record, messages: atLeast(1) })
      const again = atLeast(2)
      if (again.length > 0) await producer.send({ ...record, messages: again })
      return response
    }
    return overlay(producer, { send })
  }
  return overlay(kafka, { producer: (config) => faulty(kafka.producer(config)) })
}

/** Producers whose sends to a topic take time: `pass` is called when the broker has answered. */
export function slowed(kafka: Kafka, topic: string, pass: () => void): Kafka {
  const slow = (producer: Producer): Producer =>
    overlay(producer, {
      send: async (record) => {
        const response = await producer.send(record)
        if (record.topic === topic) pass()
        return response
      },
    })
  return overlay(kafka, { producer: (config) => slow(kafka.producer(config)) })
}
