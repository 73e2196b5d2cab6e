/**
 * An outbox for what cannot be stored: it ends with the process. Limit: `ROWS_MAX`; the oldest make room.
 */
import type { AlertChange, AlertRow, OutboxRow } from '../store/alerts.ts'
import type { Outbox } from './courier.ts'

const ROWS_MAX = 1_000

export class MemoryOutbox implements Outbox {
  readonly #states = new Map<string, string>()
  #rows: readonly OutboxRow[] = []
  #number = 0

  get states(): readonly AlertRow[] {
    return [...this.#states].map(([key, state]) => ({ key, state }))
  }

  get isEmpty(): boolean {
    return this.#rows.length === 0
  }

  /** Of each route and key only the oldest, and what a clock that ran ahead has put off, as in the store. */
  async outbox(
    dueBy: number,
    limit: number,
    latest: number = Number.MAX_SAFE_INTEGER,
  ): Promise<readonly OutboxRow[]> {
    const oldest = new Map<string, OutboxRow>()
    for (const row of this.#rows) {
      const of = JSON.stringify([row.route, row.key])
      if (!oldest.has(of)) oldest.set(of, row)
    }
    const isDue = ({ dueAt }: OutboxRow): boolean => dueAt <= dueBy || dueAt > latest
    return [...oldest.values()].filter(isDue).slice(0, limit)
  }

  async changeAlerts(change: AlertChange, now: number): Promise<void> {
    this.change(change, now)
  }

  change(change: AlertChange, now: number): void {
    const { states = [], forgotten = [], added = [], removed = [], retried = [] } = change
    for (const { key, state } of states) this.#states.set(key, state)
    for (const key of forgotten) this.#states.delete(key)
    const kept = this.#rows
      .filter(({ number }) => !removed.includes(number))
      .map((row) => {
        const again = retried.find(({ number }) => number === row.number)
        if (again === undefined) return row
        const { dueAt, error: lastError } = again
        return { ...row, dueAt, lastError, attempts: row.attempts + 1 }
      })
    const fresh = added.map((entry) => ({
      ...{ ...entry, number: ++this.#number, madeAt: now, dueAt: now },
      ...{ attempts: 0, lastError: '' },
    }))
    this.#rows = [...kept, ...fresh].slice(-ROWS_MAX)
  }
}
