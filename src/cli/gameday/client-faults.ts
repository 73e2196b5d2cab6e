/** The client below the agent of a service, with its faults; it knows every stamp as it goes out. */
import type { Kafka, Message, Producer, ProducerRecord, RecordMetadata } from 'kafkajs'
import type { ClientFate } from './day.ts'
import { alteredValue } from './fate.ts'
import { withMethods } from './memory-mortal.ts'

export interface ClientFaults {
  readonly fateOf: (topic: string, message: Message) => ClientFate | null
  /** The stamp of a message as it goes out, 32 hex digits. */
  readonly know: (topic: string, message: Message, id: string) => void
  /** The send resolved, and did not tell where the message lies. */
  readonly unplaced: (topic: string, id: string) => void
}

type Send = (record: ProducerRecord) => Promise<RecordMetadata[]>

export function faultyKafka(kafka: Kafka, faults: ClientFaults): Kafka {
  return withMethods(kafka, {
    producer: (config) => faultyProducer(kafka.producer(config), faults),
  })
}

function faultyProducer(producer: Producer, faults: ClientFaults): Producer {
  return withMethods(producer, {
    send: faultySend((record) => producer.send(record), faults),
    transaction: async () => {
      const transaction = await producer.transaction()
      const send = faultySend((record) => transaction.send(record), faults)
      return withMethods(transaction, { send })
    },
  })
}

function faultySend(send: Send, { fateOf, know, unplaced }: ClientFaults): Send {
  return async (record) => {
    const { topic, messages } = record
    for (const message of messages) {
      const id = stampOf(message.headers)
      if (id !== null) know(topic, message, id)
    }
    // A send is refused as a whole: by what its first message is meant for.
    const [first] = messages
    const whole = first === undefined ? null : fateOf(topic, first)
    if (whole === 'refused') throw new Error('the broker refuses it')
    const twice: Message[] = []
    // What kafkajs does when a leader moves: it leaves a partition out, of the log and of the answer.
    const gone = new Set<number | undefined>()
    const met = new Set<number | undefined>()
    for (const message of messages) {
      if (met.has(message.partition)) continue
      met.add(message.partition)
      if (fateOf(topic, message) === 'unwritten') gone.add(message.partition)
    }
    const written = messages.flatMap((message) => {
      if (gone.has(message.partition)) return []
      const fate = fateOf(topic, message)
      if (fate === 'written-twice') twice.push(message)
      if (fate !== 'rewritten') return [message]
      return [{ ...message, value: alteredValue(String(message.value)) }]
    })
    for (const { partition, headers } of messages) {
      const id = stampOf(headers)
      if (id !== null && (record.acks === 0 || gone.has(partition))) unplaced(topic, id)
    }
    if (written.length === 0) return []
    const answer = await send({ ...record, messages: written })
    if (twice.length > 0) await send({ ...record, messages: twice })
    if (whole === 'landed') throw new Error('the answer of the broker was lost')
    return answer
  }
}

/** The stamp on the wire, read without the agent. */
export function stampOf(headers: Message['headers']): string | null {
  const stamp = headers?.quipu
  return Buffer.isBuffer(stamp) && stamp.length === 16 ? stamp.toString('hex') : null
}
