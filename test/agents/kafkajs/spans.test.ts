/** The id of a message on the span that is active: with a real tracer, and with none. */
import { trace } from '@opentelemetry/api'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { bytesOfWords, hexOfWords } from '../../../src/message/id.ts'
import { Minter } from '../../../src/message/mint.ts'
import { loadTraceApi } from '../../../src/telemetry/span.ts'
import { bench, stampOf } from './setup.ts'

const ID = 'quipu.message.id'
const exporter = new InMemorySpanExporter()
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
const tracer = provider.getTracer('test')

beforeAll(async () => {
  provider.register()
  await loadTraceApi()
})
beforeEach(() => exporter.reset())
afterAll(async () => {
  await provider.shutdown()
  trace.disable()
})

/** Runs the work in a span of its own. */
async function within(name: string, work: () => Promise<unknown>): Promise<void> {
  await tracer.startActiveSpan(name, async (span) => {
    await work()
    span.end()
  })
}

const attributes = () =>
  Object.fromEntries(exporter.getFinishedSpans().map((span) => [span.name, span.attributes]))

describe('a producer', () => {
  it('puts the id of a message that is sent alone on the span of its caller, the first', async () => {
    const { fake, producer } = bench()
    const out = await producer()
    await within('one', async () => {
      await out.send({ topic: 'out', messages: [{ value: 'a' }] })
      await out.send({ topic: 'out', messages: [{ value: 'b' }] })
    })
    await within('two', () =>
      out.send({ topic: 'out', messages: [{ value: 'c' }, { value: 'd' }] }),
    )
    await within('batch', () =>
      out.sendBatch({ topicMessages: [{ topic: 'out', messages: [{ value: 'e' }] }] }),
    )
    await out.send({ topic: 'out', messages: [{ value: 'f' }] })
    const idOf = (value: string): string =>
      stampOf(fake.log.find(({ message }) => message.value === value)?.message)
    expect(attributes()).toEqual({ one: { [ID]: idOf('a') }, two: {}, batch: { [ID]: idOf('e') } })
  })
})

describe('a consumer', () => {
  const words = new Minter().mint('in')
  const messages = [{ offset: '0', headers: { quipu: bytesOfWords(words) } }]

  it('puts the id of what is handled on the span of the handler, not that of what it sends', async () => {
    const { fake, producer, consumer } = bench()
    const out = await producer()
    const [, delivering] = await consumer({
      eachMessage: async () => {
        await out.send({ topic: 'out', messages: [{ value: 'a' }] })
        await out.send({ topic: 'out', messages: [{ value: 'b' }] })
      },
    })
    await within('handler', () => delivering.deliver({ messages }))
    expect(attributes()).toEqual({ handler: { [ID]: hexOfWords(words) } })
    expect(stampOf(fake.log[1]?.message)).not.toBe(hexOfWords(words))
  })

  it('leaves alone a span that does not record, has ended, or throws', async () => {
    const { log, consumer } = bench()
    const [audited, delivering] = await consumer({ eachMessage: async () => {} })
    const real = trace.getActiveSpan
    const odd = [
      trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 }),
      { isRecording: () => true, setAttribute: () => undefined },
      {
        isRecording: () => true,
        setAttribute: () => {
          throw new Error('no')
        },
      },
      {
        isRecording: () => {
          throw new Error('no')
        },
      },
    ]
    try {
      for (const span of odd) {
        trace.getActiveSpan = () => span as never
        await delivering.deliver({ messages })
      }
      trace.getActiveSpan = () => {
        throw new Error('no')
      }
      await delivering.deliver({ messages })
    } finally {
      trace.getActiveSpan = real
    }
    await audited.disconnect()
    expect(log.counted('agent-error')).toBe(0)
    expect(log.counted('received')).toBe(5)
  })
})

describe('a host', () => {
  it.each<[string, () => object]>([
    [
      'without OpenTelemetry',
      () => {
        throw new Error('Cannot find package')
      },
    ],
    ['with an older one', () => ({ trace: {} })],
  ])('%s has no spans, which is no trouble', async (_, api) => {
    vi.resetModules()
    vi.doMock('@opentelemetry/api', api)
    try {
      const span = await import('../../../src/telemetry/span.ts')
      await span.loadTraceApi()
      await within('active', async () => expect(span.activeSpan()).toBeNull())
    } finally {
      vi.doUnmock('@opentelemetry/api')
      vi.resetModules()
    }
  })
})
