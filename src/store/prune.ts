/**
 * Forgets what proves nothing of the windows that are kept, or of later ones: no accusation and no
 * acquittal of theirs rests on it. Runs in the transaction of its caller.
 *
 * | what                         | kept                                                            |
 * | ---------------------------- | --------------------------------------------------------------- |
 * | tallies, filters, verdicts   | of windows that start at `before` or later                      |
 * | shapes                       | the same, of instances whose frame numbers are kept             |
 * | mishaps                      | of `before` and later, of instances whose frame numbers are kept |
 * | who minted which tag         | of such windows, 100,000, of such instances                     |
 * | gaps                         | that touch such a window                                        |
 * | seals, reach, missing frames | of instances that may speak of such windows, or last at a hop   |
 * | frame numbers taken          | of instances heard in the 30 days before, and later             |
 * | offsets watched              | with all holes that may hold such births, 5,000 a partition     |
 */
import type { CoverSpan } from '../hop/evidence.ts'
import { firstYoung } from '../hop/old-spans.ts'
import { spansOf, spansText } from './cover-spans.ts'
import { speakersSince } from './instance-rows.ts'
import { pruneMinters } from './minters.ts'
import { pruneMishaps } from './mishaps.ts'
import { OF_ALL } from './shape-rows.ts'
import type { Statements } from './statements.ts'

const DAY_MS = 86_400_000
/** Longer than audit topics are read again: a number that is forgotten would be counted twice. */
const NUMBERS_KEPT_MS: number = 30 * DAY_MS
/** By so much, and far less, clocks of agents differ, and births from the time they are believed at. */
const CLOCKS_MS: number = DAY_MS
/** All are read and written with every batch, some ms; it is a hole in 8 minutes, for 30 days. */
const SPANS_MAX = 5_000

/** @param before ms: windows that start before are gone */
export function pruneBefore(sql: Statements, before: number): void {
  sql.run('DELETE FROM tallies WHERE window < ?', before)
  sql.run('DELETE FROM memberships WHERE window < ?', before)
  sql.run('DELETE FROM shapes WHERE window < ?', before)
  sql.run('DELETE FROM verdicts WHERE window < ?', before)
  sql.run('DELETE FROM counted WHERE window < ?', before)
  sql.run('DELETE FROM gaps WHERE to_window < ?', before)
  pruneMishaps(sql, before)
  pruneMinters(sql, before)
  pruneInstances(sql, before)
  pruneCoverage(sql, before)
}

function pruneInstances(sql: Statements, before: number): void {
  const speakers = new Set(speakersSince(sql, before))
  // Those that have hops have not been cleared yet.
  const cleared = sql
    .all<{ id: number }>(
      'SELECT id FROM instances WHERE last_heard_at < ? ' +
        'AND EXISTS (SELECT 1 FROM instance_hops WHERE instance = id)',
      before,
    )
    .filter(({ id }) => !speakers.has(id))
  for (const { id } of cleared)
    for (const table of ['seals', 'reach', 'missing_frames', 'instance_hops'])
      sql.run(`DELETE FROM ${table} WHERE instance = ?`, id)
  sql.run('DELETE FROM instances WHERE last_heard_at < ?', before - NUMBERS_KEPT_MS)
  // Their numbers may come again for others. Only of births in the future is there anything left.
  sql.run(
    'DELETE FROM shapes WHERE instance <> ? AND instance NOT IN (SELECT id FROM instances)',
    OF_ALL,
  )
  for (const table of ['mishaps', 'minters'])
    sql.run(`DELETE FROM ${table} WHERE instance NOT IN (SELECT id FROM instances)`)
}

function pruneCoverage(sql: Statements, before: number): void {
  const rows = sql.all<{ hop: number; partition: number; spans: string }>(
    'SELECT hop, partition, spans FROM coverage',
  )
  for (const { hop, partition, spans: text } of rows) {
    const spans = spansOf(text)
    const kept = bounded(spans.slice(firstYoung(spans, before - CLOCKS_MS)))
    if (kept.length === spans.length) continue
    sql.run(
      'UPDATE coverage SET spans = ? WHERE hop = ? AND partition = ?',
      spansText(kept),
      hop,
      partition,
    )
  }
}

/** Beyond the limit the lowest but the first are given up: one hole instead of many holes. */
function bounded(spans: readonly CoverSpan[]): readonly CoverSpan[] {
  return spans.length <= SPANS_MAX ? spans : [spans[0] as CoverSpan, ...spans.slice(1 - SPANS_MAX)]
}
