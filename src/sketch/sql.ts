/**
 * The sketch as SQL: a statement that folds a table of ids into cells, and one that adds and subtracts
 * such cells. What it gives is what `Table` gives, so a warehouse can be a hop without moving a row.
 *
 * Cells are rows: `window_start` (ms since 1970), `cell`, `count`, `limb0` … `limb3`, `digest` if asked
 * for, `check_a`, `check_b`. Words are residues in [0, p); cells of zeros are left out.
 *
 * Rows that cannot be folded (the id is NULL or not 16 bytes, times no int32, the digest no 32 bits) are
 * neither dropped nor guessed: one row whose window and cell are NULL counts them. They add up under
 * `mergeSql` on either side, since what nobody could read proves nothing.
 *
 * Laws: fold of all rows = merge of the folds of its parts, in any split; merging on `plus` and `minus`
 * the same leaves no cell.
 *
 * Limits: SQLite adds up in 64 bits and fails beyond them ("integer overflow"), never before 2^31 ids
 * (or Σ |times|) in one cell and window: fold more in parts, and merge. In DuckDB (HUGEINT) and
 * PostgreSQL (NUMERIC) sums have room for 2^63 ids a cell. SQLite must be 3.42 or later (JSON5).
 */
import assert from 'node:assert/strict'
import { COUNT_MAX, COUNT_MIN, DEFAULT_SEED, PRIME } from './shape.ts'
import {
  type DialectSql,
  dialectSql,
  type SqlDialect,
  type SqlIdType,
  sqlDialects,
} from './sql-dialect.ts'
import { cellSql, hashSteps, isInLadderSql, type SqlStep } from './sql-hash.ts'
import { columnName, STEP_PREFIX, tableName } from './sql-names.ts'

export type { SqlDialect, SqlIdType } from './sql-dialect.ts'

export interface FoldSqlOptions {
  readonly dialect: SqlDialect
  /** A table or view, perhaps qualified: `schema.messages`. */
  readonly from: string
  /** The column of the id. */
  readonly id: string
  readonly idType?: SqlIdType
  /** An integer column: how often the id counts, an int32. Unset: once. */
  readonly times?: string
  /** An integer column: 32 bits, signed or not. Then the element is `id+digest`. */
  readonly digest?: string
  readonly windowMs: number
  readonly seed?: number
}

/** The statement is the same for all engines. */
export interface MergeSqlOptions {
  /** Tables or views of cells, added. */
  readonly plus: readonly string[]
  /** The same, subtracted. */
  readonly minus?: readonly string[]
  /** Whether the cells have the column `digest`. */
  readonly digest?: boolean
}

/** SQLite takes no longer chain of UNION ALL. */
const MERGE_TABLES_MAX = 500

const UINT32_MAX = 2 ** 32 - 1

/** Ids have 48 bits of birth time. */
const WINDOW_MS_MAX = 2 ** 48

const idWords = ['w0', 'w1', 'w2', 'w3'] as const

export function foldSql(options: FoldSqlOptions): string {
  const { dialect, from, times, digest, windowMs, seed = DEFAULT_SEED } = options
  assert(
    sqlDialects.includes(dialect),
    `expected one of ${sqlDialects.join(', ')}, got ${String(dialect)}`,
  )
  assert(seed >>> 0 === seed, `expected the seed to be a uint32, got ${seed}`)
  assert(
    Number.isInteger(windowMs) && windowMs >= 1 && windowMs <= WINDOW_MS_MAX,
    `expected windowMs to be an integer from 1 to 2^48, got ${windowMs}`,
  )
  const engine = dialectSql[dialect]
  const words = digest === undefined ? [...idWords] : [...idWords, 'digest']
  const kept = times === undefined ? words : [...words, 'times']
  const steps = [
    inputStep(engine, options),
    wordsStep(engine, options),
    ...hashSteps(words, kept, seed),
  ]
  const { text, last } = chain(engine, steps, `${tableName(from)} AS t`)

  return `/* Shape q1, seed ${seed}, windows of ${windowMs} ms. */
WITH
  ${STEP_PREFIX}parts(part) AS (VALUES (0), (1), (2), (3), (4)),
${text},
  ${STEP_PREFIX}placed AS (
    SELECT
      ${birth} - ${birth} % ${windowMs} AS window_start,
      ${cellSql.join('\n      ')} AS cell,
      ${[...kept, 'check_a', 'check_b'].join(', ')}
    FROM ${last} CROSS JOIN ${STEP_PREFIX}parts
    WHERE (part < 4 OR ${isInLadderSql}) AND (part = 0 OR w0 IS NOT NULL)
  ),
  ${STEP_PREFIX}cells AS (
    SELECT
      window_start, cell,
      ${[countOf(times === undefined ? '1' : 'times'), ...sums(words, times)].join(',\n      ')}
    FROM ${STEP_PREFIX}placed GROUP BY window_start, cell
  )
${selectCells(digest !== undefined)}
`
}

