/** What auditing adds to the processor time of a producer, beside a plain header and OpenTelemetry. */
import { startKafka } from '../src/testbed/kafka.ts'
import type { Job } from './kafka/jobs.ts'
import { PER_SEND, VALUE_BYTES } from './kafka/jobs.ts'
import { added, rounded, rounds, rowsOf } from './kafka/rounds.ts'
import { createTopics, PARTITIONS } from './kafka/topics.ts'
import type { Variant } from './kafka/variants.ts'
import type { BenchResult } from './types.ts'

export const name = 'producer'

const MESSAGES = 50_000
const WARM_UP = 3
const ROUNDS = 11

export const about: string =
  'processor time of a producer for each message (target: a plain header + 1 µs, half of OpenTelemetry)\n' +
  `Each variant has a process of its own, which does nothing but ${MESSAGES.toLocaleString('en-US')} messages a round, ` +
  `${VALUE_BYTES} B of JSON without a key, ${PER_SEND} to a send, acks -1, one send after the other, to ${PARTITIONS} partitions of one broker; ` +
  'the variants take turns. With schema: one message in 64 is copied, parsed and held against a JSON Schema ' +
  'of 11 fields. Counted: user and system time of that process, all threads, its garbage ' +
  'collection, the making of the messages, and for ours one flush of the frames to an audit topic a ' +
  'round (as at 10,000 messages/s and flushes of 5 s). Left out: the broker, connecting, the first ' +
  `${WARM_UP} rounds; compression, keys, transactions, headers of the caller's, forwarding. OpenTelemetry: ` +
  'NodeTracerProvider with AlwaysOffSampler, no metrics.'

const variants: readonly Variant[] = ['bare', 'header', 'ours', 'ours-looking', 'otel']

export async function run(): Promise<BenchResult> {
  const broker = await startKafka()
  try {
    const { brokers } = broker
    const topics = variants.map((variant) => `bench.${variant}`)
    await createTopics(brokers, topics)
    const jobs = variants.map(
      (variant, i): Job => ({
        role: 'producer',
        variant,
        brokers,
        topic: topics[i] as string,
        messages: MESSAGES,
      }),
    )
    const samples = await rounds(jobs, { warmUp: WARM_UP, counted: ROUNDS })
    const above = added(samples, 'ours', 'header')
    const ratio = added(samples, 'ours', 'bare') / added(samples, 'otel', 'bare')
    return {
      rows: rowsOf(samples),
      notes: [
        `${ROUNDS} rounds of ${MESSAGES} messages, medians; differences are medians of the differences within a round.`,
        `audited: ${rounded(above)} µs above one plain header; target: at most 1`,
        `with schema: ${rounded(added(samples, 'ours-looking', 'header'))} µs above one plain header; target: at most 1`,
        `audited adds ${rounded(ratio)} of what OpenTelemetry adds; target: at most 0.5`,
      ],
    }
  } finally {
    await broker.close()
  }
}
