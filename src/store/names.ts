/** Hops and series as small numbers, so that their long keys are stored once. */
import { type HopKey, type HopRef, hopKey } from '../hop/hop.ts'
import type { Statements } from './statements.ts'

/** Names kept in memory; beyond that all are forgotten and looked up again. */
const CACHED_MAX = 20_000

export class Names {
  readonly #sql: Statements
  readonly #hops = new Map<HopKey, number>()
  readonly #series = new Map<string, number>()

  constructor(sql: Statements) {
    this.#sql = sql
  }

  hopId(hop: HopRef): number {
    const key = hopKey(hop)
    return remember(this.#hops, key, () => {
      this.#sql.run('INSERT INTO hops (key) VALUES (?) ON CONFLICT DO NOTHING', key)
      return this.#sql.get<{ id: number }>('SELECT id FROM hops WHERE key = ?', key)
    })
  }

  /** What is summed into one tally per window. */
  seriesId(hop: number, channel: string, origin: string, reason: string, params: string): number {
    const key = JSON.stringify([hop, channel, origin, reason, params])
    return remember(this.#series, key, () => {
      const values = [hop, channel, origin, reason, params] as const
      this.#sql.run(
        'INSERT INTO series (hop, channel, origin, reason, params) VALUES (?, ?, ?, ?, ?) ' +
          'ON CONFLICT DO NOTHING',
        ...values,
      )
      return this.#sql.get<{ id: number }>(
        'SELECT id FROM series WHERE hop = ? AND channel = ? AND origin = ? AND reason = ? ' +
          'AND params = ?',
        ...values,
      )
    })
  }

  /** After a transaction that was rolled back: its numbers may come again for other names. */
  forget(): void {
    this.#hops.clear()
    this.#series.clear()
  }
}

function remember<Key>(
  cache: Map<Key, number>,
  key: Key,
  find: () => { readonly id: number } | undefined,
): number {
  const known = cache.get(key)
  if (known !== undefined) return known
  const row = find()
  if (row === undefined) throw new Error('a row that was just inserted is gone')
  if (cache.size >= CACHED_MAX) cache.clear()
  cache.set(key, row.id)
  return row.id
}
