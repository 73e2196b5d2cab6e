import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, describe, expect, test } from 'vitest'
import { QuipuError } from '../../src/base/errors.ts'
import { hopKey } from '../../src/hop/hop.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { asNobody } from './as-nobody.ts'
import { checkin, deltaOf, enrich, frameOf, instanceOf, WINDOW_MS } from './frames.ts'
import { makeOlderStore } from './older.ts'
import { describeStore, evidenceOf } from './suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-store-'))
// Others must come through to what is in it.
chmodSync(folder, 0o755)
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

  test.each([1, 2, 3, 4])(
    'of version %i is brought up to date with all that it held',
    async (version) => {
      const path = fresh()
      makeOlderStore(path, version)
      const store = await openSqliteStore(path)
      // The last of its frames comes now, and is of the same series; one of the others comes again.
      const late = frameOf(1, { deltas: [deltaOf(checkin, 0, [4])] })
      expect(await store.fold([late, frameOf(2)], {}, 1_200)).toMatchObject({
        taken: 1,
        repeated: 1,
      })
      const aside = version < 3 ? null : [{ tag: 7, low: 1, high: 2, count: 2 }]
      const params = { element: 'id', oneIn: 1, windowMs: WINDOW_MS }
      expect(await store.tallies(0)).toMatchObject([
        { key: hopKey(enrich), count: 2, ranges: [{ low: 4, high: 9 }, {}], tags: aside, params },
        { key: hopKey(checkin), count: 3, ranges: [], tags: null, params },
      ])
      expect(await store.memberships(0)).toHaveLength(version < 3 ? 0 : 1)
      expect(await store.latencies()).toHaveLength(version < 3 ? 0 : 2)
      const known = version < 4 ? { firstAt: 0, lastAt: 0 } : { firstAt: 900, lastAt: 1_000 }
      expect(await store.coverage()).toEqual([
        {
          ...{ key: hopKey(enrich), hop: enrich },
          partitions: new Map([
            [
              0,
              [
                [4, 10],
                [12, 20],
              ],
            ],
            [1, [[0, 1]]],
            [2, []],
          ]),
          spans: new Map([
            [
              0,
              [
                { from: 4, to: 10, ...known },
                { from: 12, to: 20, ...known },
              ],
            ],
            [1, [{ from: 0, to: 1, ...known }]],
            [2, []],
          ]),
        },
      ])
      expect(await store.instances()).toEqual([
        {
          ...{ instance: instanceOf(1), service: 'checkin', flushMs: 5_000, windowMs: WINDOW_MS },
          ...{ firstSentAt: 1_000, lastSentAt: 1_002, lastHeardAt: 1_200, minDelayMs: 0 },
          ...{ seen: [[0, 3]], goodbye: null, missing: [], unknownUntil: 0 },
          reach: version < 4 ? [] : [{ key: hopKey(enrich), partition: 0, to: 20 }],
          seals: [{ hop: checkin, sealedUntil: 900, open: [0], number: 2 }],
          hops: [hopKey(enrich), hopKey(checkin)].sort(),
        },
      ])
      expect(await store.gaps()).toMatchObject([{ key: hopKey(enrich), count: 5 }])
      expect(await store.counts()).toEqual([{ hop: enrich, name: 'received', count: 2 }])
      expect(await store.foreignRecords()).toBe(2)
      expect(await store.positions()).toEqual({ '0': 3 })
      expect(await store.fact('pipelines')).toEqual(version < 2 ? undefined : ['flights'])
      expect(await store.verdicts()).toMatchObject(
        version < 2 ? [] : [{ oneIn: 1, counts: { expected: 2, delivered: 0 } }],
      )
      await store.close()
    },
  )

  test('of an older version knows times of what comes after it, and no earlier ones', async () => {
    const path = fresh()
    makeOlderStore(path, 3)
    const store = await openSqliteStore(path)
    const covered = [
      { hop: enrich, partition: 0, from: 20, to: 25 },
      { hop: enrich, partition: 0, from: 30, to: 31 },
    ]
    await store.fold([frameOf(3, { covered, sentAt: 1_500 })], {}, 1_600)
    const [coverage] = await store.coverage()
    expect(coverage?.spans.get(0)).toEqual([
      { from: 4, to: 10, firstAt: 0, lastAt: 0 },
      { from: 12, to: 25, firstAt: 0, lastAt: 1_500 },
      { from: 30, to: 31, firstAt: 1_500, lastAt: 1_500 },
    ])
    expect((await store.instances())[0]?.reach).toMatchObject([{ partition: 0, to: 31 }])
    await store.close()
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
    const closed = join(folder, 'closed')
    mkdirSync(closed, { mode: 0o555 })
    const error = await asNobody(() => errorOf(openSqliteStore(join(closed, 'quipu.db'))))
    expect(error.code).toBe('FORBIDDEN')
    expect(error.message).toContain('cannot be opened or created')
  })

  test.each([
    ['nobody may read', 0o000, 'cannot be opened'],
    ['nobody may write, nor its folder', 0o444, 'cannot be written'],
  ])('is named when it is a file that %s, and stays as it is', async (_, mode, message) => {
    const own = mkdtempSync(join(folder, 'own-'))
    const path = join(own, 'quipu.db')
    await (await openSqliteStore(path)).close()
    const before = readFileSync(path)
    chmodSync(path, mode)
    chmodSync(own, 0o555)
    const error = await asNobody(() => errorOf(openSqliteStore(path)))
    expect(error.code).toBe('FORBIDDEN')
    expect(error.message).toContain(message)
    chmodSync(path, 0o644)
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test('is named when it was cut off anywhere, by whatever is done with it', async () => {
    const path = fresh()
    const store = await openSqliteStore(path)
    const windows = Array.from({ length: 40 }, (_, i) => i * WINDOW_MS)
    const deltas = windows.map((window) => deltaOf(checkin, window, [1, 2, 3]))
    await store.fold([frameOf(0, { deltas })], {}, 5)
    await store.close()
    const whole = readFileSync(path)
    for (const bytes of [60, 100, 1_000, PAGE_BYTES, 2 * PAGE_BYTES, whole.length - PAGE_BYTES]) {
      for (const use of uses) {
        const cut = fresh()
        writeFileSync(cut, whole.subarray(0, bytes))
        const error = await errorOf(openSqliteStore(cut).then(use))
        expect([error.code, error.message]).toEqual(['STORE', `store ${cut} is damaged`])
        expect(readFileSync(cut)).toHaveLength(bytes)
      }
    }
  })
})

const PAGE_BYTES = 4_096

/** Each closes the store. */
const uses: readonly ((store: Store) => Promise<unknown>)[] = [
  async (store) => {
    try {
      for (const window of await store.windows()) await store.tallies(window)
    } finally {
      await store.close()
    }
  },
  (store) => store.fold([frameOf(1)], { '0': 2 }, 6).finally(() => store.close()),
]
