/** Journals of processes that are killed. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Journal, readJournal } from '../../src/cli/gameday/kafka-journal.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-journal-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a journal', () => {
  it('is empty where nobody wrote', () => {
    expect(readJournal(join(folder, 'none'))).toEqual([])
  })

  it('keeps every line of all that wrote, but the one that a kill cut off', () => {
    const path = join(folder, 'cut')
    const first = new Journal<string>(path)
    first.note('a')
    appendFileSync(path, '\n"b')
    first.close()
    const second = new Journal<string>(path)
    second.note('c')
    second.close()
    expect(readJournal(path)).toEqual(['a', 'c'])
  })
})
