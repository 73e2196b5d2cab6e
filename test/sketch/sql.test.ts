import { readFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sketchOfCells } from '../../src/sketch/cells.ts'
import { DEFAULT_SEED, Sketch } from '../../src/sketch/sketch.ts'
import { foldSql, mergeSql } from '../../src/sketch/sql.ts'
import { dialectSql, sqlDialects } from '../../src/sketch/sql-dialect.ts'
import { anyEntries, stamp } from './ids.ts'
import { bytesOf, openDuckdb, openSqlite, sqlSuite, type WindowCell } from './sql.ts'

describe('in SQLite', () => {
  sqlSuite(openSqlite)

  test('folds any ids, any times, under any seed, as the library does', () => {
    const database = new Database(':memory:')
    database.exec('CREATE TABLE m (id BLOB, times INTEGER)')
    const insert = database.prepare('INSERT INTO m VALUES (?, ?)')
    fc.assert(
      fc.property(anyEntries, fc.nat({ max: 0xffffffff }), (entries, seed) => {
        database.exec('DELETE FROM m')
        const difference = new Sketch(seed)
        for (const [words, times] of entries) {
          insert.run(bytesOf(words), BigInt(times))
          difference.add(...words, times)
        }
        // One window for ids of all times.
        const options = { from: 'm', id: 'id', times: 'times', windowMs: 2 ** 48, seed }
        const rows = database.prepare(foldSql({ dialect: 'sqlite', ...options })).all()
        difference.merge(sketchOfCells(rows as WindowCell[], seed), -1)
        expect(difference.isEmpty()).toBe(true)
      }),
      { numRuns: 300 },
    )
    database.close()
  })
})

describe('in DuckDB', () => {
  sqlSuite(openDuckdb)
})

const fold = { dialect: 'sqlite', from: 'messages', id: 'id', windowMs: 60_000 } as const

const hostile = [
  '',
  'a b',
  'a"b',
  'a"; DROP TABLE messages; --',
  "a' OR '1",
  '1a',
  'naïve',
  'a\u0000',
  'a\n',
  'a.',
  '.a',
  'a..b',
  'a.b.c.d',
  'a'.repeat(64),
]

test.each(hostile)('refuses the name %j wherever one is given', (name) => {
  const refused = { code: 'CONFIG', message: expect.stringContaining('Expected') }
  expect(() => foldSql({ ...fold, from: name })).toThrow(expect.objectContaining(refused))
  expect(() => foldSql({ ...fold, id: name })).toThrow(expect.objectContaining(refused))
  expect(() => foldSql({ ...fold, times: name })).toThrow(expect.objectContaining(refused))
  expect(() => foldSql({ ...fold, digest: name })).toThrow(expect.objectContaining(refused))
  expect(() => mergeSql({ plus: [name] })).toThrow(expect.objectContaining(refused))
  expect(() => mergeSql({ plus: ['a'], minus: [name] })).toThrow(expect.objectContaining(refused))
})

test('refuses a table that a step would hide, unless it is qualified', () => {
  expect(() => foldSql({ ...fold, from: 'Q_ids' })).toThrow('does not begin with q_')
  expect(() => mergeSql({ plus: ['q_cells'] })).toThrow('does not begin with q_')
  expect(foldSql({ ...fold, from: 'main.q_ids' })).toContain('FROM "main"."q_ids" AS t')
  expect(() => foldSql({ ...fold, id: 'main.id' })).toThrow('a column name')
})

test('refuses windows, seeds, engines and numbers of tables that cannot be', () => {
  for (const windowMs of [0, -1, 1.5, Number.NaN, 2 ** 48 + 1]) {
    expect(() => foldSql({ ...fold, windowMs })).toThrow('expected windowMs')
  }
  for (const seed of [-1, 1.5, 2 ** 32]) {
    expect(() => foldSql({ ...fold, seed })).toThrow('expected the seed')
  }
  expect(() => foldSql({ ...fold, dialect: 'oracle' as never })).toThrow('expected one of sqlite')
  expect(() => mergeSql({ plus: [] })).toThrow('expected 1 to 500 tables')
  expect(() => mergeSql({ plus: Array(501).fill('a') })).toThrow('expected 1 to 500 tables')
})

test('refuses cells that are no sum of ids', () => {
  const database = new Database(':memory:')
  database.exec('CREATE TABLE messages (id BLOB)')
  database.prepare('INSERT INTO messages VALUES (?)').run(bytesOf(stamp(1, 2, 3)))
  const rows = database.prepare(foldSql(fold)).all() as WindowCell[]
  const [first, ...others] = rows as [WindowCell, ...WindowCell[]]
  expect(sketchOfCells(rows, DEFAULT_SEED).count).toBe(1)
  for (const changed of [
    ...[{ cell: 1168 }, { cell: -1 }, { cell: 0.5 }, { cell: 'x' }, { cell: '' }],
    ...[{ count: 2 ** 31 }, { count: 2 }, { limb0: 4294967291 }, { limb0: -1 }, { limb3: null }],
    ...[{ check_a: undefined }, { check_b: 7 }, { cell: others[0]?.cell }],
  ]) {
    expect(
      () => sketchOfCells([{ ...first, ...changed } as WindowCell, ...others], DEFAULT_SEED),
      JSON.stringify(changed),
    ).toThrow(expect.objectContaining({ code: 'SKETCH_FORMAT' }))
  }
  database.close()
})

describe('the page', () => {
  const page = readFileSync(new URL('../../schemas/sketch.md', import.meta.url), 'utf8')
  const [foldBlock, mergeBlock] = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql]) => sql)

  test('shows the generated statements', () => {
    expect(foldBlock).toBe(foldSql({ ...fold, dialect: 'postgresql' }))
    expect(mergeBlock).toBe(mergeSql({ plus: ['sent_a', 'sent_b'], minus: ['received'] }))
  })

  test('says all in which the engines differ', () => {
    for (const dialect of sqlDialects) {
      const { digits, word, stepAs, stepEnd } = dialectSql[dialect]
      const lines = [
        `    ${dialect}`,
        `      id, 16 bytes   ${digits('t."id"', 'bytes')}`,
        `      id, UUID       ${digits('t."id"', 'uuid')}`,
        `      word           ${word('D')}`,
        `      step           ${stepAs} (SELECT … FROM …${stepEnd})`,
      ]
      expect(page).toContain(`${lines.join('\n')}\n\n`)
    }
  })
})
