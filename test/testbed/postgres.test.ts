import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { preparePostgres, startPostgres } from '../../src/testbed/postgres.ts'
import { isPostgresMissing, postgresClient } from '../support/postgres.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

describe.skipIf(isPostgresMissing)('a PostgreSQL of its own', () => {
  it('keeps rows, listens on 127.0.0.1 only, wants its password, and leaves nothing behind', async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'quipu-testbed-'))
    onTestFinished(() => rm(temporary, { recursive: true }))
    // As root, the server runs as somebody else, who must get there.
    await chmod(temporary, 0o755)
    vi.stubEnv('TMPDIR', temporary)
    const server = await startPostgres()
    onTestFinished(() => server.stop())

    const client = await postgresClient(server.url)
    client.on('error', () => {})
    await client.query('CREATE TABLE kept AS SELECT 1 AS one')
    expect((await client.query('SELECT one FROM kept')).rows).toEqual([{ one: 1 }])
    const { rows } = await client.query('SHOW listen_addresses')
    expect(rows).toEqual([{ listen_addresses: '127.0.0.1' }])
    const stranger = new URL(server.url)
    stranger.password = 'guess'
    await expect(new pg.Client(stranger.href).connect()).rejects.toThrow('password authentication')

    // With a connection open, and twice.
    expect(await readdir(temporary)).toHaveLength(1)
    await server.stop()
    await server.stop()
    expect(await readdir(temporary)).toEqual([])
    expect(await isOpen(server.url)).toBe(false)
  })

  it('runs beside another', async () => {
    const servers = await Promise.all([startPostgres(), startPostgres()])
    onTestFinished(async () => {
      await Promise.all(servers.map((server) => server.stop()))
    })
    const [first, second] = servers
    await (await postgresClient(first.url)).query('CREATE TABLE mine AS SELECT 1 AS one')

    const other = await postgresClient(second.url)
    await expect(other.query('SELECT * FROM mine')).rejects.toThrow('does not exist')
  })
})

describe('a PostgreSQL that is missing', () => {
  it('is named, with what to do', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'quipu-testbed-'))
    onTestFinished(() => rm(empty, { recursive: true }))
    vi.stubEnv('POSTGRES_BIN', empty)

    const missing = {
      code: 'MISSING_PART',
      message: 'No PostgreSQL can be started: initdb missing',
      hint: `Set POSTGRES_BIN to the folder of initdb: it is not in ${empty}.`,
    }
    await expect(startPostgres()).rejects.toMatchObject(missing)
    await expect(preparePostgres()).rejects.toMatchObject(missing)
  })
})

function isOpen(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
