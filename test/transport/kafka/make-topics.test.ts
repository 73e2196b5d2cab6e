import type { Admin } from 'kafkajs'
import { describe, expect, test, vi } from 'vitest'
import { kafkaError, unknownTopic } from '../../../src/testbed/memory-errors.ts'
import { MemoryKafka } from '../../../src/testbed/memory-kafka.ts'
import { makeTopics } from '../../../src/transport/kafka/make-topics.ts'

/** An admin whose first looks at offsets fail, as on a cluster that has not told all its brokers. */
function adminThat(fails: readonly Error[]): Admin {
  const admin = new MemoryKafka().kafka().admin()
  const left = [...fails]
  const look = admin.fetchTopicOffsets.bind(admin)
  return Object.assign(admin, {
    fetchTopicOffsets: async (topic: string) => {
      const error = left.shift()
      if (error !== undefined) throw error
      return look(topic)
    },
  })
}

describe('topics that are made', () => {
  test('are waited for until their leaders answer', async () => {
    const admin = adminThat([unknownTopic(), unknownTopic()])
    const look = vi.spyOn(admin, 'fetchTopicOffsets')
    expect(await makeTopics(admin, [{ topic: 'a', numPartitions: 2 }, { topic: 'b' }])).toBe(true)
    expect(look.mock.calls).toEqual([['a'], ['a'], ['a'], ['b']])
    expect(await makeTopics(admin, [{ topic: 'a' }])).toBe(false)
  })

  test('are not waited for by whoever may not look at them', async () => {
    const type = 'TOPIC_AUTHORIZATION_FAILED'
    const refusal = kafkaError('Not authorized', { type, code: 29, retriable: false })
    const admin = adminThat([kafkaError('retries exceeded', { cause: refusal })])
    const look = vi.spyOn(admin, 'fetchTopicOffsets')
    expect(await makeTopics(admin, [{ topic: 'a' }])).toBe(true)
    expect(look).toHaveBeenCalledTimes(1)
  })

  test('without a leader for long are named', async () => {
    const admin = adminThat(Array.from({ length: 3 }, unknownTopic))
    let now = 0
    vi.spyOn(performance, 'now').mockImplementation(() => {
      now += 15_000
      return now
    })
    await expect(makeTopics(admin, [{ topic: 'a' }])).rejects.toMatchObject({
      code: 'CONNECTION',
      message: expect.stringContaining('the topic a has no leader within 20 s'),
    })
    vi.restoreAllMocks()
  })
})
