/** `quipu forecast` over a store: what it says, its exit code, and its JSON as its schema promises. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LagSample } from '../../src/diagnose/forecast.ts'
import { factOfLags } from '../../src/diagnose/lags.ts'
import type { HopRef } from '../../src/hop/hop.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { FLIGHTS } from '../reports/build.ts'
import { errorsOf } from '../support/json-schemas.ts'

const MINUTE = 60_000
const MAIN = [
  ...['--import', resolve('node_modules/tsx/dist/loader.mjs')],
  resolve('src/cli/main.ts'),
]
const enrich = FLIGHTS.hops.map(({ hop }) => hop).find(({ role }) => role === 'consumer') as HopRef

let dir = ''
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'quipu-forecast-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** One sample a minute for ten minutes: the start goes `deletes` a minute, the end 600. */
function samplesOf(deletes: number, room: number, now: number): LagSample[] {
  return Array.from({ length: 11 }, (_, i) => ({
    at: now - (10 - i) * MINUTE,
    low: 1_000_000 - room - (10 - i) * deletes,
    high: 1_000_900 - (10 - i) * 600,
    committed: 1_000_000,
  }))
}

async function storeOf(name: string, partitions: readonly (readonly LagSample[])[]): Promise<void> {
  const store = await openSqliteStore(join(dir, name))
  await store.setFact('pipelines', [FLIGHTS])
  const lags = partitions.map((samples, partition) => ({ partition, samples }))
  const fact = factOfLags([{ group: enrich, isCompacted: false, partitions: lags }])
  await store.setFact('lags', fact)
  await store.close()
}

function forecast(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    const env = { ...process.env, NO_COLOR: '1' }
    const child = execFile(
      process.execPath,
      [...MAIN, 'forecast', ...args],
      { cwd: dir, env },
      (_, out, err) => done({ code: child.exitCode ?? -1, out, err }),
    )
  })
}

describe('a group that the start of its log will pass in three hours', () => {
  beforeAll(() => {
    const now = Date.now()
    // 600 a minute, and 108,000 to go.
    return storeOf('losing.db', [samplesOf(600, 108_300, now), samplesOf(0, 500, now)])
  })

  test('is a finding within a day', async () => {
    const { code, out } = await forecast('--store', 'losing.db')
    expect(code).toBe(1)
    expect(out).toMatch(/^✗ group enrich reaches the start of flights in 3 hours/)
    expect(out).toContain('and will then lose')
    expect(out).toContain(
      '1,800 messages behind the end in 2 partitions; rates of 10 minutes until',
    )
    expect(out).toContain('partition 0: in 3 hours')
    expect(out).not.toContain('partition 1:')
  })

  test('is shown and no finding where only an hour is asked for', async () => {
    const { code, out } = await forecast('--store', 'losing.db', '--within', '1h')
    expect(code).toBe(0)
    expect(out).toMatch(/^! group enrich reaches/)
  })

  test('stands in the JSON as its schema promises, and no more', async () => {
    const { code, out } = await forecast('--store', 'losing.db', '--json')
    const printed = JSON.parse(out) as { exitCode: number; groups: { lossInMs: number }[] }
    expect(errorsOf('forecast', printed)).toEqual([])
    expect([printed.exitCode, code]).toEqual([1, 1])
    expect(printed.groups[0]?.lossInMs).toBeLessThan(181 * MINUTE)
    expect(printed.groups[0]?.lossInMs).toBeGreaterThan(175 * MINUTE)
    expect(errorsOf('forecast', { ...printed, groups: [{}] })).not.toEqual([])
  })
})

test('a group whose log never deletes loses nothing', async () => {
  await storeOf('safe.db', [samplesOf(0, 10, Date.now())])
  const { code, out } = await forecast('--store', 'safe.db')
  expect([code, out.split('\n')[0]]).toEqual([
    0,
    '✓ group enrich stays ahead of the start of flights at the present rates',
  ])
})

test('of a group that nobody asked, or by samples of yesterday, nothing is foretold', async () => {
  await storeOf('old.db', [samplesOf(600, 10, Date.now() - 1_440 * MINUTE)])
  const old = await forecast('--store', 'old.db')
  expect([old.code, old.out]).toEqual([
    3,
    '? group enrich on flights: nothing is foretold: its newest sample is too old: no auditor runs\n',
  ])
  await storeOf('none.db', [])
  const { code, out } = await forecast('--store', 'none.db', '--json')
  expect(errorsOf('forecast', JSON.parse(out))).toEqual([])
  expect(code).toBe(3)
})

test('names that nobody knows are no empty answer', async () => {
  await storeOf('some.db', [])
  const { code, err } = await forecast('--store', 'some.db', '--group', 'enrihc')
  expect([code, err]).toEqual([4, expect.stringContaining('did you mean `enrich`')])
  expect((await forecast('--store', 'some.db', '--within', 'soon')).code).toBe(2)
})
