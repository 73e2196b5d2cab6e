/** A producer that exits as soon as its last send has resolved. Run as a process of its own. */
import { Kafka, logLevel } from 'kafkajs'
import { audited, flushAll } from '../../agents/kafkajs.ts'
import type { ShortPlan } from './cases-producer-short-plan.ts'

async function sendAndExit({ topic, auditTopic, reported, ...plan }: ShortPlan): Promise<never> {
  const { brokers, windowMs, flushMs, birth, unreported } = plan
  const client = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
  const producer = audited(client, {
    ...{ service: 'shop', windowMs, flushMs, clock: () => birth, timer: false },
    audit: { topic: auditTopic },
  }).producer()
  await producer.connect()
  if (reported.length > 0) {
    await producer.send({ topic, messages: [...reported] })
    await flushAll()
  }
  await producer.send({ topic, messages: [...unreported] })
  process.exit(0)
}

await sendAndExit(JSON.parse(process.argv[2] as string))
