/** The way of a service's frames to the audit topic, on which some are lost, doubled, or late. */
import type { Kafka, Producer, ProducerRecord, RecordMetadata } from 'kafkajs'
import { overlay } from '../../../agents/kafkajs/overlay.ts'
import { decodeFrame } from '../../hop/frame-codec.ts'
import type { AuditPath } from './day.ts'
import type { Entry } from './kafka-entry.ts'
import type { Journal } from './kafka-journal.ts'
import { chance } from './random.ts'

/** A silent agent is waited for so many flush intervals before its silence is believed. */
export const HEARTBEATS = 3

export interface PathOptions {
  readonly seed: number
  readonly path: AuditPath
  readonly service: string
  /** Which process of the service this is, from 0. */
  readonly life: number
  readonly prefix: string
  readonly windowMs: number
  readonly skewMs: number
  readonly journal: Journal<Entry>
}

/** A client whose producers lose, double and hold back what they send, and note what arrived. */
export function auditClient(kafka: Kafka, options: PathOptions): Kafka {
  return overlay(kafka, {
    producer: (config) => {
      const producer = kafka.producer(config)
      const path = new Path(producer, options)
      return overlay(producer, {
        send: (record) => path.send(record),
        disconnect: async () => {
          await path.letThrough()
          await producer.disconnect()
        },
      })
    },
  })
}

class Path {
  readonly #producer: Producer
  readonly #options: PathOptions
  readonly #late = new Map<ReturnType<typeof setTimeout>, ProducerRecord>()
  #number = 0

  constructor(producer: Producer, options: PathOptions) {
    this.#producer = producer
    this.#options = options
  }

  async send(record: ProducerRecord): Promise<RecordMetadata[]> {
    const { path, windowMs } = this.#options
    const { lost, delayed, doubled, delayWindowsMax } = path
    const number = this.#number++
    if (this.#draw('lost', number) < lost) {
      this.#lose(record)
      return answerTo(record)
    }
    if (this.#draw('delayed', number) < delayed) {
      const timer = setTimeout(
        () => {
          this.#late.delete(timer)
          void this.#arrive(record)
        },
        this.#draw('wait', number) * delayWindowsMax * windowMs,
      )
      this.#late.set(timer, record)
      return answerTo(record)
    }
    const answer = await this.#producer.send(record)
    this.#note(record)
    if (this.#draw('doubled', number) < doubled) await this.#producer.send(record)
    return answer
  }

  /** What was held back goes now. */
  async letThrough(): Promise<void> {
    const late = [...this.#late]
    this.#late.clear()
    for (const [timer, record] of late) {
      clearTimeout(timer)
      await this.#arrive(record)
    }
  }

  #draw(what: string, number: number): number {
    const { seed, service, life } = this.#options
    return chance(seed, 'path', what, service, life, number)
  }

  /** Its sender believes that it has arrived: if it does not, it is lost. */
  async #arrive(record: ProducerRecord): Promise<void> {
    try {
      await this.#producer.send(record)
      this.#note(record)
    } catch {
      this.#lose(record)
    }
  }

  #note(record: ProducerRecord): void {
    const { journal, skewMs } = this.#options
    for (const { number, sentAt } of framesOf(record))
      journal.note({ kind: 'told', at: sentAt - skewMs, number })
  }

  #lose(record: ProducerRecord): void {
    const { journal, prefix, skewMs } = this.#options
    for (const { deltas, covered, windowMs, sentAt, flushMs, goodbye } of framesOf(record)) {
      const starts = deltas.map(({ window }) => window)
      journal.note({
        kind: 'lost',
        born: [
          ...(starts.length === 0
            ? []
            : [[Math.min(...starts), Math.max(...starts) + windowMs - 1] as const]),
          // Whoever said goodbye unheard fell silent, and is waited for.
          ...(goodbye ? [[sentAt - flushMs, sentAt + HEARTBEATS * flushMs] as const] : []),
        ],
        covered: covered.map(({ hop, partition, from, to }) => ({
          ...{ topic: hop.topic.slice(prefix.length), partition, from, to },
        })),
        ...(goodbye ? { silentAt: sentAt - skewMs } : {}),
      })
    }
    // All that it told of is noted as lost: it need not be taken for untold once more.
    this.#note(record)
  }
}

function framesOf({ messages }: ProducerRecord): ReturnType<typeof decodeFrame>[] {
  return messages.flatMap(({ value }) => (value instanceof Uint8Array ? [decodeFrame(value)] : []))
}

/** What the broker would have said. */
const answerTo = ({ topic }: ProducerRecord): RecordMetadata[] => [
  { topicName: topic, partition: 0, errorCode: 0, baseOffset: '0' },
]
