/**
 * Puts old shapes together: a month of windows of one minute would be more than anybody reads. Runs in the
 * transaction of its caller.
 *
 * Law: the sums stay what they were; only when each part came is told less exactly.
 */
import { addShape, storedShape } from './shape-rows.ts'
import type { Statements } from './statements.ts'

/** Rows of one call, so that it holds up nobody for long: some ms each where they are full. */
const ROWS_MAX = 100

/**
 * Of spans that end by `before` (ms). What is as long already stays as it is.
 * @returns whether there is more to do
 */
export function condenseBefore(sql: Statements, before: number, spanMs: number): boolean {
  const until = Math.floor(before / spanMs) * spanMs
  // In this order a row at the beginning of a span comes before those that are added to it.
  const rows = sql.all<Row>(
    'SELECT rowid AS id, window, hop, instance, shape FROM shapes ' +
      'WHERE window < ? AND span_ms < ? ORDER BY window LIMIT ?',
    until,
    spanMs,
    ROWS_MAX,
  )
  for (const { id, window, hop, instance, shape } of rows) {
    sql.run('DELETE FROM shapes WHERE rowid = ?', id)
    const start = Math.floor(window / spanMs) * spanMs
    addShape(sql, { window: start, spanMs, hop, instance }, storedShape(shape))
  }
  return rows.length === ROWS_MAX
}

interface Row {
  readonly id: number
  readonly window: number
  readonly hop: number
  readonly instance: number
  readonly shape: Buffer
}
