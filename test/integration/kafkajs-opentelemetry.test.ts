/** OpenTelemetry's instrumentation of kafkajs and ours, one over the other. */
import { createRequire } from 'node:module'
import { context, propagation, trace } from '@opentelemetry/api'
import { KafkaJsInstrumentation } from '@opentelemetry/instrumentation-kafkajs'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import type { Kafka as KafkaClass, Message } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audited } from '../../agents/kafkajs.ts'
import { consumerHop, producerHop } from '../../src/hop/hop.ts'
import { FrameLog } from '../agents/kafkajs/frames.ts'
import { stampOf } from '../agents/kafkajs/setup.ts'
import { createTopic, groupName, sharedBrokers } from '../support/kafka.ts'

const exporter = new InMemorySpanExporter()
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const kafkajs = createRequire(import.meta.url)('kafkajs') as typeof import('kafkajs')
const instrumentation = new KafkaJsInstrumentation({ enabled: false })

/** What its module hook does; under vitest modules do not all pass that hook. */
function patch(): void {
  instrumentation.setTracerProvider(provider)
  const [definition] = (
    instrumentation as unknown as {
      _modules: { patch(exports: unknown): void; unpatch(exports: unknown): void }[]
    }
  )._modules
  definition?.patch(kafkajs)
}

function unpatch(): void {
  const [definition] = (
    instrumentation as unknown as { _modules: { unpatch(exports: unknown): void }[] }
  )._modules
  definition?.unpatch(kafkajs)
}

beforeAll(() => provider.register())
afterAll(async () => {
  await provider.shutdown()
  trace.disable()
  context.disable()
  propagation.disable()
})

describe.each([
  ['before ours', true],
  ['after ours', false],
])('patched %s', (_, isBefore) => {
  it('keeps its spans and headers, and we our stamps and counts', async () => {
    exporter.reset()
    const topic = await createTopic()
    const group = groupName()
    const log = new FrameLog()
    if (isBefore) patch()
    const raw: KafkaClass = new kafkajs.Kafka({ brokers: sharedBrokers(), logLevel: 0 })
    const kafka = audited(raw, { service: 'svc', audit: { sender: log } })
    if (!isBefore) patch()

    const message = Object.freeze({ value: 'v' })
    const producer = kafka.producer()
    await producer.connect()
    await producer.send({ topic, messages: [message, message] })
    await producer.disconnect()

    const headers: Message['headers'][] = []
    const consumer = kafka.consumer({ groupId: group })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ message: received }) => {
            headers.push(received.headers)
            if (headers.length === 2) resolve()
          },
        })
        .catch(reject)
    })
    await consumer.disconnect()
    unpatch()

    const stamps = headers.map((h) => stampOf(h === undefined ? {} : { headers: h })).sort()
    expect(log.ids(producerHop('default', topic, 'svc'))).toEqual(stamps)
    expect(log.ids(consumerHop('default', topic, group))).toEqual(stamps)
    for (const h of headers) expect(String(h?.traceparent)).toMatch(/^00-[0-9a-f]{32}-/)
    const names = exporter.getFinishedSpans().map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining([`send ${topic}`, `process ${topic}`]))
  })
})
