/** `quipu wait` beside a real auditor: a job starts on whole data, or is told why not. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { errorsOf } from '../support/json-schemas.ts'
import { type Quipu, quipu, startQuipu } from '../support/quipu.ts'
import { auditFlags, makePlace, type Place, runService } from '../support/small-service.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-wait-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Waited {
  readonly code: number
  readonly json: {
    readonly exitCode: number
    readonly settled: boolean
    readonly pending: readonly string[]
    readonly standing: string
    readonly edges: readonly { readonly counts: Readonly<Record<string, number>> }[]
  }
}

describe.concurrent('waiting for whole data', () => {
  it('ends with 0 once all is settled, also of sends that are still to come', async () => {
    const place = await makePlace()
    // Long: what agrees is settled before, and a slow machine is no lag.
    const { auditor, store } = await auditing(place, 'healthy', '--lateness', '60s')
    const waiting = wait(store, new Date(Date.now() + 12_000).toISOString(), '100s')
    await runService(place, { count: 200 })
    const { code, json } = await waiting
    expect([code, json.settled, json.pending, json.standing]).toEqual([0, true, [], 'met'])
    expect(json.edges.map(({ counts }) => counts.delivered)).toEqual([200, 200, 200, 200])

    auditor.child.kill('SIGKILL')
    await auditor.ended
    // Of what came since nobody has looked.
    const late = await wait(store, new Date().toISOString(), '1s')
    expect([late.code, late.json.settled]).toEqual([3, false])
    expect(late.json.pending[0]).toMatch(/^the auditor: it has read until /)
  })

  it('ends with 1 where something is lost, not before that is known', async () => {
    const place = await makePlace()
    const { auditor, store } = await auditing(place, 'lossy')
    await runService(place, { count: 100, lost: [7] })
    const { code, json } = await wait(store, new Date().toISOString(), '100s', '--final')
    expect([code, json.settled, json.standing]).toEqual([1, true, 'breached'])
    expect(json.edges.map(({ counts }) => counts.lost)).toEqual([0, 0, 1, 0])
    auditor.child.kill('SIGTERM')
    expect(await auditor.ended, auditor.stderr()).toBe(143)
  })
})

async function auditing(
  place: Place,
  name: string,
  ...more: readonly string[]
): Promise<{ readonly auditor: Quipu; readonly store: string }> {
  const store = join(folder, `${name}.db`)
  const auditor = startQuipu(['audit', ...auditFlags(place), ...more, '--store', store])
  while (!auditor.stderr().includes('auditing')) {
    expect(auditor.child.exitCode, auditor.stderr()).toBe(null)
    await sleep(100)
  }
  return { auditor, store }
}

async function wait(
  store: string,
  until: string,
  timeout: string,
  ...more: readonly string[]
): Promise<Waited> {
  const flags = ['--store', store, '--until', until, '--timeout', timeout, '--json', ...more]
  const { code, stdout, stderr } = await quipu(['wait', ...flags])
  expect(stdout, stderr).not.toBe('')
  const json = JSON.parse(stdout) as Waited['json']
  expect(json.exitCode).toBe(code)
  expect(errorsOf('wait', json)).toEqual([])
  return { code, json }
}
