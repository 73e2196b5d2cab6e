/** Alerts in SQLite: see alerts.ts. */
import type { AlertChange, AlertRow, Delivery, OutboxRow } from './alerts.ts'
import type { Statements } from './statements.ts'

export function readAlerts(sql: Statements): readonly AlertRow[] {
  return sql.all<AlertRow>('SELECT key, state FROM alerts ORDER BY key')
}

/** Of one route and key only the oldest: what was told first arrives first. */
export function readOutbox(
  sql: Statements,
  dueBy: number,
  limit: number,
  latest: number,
): readonly OutboxRow[] {
  return sql.all<OutboxRow>(
    `SELECT ${OUTBOX} FROM (SELECT *, row_number() OVER (PARTITION BY route ORDER BY number) AS place ` +
      'FROM outbox WHERE (due_at <= ? OR due_at > ?) AND NOT EXISTS (SELECT 1 FROM outbox AS older ' +
      'WHERE older.route = outbox.route AND older.key = outbox.key ' +
      'AND older.number < outbox.number)) WHERE place <= ? ORDER BY number',
    dueBy,
    latest,
    limit,
  )
}

export function readDeliveries(sql: Statements): readonly Delivery[] {
  return sql
    .all<Omit<Delivery, 'isDone'> & { readonly done: number }>(
      'SELECT route, at, done, result, sent, failed, dropped FROM deliveries ORDER BY route',
    )
    .map(({ done, ...rest }) => ({ ...rest, isDone: done === 1 }))
}

/** In a transaction of the caller's. @param now ms */
export function changeAlerts(sql: Statements, change: AlertChange, now: number): void {
  for (const { key, state } of change.states ?? [])
    sql.run(
      'INSERT INTO alerts (key, state, changed_at) VALUES (?, ?, ?) ' +
        'ON CONFLICT DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at',
      key,
      state,
      now,
    )
  for (const key of change.forgotten ?? []) sql.run('DELETE FROM alerts WHERE key = ?', key)
  for (const number of change.removed ?? []) sql.run('DELETE FROM outbox WHERE number = ?', number)
  for (const { number, dueAt, error } of change.retried ?? [])
    sql.run(
      'UPDATE outbox SET due_at = ?, attempts = attempts + 1, last_error = ? WHERE number = ?',
      dueAt,
      error,
      number,
    )
  for (const { route, key, event } of change.added ?? [])
    sql.run(
      'INSERT INTO outbox (route, key, event, made_at, due_at, attempts, last_error) ' +
        "VALUES (?, ?, ?, ?, ?, 0, '')",
      ...[route, key, event],
      ...[now, now],
    )
  for (const { route, isDone, result, sent, failed, dropped } of change.deliveries ?? [])
    sql.run(
      'INSERT INTO deliveries (route, at, done, result, sent, failed, dropped) ' +
        'VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at, ' +
        'done = excluded.done, result = excluded.result, sent = sent + excluded.sent, ' +
        'failed = failed + excluded.failed, dropped = dropped + excluded.dropped',
      ...[route, now, isDone ? 1 : 0, result],
      ...[sent, failed, dropped],
    )
}

const OUTBOX =
  'number, route, key, event, made_at AS madeAt, due_at AS dueAt, attempts, last_error AS lastError'
