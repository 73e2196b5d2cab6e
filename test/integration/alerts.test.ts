/** `quipu audit` on real brokers tells a real receiver, and goes on: nothing came where something is promised. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { afterAll, describe, expect, it } from 'vitest'
import type { AlertEvent } from '../../src/alert/event.ts'
import { type Receiver, receiver } from '../alert/server.ts'
import { openBooks } from '../support/books.ts'
import { createTopic } from '../support/kafka.ts'
import { type Quipu, quipu, startAuditor } from '../support/quipu.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-alerts-'))
const hooks: Receiver[] = []
const auditors: Quipu[] = []
afterAll(async () => {
  for (const { child } of auditors) child.kill('SIGKILL')
  await Promise.all(hooks.map((hook) => hook.close()))
  rmSync(folder, { recursive: true, force: true })
})

describe.concurrent('an auditor', () => {
  it('tells that nothing came and that nobody is heard, each once, with its own severity', async () => {
    const hook = await receiver()
    hooks.push(hook)
    const topic = await createTopic({ prefix: 'alerts' })
    const books = await openBooks({
      ...{ folder, name: 'quipu' },
      pipelines: `  quiet:
    hops: { checkin: { producer: ${topic}, service: checkin }, log: { topic: ${topic} } }
    edges: [{ from: checkin, to: log }]
    objectives: { no-loss: { indicator: completeness, target: 100%, severity: page } }
`,
    })
    const alerting = `alerting:
  noData: page
  routes: [{ to: [{ webhook: { url: "${hook.url}" } }] }]
`
    writeFileSync(books.file, `${readFileSync(books.file, 'utf8')}${alerting}`)
    const auditor = await startAuditor(['--config', books.file, '--store', books.store])
    auditors.push(auditor)
    for (let look = 0; look < 600 && hook.received.length < 2; look++) await sleep(100)
    auditor.child.kill('SIGTERM')
    expect(await auditor.ended).toBe(143)
    const told = hook.received.map(({ body }) => JSON.parse(body) as AlertEvent)
    expect(told.map(({ key, severity, status }) => `${key} ${severity} ${status}`).sort()).toEqual([
      ...['quiet/coverage ticket firing', 'quiet/no-loss/no_data page firing'],
    ])
    const { code, stdout } = await quipu(['alert', 'status', '--store', books.store])
    expect([code, stdout.match(/^firing/gm)]).toEqual([1, ['firing', 'firing']])
  })

  it('whose store cannot be written tells that once, waits, and goes on once it can', async () => {
    const hook = await receiver()
    hooks.push(hook)
    const topic = await createTopic({ prefix: 'alerts-store' })
    const books = await openBooks({
      ...{ folder, name: 'locked' },
      pipelines: `  quiet:
    hops: { checkin: { producer: ${topic}, service: checkin }, log: { topic: ${topic} } }
    edges: [{ from: checkin, to: log }]
`,
    })
    const alerting = `alerting:
  resolveAfter: 1s
  noData: off
  routes: [{ match: { kind: coverage }, to: [{ webhook: { url: "${hook.url}" } }] }]
`
    writeFileSync(books.file, `${readFileSync(books.file, 'utf8')}${alerting}`)
    const auditor = await startAuditor(['--config', books.file, '--store', books.store])
    auditors.push(auditor)
    // Another writer that does not let go.
    const other = new Database(books.store)
    const ofStore = (): string[] =>
      hook.received
        .map(({ body }) => JSON.parse(body) as AlertEvent)
        .filter(({ key }) => key === 'auditor/store')
        .map(({ kind, status }) => `${kind} ${status}`)
    const told = async (count: number): Promise<string[]> => {
      for (let look = 0; look < 600 && ofStore().length < count; look++) await sleep(100)
      return ofStore()
    }
    const firing = 'coverage firing'
    try {
      other.exec('BEGIN IMMEDIATE')
      expect(await told(1)).toEqual([firing])
      other.exec('ROLLBACK')
    } finally {
      other.close()
    }
    const both = [firing, 'coverage resolved']
    expect(await told(2)).toEqual(both)
    auditor.child.kill('SIGTERM')
    expect(await auditor.ended).toBe(143)
    expect(await told(2)).toEqual(both)
    expect(auditor.stderr()).toContain('is busy')
  })
})
