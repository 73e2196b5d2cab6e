/**
 * The newest messages of a topic, by a consumer group of its own that commits nothing. Ends where the
 * topic ended when it began.
 */
import { randomBytes } from 'node:crypto'
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import { QuipuError } from '../../base/errors.ts'
import { suggestion } from '../../base/nearest.ts'
import { topicNames } from '../../transport/kafka.ts'
import { kafkaError } from '../../transport/kafka-errors.ts'
import type { MessageSource, RawMessage } from './learn-source.ts'

export interface TopicPlace {
  readonly kafka: Kafka
  readonly brokers: readonly string[]
  readonly topic: string
  /** ms; null: from the beginning */
  readonly since: number | null
  readonly max: number
}

/** ms without any batch: what is left holds no records that can be read, or no broker answers. */
const SILENCE_MS = 20_000
/** Batches that wait to be looked at; the consumer waits with the next ones. */
const WAITING_MAX = 20

interface Stretch {
  /** The next offset to be read. */
  next: number
  readonly end: number
}

type Step = { readonly messages: readonly RawMessage[] } | { readonly error: unknown }

export class TopicSource implements MessageSource {
  readonly name: string
  isCut = false
  readonly #place: TopicPlace

  constructor(place: TopicPlace) {
    this.name = `the topic ${place.topic}`
    this.#place = place
  }

  async *messages(stop: AbortSignal): AsyncIterable<RawMessage> {
    const { kafka, brokers, topic } = this.#place
    let consumer: Consumer | null = null
    try {
      const stretches = await this.#stretches()
      if (stretches.size === 0) return
      consumer = kafka.consumer({
        groupId: `quipu-learn-${randomBytes(8).toString('hex')}`,
        allowAutoTopicCreation: false,
      })
      for await (const step of steps(consumer, topic, stretches, stop)) yield* step
    } catch (error) {
      throw kafkaError(error, { brokers, topic, verb: 'read' })
    } finally {
      await consumer?.disconnect().catch(() => undefined)
    }
  }

  /** What is to be read of each partition: the newest, of all of them in proportion. */
  async #stretches(): Promise<Map<number, Stretch>> {
    const { kafka, brokers, topic, since, max } = this.#place
    const names = await topicNames({ kafka, brokers })
    if (!names.includes(topic)) {
      throw new QuipuError('NOT_FOUND', `there is no topic ${topic}${suggestion(topic, names)}`, {
        hint: 'Name one that this user may see.',
      })
    }
    const admin = kafka.admin()
    try {
      await admin.connect()
      const ends = await admin.fetchTopicOffsets(topic)
      const begins = since === null ? null : await admin.fetchTopicOffsetsByTimestamp(topic, since)
      const found = ends.map(({ partition, low, high }) => {
        const begin = begins?.find((one) => one.partition === partition)?.offset ?? low
        return { partition, from: Math.max(Number(begin), Number(low)), end: Number(high) }
      })
      const all = found.reduce((sum, { from, end }) => sum + Math.max(0, end - from), 0)
      this.isCut = all > max
      const stretches = new Map<number, Stretch>()
      let before = 0
      let taken = 0
      for (const { partition, from, end } of found) {
        before += Math.max(0, end - from)
        // What is left of one partition goes to those after it, so that all together are `max`.
        const share = (this.isCut ? Math.floor((before * max) / all) : before) - taken
        taken += share
        if (share > 0) stretches.set(partition, { next: end - share, end })
      }
      return stretches
    } finally {
      await admin.disconnect().catch(() => undefined)
    }
  }
}

/** Messages as they come, batch by batch, until each partition is at its end. */
async function* steps(
  consumer: Consumer,
  topic: string,
  stretches: ReadonlyMap<number, Stretch>,
  stop: AbortSignal,
): AsyncIterable<readonly RawMessage[]> {
  const waiting: Step[] = []
  let wake = (): void => {}
  const push = (step: Step): void => {
    waiting.push(step)
    wake()
  }
  const passed = (partition: number, next: number): void => {
    const stretch = stretches.get(partition)
    if (stretch !== undefined && next > stretch.next) stretch.next = next
    wake()
  }
  // After every join, for nothing is committed.
  consumer.on(consumer.events.GROUP_JOIN, () => {
    for (const [partition, { next }] of stretches) {
      consumer.seek({ topic, partition, offset: String(next) })
    }
  })
  // Batches of markers or aborted records alone are shown by this event only.
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    if (payload.batchSize === 0) passed(payload.partition, Number(payload.lastOffset) + 1)
  })
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) push({ error: payload.error })
  })
  const eachBatch = async ({ batch, heartbeat }: EachBatchPayload): Promise<void> => {
    const stretch = stretches.get(batch.partition)
    if (stretch === undefined || stretch.next >= stretch.end) return
    while (waiting.length >= WAITING_MAX && !stop.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      await heartbeat()
    }
    const messages = batch.messages
      .filter(({ offset }) => Number(offset) >= stretch.next && Number(offset) < stretch.end)
      .map(({ value, headers, timestamp }) => ({ value, headers, at: Number(timestamp) }))
    push({ messages })
    passed(batch.partition, Number(batch.lastOffset()) + 1)
  }
  const isDone = (): boolean => [...stretches.values()].every(({ next, end }) => next >= end)
  stop.addEventListener('abort', () => wake(), { once: true })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({ autoCommit: false, eachBatch })
  while (!stop.aborted) {
    const step = waiting.shift()
    if (step !== undefined) {
      if ('error' in step) throw step.error
      yield step.messages
      continue
    }
    if (isDone()) return
    const isSilent = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(true), SILENCE_MS)
      wake = () => {
        clearTimeout(timer)
        resolve(false)
      }
    })
    if (isSilent) return
  }
}
