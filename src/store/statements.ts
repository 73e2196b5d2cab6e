/** Prepared statements by their text, each prepared once. */
import type Sqlite from 'better-sqlite3'

type Value = string | number | Uint8Array | null

export class Statements {
  readonly #db: Sqlite.Database
  readonly #prepared = new Map<string, Sqlite.Statement>()

  constructor(db: Sqlite.Database) {
    this.#db = db
  }

  run(sql: string, ...values: readonly Value[]): Sqlite.RunResult {
    return this.#prepare(sql).run(...values)
  }

  /** The first row, or undefined. The caller names the shape that its SQL asks for. */
  get<Row>(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined
  }

  all<Row>(sql: string, ...values: readonly Value[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[]
  }

  #prepare(sql: string): Sqlite.Statement {
    let statement = this.#prepared.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      this.#prepared.set(sql, statement)
    }
    return statement
  }
}
