/**
 * A service to be killed: it reads a topic, perhaps passes on to the next, and writes a line for each
 * message that it has handled. Run as a process of its own.
 */
import { Kafka, logLevel } from 'kafkajs'
import { audited, flushAll, shutdown } from '../../agents/kafkajs.ts'
import { HANDLED, LEFT, type ServicePlan, STOPPED } from './cases-consumer-plan.ts'

async function serve(plan: ServicePlan): Promise<void> {
  const { brokers, auditTopic, auditBrokers, topic, group, next, pace } = plan
  const { windowMs, latenessMs, flushMs } = plan
  const isFree = pace === 'by itself'
  const clientOf = (list: readonly string[]): Kafka =>
    new Kafka({ brokers: [...list], logLevel: logLevel.NOTHING })
  const elsewhere = auditBrokers === undefined ? {} : { kafka: clientOf(auditBrokers) }
  const kafka = audited(clientOf(brokers), {
    ...{ service: 'ship', windowMs, latenessMs, flushMs, timer: isFree },
    audit: { topic: auditTopic, ...elsewhere },
  })
  const producer = next === undefined ? null : kafka.producer()
  await producer?.connect()
  const consumer = kafka.consumer({
    ...{ groupId: group, maxWaitTimeInMs: 100, sessionTimeout: 6_000, heartbeatInterval: 500 },
  })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  let begun = 0
  await consumer.run({
    autoCommit: isFree,
    eachMessage: async ({ partition, message: { key, value, offset } }) => {
      if (!isFree) {
        // What was handled before has been counted by now.
        if (begun === pace.report) await flushAll()
        if (begun === pace.commit) await consumer.commitOffsets([{ topic, partition, offset }])
        if (begun === pace.stop) {
          console.log(STOPPED)
          if (pace.end === 'shutdown') await leave()
          await new Promise(() => {})
        }
        begun++
      }
      if (next !== undefined) await producer?.send({ topic: next, messages: [{ key, value }] })
      console.log(`${HANDLED}${key}`)
    },
  })
}

async function leave(): Promise<void> {
  await shutdown()
  console.log(LEFT)
  process.exit(0)
}

await serve(JSON.parse(process.argv[2] as string))
