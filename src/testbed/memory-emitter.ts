/** Events as kafkajs emits them: in the same turn as what they tell of, listeners called directly. */
import { misuse } from './memory-errors.ts'

export interface MemoryEvent {
  readonly id: number
  readonly type: string
  readonly timestamp: number
  readonly payload: unknown
}

type Listener = (event: MemoryEvent) => unknown

export class MemoryEmitter {
  readonly #names: ReadonlySet<string>
  readonly #keys: string
  readonly #clock: () => number
  readonly #listeners = new Map<string, Set<{ readonly call: Listener }>>()
  #next = 0

  constructor(client: string, names: Readonly<Record<string, string>>, clock: () => number) {
    this.#names = new Set(Object.values(names))
    this.#keys = Object.keys(names)
      .map((key) => `${client}.events.${key}`)
      .join(', ')
    this.#clock = clock
  }

  on(name: string, listener: Listener): () => void {
    if (!this.#names.has(name)) throw misuse(`Event name should be one of ${this.#keys}`)
    const entry = { call: listener }
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners.add(entry))
    return () => void listeners.delete(entry)
  }

  emit(type: string, payload: unknown = null): void {
    const listeners = this.#listeners.get(type)
    if (listeners === undefined || listeners.size === 0) return
    const event = { id: this.#next++, type, timestamp: this.#clock(), payload }
    for (const { call } of [...listeners]) {
      // A rejection is logged by kafkajs; a throw reaches the client, as it does there.
      Promise.resolve(call(event)).catch(() => {})
    }
  }
}
