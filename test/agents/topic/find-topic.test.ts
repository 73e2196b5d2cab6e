import type { Admin } from 'kafkajs'
import { describe, expect, test } from 'vitest'
import { findTopic } from '../../../agents/topic/find-topic.ts'
import { kafkaError, unknownTopic } from '../../../src/testbed/memory-errors.ts'
import { MemoryKafka } from '../../../src/testbed/memory-kafka.ts'

async function adminOf(): Promise<Admin> {
  const admin = new MemoryKafka().kafka().admin()
  await admin.createTopics({ topics: [{ topic: 't', numPartitions: 2 }] })
  return admin
}

describe('a topic that', () => {
  test('the broker asked first has not heard of is found a little later', async () => {
    const admin = await adminOf()
    const [list, offsets] = [admin.listTopics.bind(admin), admin.fetchTopicOffsets.bind(admin)]
    let looks = 0
    const late = Object.assign(admin, {
      listTopics: async () => (looks++ === 0 ? [] : list()),
      fetchTopicOffsets: async (topic: string) => {
        if (looks === 2) throw unknownTopic()
        return offsets(topic)
      },
    })
    expect((await findTopic(late, 't')).map(({ partition }) => partition)).toEqual([0, 1])
    expect(looks).toBe(3)
  })

  test('no broker names is a mistake, in bounded looks', async () => {
    const admin = await adminOf()
    let looks = 0
    const list = admin.listTopics.bind(admin)
    Object.assign(admin, {
      listTopics: async () => {
        looks++
        return list()
      },
    })
    await expect(findTopic(admin, 'nowhere')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'the topic nowhere does not exist',
    })
    expect(looks).toBe(9)
  })

  test('may not be looked at is not looked for', async () => {
    const refusal = kafkaError('Not authorized', { type: 'TOPIC_AUTHORIZATION_FAILED', code: 29 })
    const admin = Object.assign(await adminOf(), {
      fetchTopicOffsets: async () => {
        throw refusal
      },
    })
    await expect(findTopic(admin, 't')).rejects.toBe(refusal)
  })
})
