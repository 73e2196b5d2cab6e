/** What the sketch in SQL must do in every engine, and the engines that need no server. */
import { DuckDBInstance } from '@duckdb/node-api'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CellRow, sketchOfCells } from '../../src/sketch/cells.ts'
import { PRIME } from '../../src/sketch/shape.ts'
import { DEFAULT_SEED, Sketch } from '../../src/sketch/sketch.ts'
import { type FoldSqlOptions, foldSql, mergeSql, type SqlDialect } from '../../src/sketch/sql.ts'
import { hexOf, random, stamp, type Words } from './ids.ts'

export interface MessageRow {
  readonly id: Uint8Array | null
  readonly times?: number | null
  readonly digest?: number | null
}

export type WindowCell = CellRow & { readonly window_start: number | bigint | string | null }

export interface SqlEngine {
  readonly dialect: SqlDialect
  /** Makes a table of `id` (bytes), `times` and `digest`. */
  insert(table: string, rows: readonly MessageRow[]): Promise<void>
  run(sql: string): Promise<void>
  cells(sql: string): Promise<WindowCell[]>
  close(): Promise<void>
}

const windowMs = 60_000
const firstWindow = Math.ceil(0x0190_0000_0000 / windowMs) * windowMs
const windows = [0, 1, 2].map((i) => firstWindow + i * windowMs)

/** Ids born in three windows: stamped, foreign, of a counter, and of one millisecond. */
const messages: readonly Words[] = Array.from({ length: 100_000 }, (_, i) => messageId(i))

