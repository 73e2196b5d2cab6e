/** What integration tests need of a PostgreSQL. */

import pg from 'pg'
import { onTestFinished } from 'vitest'
import { preparePostgres } from '../../src/testbed/postgres.ts'

/** Where none can be started its tests are skipped by name; `npm test` says how to get one. */
export const isPostgresMissing: boolean = await preparePostgres().then(
  () => false,
  () => true,
)

/** A connection for one test. */
export async function postgresClient(url: string): Promise<pg.Client> {
  const client = new pg.Client(url)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}
