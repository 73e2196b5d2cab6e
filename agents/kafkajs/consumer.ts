/** A consumer that counts what its handlers have handled, and the offsets it watched. */
import type {
  Consumer,
  ConsumerRunConfig,
  EachBatchHandler,
  EachBatchPayload,
  EachMessageHandler,
  EachMessagePayload,
  TopicPartitionOffset,
} from 'kafkajs'
import { messageOf } from '../../src/base/errors.ts'
import { Seeks } from './consumer-seeks.ts'
import type { Received } from './consumer-topic.ts'
import { EachBatch } from './each-batch.ts'
import { type Before, Feed } from './feed.ts'
import { type Handling, rememberReception, runHandling } from './handling.ts'
import type { Lifetime } from './lifetime.ts'
import { overlay } from './overlay.ts'
import type { Session } from './session.ts'
import { mark } from './spans.ts'

export function auditedConsumer(lifetime: Lifetime, consumer: Consumer, group: string): Consumer {
  const watch = new Watch(lifetime, group)
  watch.listen(consumer)
  const audited: Consumer = overlay(consumer, {
    async connect() {
      const hadJoined = lifetime.has(watch)
      lifetime.join(watch)
      try {
        return await consumer.connect()
      } catch (error) {
        if (!hadJoined) void lifetime.leave(watch)
        throw error
      }
    },
    async disconnect() {
      try {
        return await consumer.disconnect()
      } finally {
        watch.flushCounts()
        await lifetime.leave(watch)
      }
    },
    async run(config) {
      // kafkajs connects by itself when it is told to run.
      if (!lifetime.has(watch)) lifetime.join(watch)
      return consumer.run(watch.wrap(config))
    },
    seek(place) {
      consumer.seek(place)
      watch.sought(place)
    },
  })
  return audited
}

/** The request by which a client asks where a log begins or ends. */
const LISTING = 'ListOffsets'
/** Seeks to partitions of which nothing has come yet. */
const SOUGHT_MAX = 1_000

function assignmentOf(assignment: unknown): ReadonlyMap<string, readonly number[]> {
  const entries = Object.entries((assignment ?? {}) as Record<string, unknown>)
  return new Map(entries.filter((entry): entry is [string, number[]] => Array.isArray(entry[1])))
}

/** What one consumer is assigned and has handled. */
class Watch {
  readonly #lifetime: Lifetime
  readonly #group: string
  #isListening = false
  #session: Session | null = null
  #feeds = new Map<string, Feed[]>()
  readonly #seeks = new Seeks()
  /** How often the client has asked where logs begin and end. */
  #listings = 0
  /** Partitions by topic; null: not joined yet. */
  #assigned: ReadonlyMap<string, readonly number[]> | null = null
  /** What ended the last assignment. */
  #before: Before = 'rebalance'
  #hasCrashed = false
  /** Told to go elsewhere before their first message, `PARTITION TOPIC`. */
  readonly #soughtFirst = new Set<string>()

  constructor(lifetime: Lifetime, group: string) {
    this.#lifetime = lifetime
    this.#group = group
  }

  /** Other clients with this interface throw at `on` or `events`: then nothing is told. */
  listen(consumer: Consumer): void {
    try {
      const { GROUP_JOIN, START_BATCH_PROCESS, END_BATCH_PROCESS } = consumer.events
      const { FETCH_START, FETCH, CRASH, REQUEST } = consumer.events
      consumer.on(GROUP_JOIN, ({ payload }) => this.#guard(() => this.#newAssignment(payload)))
      consumer.on(START_BATCH_PROCESS, ({ payload }) =>
        this.#guard(() => {
          const { topic, partition, firstOffset, lastOffset, batchSize } = payload
          // kafkajs gives null where its types say text.
          const first = (firstOffset as string | null) === null ? null : Number(firstOffset)
          this.#feed(topic, partition)?.startBatch(
            ...[first, Number(lastOffset), batchSize, this.#listings],
          )
        }),
      )
      consumer.on(END_BATCH_PROCESS, ({ payload: { topic, partition } }) =>
        this.#guard(() => this.#feed(topic, partition)?.endBatch()),
      )
      consumer.on(FETCH_START, () => this.#seeks.fetchBegins())
      consumer.on(FETCH, () => this.#guard(() => this.#seeks.fetchEnds()))
      consumer.on(CRASH, () => {
        this.#hasCrashed = true
      })
      consumer.on(REQUEST, ({ payload }) => {
        if (payload?.apiName === LISTING) this.#listings++
      })
      this.#isListening = true
    } catch (error) {
      this.#lifetime.onTrouble(`the consumer does not tell of its batches: ${messageOf(error)}`)
    }
  }

  /** Every chain is broken; handlers still under way finish theirs. */
  #newAssignment(joined: { readonly memberAssignment?: unknown } | undefined): void {
    this.flushCounts()
    const assigned = assignmentOf(joined?.memberAssignment)
    for (const [topic, feeds] of this.#feeds) this.#tellRebalanced(topic, feeds, assigned)
    // The client has dropped seeks to what it had not; those before its first assignment are still to come.
    if (this.#assigned !== null) this.#soughtFirst.clear()
    this.#assigned = assigned
    this.#before = this.#hasCrashed ? 'failed attempt' : 'rebalance'
    this.#hasCrashed = false
    this.#feeds = new Map()
    this.#seeks.forget()
  }

  #tellRebalanced(
    topic: string,
    feeds: readonly (Feed | undefined)[],
    assigned: ReadonlyMap<string, readonly number[]>,
  ): void {
    for (const feed of feeds) feed?.leave()
    const consumed = feeds.find((feed) => feed !== undefined)?.topic
    const had = this.#assigned?.get(topic)
    if (consumed === undefined || had === undefined) return
    const has = new Set(assigned.get(topic))
    const kept = had.filter((partition) => has.has(partition)).length
    const detail = `${kept} of ${had.length}`
    consumed.agent.mishap({ hop: consumed.hop, kind: 'rebalanced', detail })
  }

  sought({ topic, partition, offset }: TopicPartitionOffset): void {
    this.#guard(() => {
      const feed = this.#feeds.get(topic)?.[partition]
      if (feed !== undefined && this.#isListening) this.#seeks.ask(feed, Number(offset))
      else if (this.#soughtFirst.size < SOUGHT_MAX) this.#soughtFirst.add(`${partition} ${topic}`)
    })
  }

  #guard<T>(work: () => T): T | undefined {
    const session = this.#lifetime.session(this)
    return session === null ? undefined : session.guard(work)
  }

