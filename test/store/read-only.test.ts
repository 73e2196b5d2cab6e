/** Who only reads changes nothing: not a byte of the store, nor what is none. */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrations } from '../../src/store/migrations/index.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { goodRun, START } from '../reports/build.ts'
import { makeOlderStore } from './older.ts'

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'quipu-read-only-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const digest = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex')
const read = (path: string) => openSqliteStore(path, { readOnly: true })

describe('a store that is only read', () => {
  it('is not changed, and cannot be', async () => {
    const path = join(dir, 'own.db')
    const writer = await openSqliteStore(path)
    await writer.saveVerdicts(goodRun(), START)
    await writer.close()
    const before = digest(path)
    const reader = await read(path)
    expect((await reader.verdicts()).length).toBe(goodRun().length)
    await expect(reader.saveVerdicts(goodRun(), START)).rejects.toThrow('cannot be written')
    await reader.close()
    expect(digest(path)).toBe(before)
  })

  it('shows what its auditor writes meanwhile', async () => {
    const path = join(dir, 'live.db')
    const writer = await openSqliteStore(path)
    const reader = await read(path)
    expect(await reader.verdicts()).toEqual([])
    await writer.saveVerdicts(goodRun(), START)
    expect((await reader.verdicts()).length).toBe(goodRun().length)
    await reader.close()
    await writer.close()
  })

  it.each(Array.from({ length: migrations.length - 1 }, (_, i) => i + 1))(
    'of version %i stays of it',
    async (version) => {
      const path = join(dir, `v${version}.db`)
      makeOlderStore(path, version)
      const before = digest(path)
      const reader = await read(path)
      expect(await reader.verdicts()).toEqual(expect.any(Array))
      expect(await reader.instances()).toHaveLength(1)
      await reader.close()
      expect(digest(path)).toBe(before)
    },
  )

  it('is not made of an empty file, nor of none', async () => {
    const path = join(dir, 'empty.db')
    writeFileSync(path, '')
    await expect(read(path)).rejects.toThrow('is empty: no store has been made of it')
    expect(readFileSync(path)).toHaveLength(0)
    await expect(read(join(dir, 'absent.db'))).rejects.toThrow()
    expect(existsSync(join(dir, 'absent.db'))).toBe(false)
    expect(readdirSync(dir).filter((name) => name.startsWith('empty.db'))).toEqual(['empty.db'])
  })
})