export function sqlSuite(open: () => Promise<SqlEngine>): void {
  let engine: SqlEngine
  let tables = 0

  beforeAll(async () => {
    engine = await open()
  })
  afterAll(() => engine?.close())

  const tableOf = async (rows: readonly MessageRow[]): Promise<string> => {
    const table = `messages_${tables++}`
    await engine.insert(table, rows)
    return table
  }
  const fold = (from: string, options: Partial<FoldSqlOptions> = {}): string =>
    foldSql({ dialect: engine.dialect, from, id: 'id', windowMs, ...options })
  /** Folds into a table of cells, and names it. */
  const cellsOf = async (ids: readonly Words[]): Promise<string> => {
    const cells = `cells_${tables++}`
    const statement = fold(await tableOf(ids.map((id) => ({ id: bytesOf(id) }))))
    await engine.run(`CREATE TABLE ${cells} AS ${statement}`)
    return cells
  }

  test.each([
    [100_000, DEFAULT_SEED],
    [5_000, 0],
    [5_000, 0xffffffff],
  ])('folds %i ids under the seed %i into the cells that the library gets', async (count, seed) => {
    const ids = messages.slice(0, count)
    const table = await tableOf(ids.map((id) => ({ id: bytesOf(id) })))

    const rows = byWindow(await engine.cells(fold(table, { seed })))

    expect([...rows.keys()].sort()).toEqual(windows)
    for (const start of windows) {
      const inWindow = ids.filter((id) => windowOf(id) === start)
      const found = sketchOfCells(rows.get(start) ?? [], seed)
      expect(Buffer.compare(found.toBytes(), sketchOf(inWindow, seed).toBytes())).toBe(0)
    }
  })

  test('gives the cells of all when it merges those of two halves', async () => {
    const ids = messages.slice(0, 20_000)
    const halves = [await cellsOf(ids.slice(0, 7_000)), await cellsOf(ids.slice(7_000))]
    const all = await cellsOf(ids)

    expect(sorted(await engine.cells(mergeSql({ plus: halves })))).toEqual(
      sorted(await engine.cells(`SELECT * FROM ${all}`)),
    )
    expect(await engine.cells(mergeSql({ plus: [all], minus: halves }))).toEqual([])
  })

  test('leaves, of a difference, the ids that one side has and the other has not', async () => {
    const ids = messages.slice(0, 20_000)
    const lost = ids.filter((_, i) => i % 97 === 0)
    const copied = ids.filter((_, i) => i % 1_009 === 1)
    const extra = messages.slice(50_000, 50_050)
    const from = await cellsOf(ids)
    const to = await cellsOf([...ids.filter((id) => !lost.includes(id)), ...copied, ...extra])

    const difference = byWindow(await engine.cells(mergeSql({ plus: [from], minus: [to] })))
    const found = [...difference.values()].map((rows) => sketchOfCells(rows, DEFAULT_SEED).peel())

    expect(found.map(({ complete }) => complete)).toEqual([true, true, true])
    const named = found.flatMap(({ ids }) => ids.map(({ hex, times }) => `${times} ${hex}`))
    const injected = [
      ...lost.map((id) => `1 ${hexOf(id)}`),
      ...[...copied, ...extra].map((id) => `-1 ${hexOf(id)}`),
    ]
    expect(named.sort()).toEqual(injected.sort())
  })

  test('counts ids as often as a column says, and leaves out cells that come to nothing', async () => {
    const times = [3, -2, 0, 1_000_000, -2_147_483_648, 2_147_483_647]
    const table = await tableOf(times.map((n, i) => ({ id: bytesOf(messageId(i)), times: n })))
    const expected = new Sketch()
    times.forEach((n, i) => {
      expected.add(...messageId(i), n)
    })
    const rows = [...byWindow(await engine.cells(fold(table, { times: 'times' }))).values()]
    const seen = new Sketch()
    for (const cells of rows) seen.merge(sketchOfCells(cells, DEFAULT_SEED))
    seen.merge(expected, -1)
    expect(seen.isEmpty()).toBe(true)

    const id = bytesOf(messageId(1))
    const nothing = await tableOf([
      { id, times: 5 },
      { id, times: -5 },
    ])
    expect(await engine.cells(fold(nothing, { times: 'times' }))).toEqual([])
  })

  test('shows an altered message as one more and one less of the same id', async () => {
    const sent = messages
      .slice(0, 3_000)
      .map((id, i) => ({ id: bytesOf(id), digest: i * 1_000_003 }))
    // Signed or not, a digest is its 32 bits.
    const seen = sent.map(({ id, digest }) => ({ id, digest: digest | 0 }))
    seen[42] = { id: bytesOf(messages[42] as Words), digest: 7 }
    const [from, to] = [await tableOf(sent), await tableOf(seen)]
    await engine.run(`CREATE TABLE digests_from AS ${fold(from, { digest: 'digest' })}`)
    await engine.run(`CREATE TABLE digests_to AS ${fold(to, { digest: 'digest' })}`)
    const merged = mergeSql({ plus: ['digests_from'], minus: ['digests_to'], digest: true })

    const [rows = [], ...others] = byWindow(await engine.cells(merged)).values()
    const { complete, ids } = sketchOfCells(rows, DEFAULT_SEED, 5).peel()

    expect(others).toEqual([])
    expect(complete).toBe(true)
    const hex = hexOf(messages[42] as Words)
    expect(ids.map((found) => `${found.times} ${found.hex}`).sort()).toEqual([
      `-1 ${hex}${hexOf([7, 0, 0, 0]).slice(0, 8)}`,
      `1 ${hex}${hexOf([42 * 1_000_003, 0, 0, 0]).slice(0, 8)}`,
    ])
  })

  test('counts what it cannot fold apart, and never subtracts it', async () => {
    const good = { id: bytesOf(messageId(1)), times: 1, digest: 1 }
    const bad: MessageRow[] = [
      { ...good, id: null },
      { ...good, id: new Uint8Array(0) },
      { ...good, id: good.id.subarray(0, 15) },
      { ...good, id: new Uint8Array(17) },
      { ...good, times: null },
      { ...good, times: 2 ** 31 },
      { ...good, digest: null },
      { ...good, digest: 2 ** 32 },
      { ...good, id: null, times: 1_000 },
    ]
    const options = { times: 'times', digest: 'digest' }
    await engine.run(`CREATE TABLE unread AS ${fold(await tableOf([good, ...bad]), options)}`)
    const unreadRows = async (sql: string): Promise<WindowCell[]> =>
      (await engine.cells(sql)).filter((row) => row.cell === null)

    const rows = await engine.cells('SELECT * FROM unread')
    const unread = rows.filter((row) => row.cell === null)
    expect(unread.map(plain)).toEqual([
      {
        ...{ window_start: null, cell: null, count: bad.length, digest: null },
        ...{ limb0: null, limb1: null, limb2: null, limb3: null, check_a: null, check_b: null },
      },
    ])
    expect(rows.length - unread.length).toBeGreaterThanOrEqual(4)
    expect(() => sketchOfCells(rows, DEFAULT_SEED, 5)).toThrow('got 9 others')

    const difference = mergeSql({ plus: ['unread'], minus: ['unread'], digest: true })
    expect((await unreadRows(difference)).map((row) => Number(row.count))).toEqual([18])
    expect(await engine.cells(difference)).toHaveLength(1)
  })

  test('reads ids of type UUID', async () => {
    const ids = messages.slice(0, 2_000)
    const type = engine.dialect === 'sqlite' ? 'TEXT' : 'UUID'
    await engine.run(`CREATE TABLE uuids (id ${type})`)
    await engine.run(`INSERT INTO uuids VALUES ${ids.map((id) => `('${uuidOf(id)}')`).join(', ')}`)
    await engine.run('INSERT INTO uuids VALUES (NULL)')

    const rows = await engine.cells(fold('uuids', { idType: 'uuid' }))
    const read = sorted(rows.filter((row) => row.cell !== null))
    expect(read).toEqual(sorted(await engine.cells(`SELECT * FROM ${await cellsOf(ids)}`)))
    expect(rows.filter((row) => row.cell === null).map((row) => Number(row.count))).toEqual([1])
  })

  test('takes reserved words for names', async () => {
    const table = await tableOf([{ id: bytesOf(messageId(1)) }])
    await engine.run(`CREATE TABLE "order" AS SELECT id AS "select" FROM ${table}`)

    expect(await engine.cells(fold('order', { id: 'select' }))).not.toEqual([])
  })

  test('is exact or fails where sums pass 64 bits', async () => {
    const times = 2 ** 31 - 1
    const [w0, w1, w2] = messageId(1)
    const row = { id: bytesOf([w0, w1, w2, 2 ** 32 - 1]), times }
    const table = await tableOf([row, row, row])
    const statement = fold(table, { times: 'times' })
    if (engine.dialect === 'sqlite') {
      await expect(engine.cells(statement)).rejects.toThrow('integer overflow')
      return
    }
    const rows = await engine.cells(statement)
    expect(rows.length).toBeGreaterThanOrEqual(4)
    for (const row of rows) {
      expect(Number(row.count)).toBe(3 * times)
      expect(Number(row.limb3)).toBe(Number((3n * BigInt(times) * 0xffffffffn) % BigInt(PRIME)))
    }
  })
}

