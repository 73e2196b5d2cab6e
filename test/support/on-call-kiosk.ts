/** A checkin to be killed: it sends, reports that, sends more, and never reports those. Run as a process of its own. */
import { Kafka, logLevel } from 'kafkajs'
import { audited, flushAll } from '../../agents/kafkajs.ts'
import { KIOSK_SENT } from './on-call-plan.ts'

const COUNT = 10

const brokers = (process.env.FLIGHTS_BROKERS ?? '').split(',')
const birth = Date.now()
const kafka = audited(new Kafka({ brokers, logLevel: logLevel.NOTHING }), {
  ...{ service: 'checkin', version: '2.4.1', flushMs: 400, timer: false, clock: () => birth },
})
const producer = kafka.producer()
await producer.connect()
for (const round of [1, 2]) {
  const messages = Array.from({ length: COUNT }, (_, i) => ({
    ...{ key: `kiosk-${round}-${i}`, value: 'FRA-JFK', partition: 0 },
  }))
  await producer.send({ topic: 'flights', messages })
  if (round === 1) await flushAll()
}
console.log(KIOSK_SENT)
setInterval(() => {}, 1_000)
