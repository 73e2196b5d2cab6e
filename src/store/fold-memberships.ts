/** Unites the membership filters of a batch with those in the store, one row a hop and window. */
import type { TallyDelta } from '../hop/frame.ts'
import { Membership } from '../sketch/membership.ts'
import type { ReadMembership } from './read-deltas.ts'
import type { Statements } from './statements.ts'

/** Filters held in memory before they are written; one takes up to 512 KiB. */
const HELD_MAX = 32

interface Held extends ReadMembership {
  readonly hop: number
  readonly window: number
  count: number
}

export class MembershipFold {
  readonly #sql: Statements
  readonly #held = new Map<string, Held>()

  constructor(sql: Statements) {
    this.#sql = sql
  }

  add(hop: number, { window, count }: TallyDelta, read: ReadMembership | null): void {
    if (read === null) return
    const { capacity, seed, filter } = read
    const key = `${window}/${hop}/${capacity}/${seed}`
    const held = this.#held.get(key)
    if (held !== undefined) {
      held.filter.merge(filter)
      held.count += count
      return
    }
    if (this.#held.size >= HELD_MAX) this.write()
    this.#held.set(key, { hop, window, count, capacity, seed, filter })
  }

  write(): void {
    for (const held of this.#held.values()) this.#writeOne(held)
    this.#held.clear()
  }

  #writeOne({ hop, window, capacity, seed, filter, count }: Held): void {
    const key = [window, hop, capacity, seed] as const
    const row = this.#sql.get<{ count: number; bits: Buffer }>(
      'SELECT count, bits FROM memberships ' +
        'WHERE window = ? AND hop = ? AND capacity = ? AND seed = ?',
      ...key,
    )
    if (row !== undefined) filter.merge(Membership.fromBytes(row.bits, seed, capacity))
    this.#sql.run(
      'INSERT INTO memberships (window, hop, capacity, seed, count, bits) ' +
        'VALUES (?, ?, ?, ?, ?, ?) ' +
        'ON CONFLICT DO UPDATE SET count = excluded.count, bits = excluded.bits',
      ...key,
      Math.min(count + (row?.count ?? 0), Number.MAX_SAFE_INTEGER),
      filter.toBytes(),
    )
  }
}
