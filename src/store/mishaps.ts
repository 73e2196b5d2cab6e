/**
 * Mishaps as the store holds them.
 *
 * Law: of one hop and kind the newest are kept, by a total order of all that is said of them; so whatever
 * the order in which frames come, the same ones are. Those that had to go are counted at their hop.
 */
import { type HopKey, hopOfKey } from '../hop/hop.ts'
import { MISHAPS_KEPT_MAX, type Mishap, type MishapKind, type StoredMishap } from '../hop/mishap.ts'
import type { Statements } from './statements.ts'
import type { MishapQuery } from './store.ts'

/** In one answer; those of a hop are 50,000 at most. */
export const MISHAPS_READ_MAX = 20_000

/** Told of those that had to go. */
type OnDropped = (hop: number, count: number) => void

export class MishapFold {
  readonly #sql: Statements
  readonly #onDropped: OnDropped
  readonly #touched = new Map<string, { readonly hop: number; readonly kind: MishapKind }>()

  constructor(sql: Statements, onDropped: OnDropped) {
    this.#sql = sql
    this.#onDropped = onDropped
  }

  add(instance: number, hop: number, mishap: Mishap): void {
    const { kind, at, partition, from, to, id, traceId, spanId, detail, count } = mishap
    this.#sql.run(
      'INSERT INTO mishaps (hop, kind, at, instance, partition, low, high, id, trace, detail, ' +
        'count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      hop,
      kind,
      at,
      instance,
      partition,
      from,
      to,
      Buffer.from(id, 'hex'),
      Buffer.from(traceId + spanId, 'hex'),
      detail,
      count,
    )
    this.#touched.set(`${hop}/${kind}`, { hop, kind })
  }

  write(): void {
    for (const { hop, kind } of this.#touched.values()) {
      const rows = this.#sql.get<{ count: number }>(
        'SELECT count(*) AS count FROM mishaps WHERE hop = ? AND kind = ?',
        hop,
        kind,
      )
      if ((rows?.count ?? 0) > MISHAPS_KEPT_MAX) this.#dropOldest(hop, kind)
    }
    this.#touched.clear()
  }

  #dropOldest(hop: number, kind: MishapKind): void {
    const dropped = this.#sql.all<{ number: number; count: number }>(
      'SELECT m.rowid AS number, m.count FROM mishaps AS m JOIN instances AS i ' +
        'ON i.id = m.instance WHERE hop = ? AND kind = ? ORDER BY at DESC, i.instance DESC, ' +
        `partition DESC, low DESC, high DESC, m.id DESC, trace DESC, detail DESC, m.count DESC ` +
        'LIMIT -1 OFFSET ?',
      hop,
      kind,
      MISHAPS_KEPT_MAX,
    )
    for (const { number } of dropped) this.#sql.run('DELETE FROM mishaps WHERE rowid = ?', number)
    this.#onDropped(
      hop,
      dropped.reduce((sum, { count }) => sum + count, 0),
    )
  }
}

/** By time; beyond the limit the latest are left out. */
export function readMishaps(
  sql: Statements,
  { since, until, hops }: MishapQuery,
): readonly StoredMishap[] {
  const only = hops === undefined ? '' : 'AND key IN (SELECT value FROM json_each(?)) '
  return sql
    .all<MishapRow>(
      'SELECT key, kind, at, partition, low, high, m.id, trace, detail, m.count, i.instance, ' +
        'service, client, host FROM mishaps AS m JOIN hops ON hops.id = m.hop ' +
        `JOIN instances AS i ON i.id = m.instance WHERE at >= ? AND at < ? ${only}` +
        'ORDER BY at, key, kind, i.instance, partition, low, high, m.id, trace, detail, m.count ' +
        'LIMIT ?',
      since,
      until,
      ...(hops === undefined ? [] : [JSON.stringify(hops)]),
      MISHAPS_READ_MAX,
    )
    .map(mishapOf)
}

/** @param before ms */
export function pruneMishaps(sql: Statements, before: number): void {
  sql.run('DELETE FROM mishaps WHERE at < ?', before)
}

interface MishapRow {
  readonly key: HopKey
  readonly kind: MishapKind
  readonly at: number
  readonly partition: number
  readonly low: number
  readonly high: number
  readonly id: Buffer
  readonly trace: Buffer
  readonly detail: string
  readonly count: number
  readonly instance: string
  readonly service: string
  readonly client: string
  readonly host: string
}

function mishapOf({ key, low, high, id, trace, ...rest }: MishapRow): StoredMishap {
  return {
    ...rest,
    hop: hopOfKey(key),
    from: low,
    to: high,
    id: id.toString('hex'),
    traceId: trace.toString('hex', 0, 16),
    spanId: trace.toString('hex', 16),
  }
}
