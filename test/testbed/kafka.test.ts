import { connect } from 'node:net'
import { CompressionTypes } from 'kafkajs'
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { startKafka, type TestKafka } from '../../src/testbed/kafka.ts'
import { createTopic, groupName, kafkaClient, sharedBrokers } from '../support/kafka.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('the shared broker', () => {
  it('gives back what was produced', async () => {
    const topic = await createTopic({ prefix: 'testbed', partitions: 2 })
    await produce(sharedBrokers(), topic, ['a', 'b', 'c'])

    expect((await consume(sharedBrokers(), topic, 3)).sort()).toEqual(['a', 'b', 'c'])
  })

  it('refuses topics that nobody created', async () => {
    await expect(produce(sharedBrokers(), 'never-created', ['a'], 0)).rejects.toThrow(
      /does not host this topic-partition/,
    )
  })
})

describe('a cluster of three', () => {
  let kafka: TestKafka

  beforeAll(async () => {
    kafka = await startKafka({ brokers: 3 })
  })

  afterAll(() => kafka?.close())

  it('names the index that does not exist and the broker that is not stopped', async () => {
    await expect(kafka.kill(3)).rejects.toThrow('Expected a broker from 0 to 2, got 3')
    await expect(kafka.restart(0)).rejects.toThrow('Expected broker 0 to be stopped')
  })

  it('can be frozen and thawed', async () => {
    const topic = await createTopic({ replicas: 3, brokers: kafka.brokers })

    await kafka.pause(2)
    await kafka.resume(2)
    await produce(kafka.brokers, topic, ['thawed'], 20)

    expect(await consume(kafka.brokers, topic, 1)).toEqual(['thawed'])
  })

  it('loses nothing that was acknowledged when a broker is killed and comes back', async () => {
    const topic = await createTopic({ partitions: 3, replicas: 3, brokers: kafka.brokers })
    await produce(kafka.brokers, topic, ['before'])

    await kafka.kill(1)
    await expect(isOpen(kafka.brokers[1])).resolves.toBe(false)
    await produce(kafka.brokers, topic, ['while it is gone'], 20)

    await kafka.restart(1)
    await expect(isOpen(kafka.brokers[1])).resolves.toBe(true)
    await produce(kafka.brokers, topic, ['after'], 20)

    expect((await consume(kafka.brokers, topic, 3)).sort()).toEqual([
      'after',
      'before',
      'while it is gone',
    ])
  })
})

describe('a broker of its own', () => {
  it('takes further properties, stops in order, comes back on the same port, and cleans up', async () => {
    vi.stubEnv('KAFKA_BROKERS', '')
    const kafka = await startKafka({ config: { 'message.max.bytes': '2000' } })
    onTestFinished(() => kafka.close())
    const topic = await createTopic({ brokers: kafka.brokers })

    await expect(produce(kafka.brokers, topic, ['x'.repeat(3_000)], 0)).rejects.toThrow(/larger/)
    await produce(kafka.brokers, topic, ['kept'])
    await kafka.terminate(0)
    await expect(isOpen(kafka.brokers[0])).resolves.toBe(false)
    await kafka.restart(0)
    expect(await consume(kafka.brokers, topic, 1)).toEqual(['kept'])

    await kafka.close()
    await kafka.close()
    await expect(isOpen(kafka.brokers[0])).resolves.toBe(false)
  })
})

describe('a broker that runs already', () => {
  it('is used as it is and is not ours to stop', async () => {
    vi.stubEnv('KAFKA_BROKERS', sharedBrokers().join(','))
    const kafka = await startKafka()

    expect(kafka.own).toBe(false)
    expect(kafka.brokers).toEqual(sharedBrokers())
    await expect(kafka.kill(0)).rejects.toThrow('KAFKA_BROKERS names them')
    await kafka.close()
    await expect(isOpen(sharedBrokers()[0])).resolves.toBe(true)
  })
})

async function produce(
  brokers: string[],
  topic: string,
  values: string[],
  retries = 5,
): Promise<void> {
  const producer = kafkaClient(brokers).producer({ retry: { retries, maxRetryTime: 1_000 } })
  await producer.connect()
  try {
    await producer.send({
      topic,
      acks: -1,
      compression: CompressionTypes.None,
      messages: values.map((value) => ({ value })),
    })
  } finally {
    await producer.disconnect()
  }
}

async function consume(brokers: string[], topic: string, count: number): Promise<string[]> {
  const consumer = kafkaClient(brokers).consumer({ groupId: groupName() })
  const values: string[] = []
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        if (!payload.restart) reject(payload.error)
      })
      consumer
        .run({
          eachMessage: async ({ message }) => {
            values.push(String(message.value))
            if (values.length === count) resolve()
          },
        })
        .catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
  return values
}

function isOpen(broker: string | undefined): Promise<boolean> {
  const [host, port] = String(broker).split(':')
  return new Promise((resolve) => {
    const socket = connect(Number(port), host)
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
