/**
 * Sums over all windows there ever were, for counters. Runs in the transaction of its caller.
 *
 * Laws: a window gives to a sum what it has beyond the most that it gave before. So to judge it anew, to
 * revise it up or down and to be killed in between counts nothing twice, no sum ever falls, and the
 * order of revisions says nothing (but with which evidence a window was closed: that of the first). What a
 * revision takes back stays in the sum: `verdicts` holds what is true now. A window that was pruned has
 * given all that it gives.
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
  const additions = new Additions(sql)
  for (const { pipeline, edge, window, sums } of list) {
    if (window < before) continue
    const place = [window, pipeline, edge] as const
    for (const [name, more] of given(sql, place, sums)) additions.add(pipeline, edge, name, more)
  }
  additions.write()
}

/** Notes what the window gives now. @returns what of it is more than it gave before */
function given(
  sql: Statements,
  place: readonly [window: number, pipeline: string, edge: string],
  sums: WindowSums['sums'],
): readonly (readonly [name: string, more: number])[] {
  const all = Object.entries(sums).flatMap(([name, sum]): [string, number][] => {
    const value = wholeOf(sum)
    return value > 0 ? [[name, value]] : []
  })
  if (all.length === 0) return []
  const row = sql.get<{ counts: string }>(GIVEN, ...place)
  const text = JSON.stringify(Object.fromEntries(all))
  if (row === undefined) {
    sql.run(GIVE_FIRST, ...place, text)
    return all
  }
  if (row.counts === text) return []
  const most = new Map(Object.entries(JSON.parse(row.counts) as Record<string, number>))
  const isClosed = [...most.keys()].some((name) => name.startsWith(CLOSED))
  const more = all.flatMap(([name, value]): [string, number][] => {
    const beyond = value - (most.get(name) ?? 0)
    if (beyond <= 0 || (isClosed && name.startsWith(CLOSED))) return []
    most.set(name, value)
    return [[name, beyond]]
  })
  if (more.length > 0) sql.run(GIVE_MORE, JSON.stringify(Object.fromEntries(most)), ...place)
  return more
}

const GIVE_FIRST = 'INSERT INTO counted (window, pipeline, edge, counts) VALUES (?, ?, ?, ?)'
const GIVEN = 'SELECT counts FROM counted WHERE window = ? AND pipeline = ? AND edge = ?'
const GIVE_MORE = 'UPDATE counted SET counts = ? WHERE window = ? AND pipeline = ? AND edge = ?'

/** Rows of one statement: of many in a row the statements cost more than the rows. */
const ROWS_MAX = 32
/** By the number of rows. */
const ADD: readonly string[] = Array.from(
  { length: ROWS_MAX + 1 },
  (_, rows) =>
    `INSERT INTO totals (pipeline, edge, name, value) VALUES ${Array(rows).fill('(?, ?, ?, ?)').join()} ` +
    `ON CONFLICT DO UPDATE SET value = min(value + excluded.value, ${MOST})`,
)

/** What is added to sums, a few rows at a time; one sum may be among them often. */
class Additions {
  readonly #sql: Statements
  #values: (string | number)[] = []
  #rows = 0

  constructor(sql: Statements) {
    this.#sql = sql
  }

  add(pipeline: string, edge: string, name: string, more: number): void {
    this.#values.push(pipeline, edge, name, more)
    if (++this.#rows === ROWS_MAX) this.write()
  }

  write(): void {
    if (this.#rows > 0) this.#sql.run(ADD[this.#rows] as string, ...this.#values)
    this.#values = []
    this.#rows = 0
  }
}

/** What is no number gives nothing. */
const wholeOf = (sum: number): number => Math.min(Math.round(Math.max(0, sum || 0)), MOST)

export const readTotals = (sql: Statements): readonly Total[] =>
  sql.all<Total>('SELECT pipeline, edge, name, value FROM totals ORDER BY pipeline, edge, name')
