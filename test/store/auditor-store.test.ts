/** One auditor to a store: the second one is refused before it has made or changed anything. */
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { QuipuError } from '../../src/base/errors.ts'
import { openStoreForAuditor } from '../../src/store/auditor-store.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { eachStatement, failing } from '../support/crashing-sqlite.ts'
import { asNobody } from './as-nobody.ts'
import { checkin, deltaOf, frameOf } from './frames.ts'
import { makeOlderStore } from './older.ts'

let folder: string
let files = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quipu-auditor-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const fresh = (): string => join(folder, `${files++}.db`)

const refusal = (path: string): Promise<unknown> =>
  openStoreForAuditor(path).then(
    () => 'opened',
    (e: unknown) => e,
  )

/** The names of files beside it, and its own bytes. */
const stateOf = (path: string): unknown => [
  readdirSync(folder).filter((name) => join(folder, name).startsWith(path)),
  existsSync(path) ? readFileSync(path).toString('base64') : null,
]

describe('a second auditor', () => {
  test('is refused before it brings the store up to date, and let in when the first has gone', async () => {
    const path = fresh()
    // The first one is of an older version, and still needs its tables.
    makeOlderStore(path, migrations.length - 1)
    const running = lockOf(path)
    const before = stateOf(path)
    const error = await refusal(path)
    expect(error).toBeInstanceOf(QuipuError)
    expect(error).toMatchObject({
      code: 'STORE',
      message: expect.stringContaining('another auditor'),
    })
    expect((error as QuipuError).hint).toContain('--store')
    expect(stateOf(path)).toEqual(before)
    running.close()
    const next = await openStoreForAuditor(path)
    expect(await next.positions()).toEqual({ '0': 3 })
    await next.close()
  })

  test('makes no store where the first one has not made it yet', async () => {
    const path = fresh()
    const running = lockOf(path)
    expect(await refusal(path)).toMatchObject({
      message: expect.stringContaining('another auditor'),
    })
    expect(existsSync(path)).toBe(false)
    running.close()
  })

  test('may read what the first one writes', async () => {
    const path = fresh()
    const first = await openStoreForAuditor(path)
    const reader = await openSqliteStore(path)
    await first.fold([frameOf(0, { deltas: [deltaOf(checkin, 0, [1])] })], {}, 5)
    expect(await reader.windows()).toEqual([0])
    await Promise.all([first.close(), reader.close()])
  })
})

/** What an auditor holds, without the store. */
function lockOf(path: string): Database.Database {
  const db = new Database(`${path}-auditor`)
  db.exec('BEGIN EXCLUSIVE')
  return db
}

describe('an auditor that cannot open its store', () => {
  test('gives it back, whichever statement fails, and the next one opens it', async () => {
    const path = fresh()
    let statements = 0
    await eachStatement(
      (_, run) => {
        statements++
        return run()
      },
      async () => (await openStoreForAuditor(path)).close(),
    )
    expect(statements).toBeGreaterThan(3)
    for (const code of ['SQLITE_BUSY', 'SQLITE_FULL', 'SQLITE_IOERR'] as const) {
      for (let at = 1; at <= statements; at++) {
        const path = fresh()
        const work = async (): Promise<void> => (await openStoreForAuditor(path)).close()
        expect(await failing({ at, code, manner: 'refused' }, work)).toMatchObject({
          code: 'STORE',
        })
        await work()
      }
    }
  })

  const databaseOf = (path: string, work: (db: Database.Database) => unknown): void => {
    const db = new Database(path)
    work(db)
    db.close()
  }
  test.each<readonly [what: string, make: (path: string) => void, message: string]>([
    ['a text', (path) => writeFileSync(path, 'version: 1\n'.repeat(500)), 'another kind'],
    [
      "another program's database",
      (path) => databaseOf(path, (db) => db.exec('CREATE TABLE customers (name TEXT)')),
      'another program',
    ],
    [
      'a store of a newer version',
      (path) => {
        makeOlderStore(path, migrations.length - 1)
        databaseOf(path, (db) => db.pragma(`user_version = ${migrations.length + 1}`))
      },
      'newer version',
    ],
  ])('%s: leaves it as it is, and nothing beside it', async (_, make, message) => {
    const path = fresh()
    make(path)
    const before = stateOf(path)
    expect(await refusal(path)).toMatchObject({ message: expect.stringContaining(message) })
    expect(stateOf(path)).toEqual(before)
  })

  test('that it may only read, learns it before any frame comes', async () => {
    const path = fresh()
    await (await openStoreForAuditor(path)).close()
    // Its folder is open to all: what SQLite keeps beside it can be made.
    chmodSync(folder, 0o777)
    chmodSync(path, 0o444)
    chmodSync(`${path}-auditor`, 0o666)
    const error = await asNobody(() => refusal(path))
    expect(error).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('cannot be written'),
    })
    chmodSync(path, 0o644)
    // It was given back: nothing is held.
    await (await openStoreForAuditor(path)).close()
  })

  test('an empty file, or a database in which nothing is yet, becomes the store', async () => {
    const [empty, bare] = [fresh(), fresh()]
    writeFileSync(empty, '')
    databaseOf(bare, (db) => db.pragma('journal_mode = WAL'))
    for (const path of [empty, bare]) await (await openStoreForAuditor(path)).close()
  })
})
