/** Opens the database file of a store and brings it to this version's tables, or leaves it alone. */
import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type Sqlite from 'better-sqlite3'
import { messageOf, QuipuError } from '../base/errors.ts'
import { migrations } from './migrations/index.ts'
import type { SqliteOptions } from './sqlite-options.ts'

/** `QUPU`: marks the file as a store of ours. */
const APPLICATION_ID = 0x51555055
/** ms that a writer waits for another one. */
const BUSY_MS = 5_000
/** The write-ahead log is cut back to this after a checkpoint. */
const WAL_BYTES_MAX: number = 64 * 2 ** 20

export async function openDatabase(path: string, options: SqliteOptions): Promise<Sqlite.Database> {
  if (path !== ':memory:') refuseMissingFolder(path)
  const Database = await loadDriver()
  const db = new Database(path, { timeout: BUSY_MS })
  try {
    refuseOthers(db, path)
    // WAL: readers and the one writer do not wait for each other. NORMAL: a power cut may take the
    // last transactions, whole; their positions go with them, so the same frames are read again.
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    db.pragma('foreign_keys = ON')
    db.pragma(`journal_size_limit = ${WAL_BYTES_MAX}`)
    migrate(db)
    if (options.maxBytes !== undefined) {
      const pageBytes = db.pragma('page_size', { simple: true }) as number
      db.pragma(`max_page_count = ${Math.max(1, Math.floor(options.maxBytes / pageBytes))}`)
    }
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Loaded when a store is opened: agents and `--help` do without. */
export async function loadDriver(): Promise<typeof Sqlite> {
  try {
    return (await import('better-sqlite3')).default
  } catch (error) {
    throw new QuipuError('MISSING_PART', `better-sqlite3 cannot be loaded: ${messageOf(error)}`, {
      hint: 'Run: npm install better-sqlite3',
      cause: error,
    })
  }
}

function refuseMissingFolder(path: string): void {
  const folder = dirname(path)
  if (!existsSync(folder)) {
    throw new QuipuError('NOT_FOUND', `store ${path}: the folder ${folder} does not exist`, {
      hint: `Make it first: mkdir -p ${folder}`,
    })
  }
  if (existsSync(path) && statSync(path).isDirectory()) {
    throw new QuipuError('STORE', `store ${path} is a folder`, { hint: 'Name a file.' })
  }
}

/** Before anything is written: a store of a newer version, or a database of something else. */
function refuseOthers(db: Sqlite.Database, path: string): void {
  const version = db.pragma('user_version', { simple: true }) as number
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() as number
  if (tables === 0 && version === 0) return
  if (db.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw new QuipuError('STORE', `store ${path} is the database of another program`, {
      hint: 'Name another file.',
    })
  }
  if (version > migrations.length) {
    throw new QuipuError(
      'STORE',
      `store ${path} was made by a newer version (tables ${version}, known ${migrations.length})`,
      { hint: 'Update quipu-audit, or name another file; this one was left as it is.' },
    )
  }
}

function migrate(db: Sqlite.Database): void {
  const versionOf = (): number => db.pragma('user_version', { simple: true }) as number
  if (versionOf() === migrations.length) return
  const run = db.transaction(() => {
    // Asked again under the lock: another process may have been faster.
    for (let version = versionOf(); version < migrations.length; version++) {
      db.exec(migrations[version] as string)
      db.pragma(`user_version = ${version + 1}`)
    }
    db.pragma(`application_id = ${APPLICATION_ID}`)
  })
  run.immediate()
}
