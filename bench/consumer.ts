/** What auditing adds to the processor time of a consumer, beside a plain header and OpenTelemetry. */
import { startKafka } from '../src/testbed/kafka.ts'
import { type Job, VALUE_BYTES } from './kafka/jobs.ts'
import { added, addedText, rounded, rounds, rowsOf } from './kafka/rounds.ts'
import { type Content, createTopics, fill, PARTITIONS } from './kafka/topics.ts'
import type { Variant } from './kafka/variants.ts'
import type { BenchResult } from './types.ts'

export const name = 'consumer'

const MESSAGES = 60_000
/** Of 60,000 messages fewer than 1,000 are looked into: code that is run so seldom is slow for long. */
const WARM_UP = 15
/** What is to be told apart in `eachBatch` is a tenth of the noise of a round. */
const ROUNDS = { eachBatch: 41, eachMessage: 11 } as const

export const about: string =
  'processor time of a consumer for each message (target: eachBatch a plain header + 0.5 µs, a tenth of OpenTelemetry)\n' +
  `Each variant has a process of its own; each round a new group reads ${MESSAGES.toLocaleString('en-US')} messages of ${VALUE_BYTES} B ` +
  `from the beginning of a topic of ${PARTITIONS} partitions on one broker; the handler reads the values and does nothing ` +
  'else; the variants take turns. The values are the same, JSON: without headers for bare, with stamps for ' +
  'ours and for the plain header (bare kafkajs decoding it), with traceparent for OpenTelemetry. With schema: ' +
  'one message in 64 is parsed and held against a JSON Schema of 11 fields. ' +
  'Counted: user and system time of that process, all threads, its garbage collection, fetching, ' +
  'heartbeats and commits, and for ours one flush of the frames to an audit topic a round. Left out: the ' +
  'broker, connecting and joining (the agent outlives its consumers, as in a service), the first ' +
  `${WARM_UP} rounds, compression, declared filters, sends from the handler. ` +
  'OpenTelemetry: NodeTracerProvider with AlwaysOffSampler, no metrics.'

const contentOf: Readonly<Record<Variant, Content>> = {
  bare: 'bare',
  header: 'stamp',
  ours: 'stamp',
  'ours-unforwarded': 'stamp',
  'ours-looking': 'stamp',
  otel: 'traceparent',
}

const topics: Readonly<Record<Content, string>> = {
  bare: 'bench.bare',
  stamp: 'bench.stamp',
  traceparent: 'bench.traceparent',
}

const parts: ReadonlyArray<{
  readonly role: 'eachBatch' | 'eachMessage'
  readonly variants: readonly Variant[]
}> = [
  { role: 'eachBatch', variants: ['bare', 'header', 'ours', 'ours-looking', 'otel'] },
  {
    role: 'eachMessage',
    variants: ['bare', 'header', 'ours-unforwarded', 'ours', 'ours-looking', 'otel'],
  },
]

export async function run(): Promise<BenchResult> {
  const broker = await startKafka()
  try {
    const { brokers } = broker
    await createTopics(brokers, Object.values(topics))
    await fill(brokers, topics, MESSAGES)
    const result: Required<BenchResult> = {
      rows: [],
      notes: [
        `${ROUNDS.eachBatch} and ${ROUNDS.eachMessage} rounds of ${MESSAGES} messages, medians; differences are medians of the differences within a round (with 95% between which).`,
      ],
    }
    for (const { role, variants } of parts) {
      const jobs = variants.map(
        (variant): Job => ({
          role,
          variant,
          brokers,
          topic: topics[contentOf[variant]],
          messages: MESSAGES,
        }),
      )
      const samples = await rounds(jobs, { warmUp: WARM_UP, counted: ROUNDS[role] })
      result.rows.push(...rowsOf(samples).map((row) => ({ handler: role, ...row })))
      const isTarget = role === 'eachBatch'
      const above = isTarget ? '; target: at most 0.5' : ''
      const times = (base: Variant): number =>
        rounded(added(samples, 'otel', base) / added(samples, 'ours', base))
      result.notes.push(
        `${role}, audited: ${addedText(samples, 'ours', 'header')} µs above one plain header${above}`,
        `${role}, with schema: ${addedText(samples, 'ours-looking', 'header')} µs above one plain header${above}`,
        `${role}: OpenTelemetry adds ${times('bare')} times as much as audited, decoding of its header and of ours with it${isTarget ? '; target: at least 10' : ''}; ${times('header')} times, what kafkajs takes to decode a header left out`,
      )
    }
    return result
  } finally {
    await broker.close()
  }
}
