/** The sessions of an audited Kafka: one begins with its first client and ends with its last. */
import type { Kafka } from 'kafkajs'
import { AUDIT_TOPIC } from '../../src/base/audit-topic.ts'
import { messageOf } from '../../src/base/errors.ts'
import type { Lookers } from '../../src/drift/shape.ts'
import { type AgentSettings, agentSettings } from '../../src/hop/settings.ts'
import { loadTraceApi } from '../../src/telemetry/span.ts'
import type { FrameSender } from '../../src/transport/transport.ts'
import { KafkaFrameSender } from './audit-sender.ts'
import { lateLookers } from './late-lookers.ts'
import type { AuditedOptions } from './options.ts'
import { Session } from './session.ts'

/** Those that have a session: what `shutdown` closes. */
const live = new Set<Lifetime>()

export class Lifetime {
  readonly kafka: Kafka
  readonly options: AuditedOptions
  readonly #settings: AgentSettings
  /** For all its sessions: what is known of schemas outlives them. */
  readonly #lookers: Lookers
  readonly #clients = new Set<object>()
  #session: Session | null = null

  constructor(kafka: Kafka, options: AuditedOptions) {
    this.kafka = kafka
    this.options = options
    void loadTraceApi()
    this.#settings = agentSettings(options, this.onTrouble)
    this.#lookers = options.lookers ?? lateLookers(() => this.#loadLookers(), this.onTrouble)
  }

  readonly onTrouble = (text: string): void => {
    try {
      this.options.onTrouble?.(text)
    } catch {
      // The listener's own trouble.
    }
  }

  /** The session of a client that has joined; null for others, or if no agent can be started. */
  session(client: object): Session | null {
    if (!this.#clients.has(client)) return null
    if (this.#session === null) {
      try {
        this.#session = new Session({
          ...{ options: this.options, settings: this.#settings, sender: this.#sender() },
          ...{ lookers: this.#lookers, onTrouble: this.onTrouble },
        })
        live.add(this)
      } catch (error) {
        this.onTrouble(`no agent: ${messageOf(error)}`)
      }
    }
    return this.#session
  }

  has(client: object): boolean {
    return this.#clients.has(client)
  }

  join(client: object): void {
    this.#clients.add(client)
    this.session(client)
  }

  /** Bounded in time; never rejects. */
  leave(client: object): Promise<void> {
    if (!this.#clients.delete(client) || this.#session === null) return Promise.resolve()
    return this.#clients.size === 0 ? this.close() : this.#session.flush()
  }

  close(): Promise<void> {
    const session = this.#session
    if (session === null) return Promise.resolve()
    this.#session = null
    live.delete(this)
    return session.close()
  }

  flush(): Promise<void> {
    return this.#session?.flush() ?? Promise.resolve()
  }

  async #loadLookers(): Promise<Lookers> {
    const { lookers } = await import('../../src/drift/lookers.ts')
    const { clock = Date.now } = this.options
    return lookers({ env: process.env, clock, onTrouble: this.onTrouble })
  }

  #sender(): FrameSender {
    const { audit = {} } = this.options
    if (audit.sender !== undefined) {
      const { sender } = audit
      return { send: (key, bytes) => sender.send(key, bytes), close: () => Promise.resolve() }
    }
    return new KafkaFrameSender(audit.kafka ?? this.kafka, audit.topic ?? AUDIT_TOPIC)
  }
}

/** Ends the agents of this process: each says goodbye. Bounded in time; never rejects. */
export async function shutdown(): Promise<void> {
  await Promise.all([...live].map((lifetime) => lifetime.close()))
}

/** Sends what the agents of this process have seen until now. Bounded in time; never rejects. */
export async function flushAll(): Promise<void> {
  await Promise.all([...live].map((lifetime) => lifetime.flush()))
}
