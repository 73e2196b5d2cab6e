import type { EachMessagePayload, Kafka } from 'kafkajs'
import { describe, expect, it } from 'vitest'
import { MemoryKafka } from '../../src/testbed/memory-kafka.ts'
import { tell } from './scenario.ts'

async function withTopic(
  partitions = 1,
  options: ConstructorParameters<typeof MemoryKafka>[0] = {},
): Promise<{ memory: MemoryKafka; kafka: Kafka; topic: string }> {
  const memory = new MemoryKafka(options)
  const kafka = memory.kafka()
  await kafka.admin().createTopics({ topics: [{ topic: 't', numPartitions: partitions }] })
  return { memory, kafka, topic: 't' }
}

async function produce(kafka: Kafka, values: string[], partition?: number): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  const place = partition === undefined ? {} : { partition }
  await producer.send({ topic: 't', messages: values.map((value) => ({ value, ...place })) })
}

function reading(
  kafka: Kafka,
  groupId: string,
  handler: (payload: EachMessagePayload) => unknown,
): { consumer: ReturnType<Kafka['consumer']>; started: Promise<void> } {
  const consumer = kafka.consumer({ groupId })
  const start = async (): Promise<void> => {
    await consumer.connect()
    await consumer.subscribe({ topic: 't', fromBeginning: true })
    await consumer.run({
      eachMessage: async (payload) => {
        await handler(payload)
      },
    })
  }
  return { consumer, started: start() }
}

describe('producing', () => {
  it('answers as kafkajs does', async () => {
    const { kafka, topic } = await withTopic(2)
    const producer = kafka.producer()
    await producer.connect()
    const messages = [
      { value: 'a', partition: 1 },
      { value: 'b', partition: 0 },
      { value: 'c', partition: 1 },
    ]

    expect(await producer.send({ topic, messages })).toEqual([
      answer(topic, 0, '0'),
      answer(topic, 1, '0'),
    ])
    expect(await producer.send({ topic, messages })).toEqual([
      answer(topic, 0, '1'),
      answer(topic, 1, '2'),
    ])
    expect(await producer.send({ topic, messages, acks: 0 })).toEqual([])
  })

  it('takes the partitioner it is given', async () => {
    const { kafka, topic } = await withTopic(3)
    const producer = kafka.producer({
      createPartitioner:
        () =>
        ({ partitionMetadata }) =>
          partitionMetadata.length - 1,
    })
    await producer.connect()

    expect(await producer.send({ topic, messages: [{ value: 'a' }] })).toEqual([
      answer(topic, 2, '0'),
    ])
  })

  it('refuses what kafkajs refuses', async () => {
    const { kafka, topic } = await withTopic()
    const producer = kafka.producer()
    const messages = [{ value: 'a' }]

    await expect(producer.send({ topic, messages })).rejects.toThrow('producer is disconnected')
    await producer.connect()
    await expect(producer.send({ topic: 'none', messages })).rejects.toMatchObject({
      type: 'UNKNOWN_TOPIC_OR_PARTITION',
    })
    await expect(producer.send({ topic, messages: [{} as never] })).rejects.toThrow('without value')
    await expect(producer.transaction()).rejects.toThrow('Must provide transactional id')
  })

  it('stamps messages with the clock it is given', async () => {
    const { memory, kafka } = await withTopic(1, { clock: () => 1234 })
    const stamps: string[] = []
    const { started } = reading(kafka, 'g', ({ message }) => stamps.push(message.timestamp))
    await started
    await produce(kafka, ['a'])
    await memory.idle()

    expect(stamps).toEqual(['1234'])
  })
})

