/**
 * Which instance minted ids of a tag, from what producers witness of their own: a tag belongs to one
 * instance. Should two claim it, the one of the newest window has it, and of those the first by name.
 */
import type { TallyDelta } from '../hop/frame.ts'
import type { Minter } from '../hop/mishap.ts'
import type { Statements } from './statements.ts'

/** Tags kept, the newest: an instance has one a topic, and draws another after 16 million messages. */
const MINTERS_MAX = 100_000

export class MinterFold {
  readonly #sql: Statements
  /** By instance, then tag: the newest window. */
  readonly #held = new Map<number, Map<number, number>>()

  constructor(sql: Statements) {
    this.#sql = sql
  }

  add(instance: number, { hop, origin, window, tags }: TallyDelta): void {
    if (hop.role !== 'producer' || origin !== null || tags === null) return
    let held = this.#held.get(instance)
    if (held === undefined) {
      held = new Map()
      this.#held.set(instance, held)
    }
    for (const { tag } of tags) held.set(tag, Math.max(window, held.get(tag) ?? 0))
  }

  write(): void {
    for (const [instance, tags] of this.#held)
      for (const [tag, window] of tags)
        this.#sql.run(
          'INSERT INTO minters (tag, instance, window) VALUES (?, ?, ?) ON CONFLICT DO UPDATE ' +
            'SET instance = excluded.instance, window = excluded.window ' +
            'WHERE excluded.window > window OR (excluded.window = window AND ' +
            '(SELECT instance FROM instances WHERE id = excluded.instance) < ' +
            '(SELECT instance FROM instances WHERE id = minters.instance))',
          tag,
          instance,
          window,
        )
    this.#held.clear()
  }
}

/** By tag; without `tags` of all that are kept. */
export function readMinters(
  sql: Statements,
  tags: readonly number[] | undefined,
): ReadonlyMap<number, Minter> {
  const only = tags === undefined ? '' : 'WHERE tag IN (SELECT value FROM json_each(?)) '
  return new Map(
    sql
      .all<Minter & { readonly tag: number }>(
        'SELECT tag, instances.instance, service, client, host FROM minters ' +
          `JOIN instances ON id = minters.instance ${only}ORDER BY tag LIMIT ?`,
        ...(tags === undefined ? [] : [JSON.stringify(tags)]),
        MINTERS_MAX,
      )
      .map(({ tag, ...minter }) => [tag, minter]),
  )
}

/** @param before ms: of windows that start before it nothing is kept */
export function pruneMinters(sql: Statements, before: number): void {
  sql.run('DELETE FROM minters WHERE window < ?', before)
  sql.run(
    'DELETE FROM minters WHERE tag IN ' +
      '(SELECT tag FROM minters ORDER BY window DESC, tag LIMIT -1 OFFSET ?)',
    MINTERS_MAX,
  )
}
