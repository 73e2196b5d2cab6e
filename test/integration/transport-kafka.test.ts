import { AssignerProtocol } from 'kafkajs'
import { afterAll, describe, expect, test } from 'vitest'
import { ensureAuditTopic, kafkaReader, kafkaSender } from '../../src/transport/kafka.ts'
import type { FrameReader } from '../../src/transport/transport.ts'
import { createTopic, kafkaClient, sharedBrokers, topicName, withAdmin } from '../support/kafka.ts'
import { describeTransport, readToEnd } from '../transport/suite.ts'

const brokers = sharedBrokers()

describeTransport('Kafka', async () => {
  const topic = topicName('audit')
  await ensureAuditTopic({ brokers, topic })
  return {
    sender: () => kafkaSender({ brokers, topic }),
    reader: () => kafkaReader({ brokers, topic }),
  }
})

async function deleteBefore(topic: string, offset: string): Promise<void> {
  await withAdmin(async (admin) => {
    // kafkajs deletes only where this admin has asked for the offsets before.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset }] })
  })
}

describe('the audit topic', () => {
  const opened: FrameReader[] = []
  afterAll(() => Promise.all(opened.map((reader) => reader.close())))

  async function readerOf(topic: string, positions = {}): Promise<FrameReader> {
    const reader = kafkaReader({ brokers, topic })
    opened.push(reader)
    await reader.open(positions)
    return reader
  }

  test('is made once, for large records that are kept for days', async () => {
    const topic = topicName('audit')
    expect(await ensureAuditTopic({ brokers, topic })).toBe(true)
    expect(await ensureAuditTopic({ kafka: kafkaClient(), topic })).toBe(false)
    const configNames = ['cleanup.policy', 'retention.ms', 'max.message.bytes']
    const { resources } = await withAdmin((admin) =>
      admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: 2, name: topic, configNames }],
      }),
    )
    const values = resources[0]?.configEntries.map((c) => [c.configName, c.configValue])
    expect(Object.fromEntries(values ?? [])).toEqual({
      'cleanup.policy': 'delete',
      'retention.ms': '604800000',
      'max.message.bytes': '2097152',
    })
  })

  test('made by others is looked at', async () => {
    const heard: string[] = []
    const topic = await createTopic({
      config: { 'cleanup.policy': 'compact', 'max.message.bytes': '1000' },
    })
    await ensureAuditTopic({ brokers, topic, onTrouble: (text) => heard.push(text) })
    expect(heard).toHaveLength(2)
    const frame = new Uint8Array(5_000)
    await expect(kafkaSender({ brokers, topic }).send('a', frame)).rejects.toMatchObject({
      permanent: true,
    })
  })

  test('that does not exist is NOT_FOUND, and is not made by asking', async () => {
    const topic = topicName('audit')
    await expect(kafkaReader({ brokers, topic }).open({})).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await expect(
      kafkaSender({ brokers, topic }).send('a', new Uint8Array(1)),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(await withAdmin((admin) => admin.listTopics())).not.toContain(topic)
  })

  test('is read to its end behind transactions, committed and aborted', async () => {
    const topic = await createTopic({ prefix: 'audit' })
    const reader = await readerOf(topic)
    const producer = kafkaClient().producer({
      transactionalId: topic,
      idempotent: true,
      maxInFlightRequests: 1,
    })
    await producer.connect()
    const send = async (value: string, end: 'commit' | 'abort'): Promise<void> => {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ key: 'a', value }] })
      await transaction[end]()
    }
    await send('one', 'commit')
    await send('two', 'abort')
    expect((await readToEnd(reader)).map(({ bytes }) => String(bytes))).toEqual(['one'])
    // A broker answers a commit before it has written the marker, which holds the end back.
    const readUpTo = async (end: number): Promise<string[]> => {
      const read: string[] = []
      while (reader.reached()['0'] !== end) {
        read.push(...(await readToEnd(reader)).map(({ bytes }) => String(bytes)))
      }
      return read
    }
    await send('three', 'commit')
    expect(await readUpTo(6)).toEqual(['three'])
    await send('four', 'abort')
    expect(await readUpTo(8)).toEqual([])

    // Behind the last record lie markers only, and a reader that starts there must see that.
    expect(await readToEnd(await readerOf(topic, { '0': 5 }))).toEqual([])
    await producer.disconnect()
  })

  test('is read on behind records that retention deleted', async () => {
    const topic = await createTopic({ prefix: 'audit' })
    const sender = kafkaSender({ brokers, topic })
    for (let n = 0; n < 5; n++) await sender.send('a', new Uint8Array([n]))
    await deleteBefore(topic, '3')
    const records = await readToEnd(await readerOf(topic, { '0': 1 }))
    expect(records.map(({ position }) => position)).toEqual([3, 4])
    await deleteBefore(topic, '-1')
    expect(await readToEnd(await readerOf(topic))).toEqual([])
    await sender.close()
  })

  test('that was made anew under the same name is refused', async () => {
    const topic = await createTopic({ prefix: 'audit' })
    await expect(kafkaReader({ brokers, topic }).open({ '0': 7 })).rejects.toMatchObject({
      code: 'STORE',
    })
  })

  test('is read at the speed of its reader, without loss', async () => {
    const topic = await createTopic({ prefix: 'audit', config: { 'max.message.bytes': '2097152' } })
    const sender = kafkaSender({ brokers, topic })
    const reader = await readerOf(topic)
    for (let n = 0; n < 60; n++) await sender.send('a', new Uint8Array(900_000).fill(n))
    // Long enough for the queue to fill and for heartbeats to matter.
    await new Promise((resolve) => setTimeout(resolve, 8_000))
    const records = await readToEnd(reader)
    expect(records.map(({ bytes }) => bytes[0])).toEqual(Array.from({ length: 60 }, (_, n) => n))
    await sender.close()
  })

  test('is read on behind records that retention deleted before a slow reader came', async () => {
    const topic = await createTopic({ prefix: 'audit' })
    const sender = kafkaSender({ brokers, topic })
    for (let n = 0; n < 40; n++) await sender.send('a', new Uint8Array(900_000).fill(n))
    const reader = await readerOf(topic)
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    await deleteBefore(topic, '35')
    const positions = (await readToEnd(reader)).map(({ position }) => position)
    expect(positions.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, n) => n))
    expect(positions.slice(-5)).toEqual([35, 36, 37, 38, 39])
    expect(positions.length).toBeLessThan(40)
    await sender.close()
  })

  test('leaves no group behind', async () => {
    const topic = await createTopic({ prefix: 'audit' })
    // Others make groups at the same broker meanwhile: these are the ones whose members read this topic.
    const groups = async (): Promise<string[]> => {
      const all = (await withAdmin((admin) => admin.listGroups())).groups
      const names = all.map(({ groupId }) => groupId)
      const { groups: known } = await withAdmin((admin) => admin.describeGroups(names))
      const reads = ({ memberMetadata }: { memberMetadata: Buffer }): boolean =>
        AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics.includes(topic) ?? false
      return known.filter(({ members }) => members.some(reads)).map(({ groupId }) => groupId)
    }
    expect(await groups()).toEqual([])
    const reader = kafkaReader({ brokers, topic })
    await reader.open({})
    await readToEnd(reader)
    const during = await groups()
    expect(during).toHaveLength(1)
    await reader.close()
    const { groups: states } = await withAdmin((admin) => admin.describeGroups(during))
    expect(['Empty', 'Dead']).toContain(states[0]?.state)
  })
})
