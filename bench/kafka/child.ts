/** A process that does one job only, a round for each message it gets: its processor time is the job's. */
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka, Message } from 'kafkajs'
import { type Answer, type Job, PER_SEND, VALUE_BYTES } from './jobs.ts'
import { valueAt } from './values.ts'
import { clientOf } from './variants.ts'

/** From the last message on: what is done with a batch after its handler belongs to the round. */
const AFTER_MS = 50
const MAX_WAIT_MS = 200

const job = JSON.parse(process.argv[2] as string) as Job
const { kafka, flush } = clientOf(job.variant, job.brokers)
const round = job.role === 'producer' ? await producing(kafka) : await consuming(kafka)

process.on('message', () => {
  round().then(
    (cpu) => answer({ cpu }),
    (error) => {
      console.error(error)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit())
answer({ cpu: null })

function answer(value: Answer): void {
  process.send?.(value)
}

async function timed(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage()
  await work()
  await flush()
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** As a caller does it: new messages for each send, made within the timing. */
async function producing(client: Kafka): Promise<() => Promise<number>> {
  const producer = client.producer()
  await producer.connect()
  const values = Array.from({ length: PER_SEND }, (_, i) => valueAt(i))
  const header = randomBytes(16)
  const plain = (value: Buffer): Message => ({ value })
  const withHeader = (value: Buffer): Message => ({ value, headers: { plain: header } })
  const make = job.variant === 'header' ? withHeader : plain
  return () =>
    timed(async () => {
      for (let sent = 0; sent < job.messages; sent += PER_SEND)
        await producer.send({ topic: job.topic, messages: values.map(make) })
    })
}

/** Each round a new group reads the topic from its beginning; what it costs to join is not counted. */
async function consuming(client: Kafka): Promise<() => Promise<number>> {
  // As in a service, the agent outlives its consumers: it connects to its audit topic once.
  await client.producer().connect()
  let bytes = 0
  const read = (value: Buffer | null): void => {
    bytes += value?.length ?? 0
  }
  return async () => {
    const groupId = `bench-${randomBytes(6).toString('hex')}`
    // `disconnect` waits for the fetch under way: not for the 5 s that it may take at the topic's end.
    const consumer = client.consumer({ groupId, maxWaitTimeInMs: MAX_WAIT_MS })
    let left = job.messages
    let finish = (): void => {}
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    const done = (count: number): void => {
      left -= count
      if (left <= 0) finish()
    }
    const joined = new Promise<void>((resolve) => {
      consumer.on(consumer.events.GROUP_JOIN, () => resolve())
    })
    await consumer.connect()
    await consumer.subscribe({ topics: [job.topic], fromBeginning: true })
    await consumer.run(
      job.role === 'eachBatch'
        ? {
            eachBatch: async ({ batch: { messages } }) => {
              for (const { value } of messages) read(value)
              done(messages.length)
            },
          }
        : {
            eachMessage: async ({ message }) => {
              read(message.value)
              done(1)
            },
          },
    )
    await joined
    const cpu = await timed(async () => {
      await finished
      await sleep(AFTER_MS)
    })
    await consumer.disconnect()
    if (left !== 0 || bytes % VALUE_BYTES !== 0)
      throw new Error(`expected ${job.messages} messages`)
    return cpu
  }
}
