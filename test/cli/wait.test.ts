/** What `quipu wait` says where it cannot wait, or gives up; beside an auditor it is test/integration/wait. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PIPELINES_FACT } from '../../src/store/facts.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { FLIGHTS, goodRun, START } from '../reports/build.ts'
import { quipu } from '../support/quipu.ts'

const UNTIL = new Date(START + 120_000).toISOString()

let dir = ''
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'quipu-wait-'))
  const store = await openSqliteStore(join(dir, 'quipu.db'))
  await store.setFact(PIPELINES_FACT, [FLIGHTS])
  await store.saveVerdicts(goodRun(), START)
  await store.close()
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const wait = (...more: readonly string[]) =>
  quipu(['wait', '--until', UNTIL, '--timeout', '0s', ...more], dir)

it('all that is known is met, and nobody says that it is all', async () => {
  const { code, stdout, stderr } = await wait()
  expect(code).toBe(3)
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('Cannot judge: not all is settled yet.')
  expect(stderr).toMatch(/^gave up waiting for the auditor: /)
})

it('no window lies between a time and one before it', async () => {
  const { code, stdout, stderr } = await wait('--since', UNTIL)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(/^quipu: no window starts from .*\nhint: Name a --since that is before/)
})
