/** Reads a whole topic with another client (@platformatic/kafka), as the judge of the auditor. */

import { setTimeout as sleep } from 'node:timers/promises'
import { Consumer, MessagesStreamModes, stringDeserializers } from '@platformatic/kafka'
import { withAdmin } from './kafka.ts'

/** Keys of all committed records, with repetitions. */
export async function keysInLog(brokers: string[], topic: string): Promise<string[]> {
  const ends = await withAdmin((admin) => admin.fetchTopicOffsets(topic), brokers)
  const wanted = new Map(
    ends.filter((e) => Number(e.high) > Number(e.low)).map((e) => [e.partition, BigInt(e.high)]),
  )
  const consumer = new Consumer({
    clientId: 'judge',
    groupId: `judge.${topic}.${Math.random().toString(36).slice(2)}`,
    bootstrapBrokers: brokers,
    deserializers: stringDeserializers,
    autocommit: false,
  })
  const keys: string[] = []
  try {
    const stream = await consumer.consume({
      topics: [topic],
      mode: MessagesStreamModes.EARLIEST,
      isolationLevel: 1,
      maxWaitTime: 200,
    })
    let last = Date.now()
    stream.on('data', (message) => {
      keys.push(message.key)
      last = Date.now()
      if (message.offset + 1n >= (wanted.get(message.partition) ?? 0n))
        wanted.delete(message.partition)
    })
    stream.on('error', () => {})
    // A log may end with a transaction marker, which is no record: then silence ends the reading.
    while (wanted.size > 0 && Date.now() - last < 4_000) await sleep(50)
    await stream.close()
  } finally {
    await consumer.close(true)
  }
  return keys
}
