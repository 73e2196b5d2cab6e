/**
 * A service to be killed: it sends, reports once, sends more, and never reports that. Its client
 * acknowledges messages that it does not write. Run as a process of its own.
 */
import { Kafka, logLevel } from 'kafkajs'
import { audited, flushAll } from '../../agents/kafkajs.ts'
import { type DyingPlan, SENT } from './dying-plan.ts'
import { writing } from './faulty-clients.ts'

async function sendAndWait({ brokers, topic, auditTopic, ...plan }: DyingPlan): Promise<void> {
  const { count, windowMs, unwritten } = plan
  let now = plan.birth
  const gone = new Set(unwritten.map(String))
  const client = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING })
  const producer = audited(
    writing(client, (key) => (gone.has(key) ? 0 : 1)),
    { service: 'shop', clock: () => now, flushMs: 500, timer: false, audit: { topic: auditTopic } },
  ).producer()
  await producer.connect()
  for (let round = 0; round < 3; round++) {
    // The last ones are of the next window.
    if (round === 2) now += windowMs
    const messages = Array.from({ length: count }, (_, i) => {
      const key = String(round * count + i)
      return { key, value: key }
    })
    await producer.send({ topic, messages })
    if (round === 0) await flushAll()
  }
  console.log(SENT)
  setInterval(() => {}, 1_000)
}

await sendAndWait(JSON.parse(process.argv[2] as string))
