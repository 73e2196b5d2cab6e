import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { QuipuError } from '../../src/base/errors.ts'
import { MemoryKafka } from '../../src/testbed/memory-kafka.ts'
import { ensureAuditTopic, kafkaReader, kafkaSender } from '../../src/transport/kafka.ts'
import { kafkaError } from '../../src/transport/kafka-errors.ts'
import { describeTransport, readToEnd } from './suite.ts'

const topic = 'quipu.tallies'

describeTransport('kafkajs, in memory', async () => {
  const kafka = new MemoryKafka().kafka()
  await ensureAuditTopic({ kafka, topic })
  return {
    sender: () => kafkaSender({ kafka, topic }),
    reader: () => kafkaReader({ kafka, topic }),
  }
})

async function errorOf(work: Promise<unknown>): Promise<QuipuError> {
  const error = await work.then(
    () => null,
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(QuipuError)
  expect((error as QuipuError).hint).toBeDefined()
  return error as QuipuError
}

describe('the reader of an audit topic', () => {
  test('reads again from where it was when its group is joined by another', async () => {
    const kafka = new MemoryKafka().kafka()
    await ensureAuditTopic({ kafka, topic, partitions: 1 })
    const [sender, reader] = [kafkaSender({ kafka, topic }), kafkaReader({ kafka, topic })]
    await sender.send('a', new Uint8Array([0]))
    await reader.open({})
    await readToEnd(reader)
    const { groups } = await kafka.admin().listGroups()
    const intruder = kafka.consumer({ groupId: groups[0]?.groupId ?? '' })
    await intruder.connect()
    await intruder.subscribe({ topics: [topic], fromBeginning: false })
    await intruder.run({ eachMessage: async () => {} })
    await intruder.disconnect()
    await sender.send('a', new Uint8Array([1]))
    expect(await readToEnd(reader)).toEqual([
      { partition: '0', position: 1, bytes: Buffer.from([1]) },
    ])
    await reader.close()
  })

  test('refuses a topic that ends before what the store has read', async () => {
    const kafka = new MemoryKafka().kafka()
    await ensureAuditTopic({ kafka, topic })
    const error = await errorOf(kafkaReader({ kafka, topic }).open({ '0': 5 }))
    expect(error.code).toBe('STORE')
    expect(error.message).toContain('made anew')
  })
})

describe('what a broker refuses', () => {
  const asked = { brokers: ['kafka-1:9092'], topic, verb: 'create' }
  const protocolError = (type: string): Error =>
    Object.assign(new Error('no'), { name: 'KafkaJSProtocolError', type })
  const wrapped = (cause: Error): Error =>
    Object.assign(new Error('retries', { cause }), { name: 'KafkaJSNumberOfRetriesExceeded' })

  test('is FORBIDDEN where a right is missing, however kafkajs wraps it', () => {
    const refused = protocolError('TOPIC_AUTHORIZATION_FAILED')
    for (const error of [
      refused,
      wrapped(refused),
      Object.assign(new Error('several'), { errors: [refused] }),
    ]) {
      expect(kafkaError(error, asked)).toMatchObject({
        code: 'FORBIDDEN',
        message: `no right to create the topic ${topic} (TOPIC_AUTHORIZATION_FAILED)`,
      })
    }
    const sasl = Object.assign(new Error('no'), { name: 'KafkaJSSASLAuthenticationError' })
    expect(kafkaError(wrapped(sasl), asked)).toMatchObject({
      code: 'FORBIDDEN',
      message: 'kafka-1:9092 does not know this user',
    })
  })

  test('is NOT_FOUND for a topic that is not there', () => {
    const error = wrapped(protocolError('UNKNOWN_TOPIC_OR_PARTITION'))
    expect(kafkaError(error, asked).code).toBe('NOT_FOUND')
  })

  test('names the brokers, or the one that kafkajs names', () => {
    const error = Object.assign(new Error('refused'), { broker: 'kafka-2:9092' })
    expect(kafkaError(wrapped(error), asked).message).toContain('kafka-1:9092')
    expect(kafkaError(wrapped(error), { ...asked, brokers: [] }).message).toContain('kafka-2:9092')
    expect(kafkaError('odd', { ...asked, brokers: [] }).message).toContain('this client')
  })
})

describe('where no broker is', () => {
  let server: Server | undefined
  const sockets = new Set<{ destroy(): void }>()

  afterEach(() => {
    for (const socket of sockets) socket.destroy()
    server?.close()
    server = undefined
  })

  async function listen(answer: string | null): Promise<string> {
    server = createServer((socket) => {
      sockets.add(socket)
      socket.on('error', () => {})
      if (answer !== null) socket.on('data', () => socket.end(answer))
    })
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    return `127.0.0.1:${(server.address() as { port: number }).port}`
  }

  async function closedPort(): Promise<string> {
    const broker = await listen(null)
    await new Promise((resolve) => server?.close(resolve))
    return broker
  }

  const ways: readonly [string, (brokers: string[]) => Promise<unknown>][] = [
    ['the topic', (brokers) => ensureAuditTopic({ brokers })],
    ['the reader', (brokers) => kafkaReader({ brokers }).open({})],
    ['the sender', (brokers) => kafkaSender({ brokers }).send('a', new Uint8Array(1))],
  ]

  test.each(ways)('%s says so within seconds, and where it asked', async (_, ask) => {
    const broker = await closedPort()
    const before = Date.now()
    const error = await errorOf(ask([broker]))
    expect(error.code).toBe('CONNECTION')
    expect(error.message).toContain(broker)
    expect(Date.now() - before).toBeLessThan(12_000)
  })

  test.each([
    ['says nothing', null],
    ['speaks HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ])('a server that %s is not waited for', async (_, answer) => {
    const broker = await listen(answer)
    const before = Date.now()
    const error = await errorOf(ensureAuditTopic({ brokers: [broker] }))
    expect(error.code).toBe('CONNECTION')
    expect(error.message).toContain(broker)
    expect(Date.now() - before).toBeLessThan(15_000)
  })

  test('errors that kafkajs would print go to the owner', async () => {
    const heard: string[] = []
    const brokers = [await closedPort()]
    await errorOf(ensureAuditTopic({ brokers, onTrouble: (text) => heard.push(text) }))
    expect(heard.length).toBeGreaterThan(0)
  })
})

test('without kafkajs the hint says how to get it', async () => {
  vi.doMock('kafkajs', () => {
    throw new Error('Cannot find package')
  })
  const error = await errorOf(ensureAuditTopic({ brokers: ['127.0.0.1:1'] }))
  expect(error.code).toBe('MISSING_PART')
  expect(error.hint).toContain('npm install kafkajs')
  vi.doUnmock('kafkajs')
})
