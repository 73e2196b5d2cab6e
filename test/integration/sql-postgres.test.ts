import pg from 'pg'
import { describe } from 'vitest'
import { startPostgres } from '../../src/testbed/postgres.ts'
import { type MessageRow, type SqlEngine, sqlSuite, type WindowCell } from '../sketch/sql.ts'
import { isPostgresMissing } from '../support/postgres.ts'

describe.skipIf(isPostgresMissing)('in PostgreSQL', () => {
  sqlSuite(openPostgres)
})

async function openPostgres(): Promise<SqlEngine> {
  const server = await startPostgres()
  const client = new pg.Client(server.url)
  await client.connect()
  return {
    dialect: 'postgresql',
    async insert(table, rows) {
      await client.query(`CREATE TABLE ${table} (id BYTEA, times BIGINT, digest BIGINT)`)
      const columns = [
        rows.map(({ id }) => (id === null ? null : Buffer.from(id).toString('hex'))),
        rows.map(({ times = 1 }: MessageRow) => times),
        rows.map(({ digest = 0 }: MessageRow) => digest),
      ]
      await client.query(
        `INSERT INTO ${table} SELECT decode(id, 'hex'), times, digest
         FROM unnest($1::TEXT[], $2::BIGINT[], $3::BIGINT[]) AS rows(id, times, digest)`,
        columns,
      )
    },
    async run(sql) {
      await client.query(sql)
    },
    async cells(sql) {
      return (await client.query<WindowCell>(sql)).rows
    },
    async close() {
      await client.end()
      await server.stop()
    },
  }
}
