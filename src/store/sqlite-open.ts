/** Opens the database file of a store and brings it to this version's tables, or leaves it alone. */
import { existsSync, readFileSync, statSync } from 'node:fs'
import type Sqlite from 'better-sqlite3'
import { messageOf, QuipuError } from '../base/errors.ts'
import { migrations } from './migrations/index.ts'
import { APPLICATION_ID, refuseMissingFolder, refuseStore } from './sqlite-file.ts'
import type { SqliteOptions } from './sqlite-options.ts'

/** ms that a writer waits for another one. */
const BUSY_MS = 5_000
/** The write-ahead log is cut back to this after a checkpoint. */
const WAL_BYTES_MAX: number = 64 * 2 ** 20

export async function openDatabase(path: string, options: SqliteOptions): Promise<Sqlite.Database> {
  refuseMissingFolder(path)
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

/**
 * For those who only read: nothing of the file is changed, nor is one made. A store of an older version is
 * brought up to date in memory; so is one in a folder in which this user may not write.
 */
export async function openToRead(path: string): Promise<Sqlite.Database> {
  refuseMissingFolder(path)
  const Database = await loadDriver()
  const db = openReadOnly(Database, path)
  try {
    refuseEmpty(db, path)
    refuseOthers(db, path)
    if (db.pragma('user_version', { simple: true }) === migrations.length) return db
    const copy = inMemory(Database, db.serialize())
    db.close()
    migrate(copy)
    return copy
  } catch (error) {
    db.close()
    throw error
  }
}

/** As large as a file may be that is read into memory. */
const COPY_BYTES_MAX: number = 2 ** 31

function openReadOnly(Database: typeof Sqlite, path: string): Sqlite.Database {
  const db = new Database(path, { timeout: BUSY_MS, readonly: true, fileMustExist: true })
  try {
    db.pragma('user_version')
    return db
  } catch (error) {
    db.close()
    // SQLite wants to make a file beside one with a write-ahead log. Where none is left the file is whole.
    const code = (error as { code?: unknown }).code
    const isWhole = !existsSync(`${path}-wal`) && statSync(path).size <= COPY_BYTES_MAX
    if (!isWhole || (code !== 'SQLITE_CANTOPEN' && code !== 'SQLITE_READONLY_DIRECTORY'))
      throw error
    return inMemory(Database, readFileSync(path))
  }
}

/** Bytes 18 and 19 of the header name the journal: memory has none that is written ahead. */
function inMemory(Database: typeof Sqlite, bytes: Buffer): Sqlite.Database {
  if (bytes.length > 19) bytes.fill(1, 18, 20)
  return new Database(bytes)
}

function refuseEmpty(db: Sqlite.Database, path: string): void {
  if (db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() !== 0) return
  throw new QuipuError('STORE', `${path} is empty: no store has been made of it`, {
    hint: 'Name the store that `quipu audit` writes.',
  })
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

/** Before anything is written. */
function refuseOthers(db: Sqlite.Database, path: string): void {
  const version = db.pragma('user_version', { simple: true }) as number
  const tables = db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() as number
  if (tables === 0 && version === 0) return
  refuseStore(path, db.pragma('application_id', { simple: true }) as number, version)
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
