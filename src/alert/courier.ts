/**
 * Sends what is in the outbox, at least once: a row goes only after its receiver has taken it, or when it is
 * given up. What it takes from and leaves in the store survives whatever happens to this process.
 *
 * Limits: one round takes `ROWS_MAX` rows of each target, which gets `perMinute`; what is above becomes one
 * summary; a target that fails is left alone until it is tried again, and holds up no other.
 */
import { randomUUID } from 'node:crypto'
import type { Environment } from '../base/environment.ts'
import { messageOf } from '../base/errors.ts'
import type { AlertingConfig, AlertTarget } from '../config/alerting.ts'
import { isoOf } from '../objective/iso.ts'
import type { AlertChange, OutboxRow } from '../store/alerts.ts'
import { capped, type Due, summaryEvent } from './cap.ts'
import type { AlertEvent } from './event.ts'
import { masked } from './mask.ts'
import { renderAlertmanager } from './render/alertmanager.ts'
import { render } from './render.ts'
import { RETRY_MS_MAX, retryAt } from './retry.ts'
import type { Sent, send } from './send.ts'
import { type NamedTarget, targetsFor, targetsOf, withSecrets } from './targets.ts'

/** The part of the store that it uses. */
export interface Outbox {
  outbox(dueBy: number, limit: number, latest?: number): Promise<readonly OutboxRow[]>
  changeAlerts(change: AlertChange, now: number): Promise<void>
}

export interface CourierOptions {
  readonly alerting: Pick<AlertingConfig, 'routes' | 'perMinute'>
  readonly outbox: Outbox
  readonly env: Environment
  readonly send: typeof send
  readonly onTrouble: (text: string) => void
  /** What a command needs to find the store, with a blank before it. */
  readonly flags?: string
  /** ms */
  readonly clock?: () => number
  /** In [0, 1). */
  readonly random?: () => number
}

const ROWS_MAX = 500
const MINUTE_MS = 60_000
/** ms: an Alertmanager wants to hear again of what fires, once a minute or so. */
const REMIND_MS = 45_000
/** In one request. */
const REMINDED_MAX = 100

export class Courier {
  readonly #options: CourierOptions
  readonly #clock: () => number
  readonly #targets: ReadonlyMap<string, NamedTarget>
  /** ms at which something was sent, by target; of the last minute */
  readonly #sentAt = new Map<string, readonly number[]>()
  /** ms before which a target that failed is left alone */
  readonly #notBefore = new Map<string, number>()
  /** ms */
  #remindAt = 0
  /** ms: the latest that the clock has said */
  #clockAt = 0

  constructor(options: CourierOptions) {
    this.#options = options
    this.#clock = options.clock ?? Date.now
    this.#targets = new Map(targetsOf(options.alerting).map((t) => [t.name, t]))
  }