export async function openSqlite(): Promise<SqlEngine> {
  const database = new Database(':memory:')
  return {
    dialect: 'sqlite',
    async insert(table, rows) {
      database.exec(`CREATE TABLE ${table} (id BLOB, times INTEGER, digest INTEGER)`)
      const insert = database.prepare(`INSERT INTO ${table} VALUES (?, ?, ?)`)
      database.transaction(() => {
        for (const { id, times = 1, digest = 0 } of rows) {
          // As BigInt, for a number would be bound as a double.
          insert.run(
            id,
            times === null ? null : BigInt(times),
            digest === null ? null : BigInt(digest),
          )
        }
      })()
    },
    async run(sql) {
      database.exec(sql)
    },
    async cells(sql) {
      return database.prepare(sql).all() as WindowCell[]
    },
    async close() {
      database.close()
    },
  }
}

export async function openDuckdb(): Promise<SqlEngine> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  return {
    dialect: 'duckdb',
    async insert(table, rows) {
      await connection.run(`CREATE TABLE ${table} (id BLOB, times BIGINT, digest BIGINT)`)
      const appender = await connection.createAppender(table)
      for (const { id, times = 1, digest = 0 } of rows) {
        if (id === null) appender.appendNull()
        else appender.appendBlob(id)
        for (const value of [times, digest]) {
          if (value === null) appender.appendNull()
          else appender.appendBigInt(BigInt(value))
        }
        appender.endRow()
      }
      appender.closeSync()
    },
    async run(sql) {
      await connection.run(sql)
    },
    async cells(sql) {
      const reader = await connection.runAndReadAll(sql)
      return reader.getRowObjects() as unknown as WindowCell[]
    },
    async close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

export function bytesOf(words: Words): Uint8Array {
  const bytes = Buffer.alloc(16)
  words.forEach((word, i) => {
    bytes.writeUInt32BE(word, 4 * i)
  })
  return bytes
}

function messageId(i: number): Words {
  const base = 0x0190_0000_0000
  const born = firstWindow - base + ((i * 9_973) % (3 * windowMs))
  const next = random(i)
  const [w0, w1, w2, w3] = stamp(born, 3, i)
  const time = (w1 & 0xffff0000) >>> 0
  if (i % 4 === 0) return [w0, w1, w2, w3]
  if (i % 4 === 1) return [w0, time + 0x8000 + (next() >>> 20), next(), next()]
  if (i % 4 === 2) return [w0, time, 0, i]
  const start = windowOf([w0, w1, w2, w3])
  const [s0, s1, s2] = stamp(start - base, 1, 0)
  return [s0, s1, s2, i]
}

function windowOf([w0, w1]: Words): number {
  const birth = w0 * 65536 + (w1 >>> 16)
  return birth - (birth % windowMs)
}

function sketchOf(ids: readonly Words[], seed: number): Sketch {
  const sketch = new Sketch(seed)
  for (const id of ids) sketch.add(...id)
  return sketch
}

function byWindow(rows: readonly WindowCell[]): Map<number, WindowCell[]> {
  const groups = new Map<number, WindowCell[]>()
  for (const row of rows) {
    const start = Number(row.window_start)
    const group = groups.get(start)
    if (group === undefined) groups.set(start, [row])
    else group.push(row)
  }
  return groups
}

function sorted(rows: readonly WindowCell[]): Record<string, number | null>[] {
  return rows
    .map(plain)
    .sort(
      (a, b) => Number(a.window_start) - Number(b.window_start) || Number(a.cell) - Number(b.cell),
    )
}

/** Drivers differ in what they make of a 64-bit integer. */
function plain(row: WindowCell): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? null : Number(value)]),
  )
}

function uuidOf(words: Words): string {
  return hexOf(words).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
