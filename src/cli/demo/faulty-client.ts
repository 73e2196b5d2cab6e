/**
 * A Kafka client with faults, below the agent: it acknowledges a batch whose messages of one partition
 * it never wrote (as kafkajs does when a leader moves in the middle of a send), and writes some twice.
 */
import type { Kafka, Producer, ProducerRecord } from 'kafkajs'
import { hexOfWords } from '../../message/id.ts'
import { readStamp } from '../../message/stamp.ts'
import { EDGES, type Ledger } from './ledger.ts'
import { groupKey, type Plan } from './plan.ts'

export function faultyKafka(kafka: Kafka, topic: string, plan: Plan, ledger: Ledger): Kafka {
  return new Proxy(kafka, {
    get(target, name) {
      if (name === 'producer')
        return (...args: Parameters<Kafka['producer']>) =>
          faultyProducer(target.producer(...args), topic, plan, ledger)
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function faultyProducer(producer: Producer, topic: string, plan: Plan, ledger: Ledger): Producer {
  const send = async (record: ProducerRecord): ReturnType<Producer['send']> => {
    if (record.topic !== topic) return producer.send(record)
    const twice: ProducerRecord['messages'] = []
    const written = record.messages.filter((message) => {
      const index = Number(message.key)
      const stamp = readStamp(message.headers)
      if (stamp.kind === 'stamped') ledger.know(index, hexOfWords(stamp.words))
      const batch = Math.floor(index / plan.batch)
      if (plan.unwrittenBy.has(groupKey(batch, message.partition ?? 0))) {
        ledger.lost(EDGES.produce, index)
        return false
      }
      if (plan.twiceByClient.has(index)) {
        ledger.doubled(EDGES.produce, index)
        twice.push(message)
      }
      return true
    })
    const response = await producer.send({ ...record, messages: written })
    if (twice.length > 0) await producer.send({ ...record, messages: twice })
    return response
  }
  return new Proxy(producer, {
    get(target, name) {
      if (name === 'send') return send
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
