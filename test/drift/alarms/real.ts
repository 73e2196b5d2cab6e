/** Real public data (npm vega-datasets) as traffic: in order of time where it has one. */
import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'
import type { HopShape } from '../../../src/drift/judge.ts'
import { at, type Flat, profile } from '../judge/build.ts'

// The package exports no path to its data.
const fileOf = (name: string): string =>
  fileURLToPath(new URL(`../../../node_modules/vega-datasets/data/${name}`, import.meta.url))

interface Real {
  readonly file: string
  readonly order: string
  readonly limit: number
  /** Messages in a window. */
  readonly window: number
}

export const real: Readonly<Record<string, Real>> = {
  'flights by date': { file: 'flights-3m.parquet', order: 'date', limit: 250_000, window: 250 },
  'bird strikes by date': {
    ...{ file: 'birdstrikes.csv', order: '"Flight Date"', limit: 10_000, window: 50 },
  },
  'weather by the hour': {
    ...{ file: 'seattle-weather-hourly-normals.csv', order: 'date', limit: 10_000, window: 24 },
  },
  // It has no time: whatever comes next.
  'places in any order': {
    ...{ file: 'zipcodes.csv', order: 'hash(zip_code)', limit: 50_000, window: 100 },
  },
}

/**
 * @param most records
 * @param flaw applied to records in the second half; undefined: as they are
 */
export async function realShapes(
  { file, order, limit, window }: Real,
  most: number,
  flaw?: (record: Flat, i: number) => Flat,
): Promise<HopShape[]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const reader = await connection.runAndReadAll(
    `select * from '${fileOf(file)}' order by ${order} limit ${Math.min(limit, most)}`,
  )
  const rows = reader.getRowObjectsJson() as readonly Flat[]
  connection.closeSync()
  instance.closeSync()
  const shapes: HopShape[] = []
  for (let from = 0; from + window <= rows.length; from += window) {
    const records = rows.slice(from, from + window)
    const some = from * 2 < rows.length || flaw === undefined ? records : records.map(flaw)
    shapes.push(at('t', from / window, [profile(some)]))
  }
  return shapes
}
