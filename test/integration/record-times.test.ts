/** Whether the time of a record is known: a real broker says who gave it, through the client. */
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { audited } from '../../agents/kafkajs.ts'
import { topicAgent } from '../../agents/topic.ts'
import { consumerHop, topicHop } from '../../src/hop/hop.ts'
import { FrameLog } from '../agents/kafkajs/frames.ts'
import { createTopic, groupName, kafkaClient } from '../support/kafka.ts'

const COUNT = 30
/** The messages say that they were made so long ago. */
const OLD_MS = 3_600_000
const NONE = [0, null, null]

describe('the time of a record', () => {
  it.each([
    ['LogAppendTime', true],
    ['CreateTime', false],
  ])('is that of the log under %s: %s', async (type, isKnown) => {
    const topic = await createTopic({ config: { 'message.timestamp.type': type } })
    const group = groupName()
    const log = new FrameLog()
    const audit = { sender: log }
    const kafka = audited(kafkaClient(), { service: 'svc', timer: false, audit })
    const agent = await topicAgent({
      ...{ kafka: kafkaClient(), topics: [topic], sender: log, timer: false },
      ...{ groupId: groupName('agent') },
    })
    const producer = kafka.producer()
    const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 100 })
    await producer.connect()
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    let read = 0
    await consumer.run({
      eachBatch: async ({ batch }) => {
        read += batch.messages.length
      },
    })
    const timestamp = String(Date.now() - OLD_MS)
    const messages = Array.from({ length: COUNT }, () => ({ value: 'v', timestamp }))
    await producer.send({ topic, messages })
    const lag = async (): Promise<number> =>
      (await agent.lag()).reduce((sum, partition) => sum + partition.lag, 0)
    for (let i = 0; (read < COUNT || (await lag()) > 0) && i < 300; i++) await sleep(100)
    for (const client of [producer, consumer]) await client.disconnect()
    await agent.close()

    const atTopic = log.latencies(topicHop('default', topic))
    expect(log.total(topicHop('default', topic), 'passed')).toBe(COUNT)
    expect([atTopic.birth[0], atTopic.hop]).toEqual([isKnown ? COUNT : 0, NONE])
    const [count, least] = log.latencies(consumerHop('default', topic, group)).hop
    expect(count).toBe(COUNT)
    // By the log the message has just come; by its maker it is an hour old.
    if (isKnown) expect(least).toBeLessThan(OLD_MS)
    else expect(least).toBeGreaterThanOrEqual(OLD_MS)
  })
})
