/**
 * The little in which the SQL of the engines differs. All else that is generated is the same text.
 *
 * A **step** is a sub-query whose columns the next one uses several times. Engines like to copy such a
 * column's expression into each use, and a dozen steps would become 3^12 expressions; so each step says
 * that it is to be computed. In SQLite and PostgreSQL an offset of nothing does that while the rows
 * stream through; `MATERIALIZED` would do it too, but keeps all rows of each step. DuckDB is the faster
 * with it.
 */

export const sqlDialects = ['sqlite', 'duckdb', 'postgresql'] as const
export type SqlDialect = (typeof sqlDialects)[number]

/** How an id is stored: as 16 bytes (BLOB, BYTEA), or as UUID (in SQLite, its text). */
export type SqlIdType = 'bytes' | 'uuid'

export interface DialectSql {
  readonly stepAs: string
  /** Ends a step, with a space before it; or nothing. */
  readonly stepEnd: string
  /** The id in a column as 32 hexadecimal digits, either case; NULL if it is none. */
  digits(column: string, idType: SqlIdType): string
  /** A uint32 as a 64-bit integer, from eight such digits. */
  word(digits: string): string
  /** Whether a column, which may be NULL, holds an integer. */
  isInteger(column: string): string
}

const sqlite: DialectSql = {
  stepAs: 'AS',
  stepEnd: ' LIMIT -1 OFFSET 0',
  digits(column, idType) {
    if (idType === 'bytes') {
      return `CASE WHEN typeof(${column}) = 'blob' AND length(${column}) = 16 THEN hex(${column}) END`
    }
    const bare = `replace(${column}, '-', '')`
    return `CASE WHEN length(${bare}) = 32 AND ${bare} NOT GLOB '*[^0-9A-Fa-f]*' THEN ${bare} END`
  },
  // JSON5 knows hexadecimal numbers; SQL here knows no other way from digits to a number but one by one.
  word: (digits) => `('0x' || ${digits}) ->> '$'`,
  isInteger: (column) => `typeof(${column}) = 'integer'`,
}

const duckdb: DialectSql = {
  stepAs: 'AS MATERIALIZED',
  stepEnd: '',
  digits: (column, idType) =>
    idType === 'bytes'
      ? `CASE WHEN octet_length(${column}) = 16 THEN hex(${column}) END`
      : `replace(CAST(${column} AS VARCHAR), '-', '')`,
  word: (digits) => `CAST('0x' || ${digits} AS BIGINT)`,
  isInteger: (column) => `${column} % 1 = 0`,
}

const postgresql: DialectSql = {
  stepAs: 'AS',
  stepEnd: ' OFFSET 0',
  digits: (column, idType) =>
    idType === 'bytes'
      ? `CASE WHEN octet_length(${column}) = 16 THEN encode(${column}, 'hex') END`
      : `replace(CAST(${column} AS TEXT), '-', '')`,
  word: (digits) => `CAST(CAST('x' || ${digits} AS BIT(32)) AS BIGINT)`,
  isInteger: (column) => `${column} % 1 = 0`,
}

export const dialectSql: Readonly<Record<SqlDialect, DialectSql>> = { sqlite, duckdb, postgresql }
