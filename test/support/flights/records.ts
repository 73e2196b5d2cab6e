/** Real US flight records (npm vega-datasets), Avro-encoded. */
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import avsc from 'avsc'

// The package exports no path to its data.
const PARQUET = fileURLToPath(
  new URL('../../../node_modules/vega-datasets/data/flights-3m.parquet', import.meta.url),
)

export const flightType: avsc.Type = avsc.Type.forSchema({
  type: 'record',
  name: 'Flight',
  fields: [
    { name: 'date', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'delay', type: 'int' },
    { name: 'distance', type: 'int' },
    { name: 'origin', type: 'string' },
    { name: 'destination', type: 'string' },
  ],
})

/** The first `count` records, encoded, in blocks as DuckDB reads them. */
export async function* flightRecords(count: number): AsyncGenerator<Buffer[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const result = await connection.stream(
    `select epoch_ms(date)::double as date, coalesce(delay, 0)::int as delay,
            coalesce(distance, 0)::int as distance, origin, destination
     from '${PARQUET}' limit ${count}`,
  )
  for (;;) {
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) break
    yield chunk
      .getRows()
      .map(([date, delay, distance, origin, destination]) =>
        flightType.toBuffer({ date, delay, distance, origin, destination }),
      )
  }
  connection.closeSync()
  instance.closeSync()
}