describe('transactions', () => {
  it('hold readers back while open, hide what was aborted, and take an offset for their marker', async () => {
    const { memory, kafka, topic } = await withTopic()
    const seen: string[] = []
    const { started } = reading(kafka, 'g', ({ message }) =>
      seen.push(`${message.offset}:${message.value}`),
    )
    await started
    const producer = kafka.producer({ transactionalId: 'tx' })
    await producer.connect()

    const aborted = await producer.transaction()
    await aborted.send({ topic, messages: [{ value: 'aborted' }] })
    await produce(kafka, ['behind'])
    await memory.idle()
    expect(seen).toEqual([])
    expect(await kafka.admin().fetchTopicOffsets(topic)).toMatchObject([{ high: '0' }])

    await aborted.abort()
    await memory.idle()
    expect(seen).toEqual(['1:behind'])

    const committed = await producer.transaction()
    await committed.send({ topic, messages: [{ value: 'committed' }] })
    await committed.commit()
    await memory.idle()
    expect(seen).toEqual(['1:behind', '3:committed'])
    expect(await kafka.admin().fetchTopicOffsets(topic)).toMatchObject([{ high: '5' }])
  })

  it('commit consumed offsets together with what was sent', async () => {
    const { kafka, topic } = await withTopic()
    const producer = kafka.producer({ transactionalId: 'tx' })
    await producer.connect()
    const offsets = {
      consumerGroupId: 'g',
      topics: [{ topic, partitions: [{ partition: 0, offset: '7' }] }],
    }
    const aborted = await producer.transaction()
    await aborted.sendOffsets(offsets)
    await aborted.abort()
    expect((await kafka.admin().fetchOffsets({ groupId: 'g' }))[0]).toBeUndefined()

    const committed = await producer.transaction()
    await committed.sendOffsets(offsets)
    await committed.commit()
    expect(await kafka.admin().fetchOffsets({ groupId: 'g' })).toMatchObject([
      { partitions: [{ offset: '7' }] },
    ])
  })

  it('are aborted and fenced by a newer producer of the same id', async () => {
    const { kafka, topic } = await withTopic()
    const producers = [
      kafka.producer({ transactionalId: 'tx' }),
      kafka.producer({ transactionalId: 'tx' }),
    ]
    const [old, young] = producers as [(typeof producers)[0], (typeof producers)[0]]
    await old.connect()
    await young.connect()
    const open = await old.transaction()
    await open.send({ topic, messages: [{ value: 'a' }] })
    await young.transaction()

    await expect(open.commit()).rejects.toMatchObject({ type: 'INVALID_PRODUCER_EPOCH' })
    expect(await kafka.admin().fetchTopicOffsets(topic)).toMatchObject([{ high: '2' }])
  })
})

it('aborts and fences what a vanished producer left open, when told that its time is up', async () => {
  const { memory, kafka, topic } = await withTopic()
  const producer = kafka.producer({ transactionalId: 'tx' })
  await producer.connect()
  const transaction = await producer.transaction()
  await transaction.send({ topic, messages: [{ value: 'a' }] })
  memory.expireTransactions()

  expect(await kafka.admin().fetchTopicOffsets(topic)).toMatchObject([{ high: '2' }])
  await expect(transaction.send({ topic, messages: [{ value: 'b' }] })).rejects.toMatchObject({
    type: 'INVALID_PRODUCER_EPOCH',
  })
})

it('starts at the end where a group has no offsets and did not ask for the beginning', async () => {
  const { memory, kafka, topic } = await withTopic()
  await produce(kafka, ['before'])
  const seen: string[] = []
  const consumer = kafka.consumer({ groupId: 'g' })
  await consumer.subscribe({ topic })
  await consumer.run({
    eachMessage: async ({ message }) => {
      seen.push(String(message.value))
    },
  })
  await memory.idle()
  await produce(kafka, ['after'])
  await memory.idle()
  expect(seen).toEqual(['after'])
})

