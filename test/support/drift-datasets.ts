/** Public data sets (npm vega-datasets), in their own order, as JSON. */
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'

/** Rows as DuckDB reads them from their file: what is missing is null. */
export async function dataset(file: string, limit = 1_000_000): Promise<readonly string[]> {
  // The package exports no path to its data.
  const path = fileURLToPath(
    new URL(`../../node_modules/vega-datasets/data/${file}`, import.meta.url),
  )
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const rows = await connection.runAndReadAll(
      `select to_json(row)::varchar from (select * from '${path}' limit ${limit}) as row`,
    )
    return rows.getRows().map(([text]) => String(text))
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
