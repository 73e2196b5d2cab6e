/** Where the demo plays: in memory on a simulated clock, or on a real broker in real time. */
import { randomBytes } from 'node:crypto'
import type { Kafka } from 'kafkajs'
import type { AuditedOptions } from '../../../agents/kafkajs.ts'
import { QuipuError } from '../../base/errors.ts'
import { MemoryKafka } from '../../testbed/memory-kafka.ts'
import { MemoryTransport } from '../../transport/memory.ts'
import type { FrameReader, FrameSender } from '../../transport/transport.ts'
import { seeded } from './plan.ts'

export interface Stage {
  readonly name: 'memory' | 'kafka'
  readonly kafka: () => Kafka
  readonly reader: () => FrameReader
  readonly sender: () => FrameSender
  /** How the agents of the services send their frames. */
  readonly audit: NonNullable<AuditedOptions['audit']>
  readonly clock: () => number
  readonly random: (n: number) => Uint8Array
  readonly windowMs: number
  readonly latenessMs: number
  readonly flushMs: number
  /** Appended to names of topics and groups, so that runs on one broker do not meet. */
  readonly suffix: string
  /** Agents flush by timer; in simulated time the demo flushes. */
  readonly timer: boolean
  /** Lets `ms` pass. */
  readonly pass: (ms: number) => Promise<void>
  /** Lets consumers take what is there. */
  readonly settle: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Simulated time begins here, so that a seed gives the same ids in every run. */
const EPOCH = Date.UTC(2026, 0, 1)

export function memoryStage(seed: number): Stage {
  let now = EPOCH
  const clock = (): number => now
  const broker = new MemoryKafka({ clock })
  const transport = new MemoryTransport()
  const draw = seeded(seed ^ 0x5eed)
  return {
    name: 'memory',
    kafka: () => broker.kafka(),
    reader: () => transport.reader(),
    sender: () => transport.sender(),
    audit: { sender: transport.sender() },
    clock,
    random: (n) => Uint8Array.from({ length: n }, () => Math.floor(draw() * 256)),
    windowMs: 60_000,
    latenessMs: 120_000,
    flushMs: 5_000,
    suffix: '',
    timer: false,
    pass: (ms) => {
      // Birth times are whole ms.
      now += Math.round(ms)
      return Promise.resolve()
    },
    settle: () => broker.idle(),
    close: () => Promise.resolve(),
  }
}

/** @param brokers empty: a broker is started, as the tests start it */
export async function kafkaStage(
  brokers: readonly string[],
  log: (line: string) => void,
): Promise<Stage> {
  const { Kafka, logLevel } = await import('kafkajs').catch((cause: unknown) => {
    throw new QuipuError('MISSING_PART', 'kafkajs is not installed', {
      hint: 'run: npm install kafkajs',
      cause,
    })
  })
  const { ensureAuditTopic, kafkaReader, kafkaSender } = await import('../../transport/kafka.ts')
  const { startKafka } = await import('../../testbed/kafka.ts')
  const own = brokers.length === 0 ? await startKafka({ brokers: 1, log }) : null
  const at = own?.brokers ?? [...brokers]
  const kafka = (): Kafka =>
    new Kafka({ clientId: 'quipu-demo', brokers: at, logLevel: logLevel.NOTHING })
  const suffix = `.${randomBytes(4).toString('hex')}`
  const topic = `quipu.tallies${suffix}`
  await ensureAuditTopic({ kafka: kafka(), topic })
  return {
    name: 'kafka',
    kafka,
    reader: () => kafkaReader({ kafka: kafka(), topic }),
    sender: () => kafkaSender({ kafka: kafka(), topic }),
    audit: { topic },
    clock: Date.now,
    random: randomBytes,
    windowMs: 2_000,
    latenessMs: 5_000,
    flushMs: 500,
    suffix,
    timer: true,
    pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    settle: () => Promise.resolve(),
    close: async () => own?.close(),
  }
}
