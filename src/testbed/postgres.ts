/** A PostgreSQL for tests: a server of its own, on a free port of 127.0.0.1, with data nobody keeps. */

import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { access, chown, constants, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { QuipuError } from '../base/errors.ts'
import { must, run } from './command.ts'
import { freePorts } from './ports.ts'
import { type Running, spawnBound } from './process.ts'

export interface TestPostgres {
  /** With user and password; the database is `postgres`. */
  readonly url: string
  /** Stops the server and removes its data. May be called twice. */
  stop(): Promise<void>
}

/** Starting takes 0.2 s, after 1 s for `initdb`. */
const readyMsMax = 30_000
/** An orderly stop takes 0.1 s. */
const stopMsMax = 10_000
const pollMs = 50
/** Two processes can pick the same free port at the same moment. */
const startsMax = 3
/** Lines of a dying server that are worth showing. */
const linesKept = 30

/** Where Debian puts the programs of each version, outside of PATH. */
const debianFolder = '/usr/lib/postgresql'
const programNames = ['initdb', 'postgres', 'pg_isready'] as const
const user = 'quipu'

/** Data is thrown away, so nothing is forced to disk; shared memory lies with it, so none is left over. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  dynamic_shared_memory_type: 'mmap',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
}

interface Installation {
  /** The folder of them. */
  readonly programs: string
  /** PostgreSQL refuses to run as root. */
  readonly runAs: { readonly uid: number; readonly gid: number } | undefined
}

export async function startPostgres(): Promise<TestPostgres> {
  const installation = await findInstallation()
  for (let attempt = 1; ; attempt++) {
    const server = new Server(installation)
    try {
      await server.start()
      return server
    } catch (error) {
      await server.stop()
      if (attempt === startsMax) throw error
    }
  }
}

/** Does all of `startPostgres` that can be missing on a machine, and throws the same errors. */
export async function preparePostgres(): Promise<void> {
  await findInstallation()
}

async function findInstallation(): Promise<Installation> {
  const programs = await findPrograms()
  if (programs === undefined) {
    const named = process.env.POSTGRES_BIN
    throw new QuipuError('MISSING_PART', 'No PostgreSQL can be started: initdb missing', {
      hint: named
        ? `Set POSTGRES_BIN to the folder of initdb: it is not in ${named}.`
        : 'On Debian, run `apt-get install postgresql`; or set POSTGRES_BIN to the folder of initdb.',
    })
  }
  if (process.getuid?.() !== 0) return { programs, runAs: undefined }
  const uid = await run('id', ['-u', 'postgres'])
  const gid = await run('id', ['-g', 'postgres'])
  const setpriv = await run('setpriv', ['--version'])
  if (uid.code === 0 && gid.code === 0 && setpriv.code === 0) {
    return { programs, runAs: { uid: Number(uid.output), gid: Number(gid.output) } }
  }
  throw new QuipuError('MISSING_PART', 'No PostgreSQL can be started: it refuses to run as root', {
    hint: 'Run as another user; or have a user `postgres` and the program `setpriv` (util-linux).',
  })
}

/** What POSTGRES_BIN names and nothing else; or PATH; or the newest that Debian has. */
async function findPrograms(): Promise<string | undefined> {
  const named = process.env.POSTGRES_BIN
  const folders = named
    ? [named]
    : [...(process.env.PATH ?? '').split(delimiter), ...(await debian())]
  for (const folder of folders) {
    if (folder !== '' && (await isComplete(folder))) return folder
  }
  return undefined
}

async function debian(): Promise<string[]> {
  const versions = await readdir(debianFolder).catch(() => [])
  return versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(debianFolder, version, 'bin'))
}

/** A single program in PATH may be a link to a version, or a wrapper without the others. */
async function isComplete(folder: string): Promise<boolean> {
  const found = programNames.map((name) => access(join(folder, name), constants.X_OK))
  return Promise.all(found).then(
    () => true,
    () => false,
  )
}

class Server implements TestPostgres {
  #url = ''
  readonly #installation: Installation
  readonly #lines: string[] = []
  #folder: string | undefined
  #running: Running | undefined
  readonly #onExit = (): void => this.#abandon()

  constructor(installation: Installation) {
    this.#installation = installation
  }

  get url(): string {
    return this.#url
  }

  async start(): Promise<void> {
    process.once('exit', this.#onExit)
    const folder = await mkdtemp(join(tmpdir(), 'quipu-postgres-'))
    this.#folder = folder
    const data = join(folder, 'data')
    const passwordFile = join(folder, 'password')
    const password = randomBytes(16).toString('hex')
    await writeFile(passwordFile, password, { mode: 0o600 })
    const { runAs } = this.#installation
    if (runAs !== undefined) {
      await chown(passwordFile, runAs.uid, runAs.gid)
      await chown(folder, runAs.uid, runAs.gid)
    }

    const init = ['--pgdata', data, '--username', user, '--pwfile', passwordFile]
    const always = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync']
    await must(...this.#command('initdb', [...init, ...always]))
    await rm(passwordFile)

    const [port] = await freePorts(1)
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const [command, args] = this.#command('postgres', ['-D', data, '-p', String(port), ...flags])
    this.#running = await spawnBound(command, args, data, (text) => {
      this.#lines.push(text)
      if (this.#lines.length > linesKept) this.#lines.shift()
    })
    await this.#ready(port as number)
    this.#url = `postgres://${user}:${password}@127.0.0.1:${port}/postgres`
  }

  async stop(): Promise<void> {
    process.off('exit', this.#onExit)
    const server = this.#running
    if (server !== undefined && !server.isGone()) {
      // Ends open connections; SIGTERM would wait for them.
      process.kill(server.pid, 'SIGINT')
      const timer = setTimeout(() => void server.signal('SIGKILL'), stopMsMax)
      await server.gone
      clearTimeout(timer)
    }
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
  }

  /** As the user and in the folder that PostgreSQL wants; `exec` keeps the pid that of the program. */
  #command(
    program: (typeof programNames)[number],
    args: readonly string[],
  ): [command: string, args: string[]] {
    const { programs, runAs } = this.#installation
    const as =
      runAs === undefined
        ? []
        : ['setpriv', `--reuid=${runAs.uid}`, `--regid=${runAs.gid}`, '--clear-groups']
    const line = [...as, join(programs, program), ...args]
    return ['sh', ['-c', 'cd "$1" && shift && exec "$@"', 'sh', this.#folder ?? tmpdir(), ...line]]
  }

  async #ready(port: number): Promise<void> {
    const probe = join(this.#installation.programs, 'pg_isready')
    const deadline = Date.now() + readyMsMax
    while (this.#running?.isGone() === false && Date.now() < deadline) {
      const asked = await run(probe, [
        '--host=127.0.0.1',
        `--port=${port}`,
        '--timeout=3',
        '--quiet',
      ])
      // Another server may answer on a port that was taken in the meantime; ours is then soon gone.
      if (asked.code === 0 && this.#lines.some((line) => line.includes('ready to accept'))) return
      await sleep(pollMs)
    }
    const what = this.#running?.isGone()
      ? 'stopped while starting'
      : `not ready in ${readyMsMax} ms`
    throw new QuipuError('CONNECTION', `PostgreSQL ${what}\n${this.#lines.join('\n')}`.trimEnd())
  }

  /** The process is ending: nothing asynchronous will run any more. */
  #abandon(): void {
    if (this.#running?.isGone() === false) {
      try {
        process.kill(this.#running.pid, 'SIGKILL')
      } catch {
        // Gone in the meantime.
      }
    }
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
  }
}
