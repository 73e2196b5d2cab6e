import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, describe, expect, test } from 'vitest'
import { QuipuError } from '../../src/base/errors.ts'
import { hopKey } from '../../src/hop/hop.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { checkin, deltaOf, frameOf, sketchOf, WINDOW_MS } from './frames.ts'
import { describeStore, evidenceOf } from './suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const fresh = (): string => join(folder, `${files++}.db`)

describeStore('SQLite in memory', () => openSqliteStore(':memory:'))
describeStore('SQLite in a file', () => openSqliteStore(fresh()))

async function errorOf(work: Promise<unknown>): Promise<QuipuError> {
  const error = await work.then(
    () => null,
    (e: unknown) => e,
  )
  expect(error).toBeInstanceOf(QuipuError)
  expect((error as QuipuError).hint).toBeDefined()
  return error as QuipuError
}

const frame = frameOf(0, {
  deltas: [deltaOf(checkin, 0, [1, 2, 3])],
  covered: [{ hop: checkin, partition: 0, from: 0, to: 3 }],
})

describe('a store in a file', () => {
  test('keeps all when it is closed and opened again', async () => {
    const path = fresh()
    const before = await openSqliteStore(path)
    await before.fold([frame], { '0': 1 }, 5)
    const evidence = await evidenceOf(before)
    await before.close()
    const after = await openSqliteStore(path)
    expect(await evidenceOf(after)).toEqual(evidence)
    expect(await after.fold([frame], {}, 5)).toMatchObject({ repeated: 1 })
    await after.close()
  })

  test('is brought up to date from the version before samples, latencies and filters', async () => {
    const path = fresh()
    const before = new Database(path)
    for (const sql of migrations.slice(0, 2)) before.exec(sql)
    before.pragma('user_version = 2')
    before.pragma(`application_id = ${0x51555055}`)
    const params = { windowMs: WINDOW_MS, identity: 'stamp', element: 'id', sampleRate: 1 }
    const all = JSON.stringify({ ...params, shape: 'q1', seed: frame.seed })
    before.prepare('INSERT INTO hops (id, key) VALUES (1, ?)').run(hopKey(checkin))
    before.prepare("INSERT INTO series VALUES (1, 1, 'passed', '', '', ?)").run(all)
    before
      .prepare("INSERT INTO tallies VALUES (1, 0, 1, 3, 0, '[]', ?)")
      .run(sketchOf([1, 2, 3]).toBytes())
    before.close()
    const after = await openSqliteStore(path)
    // What comes now is of the same series.
    await after.fold([frameOf(0, { deltas: [deltaOf(checkin, 0, [4])] })], {}, 5)
    const [tally, ...others] = await after.tallies(0)
    expect(others).toEqual([])
    expect(tally).toMatchObject({ count: 4, tags: null, params: { element: 'id', oneIn: 1 } })
    await after.close()
  })

  test('is read while another process writes', async () => {
    const path = fresh()
    const [writer, reader] = [await openSqliteStore(path), await openSqliteStore(path)]
    await writer.fold([frame], {}, 5)
    expect(await reader.windows()).toEqual([0])
    await Promise.all([writer.close(), reader.close()])
  })

  test('takes frames once, however many auditors fold them', async () => {
    const path = fresh()
    const [a, b] = [await openSqliteStore(path), await openSqliteStore(path)]
    await a.fold([frame], {}, 5)
    expect(await b.fold([frame], {}, 5)).toMatchObject({ taken: 0, repeated: 1 })
    await b.fold([frameOf(1, { deltas: [deltaOf(checkin, 0, [4])] })], {}, 5)
    expect((await a.tallies(0))[0]?.count).toBe(4)
    await Promise.all([a.close(), b.close()])
  })

  test('that is full says so, and holds nothing half-written', async () => {
    const path = fresh()
    const store = await openSqliteStore(path, { maxBytes: 300_000 })
    await store.fold([frame], { '0': 1 }, 5)
    const before = await evidenceOf(store)
    // 1,500 ids make a table of 32 KB; forty of them do not fit.
    const ids = Array.from({ length: 1_500 }, (_, i) => i)
    const deltas = Array.from({ length: 40 }, (_, i) => deltaOf(checkin, i * WINDOW_MS, ids))
    const big = frameOf(1, { deltas })
    const error = await errorOf(store.fold([big], { '0': 2 }, 6))
    expect(error.code).toBe('STORE')
    expect(error.message).toContain('is full')
    expect(await evidenceOf(store)).toEqual(before)
    await store.close()

    const roomy = await openSqliteStore(path)
    expect(await evidenceOf(roomy)).toEqual(before)
    expect(await roomy.fold([big], { '0': 2 }, 6)).toMatchObject({ taken: 1 })
    await roomy.close()
  })

  test('forgets the names it gave out in a batch that failed', async () => {
    const store = await openSqliteStore(fresh(), { maxBytes: 300_000 })
    const ids = Array.from({ length: 1_500 }, (_, i) => i)
    const deltas = Array.from({ length: 40 }, (_, i) => deltaOf(checkin, i * WINDOW_MS, ids))
    await errorOf(store.fold([frameOf(0, { deltas })], {}, 6))
    await store.fold([frame], {}, 6)
    expect((await store.tallies(0))[0]?.hop).toEqual(checkin)
    await store.close()
  })

  test('that another process keeps locked is busy, after a while', async () => {
    const path = fresh()
    const store = await openSqliteStore(path)
    const other = new Database(path)
    other.exec('BEGIN IMMEDIATE')
    const error = await errorOf(store.fold([frame], {}, 5))
    expect(error.code).toBe('STORE')
    expect(error.message).toContain('busy')
    other.exec('ROLLBACK')
    other.close()
    expect(await store.fold([frame], {}, 5)).toMatchObject({ taken: 1 })
    await store.close()
  }, 20_000)

  test('whose sketch was damaged on the disk says so', async () => {
    const path = fresh()
    const store = await openSqliteStore(path)
    await store.fold([frame], {}, 5)
    const other = new Database(path)
    other.exec("UPDATE tallies SET sketch = x'0909'")
    other.close()
    expect((await errorOf(store.tallies(0))).message).toContain('damaged')
    await store.close()
  })
})