describe('consuming', () => {
  it('shares partitions out and gives every message to one member', async () => {
    const { memory, kafka } = await withTopic(4)
    const seen: string[] = []
    const readers = ['a', 'b', 'c'].map((name) => ({
      name,
      ...reading(kafka, 'g', ({ message }) => seen.push(`${name}${message.value}`)),
    }))
    const joins: Record<string, unknown> = {}
    for (const { name, consumer } of readers)
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        joins[name] = payload.memberAssignment.t
      })
    await Promise.all(readers.map(({ started }) => started))
    await produce(
      kafka,
      Array.from({ length: 100 }, (_, i) => String(i)),
    )
    await memory.idle()

    expect(Object.values(joins).flat().sort()).toEqual([0, 1, 2, 3])
    expect(new Set(seen.map((s) => s.slice(1))).size).toBe(100)
    expect(seen).toHaveLength(100)
    expect(new Set(seen.map((s) => s[0])).size).toBe(3)
  })

  it('goes on at the committed offset when members come and go', async () => {
    const { memory, kafka } = await withTopic(2)
    const seen: string[] = []
    const note = ({ message }: EachMessagePayload): unknown => seen.push(String(message.value))
    const first = reading(kafka, 'g', note)
    await first.started
    await produce(kafka, ['1', '2', '3', '4'])
    await memory.idle()
    const second = reading(kafka, 'g', note)
    await second.started
    await produce(kafka, ['5', '6', '7', '8'])
    await memory.idle()
    await first.consumer.disconnect()
    await produce(kafka, ['9', '10'])
    await memory.idle()

    expect(seen.map(Number).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('delivers again from the last resolved offset after an error, and starts anew after six', async () => {
    const { memory, kafka } = await withTopic()
    const seen: string[] = []
    let failures = 0
    const { consumer, started } = reading(kafka, 'g', ({ message }) => {
      seen.push(String(message.value))
      if (String(message.value) === 'b' && failures++ < 6) throw new Error('no')
    })
    const crashes: boolean[] = []
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      crashes.push(payload.restart)
    })
    await started
    await produce(kafka, ['a', 'b', 'c'])
    await memory.idle()

    expect(seen).toEqual(['a', 'b', 'b', 'b', 'b', 'b', 'b', 'b', 'c'])
    expect(crashes).toEqual([true])
  })

  it('ends for good at a defect of the program', async () => {
    const { memory, kafka } = await withTopic()
    const { consumer, started } = reading(kafka, 'g', () => {
      throw new TypeError('defect')
    })
    const crashes: boolean[] = []
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      crashes.push(payload.restart)
    })
    await started
    await produce(kafka, ['a'])
    await memory.idle()
    expect(crashes).toEqual([false])
    await consumer.disconnect()
  })

  it('obeys seek, pause and resume', async () => {
    const { memory, kafka, topic } = await withTopic()
    const seen: string[] = []
    const { consumer, started } = reading(kafka, 'g', ({ message }) =>
      seen.push(String(message.value)),
    )
    await started
    await produce(kafka, ['a', 'b', 'c'])
    await memory.idle()
    consumer.seek({ topic, partition: 0, offset: '1' })
    await memory.idle()
    expect(seen).toEqual(['a', 'b', 'c', 'b', 'c'])

    consumer.pause([{ topic }])
    await produce(kafka, ['d'])
    await memory.idle()
    expect(seen).toHaveLength(5)
    expect(consumer.paused()).toEqual([{ topic, partitions: [0] }])

    consumer.resume([{ topic }])
    await memory.idle()
    expect(seen[5]).toBe('d')
  })

  it('resolves in eachBatch only what the handler resolved, where auto-resolve is off', async () => {
    const { memory, kafka } = await withTopic()
    await produce(kafka, ['a', 'b', 'c'])
    const batches: string[][] = []
    const consumer = kafka.consumer({ groupId: 'g' })
    await consumer.subscribe({ topic: 't', fromBeginning: true })
    await consumer.run({
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset }) => {
        batches.push(batch.messages.map((m) => String(m.value)))
        resolveOffset(batch.firstOffset() as string)
      },
    })
    await memory.idle()
    expect(batches).toEqual([['a', 'b', 'c'], ['b', 'c'], ['c']])
  })

  it('starts over silently when its offset is below the start of the log', async () => {
    const { memory, kafka, topic } = await withTopic()
    await produce(kafka, ['a', 'b', 'c'])
    await kafka
      .admin()
      .setOffsets({ groupId: 'g', topic, partitions: [{ partition: 0, offset: '0' }] })
    await kafka.admin().deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] })
    const seen: string[] = []
    await reading(kafka, 'g', ({ message }) => seen.push(String(message.value))).started
    await memory.idle()
    expect(seen).toEqual(['c'])
  })

  it('notices new partitions', async () => {
    const { memory, kafka, topic } = await withTopic()
    const seen: string[] = []
    await reading(kafka, 'g', ({ message }) => seen.push(String(message.value))).started
    await kafka.admin().createPartitions({ topicPartitions: [{ topic, count: 3 }] })
    await produce(kafka, ['a'], 2)
    await memory.idle()
    expect(seen).toEqual(['a'])
  })

  it('keeps what a handler does to its message away from the log', async () => {
    const { memory, kafka } = await withTopic()
    const seen: string[] = []
    for (const group of ['g', 'h'])
      await reading(kafka, group, ({ message }) => {
        seen.push(String(message.value))
        message.value?.fill(0)
      }).started
    await produce(kafka, ['a'])
    await memory.idle()
    expect(seen).toEqual(['a', 'a'])
  })
})

it('tells the whole story, with no timer', async () => {
  const { kafka, topic } = await withTopic()
  const told = await tell(kafka, topic, 'story')

  expect(told.refusals).toEqual([
    'TypeError',
    'TypeError',
    'TypeError',
    'TypeError',
    'KafkaJSNonRetriableError',
  ])
  expect(told.received).toHaveLength(10)
})

it('moves 10,000 messages through a pipeline of two steps in a second of processor time', async () => {
  const { memory, kafka } = await withTopic(4)
  await kafka.admin().createTopics({ topics: [{ topic: 'u', numPartitions: 4 }] })
  const producer = kafka.producer()
  await producer.connect()
  await reading(kafka, 'g', async ({ message }) => {
    const { key, value } = message
    await producer.send({ topic: 'u', messages: [{ key, value }] })
  }).started
  // Not the clock: other tests run beside this one.
  const before = process.cpuUsage()
  for (let i = 0; i < 100; i++)
    await produce(
      kafka,
      Array.from({ length: 100 }, (_, j) => `${i}-${j}`),
    )
  await memory.idle()
  const { user, system } = process.cpuUsage(before)

  const ends = await kafka.admin().fetchTopicOffsets('u')
  expect(ends.reduce((sum, { high }) => sum + Number(high), 0)).toBe(10_000)
  expect((user + system) / 1_000).toBeLessThan(1_000)
})

function answer(topicName: string, partition: number, baseOffset: string): unknown {
  return {
    topicName,
    partition,
    errorCode: 0,
    baseOffset,
    logAppendTime: '-1',
    logStartOffset: '0',
  }
}
