/** `quipu coverage` over a store of some days: its default span, and its JSON as its schema promises. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Frame } from '../../src/hop/frame.ts'
import type { HopRef } from '../../src/hop/hop.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { FLIGHTS, verdict } from '../reports/build.ts'
import { deltaOf, frameOf } from '../store/frames.ts'
import { errorsOf } from '../support/json-schemas.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
const now = Math.floor(Date.now() / MINUTE) * MINUTE
const MAIN = [
  ...['--import', resolve('node_modules/tsx/dist/loader.mjs')],
  resolve('src/cli/main.ts'),
]

let dir = ''
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const hops = FLIGHTS.hops.map(({ hop }) => hop)
const enrich = hops.find(({ group }) => group === 'enrich') as HopRef

/** The group was not watched from 30 hours to 26 hours ago, and lately for a moment if told so. */
async function makeStore(name: string, torn: boolean): Promise<void> {
  const store = await openSqliteStore(join(dir, name))
  const at = (number: number, agoHours: number, from: number, to: number): Frame =>
    frameOf(number, {
      ...{ service: 'audit', sentAt: now - agoHours * HOUR, goodbye: number === 2 },
      deltas: hops.map((hop) => deltaOf(hop, now - agoHours * HOUR, [number])),
      covered: [{ hop: enrich, partition: 0, from, to }],
      seals: [{ hop: hops[0] as HopRef, sealedUntil: now - agoHours * HOUR, open: [] }],
    })
  const late = torn ? 61 : 60
  await store.fold([at(0, 30, 0, 40), at(1, 26, 50, 60), at(2, 1, late, 70)], {}, now)
  await store.setFact('pipelines', [FLIGHTS])
  const window = { start: now - 2 * HOUR, end: now - 2 * HOUR + MINUTE }
  await store.saveVerdicts(
    FLIGHTS.edges.map((edge) => ({ ...verdict(edge.name), window })),
    now,
  )
  await store.close()
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'quipu-coverage-'))
  await makeStore('old.db', false)
  await makeStore('torn.db', true)
})

/** Exit code, and what was printed. */
function coverage(...args: string[]): Promise<readonly [code: number, out: string]> {
  return new Promise((done) => {
    const env = { ...process.env, NO_COLOR: '1' }
    const child = execFile(
      process.execPath,
      [...MAIN, 'coverage', ...args],
      { cwd: dir, env },
      (_, out) => done([child.exitCode ?? -1, out]),
    )
  })
}

interface Printed {
  readonly since: string
  readonly exitCode: number
  readonly hops: readonly { readonly hop: string; readonly holeCount: number }[]
}

describe('the time that nobody asked for otherwise', () => {
  test('is one day: a hole that ended before is told as one of another time', async () => {
    const [code, out] = await coverage('--store', 'old.db')
    expect(out).toContain('1 hole at other times')
    expect(out).toContain('--since shows others')
    expect(out).toContain('All seen whole.')
    expect(code).toBe(0)
  })

  test('is one day before --until, where only that is given', async () => {
    const until = new Date(now - 10 * HOUR).toISOString()
    const [, out] = await coverage('--store', 'old.db', '--json', '--until', until)
    expect((JSON.parse(out) as Printed).since).toBe(new Date(now - 34 * HOUR).toISOString())
  })

  test('does not hide a hole that was open in it', async () => {
    const [code, out] = await coverage('--store', 'torn.db', '--hop', 'enrich')
    expect(out).toContain('partition 0: offset 60 not watched')
    expect(out).not.toContain('offsets 40–49')
    expect(code).toBe(3)
  })

  test('gives way to --since, which brings the hole back', async () => {
    const [code, out] = await coverage('--store', 'old.db', '--since', '2d', '--hop', 'enrich')
    expect(out).toContain('partition 0: offsets 40–49 not watched')
    expect(code).toBe(3)
  })
})

describe('the JSON', () => {
  test.each(['old.db', 'torn.db'])('of %s is what its schema promises, and no more', async (db) => {
    const [code, out] = await coverage('--store', db, '--json', '--since', '3d')
    const printed = JSON.parse(out) as Printed
    expect(errorsOf('coverage', printed)).toEqual([])
    expect(printed.exitCode).toBe(code)
    const found = printed.hops.find(({ hop }) => hop === 'enrich')
    expect(found?.holeCount).toBe(db === 'torn.db' ? 2 : 1)
  })

  test('is refused by that schema where anything is missing, added or of another kind', async () => {
    const [, out] = await coverage('--store', 'torn.db', '--json')
    const printed = JSON.parse(out) as Record<string, unknown> & Printed
    const { since: _, ...missing } = printed
    const [first, ...rest] = printed.hops
    const changed = { ...printed, hops: [{ ...first, standing: 'fine' }, ...rest] }
    for (const bad of [missing, { ...printed, more: 1 }, changed])
      expect(errorsOf('coverage', bad)).not.toEqual([])
  })
})