describe('what cannot be opened', () => {
  test('is left as it is when it was made by a newer version', async () => {
    const path = fresh()
    await (await openSqliteStore(path)).close()
    const db = new Database(path)
    db.pragma('user_version = 99')
    db.pragma('journal_mode = DELETE')
    db.close()
    const before = readFileSync(path)
    const error = await errorOf(openSqliteStore(path))
    expect(error.code).toBe('STORE')
    expect(error.message).toContain('newer version')
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(existsSync(`${path}-wal`)).toBe(false)
  })

  test('is left as it is when it belongs to another program', async () => {
    const path = fresh()
    const db = new Database(path)
    db.exec('CREATE TABLE customers (name TEXT)')
    db.close()
    const before = readFileSync(path)
    expect((await errorOf(openSqliteStore(path))).message).toContain('another program')
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test('is named when it is no database', async () => {
    const path = fresh()
    writeFileSync(path, 'version: 1\n'.repeat(500))
    const error = await errorOf(openSqliteStore(path))
    expect(error.message).toContain('another kind')
    expect(readFileSync(path, 'utf8')).toContain('version: 1')
  })

  test('is named when it is a folder, or in none', async () => {
    expect((await errorOf(openSqliteStore(folder))).message).toContain('is a folder')
    const missing = await errorOf(openSqliteStore(join(folder, 'no', 'such', 'x.db')))
    expect(missing.code).toBe('NOT_FOUND')
    expect(missing.hint).toContain('mkdir')
  })

  test('is named when its folder takes no files', async () => {
    // No permission bits keep root out; the kernel's own folder does.
    const isRoot = process.getuid?.() === 0
    const closed = isRoot ? '/proc' : mkdtempSync(join(folder, 'closed-'))
    if (!isRoot) chmodSync(closed, 0o500)
    expect((await errorOf(openSqliteStore(join(closed, 'quipu.db')))).code).toBe('FORBIDDEN')
  })
})
