/** One story told to any Kafka, and what its client said: run in memory and on a broker, then compared. */
import type { Kafka } from 'kafkajs'

export interface Told {
  readonly answers: unknown
  readonly received: unknown
  readonly ends: unknown
  readonly refusals: unknown
  readonly events: readonly string[]
  readonly batches: readonly unknown[]
}

/** `topic` has one partition and is empty. */
export async function tell(kafka: Kafka, topic: string, groupId: string): Promise<Told> {
  const answers: unknown[] = []
  const refusals: string[] = []
  const producer = kafka.producer()
  await producer.connect()
  const send = async (headers: unknown, value: string | null = 'v'): Promise<void> => {
    const messages = [{ key: 'k', value, headers: headers as Record<string, string> }]
    try {
      answers.push(await producer.send({ topic, messages }))
    } catch (error) {
      refusals.push((error as Error).name)
    }
  }
  await send({ text: 'é', bytes: Buffer.from([1, 2]), empty: '' })
  await send({ one: ['a'], two: ['a', Buffer.from('b')], none: [] })
  await send(undefined, null)
  await send({ __proto__x: 'p' })
  await send({ bad: null })
  await send({ bad: undefined })
  await send({ bad: 7 })
  await send(null)
  answers.push(
    await producer.send({ topic, acks: 0, messages: [{ value: 'unanswered', timestamp: '1000' }] }),
    await producer.sendBatch({
      topicMessages: [
        { topic, messages: [{ value: 'b1' }] },
        { topic, messages: [{ value: 'b2' }, { value: 'b3' }] },
      ],
    }),
  )
  await producer.disconnect()

  const transactional = kafka.producer({
    transactionalId: `${groupId}-tx`,
    maxInFlightRequests: 1,
    idempotent: true,
  })
  await transactional.connect()
  const committed = await transactional.transaction()
  answers.push(await committed.send({ topic, messages: [{ value: 'committed' }] }))
  await committed.commit()
  const aborted = await transactional.transaction()
  answers.push(await aborted.send({ topic, messages: [{ value: 'a1' }, { value: 'a2' }] }))
  await aborted.abort()
  await aborted.commit().catch((error: Error) => refusals.push(error.name))
  const last = await transactional.transaction()
  answers.push(await last.send({ topic, messages: [{ value: 'last' }] }))
  await last.commit()
  const nothing = await transactional.transaction()
  await nothing.commit()
  await transactional.disconnect()

  const { events, received, batches } = await consume(kafka, topic, groupId, 'last')
  const admin = kafka.admin()
  await admin.connect()
  const ends = [await admin.fetchTopicOffsets(topic), await admin.fetchOffsets({ groupId })]
  await admin.disconnect()
  return { answers, received, ends, refusals, events, batches }
}

async function consume(
  kafka: Kafka,
  topic: string,
  groupId: string,
  until: string,
): Promise<Pick<Told, 'events' | 'received' | 'batches'>> {
  const events: string[] = []
  const received: unknown[] = []
  const batches: unknown[] = []
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 200 })
  let failed = false
  const seen = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      const { memberAssignment, isLeader } = payload
      events.push(`join ${JSON.stringify(memberAssignment[topic])} ${isLeader}`)
    })
    consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
      events.push('start')
      batches.push(payload)
    })
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      events.push(`end ${payload.lastOffset}`)
      resolve()
    })
  })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const done = new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ message, partition }) => {
        const { offset, key, value, headers } = message
        // Fails once in the middle: what was resolved is not delivered again.
        if (value?.toString() === 'b2' && !failed) {
          failed = true
          events.push('fail')
          throw new Error('once')
        }
        events.push(`message ${offset}`)
        received.push({ partition, offset, key, value, headers })
        if (value?.toString() === until) resolve()
      },
    })
  })
  await done
  await seen
  await consumer.disconnect()
  return { events, received, batches }
}
