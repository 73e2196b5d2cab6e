/** An audited fake, with the frames it reports. */
import type { Consumer, Kafka, Message, Producer, ProducerConfig } from 'kafkajs'
import { onTestFinished } from 'vitest'
import { type AuditedOptions, audited } from '../../../agents/kafkajs.ts'
import { consumerHop, type HopRef, producerHop } from '../../../src/hop/hop.ts'
import { hexOfWords } from '../../../src/message/id.ts'
import { readStamp } from '../../../src/message/stamp.ts'
import { type FakeConsumer, FakeKafka } from './fake-kafka.ts'
import { FrameLog } from './frames.ts'

export const intoOut: HopRef = producerHop('default', 'out', 'svc')
export const readIn: HopRef = consumerHop('default', 'in', 'g')

export interface Bench {
  readonly fake: FakeKafka
  readonly log: FrameLog
  readonly troubles: string[]
  readonly kafka: Kafka
  producer(config?: ProducerConfig): Promise<Producer>
  /** A running consumer; deliver through the second. */
  consumer(run: Parameters<Consumer['run']>[0]): Promise<[Consumer, FakeConsumer]>
}

export function bench(options: Partial<AuditedOptions> = {}): Bench {
  const fake = new FakeKafka()
  const log = new FrameLog()
  const troubles: string[] = []
  const kafka = audited(fake.kafka, {
    service: 'svc',
    timer: false,
    audit: { sender: log },
    onTrouble: (text) => void troubles.push(text),
    ...options,
  })
  return {
    fake,
    log,
    troubles,
    kafka,
    async producer(config) {
      const producer = kafka.producer(config)
      await producer.connect()
      onTestFinished(() => producer.disconnect())
      return producer
    },
    async consumer(run) {
      const consumer = kafka.consumer({ groupId: 'g' })
      await consumer.connect()
      onTestFinished(() => consumer.disconnect())
      await consumer.run(run)
      return [consumer, fake.consumers.at(-1) as FakeConsumer]
    },
  }
}

/** The stamp of a message in hex, or what else was there. */
export function stampOf(message: Pick<Message, 'headers'> | undefined): string {
  const reading = readStamp(message?.headers)
  return reading.kind === 'stamped' ? hexOfWords(reading.words) : reading.kind
}

export function stampsOf(fake: FakeKafka, topic = 'out'): string[] {
  return fake.log
    .filter((written) => written.topic === topic)
    .map(({ message }) => stampOf(message))
    .sort()
}
