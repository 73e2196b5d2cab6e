/** `quipu audit` on real brokers tells a real receiver, and goes on: nothing came where something is promised. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import type { AlertEvent } from '../../src/alert/event.ts'
import { type Receiver, receiver } from '../alert/server.ts'
import { openBooks } from '../support/books.ts'
import { createTopic } from '../support/kafka.ts'
import { type Quipu, quipu, startAuditor } from '../support/quipu.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-alerts-'))
let hook: Receiver | null = null
let auditor: Quipu | null = null
afterAll(async () => {
  auditor?.child.kill('SIGKILL')
  await hook?.close()
  rmSync(folder, { recursive: true, force: true })
})

it('an auditor tells that nothing came and that nobody is heard, each once, with its own severity', async () => {
  hook = await receiver()
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
  auditor = await startAuditor(['--config', books.file, '--store', books.store])
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