export function mergeSql({ plus, minus = [], digest = false }: MergeSqlOptions): string {
  const count = plus.length + minus.length
  assert(
    count >= 1 && count <= MERGE_TABLES_MAX,
    `expected 1 to ${MERGE_TABLES_MAX} tables to merge, got ${count}`,
  )
  const words = wordColumns(digest)
  const added = `window_start, cell, count, ${words.join(', ')}`
  const taken = [
    'window_start, cell, CASE WHEN cell IS NULL THEN count ELSE -count END AS count',
    words.map((word) => `-${word} AS ${word}`).join(', '),
  ].join(',\n      ')
  const terms = [
    ...plus.map((table) => `    SELECT ${added}\n    FROM ${tableName(table)}`),
    ...minus.map((table) => `    SELECT ${taken}\n    FROM ${tableName(table)}`),
  ]
  return `WITH
  ${STEP_PREFIX}terms AS (
${terms.join('\n    UNION ALL\n')}
  ),
  ${STEP_PREFIX}cells AS (
    SELECT
      window_start, cell,
      ${countOf('count')},
      ${words.map((word) => residue(word, word)).join(',\n      ')}
    FROM ${STEP_PREFIX}terms GROUP BY window_start, cell
  )
${selectCells(digest)}
`
}

const birth = '(w0 * 65536 + (w1 >> 16))'

/** `digits` is NULL in the rows that cannot be folded. */
function inputStep(
  engine: DialectSql,
  { id, idType = 'bytes', times, digest }: FoldSqlOptions,
): SqlStep {
  const within = (column: string, max: number): string =>
    `${engine.isInteger(column)} AND ${column} BETWEEN ${COUNT_MIN} AND ${max}`
  const columns: string[] = []
  const conditions: string[] = []
  if (digest !== undefined) {
    const column = `t.${columnName(digest)}`
    conditions.push(within(column, UINT32_MAX))
    columns.push(`${column} AS digest`)
  }
  if (times !== undefined) {
    const column = `t.${columnName(times)}`
    conditions.push(within(column, COUNT_MAX))
    columns.push(`${column} AS times`)
  }
  const digits = engine.digits(`t.${columnName(id)}`, idType)
  const guarded = conditions.reduce((inner, test) => `CASE WHEN ${test} THEN ${inner} END`, digits)
  return { name: 'ids', columns: [`${guarded} AS digits`, ...columns] }
}

/** A row that cannot be folded counts once, and has no words. */
function wordsStep(engine: DialectSql, { times, digest }: FoldSqlOptions): SqlStep {
  const columns = idWords.map(
    (word, i) => `${engine.word(`substr(digits, ${8 * i + 1}, 8)`)} AS ${word}`,
  )
  if (digest !== undefined) {
    const value = `CAST(digest AS BIGINT) & ${UINT32_MAX}`
    columns.push(`CASE WHEN digits IS NOT NULL THEN ${value} END AS digest`)
  }
  if (times !== undefined) {
    columns.push('CASE WHEN digits IS NULL THEN 1 ELSE CAST(times AS BIGINT) END AS times')
  }
  return { name: 'words', columns }
}

/** Each step selects from the one before. */
function chain(
  { stepAs, stepEnd }: DialectSql,
  steps: readonly SqlStep[],
  source: string,
): { text: string; last: string } {
  let from = source
  const texts = steps.map(({ name, columns }) => {
    const step = `  ${STEP_PREFIX}${name} ${stepAs} (
    SELECT
      ${listed(columns)}
    FROM ${from}${stepEnd}
  )`
    from = STEP_PREFIX + name
    return step
  })
  return { text: texts.join(',\n'), last: from }
}

/** Columns that only pass through share a line. */
function listed(columns: readonly string[]): string {
  const passing = columns.filter((column) => !column.includes(' '))
  const made = columns.filter((column) => column.includes(' '))
  return [...(passing.length > 0 ? [passing.join(', ')] : []), ...made].join(',\n      ')
}

function sums(words: readonly string[], times: string | undefined): readonly string[] {
  const columns = wordColumns(words.length > idWords.length)
  return [...words, 'check_a', 'check_b'].map((word, i) =>
    residue(times === undefined ? word : `times * ${word}`, columns[i] as string),
  )
}

function countOf(term: string): string {
  return `CAST(SUM(${term}) AS BIGINT) AS count`
}

function wordColumns(digest: boolean): readonly string[] {
  const limbs = ['limb0', 'limb1', 'limb2', 'limb3']
  return [...limbs, ...(digest ? ['digest'] : []), 'check_a', 'check_b']
}

/** The remainder of a negative number is negative in SQL. */
function residue(term: string, name: string): string {
  return `CAST((SUM(${term}) % ${PRIME} + ${PRIME}) % ${PRIME} AS BIGINT) AS ${name}`
}

function selectCells(digest: boolean): string {
  const words = ['count', ...wordColumns(digest)]
  return `SELECT window_start, cell, ${words.join(', ')}
FROM ${STEP_PREFIX}cells
WHERE ${words.map((word) => `${word} <> 0`).join('\n  OR ')}`
}
