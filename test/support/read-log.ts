/** Reads a whole topic with another client (@platformatic/kafka), as the judge of the auditor. */

import { setTimeout as sleep } from 'node:timers/promises'
import { Consumer, MessagesStreamModes, stringDeserializers } from '@platformatic/kafka'
import { withAdmin } from './kafka.ts'

/** Looks, 50 ms apart, before reading is given up. */
const LOOKS_MAX = 1_200

/** Keys of all committed records, with repetitions. @throws Error if the end is never reached */
export async function keysInLog(brokers: string[], topic: string): Promise<string[]> {
  const ends = await withAdmin((admin) => admin.fetchTopicOffsets(topic), brokers)
  const wanted = ends.filter(({ high, low }) => Number(high) > Number(low))
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
    stream.on('data', ({ key }) => keys.push(key))
    stream.on('error', () => {})
    // A log may end with a transaction marker, which is no record: the position passes that too.
    const isRead = (): boolean =>
      stream.readableLength === 0 &&
      wanted.every(({ partition, high }) => {
        const position = stream.offsetsToFetch.get(`${topic}:${partition}`) ?? 0n
        return position >= BigInt(high)
      })
    for (let look = 0; !isRead(); look++) {
      if (look === LOOKS_MAX) throw new Error(`the end of ${topic} is never reached`)
      await sleep(50)
    }
    await stream.close()
  } finally {
    await consumer.close(true)
  }
  return keys
}
