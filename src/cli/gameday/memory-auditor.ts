/** The auditor of the memory run: it can die at any call of its store, and another takes over. */
import type { Kafka } from 'kafkajs'
import type { Pipeline } from '../../hop/pipeline.ts'
import type { Store } from '../../store/store.ts'
import type { FrameReader, FrameSender } from '../../transport/transport.ts'
import { AuditEngine } from '../audit-engine.ts'
import { Mortal } from './memory-mortal.ts'

export interface AuditorOptions {
  readonly pipeline: Pipeline
  readonly store: Store
  readonly reader: () => FrameReader
  readonly sender: (isLive: () => boolean) => FrameSender
  readonly kafka: () => Kafka
  readonly flushMs: number
  readonly clock: () => number
  readonly random: (n: number) => Uint8Array
}

export class Auditor {
  readonly mortal: Mortal = new Mortal()
  readonly #options: AuditorOptions
  #engine: AuditEngine | null = null
  #left = Number.POSITIVE_INFINITY

  constructor(options: AuditorOptions) {
    this.#options = options
  }

  /** Dies at its `after`th call of the store from now on. */
  doom(after: number): void {
    this.#left = after
  }

  /** One turn; begins with the start. False: it died in it. */
  turn(): Promise<boolean> {
    return this.#lives(async () => {
      this.#engine ??= await this.#start()
      await this.#engine.turn(0)
    })
  }

  async settled(): Promise<boolean> {
    return (await this.#engine?.settled()) ?? false
  }

  async close(): Promise<void> {
    await this.#engine?.close()
  }

  #start(): Promise<AuditEngine> {
    const { pipeline, store, reader, sender, kafka, flushMs, clock } = this.#options
    const { mortal } = this
    return AuditEngine.start({
      pipelines: [pipeline],
      store: this.#mortalStore(store),
      reader: reader(),
      sender: () => sender(() => !mortal.isDead),
      kafkas: new Map([['default', mortal.kafka(kafka())]]),
      flushMs,
      clock,
      timer: false,
    })
  }

  async #lives(work: () => Promise<void>): Promise<boolean> {
    try {
      await this.mortal.alive(work())
      return true
    } catch (error) {
      if (this.mortal.isDead) return false
      throw error
    }
  }

  #mortalStore(store: Store): Store {
    return new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return async (...args: unknown[]): Promise<unknown> => {
          if (this.#left-- <= 0) void this.mortal.die()
          if (this.mortal.isDead) return this.mortal.never()
          return Reflect.apply(value, target, args)
        }
      },
    })
  }
}
