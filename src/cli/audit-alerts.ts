/**
 * Alerts of a running audit: looks every few seconds at what is wrong, stores what has to be told, and
 * sends it. Who audits goes on, whatever comes of it, and never waits for a receiver.
 */
import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import type { Condition } from '../alert/condition.ts'
import { BEHIND_KEY, behindConditions } from '../alert/conditions/coverage.ts'
import { isLookedAt } from '../alert/conditions.ts'
import { Courier } from '../alert/courier.ts'
import { send } from '../alert/send.ts'
import { sendDue } from '../alert/send-due.ts'
import { targetsOf, withSecrets } from '../alert/targets.ts'
import { isEmpty, tell } from '../alert/tell.ts'
import type { Environment } from '../base/environment.ts'
import { messageOf } from '../base/errors.ts'
import type { AlertingConfig } from '../config/alerting.ts'
import type { Clock } from '../message/mint.ts'
import type { Store } from '../store/store.ts'
import { type Looked, lookInto } from './alert-look.ts'
import { apart } from './apart.ts'
import { storeFlag } from './explain-next.ts'
import { STORE_DEFAULT } from './options.ts'

export interface AlertTellerOptions {
  readonly store: Store
  readonly alerting: AlertingConfig
  readonly env: Environment
  readonly onTrouble: (text: string) => void
  readonly clock?: Clock
  /**
   * The path of the store: where looks take long another process does them, and commands that are told name
   * it unless it lies where they look anyway. Left out: neither.
   */
  readonly path?: string
}

/** ms between two looks at least. */
const LOOK_MS = 5_000
/** ms: a look that takes longer is done by another process from then on; to start one takes as long. */
const LONG_MS = 500
/** Looks take no more than so much of the time, however much there is to look at. */
const SHARE_MAX = 0.05
/** ms that a last round may take when the audit ends; what is left is sent by the next one. */
const LAST_MS = 5_000

export class AlertTeller {
  readonly #options: AlertTellerOptions
  readonly #clock: Clock
  readonly #courier: Courier
  readonly #isNeeded: boolean
  /** What commands need to find the store, with a blank before it. */
  readonly #flags: string
  /** ms */
  #lookAt = 0
  /** ms: the latest that the clock has said */
  #clockAt = 0
  /** ms: when all there was had been read */
  #caughtUpAt: number
  /** Another process does it. */
  #looking: Promise<void> | null = null
  #isLong = false
  readonly #end = new AbortController()
  #sending: Promise<void> | null = null
  #isClosed = false

  constructor(options: AlertTellerOptions) {
    const { store, alerting, env, onTrouble, clock = Date.now, path = STORE_DEFAULT } = options
    this.#options = options
    // Whoever is told stands elsewhere.
    const place = path === STORE_DEFAULT ? path : resolve(path)
    this.#flags = storeFlag(place)
      .map((word) => ` ${word}`)
      .join('')
    this.#clock = clock
    this.#isNeeded = alerting.routes.length > 0
    this.#caughtUpAt = clock()
    this.#courier = new Courier({
      ...{ alerting, outbox: store, env, send, clock, flags: this.#flags },
      onTrouble: (text) => onTrouble(`alerts: ${text}`),
    })
  }

  /** Says which targets cannot be reached as they are written. What they miss waits for them. */
  open(): void {
    const { alerting, env, onTrouble } = this.#options
    for (const named of targetsOf(alerting)) {
      try {
        withSecrets(named, env)
      } catch (error) {
        onTrouble(messageOf(error))
      }
    }
  }

  /** Looks if it is time to, and starts to send what is due. */
  async turn(isCaughtUp: boolean): Promise<void> {
    if (!this.#isNeeded) return
    const now = this.#clock()
    // Set back: what it said before is no reason to wait.
    if (now < this.#clockAt) this.#lookAt = 0
    this.#clockAt = now
    if (isCaughtUp || now < this.#caughtUpAt) this.#caughtUpAt = now
    if (now < this.#lookAt || this.#looking !== null) return
    const look = this.#lookOnce(isCaughtUp)
    if (!this.#isLong) await look
    else
      this.#looking = look.finally(() => {
        this.#looking = null
      })
  }

  async #lookOnce(isCaughtUp: boolean): Promise<void> {
    const begun = performance.now()
    await this.#guarded('looking for what is wrong', () => this.#look(isCaughtUp))
    const tookMs = performance.now() - begun
    this.#isLong ||= tookMs > LONG_MS && this.#options.path !== undefined
    this.#lookAt = this.#clock() + Math.max(LOOK_MS, tookMs / SHARE_MAX)
    this.#sending ??= this.#guarded('sending', () => this.#send()).finally(() => {
      this.#sending = null
    })
  }

  /** Looks once more, and sends what can be sent soon. */
  async close(isCaughtUp: boolean): Promise<void> {
    if (!this.#isNeeded) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, LAST_MS)
    })
    const last = (async (): Promise<void> => {
      await this.#looking
      if (isCaughtUp) await this.#guarded('looking for what is wrong', () => this.#look(true))
      await this.#sending
      await this.#guarded('sending', () => this.#send())
    })()
    await Promise.race([last, late])
    clearTimeout(timer)
    // What is still under way ends with the store, and its row stays in there.
    this.#isClosed = true
    this.#end.abort()
  }

  async #look(isCaughtUp: boolean): Promise<void> {
    const { store, alerting } = this.#options
    const now = this.#clock()
    let conditions: readonly Condition[] = behindConditions(alerting, now - this.#caughtUpAt, now)
    // Evidence that was not read yet is missing from all the others.
    let isKnown = ({ key }: Condition): boolean => key === BEHIND_KEY
    if (isCaughtUp) {
      const looked = await this.#lookInto(now)
      conditions = looked.conditions
      isKnown = (condition) => isLookedAt(condition, looked.conditions, looked.forecasts)
    }
    const of = { alerting, now, isKnown, newId: randomUUID }
    const named = conditions.map((c) => ({ ...c, next: `${c.next}${this.#flags}` }))
    const { change } = tell(await store.alerts(), named, of)
    if (!isEmpty(change)) await store.changeAlerts(change, now)
  }

  #lookInto(now: number): Promise<Looked> {
    const { store, alerting, path } = this.#options
    if (!this.#isLong || path === undefined) return lookInto(store, alerting, now)
    return apart({ kind: 'look', path, alerting, now }, this.#end.signal)
  }

  #send(): Promise<void> {
    return sendDue(this.#courier, () => this.#options.store.alerts(), this.#clock)
  }

  async #guarded(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!this.#isClosed) this.#options.onTrouble(`alerts, ${what}: ${messageOf(error)}`)
    }
  }
}
