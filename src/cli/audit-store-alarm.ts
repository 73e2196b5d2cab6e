/**
 * Tells that the auditor cannot write its store, and that it can again. The outbox of all other alerts lies
 * in that store, so this one goes out without it: what is not sent when the process ends is gone, and who
 * audits next knows nothing of it.
 */
import { randomUUID } from 'node:crypto'
import { storeConditions } from '../alert/conditions/store.ts'
import { Courier } from '../alert/courier.ts'
import { MemoryOutbox } from '../alert/memory-outbox.ts'
import { send } from '../alert/send.ts'
import { sendDue } from '../alert/send-due.ts'
import { tell } from '../alert/tell.ts'
import type { Environment } from '../base/environment.ts'
import { messageOf } from '../base/errors.ts'
import { shellWord } from '../base/shell.ts'
import type { AlertingConfig } from '../config/alerting.ts'
import type { Clock } from '../message/mint.ts'

export interface StoreAlarmOptions {
  readonly alerting: AlertingConfig
  /** Of the store, as whoever is called finds it. */
  readonly path: string
  readonly env: Environment
  readonly onTrouble: (text: string) => void
  readonly clock?: Clock
}

/** ms that the last round may take. */
const LAST_MS = 5_000

export class StoreAlarm {
  readonly #options: StoreAlarmOptions
  readonly #clock: Clock
  readonly #outbox = new MemoryOutbox()
  readonly #courier: Courier
  /** Since when it cannot be written, ms, and why. */
  #broken: { readonly since: number; readonly why: string } | null = null
  #sending: Promise<void> | null = null

  constructor(options: StoreAlarmOptions) {
    const { alerting, env, onTrouble, clock = Date.now } = options
    this.#options = options
    this.#clock = clock
    this.#courier = new Courier({
      ...{ alerting, outbox: this.#outbox, env, send, clock },
      onTrouble: (text) => onTrouble(`alerts: ${text}`),
    })
  }

  /**
   * What is due is sent once that is done; nobody has to wait for it. Never throws.
   * @param error what the store said last; null: it took what there was
   */
  turn(error: unknown): Promise<void> {
    this.#note(error, this.#options.alerting.resolveAfterMs)
    const isQuiet = this.#outbox.states.length === 0 && this.#outbox.isEmpty
    if (isQuiet && this.#sending === null) return Promise.resolve()
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null
    })
    return this.#sending
  }

  /** Sends what can be sent soon. What fires is resolved if the store took what there was last. */
  async close(): Promise<void> {
    if (this.#broken === null) this.#note(null, 0)
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_MS)
    })
    const last = (async (): Promise<void> => {
      await this.#sending
      await this.#send()
    })()
    await Promise.race([last, late])
    clearTimeout(timer)
  }

  #note(error: unknown, resolveAfterMs: number): void {
    const { alerting, path } = this.#options
    const now = this.#clock()
    this.#broken =
      error === null ? null : { since: this.#broken?.since ?? now, why: messageOf(error) }
    const next = `quipu doctor --store ${shellWord(path)}`
    const conditions =
      this.#broken === null
        ? []
        : storeConditions(alerting, this.#broken.why, this.#broken.since, next)
    const { change } = tell(this.#outbox.states, conditions, {
      ...{ alerting: { ...alerting, resolveAfterMs }, now, newId: randomUUID },
    })
    this.#outbox.change(change, now)
  }

  async #send(): Promise<void> {
    try {
      await sendDue(this.#courier, () => this.#outbox.states, this.#clock)
    } catch (error) {
      this.#options.onTrouble(`alerts, sending: ${messageOf(error)}`)
    }
  }
}
