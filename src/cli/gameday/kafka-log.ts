/** The logs of topics, read to their ends by a bare client: what truly lies there. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { InstrumentationEvent, Kafka, KafkaMessage } from 'kafkajs'

/** ms without anything new after which a log is taken to be unreadable. */
const STUCK_MS = 30_000
/** ms between two looks. */
const LOOK_MS = 50

export interface Logged {
  readonly partition: number
  readonly message: KafkaMessage
}

/** Committed messages by topic. @param group a new one; it is removed again */
export async function readLogs(
  kafka: Kafka,
  topics: readonly string[],
  group: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly Logged[]>> {
  const logs = new Map<string, Logged[]>(topics.map((topic) => [topic, []]))
  const admin = kafka.admin()
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 100 })
  try {
    await admin.connect()
    const left = new Map<string, number>()
    for (const topic of topics)
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic))
        if (Number(high) > Number(low)) left.set(`${topic}/${partition}`, Number(high))
    let movedAt = Date.now()
    // A batch that holds nothing but a transaction's marker reaches no handler.
    consumer.on(
      consumer.events.END_BATCH_PROCESS,
      ({
        payload,
      }: InstrumentationEvent<{ topic: string; partition: number; lastOffset: string }>) => {
        const place = `${payload.topic}/${payload.partition}`
        movedAt = Date.now()
        if (Number(payload.lastOffset) + 1 >= (left.get(place) ?? 0)) left.delete(place)
      },
    )
    await consumer.connect()
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch: { topic, partition, messages } }) => {
        for (const message of messages) logs.get(topic)?.push({ partition, message })
      },
    })
    while (left.size > 0) {
      signal.throwIfAborted()
      if (Date.now() - movedAt > STUCK_MS)
        throw new Error(`${[...left.keys()].join(', ')} cannot be read to the end`)
      await sleep(LOOK_MS)
    }
  } finally {
    await consumer.disconnect()
    // A group that never came to be cannot be removed.
    await admin.deleteGroups([group]).catch(() => {})
    await admin.disconnect()
  }
  return logs
}