  /** One round. Returns how many rows it took out of the outbox. */
  async round(): Promise<number> {
    const { outbox } = this.#options
    const now = this.#now()
    const byTarget = new Map<string, { row: OutboxRow; due: Due }[]>()
    let removed = 0
    for (const row of await outbox.outbox(now, ROWS_MAX, now + RETRY_MS_MAX)) {
      const event = eventIn(row)
      if (event === null || !this.#targets.has(row.route)) {
        await this.#redirect(row, event)
        removed++
        continue
      }
      const list = byTarget.get(row.route) ?? []
      byTarget.set(row.route, [...list, { row, due: { number: row.number, event } }])
    }
    const all = await Promise.all([...byTarget].map(([name, rows]) => this.#deliver(name, rows)))
    return all.reduce((sum, n) => sum + n, removed)
  }

  /** Tells those who want to hear of it again. @param firing of each target */
  async remind(firing: (target: string) => readonly AlertEvent[]): Promise<void> {
    const now = this.#now()
    if (now < this.#remindAt) return
    this.#remindAt = now + REMIND_MS
    const managers = [...this.#targets.values()].filter((t) => t.target.kind === 'alertmanager')
    await Promise.all(
      managers.map(async (named) => {
        const events = firing(named.name)
        for (let i = 0; i < events.length; i += REMINDED_MAX) {
          const part = events.slice(i, i + REMINDED_MAX)
          const sent = await this.#send(named, (target) =>
            target.kind === 'alertmanager' ? renderAlertmanager(target, part) : null,
          )
          const count = sent.isDone ? { sent: part.length, failed: 0 } : { sent: 0, failed: 1 }
          await this.#note(named.name, sent, count)
          // The next time is soon.
          if (!sent.isDone) return
        }
      }),
    )
  }

  async #deliver(
    name: string,
    rows: readonly { readonly row: OutboxRow; readonly due: Due }[],
  ): Promise<number> {
    const { onTrouble, random = Math.random } = this.#options
    const named = this.#targets.get(name) as NamedTarget
    if (this.#clock() < (this.#notBefore.get(name) ?? 0)) return 0
    const { now, folded } = capped(
      rows.map(({ due }) => due),
      this.#allowed(named),
    )
    if (folded.length > 0) await this.#fold(name, folded)
    let removed = folded.length
    for (const { number, event } of now) {
      const sent = await this.#send(named, (target) => render(target, event, this.#clock()))
      const at = this.#clock()
      this.#sentAt.set(name, [...(this.#sentAt.get(name) ?? []), at])
      const { madeAt = at, attempts = 0 } = rows.find((r) => r.row.number === number)?.row ?? {}
      if (sent.isDone) {
        await this.#note(name, sent, { sent: 1 }, { removed: [number] })
        removed++
        continue
      }
      const { isLasting, retryAfterMs, text } = sent
      const dueAt = retryAt({
        ...{ attempts: attempts + 1, madeAt, now: at, isLasting, retryAfterMs },
        random: random(),
      })
      if (dueAt === null) {
        onTrouble(`alert ${event.key} to ${name} is given up: ${text}`)
        await this.#note(name, sent, { failed: 1, dropped: 1 }, { removed: [number] })
        removed++
        continue
      }
      await this.#note(name, sent, { failed: 1 }, { retried: [{ number, dueAt, error: text }] })
      onTrouble(`alert ${event.key} to ${name}: ${text}`)
      // Most likely the others would fare alike.
      this.#notBefore.set(name, dueAt)
      break
    }
    return removed
  }

  /** A clock that was set back says nothing of the times that it noted before. */
  #now(): number {
    const now = this.#clock()
    if (now < this.#clockAt) {
      this.#sentAt.clear()
      this.#notBefore.clear()
      this.#remindAt = 0
    }
    this.#clockAt = now
    return now
  }

  #allowed({ name, target }: NamedTarget): number {
    // It takes any number, and knows how to group them.
    if (target.kind === 'alertmanager') return Number.POSITIVE_INFINITY
    const since = this.#clock() - MINUTE_MS
    const recent = (this.#sentAt.get(name) ?? []).filter((at) => at > since)
    this.#sentAt.set(name, recent)
    return this.#options.alerting.perMinute - recent.length
  }

  async #fold(route: string, folded: readonly Due[]): Promise<void> {
    const now = this.#clock()
    const event = summaryEvent(
      folded.map((due) => due.event),
      { route, id: randomUUID(), at: isoOf(now), flags: this.#options.flags ?? '' },
    )
    const entry = { route, key: event.key, event: JSON.stringify(event) }
    const removed = folded.map(({ number }) => number)
    await this.#options.outbox.changeAlerts({ added: [entry], removed }, now)
  }

  /** The file was changed: who hears of it now, of the same kind if there is one. */
  async #redirect(
    { number, route, key, event: json }: OutboxRow,
    event: AlertEvent | null,
  ): Promise<void> {
    const { outbox, alerting, onTrouble } = this.#options
    const all = event === null ? [] : targetsFor(alerting, event)
    const alike = all.filter(({ target }) => route.includes(`-${target.kind}-`))
    const [to = all[0]] = alike
    if (to === undefined) onTrouble(`alert ${key}: its target ${route} is no longer in the file`)
    const added = to === undefined ? [] : [{ route: to.name, key, event: json }]
    await outbox.changeAlerts({ added, removed: [number] }, this.#clock())
  }

  async #send(
    named: NamedTarget,
    of: (target: AlertTarget) => ReturnType<typeof render> | null,
  ): Promise<Sent> {
    try {
      const filled = withSecrets(named, this.#options.env)
      const post = of(filled)
      if (post === null) return failure('it is no Alertmanager')
      const sent = await this.#options.send(post, filled)
      return { ...sent, text: masked(sent.text, named.target, filled) }
    } catch (error) {
      return failure(messageOf(error))
    }
  }

  async #note(
    route: string,
    { isDone, text: result }: Sent,
    counts: { readonly sent?: number; readonly failed?: number; readonly dropped?: number },
    change: AlertChange = {},
  ): Promise<void> {
    const { sent = 0, failed = 0, dropped = 0 } = counts
    const delivery = { route, isDone, result, sent, failed, dropped }
    await this.#options.outbox.changeAlerts({ ...change, deliveries: [delivery] }, this.#clock())
  }
}

const failure = (text: string): Sent => ({
  ...{ isDone: false, isLasting: false, text, retryAfterMs: null },
})

function eventIn({ event }: OutboxRow): AlertEvent | null {
  try {
    return JSON.parse(event) as AlertEvent
  } catch {
    return null
  }
}
