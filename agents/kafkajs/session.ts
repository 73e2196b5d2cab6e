/**
 * One life of an agent: from the first client of an audited Kafka that connects until the last one
 * disconnects.
 */
import type { Lookers } from '../../src/drift/shape.ts'
import { Agent } from '../../src/hop/agent.ts'
import { producerHop } from '../../src/hop/hop.ts'
import type { AgentSettings } from '../../src/hop/settings.ts'
import { windowStartOf } from '../../src/message/window.ts'
import type { FrameSender } from '../../src/transport/transport.ts'
import { clientText, hostText } from '../client-text.ts'
import { ConsumerTopic } from './consumer-topic.ts'
import type { Flight } from './entry.ts'
import { KeptValues } from './kept-values.ts'
import type { AuditedOptions, TopicIdentity } from './options.ts'
import { ProducerTopic } from './producer-topic.ts'
import { within } from './within.ts'

/** Hops of one agent; the messages of topics beyond go out unaudited, which is said. */
const TOPICS_MAX = 1000
/** Ids of sends without outcome: beyond, somebody sends without ever waiting. */
const PENDING_IDS_MAX = 1_000_000
/** Ids of open transactions: about 3 MB. */
const TRANSACTION_IDS_MAX = 10_000
/** After `disconnect` the client rejects what is under way: give it a moment. */
const QUIET_MS = 500
const CLOSE_MS = 2_000
const STAMP: TopicIdentity = { identity: { by: 'stamp' } }

export interface SessionParts {
  readonly options: AuditedOptions
  readonly settings: AgentSettings
  readonly sender: FrameSender
  readonly lookers: Lookers
  readonly onTrouble: (text: string) => void
}

export class Session {
  readonly agent: Agent
  readonly #sender: FrameSender
  readonly #cluster: string
  readonly #latenessMs: number
  readonly #identity: Readonly<Record<string, TopicIdentity>>
  readonly #onTrouble: (text: string) => void
  readonly #producerTopics = new Map<string, ProducerTopic>()
  readonly #consumerTopics = new Map<string, ConsumerTopic>()
  readonly #kept = new KeptValues()
  #pendingIds = 0
  #onQuiet: (() => void) | null = null
  /** Sends of open transactions that have resolved. */
  readonly #held = new Set<Flight>()
  #heldIds = 0

  constructor({ options, settings, sender, lookers, onTrouble }: SessionParts) {
    this.#cluster = options.cluster ?? 'default'
    this.#latenessMs = settings.latenessMs
    this.#identity = options.identity ?? {}
    this.#onTrouble = onTrouble
    this.#sender = sender
    this.agent = new Agent({
      service: options.service,
      client: clientText(options.service, options.version),
      host: hostText(),
      sender,
      windowMs: settings.windowMs,
      flushMs: settings.flushMs,
      seed: settings.seed,
      planOf: settings.planOf,
      lookers,
      onTrouble,
      ...(options.clock === undefined ? {} : { clock: options.clock }),
      ...(options.random === undefined ? {} : { random: options.random }),
      ...(options.timer === undefined ? {} : { timer: options.timer }),
    })
  }

  /** Null when there are too many. */
  producerTopic(name: string): ProducerTopic | null {
    let topic = this.#producerTopics.get(name)
    if (topic === undefined) {
      if (this.#producerTopics.size >= TOPICS_MAX) return null
      topic = new ProducerTopic(
        this.agent,
        this.#cluster,
        name,
        this.#latenessMs,
        this.#identityOf(name),
        this.#kept,
      )
      this.#producerTopics.set(name, topic)
    }
    return topic
  }

  consumerTopic(name: string, group: string): ConsumerTopic | null {
    const key = JSON.stringify([name, group])
    let topic = this.#consumerTopics.get(key)
    if (topic === undefined) {
      if (this.#consumerTopics.size >= TOPICS_MAX) return null
      topic = new ConsumerTopic(this.agent, this.#cluster, name, group, this.#identityOf(name))
      this.#consumerTopics.set(key, topic)
    }
    return topic
  }

  #identityOf(topic: string): TopicIdentity {
    return Object.hasOwn(this.#identity, topic) ? (this.#identity[topic] as TopicIdentity) : STAMP
  }

  /** Whether a send of so many messages can be followed. */
  hasRoom(messages: number): boolean {
    return this.#pendingIds + messages <= PENDING_IDS_MAX
  }

  begin(flight: Flight): void {
    flight.topic.pending.add(flight)
    this.#pendingIds += flight.entries.length
  }

  /** The outcome of the flight has been counted. */
  end(flight: Flight): void {
    this.#kept.release(flight)
    this.divided(flight)
  }

  /** Its messages have gone on in flights of their own. */
  divided(flight: Flight): void {
    flight.topic.pending.delete(flight)
    this.#pendingIds -= flight.entries.length
    if (this.#pendingIds <= 0 && this.#onQuiet !== null) this.#onQuiet()
  }

  /** Keeps a resolved send until its transaction ends; says no when too many are kept. */
  hold(flight: Flight): boolean {
    const size = flight.entries.length
    if (this.#heldIds + size > TRANSACTION_IDS_MAX) {
      for (const held of this.#held) if (held.isExpired) this.release(held)
      if (this.#heldIds + size > TRANSACTION_IDS_MAX) return false
    }
    this.#held.add(flight)
    this.#heldIds += size
    return true
  }

  release(flight: Flight): void {
    if (this.#held.delete(flight)) this.#heldIds -= flight.entries.length
  }

  windowOf(birth: number): number {
    return windowStartOf(birth, this.agent.windowMs)
  }

  /** Runs our own code: what goes wrong in it is counted and never reaches the caller. */
  guard<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      this.trouble('agent-error', `error of the audit itself: ${String(error)}`)
      return undefined
    }
  }

  trouble(name: string, text: string, count = 1): void {
    try {
      this.agent.count(producerHop(this.#cluster, '', this.agent.service), name, count)
      this.#onTrouble(text)
    } catch {
      // Nothing is left that could be said.
    }
  }

  /** Gives up evidence, and says so. */
  drop(topic: string, reason: string, flight: Pick<Flight, 'windows'>, count: number): void {
    const hop = producerHop(this.#cluster, topic, this.agent.service)
    const { windows } = flight
    if (windows.length === 0) return
    this.agent.drop(hop, reason, count, Math.min(...windows), Math.max(...windows))
  }

  flush(): Promise<void> {
    return within(this.agent.flush(), CLOSE_MS)
  }

  /** Waits a moment for what is under way, counts the rest as unconfirmed, says goodbye. */
  async close(): Promise<void> {
    if (this.#pendingIds > 0) {
      const quiet = new Promise<void>((resolve) => {
        this.#onQuiet = resolve
      })
      await within(quiet, QUIET_MS)
    }
    this.guard(() => {
      for (const topic of this.#producerTopics.values())
        for (const flight of topic.pending) topic.expire(flight)
    })
    await within(this.agent.close(CLOSE_MS), CLOSE_MS + 500)
    // An agent whose last send hangs has not come to this: its connection would keep the process.
    this.guard(() => void within(this.#sender.close(), CLOSE_MS))
  }
}
