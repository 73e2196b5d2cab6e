/** A store that really is full: told once, again while it lasts, and once when it can be written again. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlertEvent } from '../../src/alert/event.ts'
import { QuipuError } from '../../src/base/errors.ts'
import { StoreAlarm } from '../../src/cli/audit-store-alarm.ts'
import type { AlertsInput } from '../../src/config/alert-schema.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import { storeFailure } from '../../src/store/sqlite-errors.ts'
import { type Receiver, receiver, status } from '../alert/server.ts'
import { NOW } from '../reports/build.ts'
import { frameOf } from '../store/frames.ts'
import { alertingTo } from '../support/alerting.ts'
import { errorsOf } from '../support/json-schemas.ts'

const MINUTE = 60_000
const folder = mkdtempSync(join(tmpdir(), 'quipu-store-alarm-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let hook: Receiver
let now: number
let troubles: string[]
let path: string
let files = 0
beforeEach(async () => {
  hook = await receiver()
  now = NOW
  troubles = []
  path = join(folder, `${files++}.db`)
})
afterEach(() => hook.close())

const alarmOf = (more: AlertsInput = {}): StoreAlarm =>
  new StoreAlarm({
    ...{ alerting: alertingTo(hook.url, { coverage: 'ticket', ...more }), path, env: {} },
    clock: () => now,
    onTrouble: (text) => troubles.push(text),
  })

const events = (): AlertEvent[] => hook.received.map(({ body }) => JSON.parse(body) as AlertEvent)
const said = (): string[] => events().map((e) => `${e.kind} ${e.key} ${e.severity} ${e.status}`)

/** What writing to it says; null: it can be written. */
async function write(maxBytes?: number): Promise<unknown> {
  const store = await openSqliteStore(path, maxBytes === undefined ? {} : { maxBytes })
  try {
    for (let i = 0; i < 400; i++) await store.setFact(`fact ${i}`, 'x'.repeat(1_000))
    await store.fold([frameOf(0)], {}, now)
    return null
  } catch (error) {
    return error
  } finally {
    await store.close()
  }
}

/** One turn of the audit, and all that is due. */
async function turn(alarm: StoreAlarm, error: unknown, minutes = 0): Promise<void> {
  now += minutes * MINUTE
  await alarm.turn(error)
}

const FIRING = 'coverage auditor/store ticket firing'
const RESOLVED = 'coverage auditor/store ticket resolved'

describe('a store that is full', () => {
  it('is told once, and once that it can be written again', async () => {
    const alarm = alarmOf()
    await write()
    await turn(alarm, null)
    expect(said()).toEqual([])
    rmSync(path)
    const full = await write(300_000)
    expect(storeFailure(full)).toBe('passing')
    await turn(alarm, full)
    await turn(alarm, await write(300_000), 1)
    await turn(alarm, await write(300_000), 30)
    expect(said()).toEqual([FIRING])
    const fine = await write()
    expect(fine).toBeNull()
    await turn(alarm, fine)
    await turn(alarm, fine, 1)
    expect(said()).toEqual([FIRING])
    await turn(alarm, fine, 1)
    await turn(alarm, fine, 90)
    await alarm.close()
    expect(said()).toEqual([FIRING, RESOLVED])
    expect(troubles).toEqual([])
  })

  it('says that it is blind, what to run and where, and nothing of loss', async () => {
    const alarm = alarmOf()
    await turn(alarm, await write(300_000))
    const [event] = events()
    expect(errorsOf('alert', event)).toEqual([])
    expect(event).toMatchObject({
      ...{ pipeline: '', objective: null, edge: null, samples: [], evidence: null },
      next: `quipu doctor --store ${path}`,
      summary: `the auditor cannot write its store, so nothing new is judged: store ${path} is full`,
    })
  })

  it('is told again while it lasts, and is well only without a break', async () => {
    const alarm = alarmOf()
    const full = await write(300_000)
    await turn(alarm, full)
    await turn(alarm, full, 60)
    expect(said()).toEqual([FIRING, FIRING])
    await turn(alarm, null, 1)
    await turn(alarm, full, 1)
    await turn(alarm, null, 1)
    await turn(alarm, null, 1)
    expect(said()).toEqual([FIRING, FIRING])
    await turn(alarm, null, 1)
    expect(said()).toEqual([FIRING, FIRING, RESOLVED])
  })

  it('is told when its receiver is there again', async () => {
    const alarm = alarmOf()
    hook.answer(status(503))
    const full = await write(300_000)
    await turn(alarm, full)
    hook.answer(status(200))
    await turn(alarm, full)
    expect(said()).toEqual([FIRING])
    await turn(alarm, full, 1)
    await turn(alarm, full, 1)
    expect(said()).toEqual([FIRING, FIRING])
    expect(troubles).toEqual([expect.stringMatching(/^alerts: alert auditor\/store to .*: 503/)])
  })

  it('waits for no time that a clock noted which was set back since', async () => {
    const alarm = alarmOf()
    hook.answer(status(503))
    const full = await write(300_000)
    await turn(alarm, full, 24 * 60)
    hook.answer(status(200))
    await turn(alarm, full, -24 * 60)
    expect(said()).toEqual([FIRING, FIRING])
  })

  it('is resolved at the end if it could be written, else not', async () => {
    const full = await write(300_000)
    const [well, ill] = [alarmOf(), alarmOf()]
    await turn(well, full)
    await turn(well, null)
    await well.close()
    expect(said()).toEqual([FIRING, RESOLVED])
    await turn(ill, full)
    await ill.close()
    expect(said()).toEqual([FIRING, RESOLVED, FIRING])
  })

  it('is told to nobody where coverage is off, or no one is named', async () => {
    const full = await write(300_000)
    for (const more of [{ coverage: 'off' as const }, { routes: [] }]) {
      const alarm = alarmOf(more)
      await turn(alarm, full)
      await turn(alarm, full, 240)
      await alarm.close()
    }
    expect(said()).toEqual([])
  })
})

describe('what a store says', () => {
  const of = (code: string): QuipuError =>
    new QuipuError('STORE', 'store x', { cause: Object.assign(new Error('x'), { code }) })

  it.each([
    ['SQLITE_FULL', 'passing'],
    ['SQLITE_BUSY_SNAPSHOT', 'passing'],
    ['SQLITE_IOERR_WRITE', 'passing'],
    ['SQLITE_READONLY', 'passing'],
    ['SQLITE_READONLY_DBMOVED', 'lasting'],
    ['SQLITE_CORRUPT', 'lasting'],
    ['SQLITE_NOTADB', 'lasting'],
    ['ECONNREFUSED', null],
  ])('%s is %s', (code, is) => {
    expect(storeFailure(of(code))).toBe(is)
  })

  it('is no failure of a store where a broker or nobody said it', () => {
    expect(storeFailure(new QuipuError('FORBIDDEN', 'a broker refuses'))).toBeNull()
    expect(storeFailure(new Error('SQLITE_FULL'))).toBeNull()
  })
})
