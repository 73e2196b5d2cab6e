/**
 * Sums over all windows there ever were, for counters. Runs in the transaction of its caller.
 *
 * Laws: a window gives to a sum what it has beyond the most that it gave before. So to judge it anew, to
 * revise it up or down and to be killed in between counts nothing twice, no sum ever falls, and the
 * order of revisions says nothing (but with which evidence a window was closed: that of the first). What a revision takes back stays in the sum: `verdicts` holds what is true now.
 * A window that was pruned has given all that it gives.
 *
 * What each window gave is kept as long as the window: about 150 bytes an edge and window, and some 20 for
 * each bucket of latencies that is not 0, where metrics are served.
 */
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { Statements } from './statements.ts'
import type { Total, WindowSums } from './store.ts'

/** Of `Counts`, those that are summed, under the same names. */
const COUNTED = [
  'expected',
  'delivered',
  'lost',
  'altered',
  'filtered',
  'dead_lettered',
  'duplicated',
  'unexpected',
  'recovered',
] as const

/** What hostile frames add up to beyond it must not keep a verdict from being stored. */
const MOST = Number.MAX_SAFE_INTEGER

/** A window is closed once, with the evidence that it had then. */
const CLOSED = 'closed.'

/** Null while it is open: nothing of it is final. */
export function sumsOfVerdict(verdict: EdgeVerdict): WindowSums | null {
  const { pipeline, edge, window, state, counts, evidence, findings } = verdict
  if (state === 'open') return null
  const sums: Record<string, number> = {}
  for (const name of COUNTED) if (counts[name] > 0) sums[name] = counts[name]
  if (findings.some(({ code }) => code === 'undecodable')) sums.undecodable = 1
  sums[CLOSED + (verdict.verdict === 'indeterminate' ? 'none' : evidence)] = 1
  return { pipeline, edge, window: window.start, sums }
}

/** @param before ms: windows that start before were pruned */
export function addToTotals(sql: Statements, list: readonly WindowSums[], before: number): void {
  for (const { pipeline, edge, window, sums } of list) {
    if (window < before) continue
    const place = [window, pipeline, edge] as const
    const row = sql.get<{ counts: string }>(
      'SELECT counts FROM counted WHERE window = ? AND pipeline = ? AND edge = ?',
      ...place,
    )
    const given = new Map<string, number>(
      row === undefined ? [] : Object.entries(JSON.parse(row.counts) as Record<string, number>),
    )
    const isClosed = [...given.keys()].some((name) => name.startsWith(CLOSED))
    let isMore = false
    for (const [name, sum] of Object.entries(sums)) {
      const value = wholeOf(sum)
      const more = value - (given.get(name) ?? 0)
      if (more <= 0 || (isClosed && name.startsWith(CLOSED))) continue
      isMore = true
      given.set(name, value)
      sql.run(
        'INSERT INTO totals (pipeline, edge, name, value) VALUES (?, ?, ?, ?) ' +
          `ON CONFLICT DO UPDATE SET value = min(value + excluded.value, ${MOST})`,
        pipeline,
        edge,
        name,
        more,
      )
    }
    if (!isMore) continue
    sql.run(
      'INSERT INTO counted (window, pipeline, edge, counts) VALUES (?, ?, ?, ?) ' +
        'ON CONFLICT DO UPDATE SET counts = excluded.counts',
      ...place,
      JSON.stringify(Object.fromEntries(given)),
    )
  }
}

/** What is no number gives nothing. */
const wholeOf = (sum: number): number => Math.min(Math.round(Math.max(0, sum || 0)), MOST)

export const readTotals = (sql: Statements): readonly Total[] =>
  sql.all<Total>('SELECT pipeline, edge, name, value FROM totals ORDER BY pipeline, edge, name')
