/** The life of one process of a service: its clock, its journal, its planned deaths. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import { type AuditedOptions, audited, shutdown } from '../../../agents/kafkajs.ts'
import type { DrawnService } from './day.ts'
import { faultyClient, plainClient, type Stamps, stampKey } from './kafka-client.ts'
import type { Entry } from './kafka-entry.ts'
import { Journal, readJournal } from './kafka-journal.ts'
import { auditClient } from './kafka-path.ts'
import { type Kill, killsOf, say, type WorkerPlan } from './kafka-plan.ts'
import type { Dropping, Passing } from './truth.ts'

/** Windows after which a service dies even if it is idle. */
const IDLE_WINDOWS = 1
const CONNECT_TRIES_MAX = 20
const CONNECT_AGAIN_MS = 500

export class Life {
  readonly plan: WorkerPlan
  readonly service: DrawnService
  /** Faulty and audited. */
  readonly kafka: Kafka
  readonly past: readonly Entry[]
  readonly #journal: Journal<Entry>
  readonly #stamps: Stamps = new Map()
  readonly #kill: Kill | undefined
  #handled = 0
  #pending = 0

  constructor(plan: WorkerPlan) {
    const { day, brokers, windowMs, flushMs, auditTopic, prefix } = plan
    const service = day.services.find(({ name }) => name === plan.service)
    if (service === undefined) throw new Error(`no service ${plan.service}`)
    this.plan = plan
    this.service = service
    this.past = readJournal<Entry>(plan.journal)
    this.#journal = new Journal(plan.journal)
    const skewMs = Math.round(service.skewWindows * windowMs)
    this.#journal.note({ kind: 'born', at: Date.now(), skewMs })
    say({ kind: 'born' })
    const deaths = this.past.filter(({ kind }) => kind === 'dying').length
    this.#kill = killsOf(day.faults, service.name)[deaths]
    if (this.#kill !== undefined)
      setTimeout(() => this.#die(), this.#armedAt() + IDLE_WINDOWS * windowMs - Date.now())
    process.env.QUIPU_CONFIG = plan.config
    const plain = plainClient(brokers, service.name)
    const journal = this.#journal
    const { seed, path } = day
    const life = this.past.filter(({ kind }) => kind === 'born').length
    const way = { seed, path, service: service.name, life, prefix, windowMs, skewMs, journal }
    const options: AuditedOptions = {
      service: service.name,
      flushMs,
      clock: () => Date.now() + skewMs,
      audit: { topic: auditTopic, kafka: auditClient(plain, way) },
      onTrouble: (text) => console.error(text),
    }
    const stamps = this.#stamps
    this.kafka = audited(faultyClient(plain, { seed, service, prefix, journal, stamps }), options)
  }

  /** ms from now until so many windows after the begin of the day. */
  msUntil(windows: number): number {
    return this.plan.startsAt + windows * this.plan.windowMs - Date.now()
  }

  idOf(topic: string, key: string): string | undefined {
    return this.#stamps.get(stampKey(topic, key))
  }

  note(entry: Entry): void {
    this.#journal.note(entry)
  }

  pass(hop: string, passing: Passing): void {
    this.#journal.note({ kind: 'passed', hop, passing })
  }

  drop(hop: string, dropping: Dropping): void {
    this.#journal.note({ kind: 'dropped', hop, dropping })
  }

  ready(): void {
    say({ kind: 'ready' })
  }

  /** So many more things are put aside, or fewer. */
  put(aside: number): void {
    this.#pending += aside
    say({ kind: 'pending', count: this.#pending })
  }

  /** A broker that has just come back may know no topics yet. */
  async patiently(connect: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        return await connect()
      } catch (error) {
        if (tries === CONNECT_TRIES_MAX) throw error
        await sleep(CONNECT_AGAIN_MS)
      }
    }
  }

  /** In the middle of a message: here the process may die. */
  passTheMiddle(): void {
    if (this.#kill === undefined || Date.now() < this.#armedAt()) return
    if (this.#handled++ >= this.#kill.after) this.#die()
  }

  onEnd(end: () => Promise<void>): void {
    process.once('SIGTERM', () => {
      void end()
        .then(shutdown)
        .then(() => process.exit(0))
    })
  }

  #armedAt(): number {
    return this.plan.startsAt + (this.#kill?.at ?? 0) * this.plan.windowMs
  }

  /** As the kernel does it: no handler runs, nothing is flushed, no connection is closed. */
  #die(): void {
    this.#journal.note({ kind: 'dying', at: Date.now() })
    process.kill(process.pid, 'SIGKILL')
  }
}