  #feed(topic: string, partition: number): Feed | null {
    const session = this.#lifetime.session(this)
    if (session === null) return null
    if (session !== this.#session) {
      this.#session = session
      this.#feeds = new Map()
    }
    let feeds = this.#feeds.get(topic)
    if (feeds === undefined) {
      feeds = []
      this.#feeds.set(topic, feeds)
    }
    let feed = feeds[partition]
    if (feed === undefined) {
      const consumed = session.consumerTopic(topic, this.#group)
      if (consumed === null) {
        session.trouble('topics-full', `too many topics: ${topic} is not audited`)
        return null
      }
      const isSought = this.#soughtFirst.delete(`${partition} ${topic}`)
      const before = isSought ? 'sought' : this.#before
      feed = new Feed(consumed, partition, this.#isListening, before)
      feeds[partition] = feed
    }
    return feed
  }

  flushCounts(): void {
    this.#guard(() => {
      for (const feeds of this.#feeds.values()) for (const feed of feeds) feed?.flushCounts()
    })
  }

  wrap(config: ConsumerRunConfig | undefined): ConsumerRunConfig | undefined {
    if (config === null || typeof config !== 'object') return config
    const { eachMessage, eachBatch } = config
    return {
      ...config,
      ...(typeof eachMessage === 'function' ? { eachMessage: this.#eachMessage(eachMessage) } : {}),
      ...(typeof eachBatch === 'function'
        ? { eachBatch: this.#eachBatch(eachBatch, config.eachBatchAutoResolve ?? true) }
        : {}),
    }
  }

  #eachMessage(handler: EachMessageHandler): EachMessageHandler {
    const isForwarding = this.#lifetime.options.forwarding ?? true
    return async (payload) => {
      const handling = this.#guard(() => this.#begin(payload)) ?? null
      if (handling === null) return handler(payload)
      try {
        const result = await (isForwarding
          ? runHandling(handling, handler, payload)
          : handler(payload))
        this.#guard(() => this.#succeeded(handling))
        return result
      } catch (error) {
        this.#guard(() => this.#failed(handling, error))
        throw error
      }
    }
  }

  #begin({ topic, partition, message }: EachMessagePayload): Handling | null {
    const feed = this.#feed(topic, partition)
    if (feed === null) return null
    feed.received++
    rememberReception([message], feed.reception)
    const handling = feed.handlingOf(message, feed.now())
    handling.shown = feed.shownOf(message, handling.words, handling.identified)
    feed.current = handling
    mark(handling.words)
    return handling
  }

  #succeeded(handling: Handling): void {
    const feed = handling.feed as Feed
    const { words, digests, shown, identified } = handling
    const message = handling.message as Received
    const offset = Number(message.offset)
    handling.ended = true
    handling.counted = true
    feed.current = null
    if (words !== null && identified)
      feed.pass(words, offset, feed.now(), feed.timeOf(message), digests, shown)
    else feed.passUnidentified(words, offset, digests, shown)
    feed.passDropped(handling)
    feed.coverTo(offset)
    if (!this.#isListening) feed.flushCounts()
  }

  #failed(handling: Handling, error: unknown): void {
    const feed = handling.feed as Feed
    const offset = Number((handling.message as Received).offset)
    handling.ended = true
    feed.current = null
    feed.failed(error, offset, offset + 1, handling)
  }

  #eachBatch(handler: EachBatchHandler, resolvesRest: boolean): EachBatchHandler {
    return async (payload) => {
      const batch = this.#guard(() => this.#beginBatch(payload, resolvesRest)) ?? null
      if (batch === null) return handler(payload)
      try {
        const result = await handler({
          ...payload,
          resolveOffset: (offset) => {
            const resolved = payload.resolveOffset(offset)
            this.#guard(() => batch.resolve(Number(offset)))
            return resolved
          },
        })
        this.#guard(() => batch.succeeded())
        return result
      } catch (error) {
        this.#guard(() => batch.failed(error))
        throw error
      }
    }
  }

  #beginBatch(payload: EachBatchPayload, resolvesRest: boolean): EachBatch | null {
    const { topic, partition, messages } = payload.batch
    const feed = this.#feed(topic, partition)
    if (feed === null) return null
    rememberReception(messages, { feed, begun: feed.now() })
    return new EachBatch(feed, payload, resolvesRest)
  }
}
