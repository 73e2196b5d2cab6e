/** From the books of an audit to a receiver, both real: what goes wrong is told once, and when it is over. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AlertEvent } from '../../src/alert/event.ts'
import { AlertTeller } from '../../src/cli/audit-alerts.ts'
import type { AlertsInput } from '../../src/config/alert-schema.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { Store } from '../../src/store/store.ts'
import { type Received, type Receiver, receiver, status } from '../alert/server.ts'
import { idOf } from '../reports/build.ts'
import { enrich, frameOf, mishapOf } from '../store/frames.ts'
import { alertingTo, NOW_OF_LOSS, storeOf, windowsOf } from '../support/alerting.ts'
import { errorsOf } from '../support/json-schemas.ts'
import { quipu } from '../support/quipu.ts'

const MINUTE = 60_000
const folder = mkdtempSync(join(tmpdir(), 'quipu-alerts-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

let files = 0
let path: string
let store: Store | null = null
let hook: Receiver
let now = NOW_OF_LOSS
let troubles: string[] = []

beforeEach(async () => {
  path = join(folder, `${files++}.db`)
  hook = await receiver()
  now = NOW_OF_LOSS
  troubles = []
})
afterEach(async () => {
  await hook.close()
  await store?.close()
  store = null
})

const tellerOf = (
  of: Store,
  more: AlertsInput = {},
  env: Record<string, string> = {},
): AlertTeller =>
  new AlertTeller({
    ...{ store: of, alerting: alertingTo(hook.url, more), env, clock: () => now },
    onTrouble: Array.prototype.push.bind(troubles),
  })

/** One look, and all that it sends. */
async function look(teller: AlertTeller, minutes = 0, isCaughtUp = true): Promise<string[]> {
  const from = hook.received.length
  now += minutes * MINUTE
  await teller.turn(isCaughtUp)
  await teller.close(false)
  expect(troubles).toEqual([])
  return events()
    .slice(from)
    .map(({ kind, severity, status: is }) => `${kind} ${severity} ${is}`)
}
const events = (): AlertEvent[] => hook.received.map(({ body }) => JSON.parse(body) as AlertEvent)

describe('a loss', () => {
  it('pages once, and is resolved once', async () => {
    store = await storeOf(path, windowsOf('..x'))
    const teller = tellerOf(store)
    expect(await look(teller)).toEqual(['objective page firing'])
    expect(await look(teller, 1)).toEqual([])
    await store.saveVerdicts(windowsOf('...', 3), now)
    expect(await look(teller, 1)).toEqual([])
    expect(await look(teller, 2)).toEqual(['objective page resolved'])
    expect(await look(teller, 60)).toEqual([])
    for (const event of events()) expect(errorsOf('alert', event)).toEqual([])
    const [first, last] = events()
    expect(last?.key).toBe(first?.key)
    expect(first?.samples).toHaveLength(1)
  })

  it('is told with the trace of a message whose agent saw it go wrong', async () => {
    store = await storeOf(path, windowsOf('x'))
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const mishaps = [mishapOf(enrich, { at: now - 1_000, id: idOf(1, 0), traceId })]
    await store.fold([frameOf(0, { mishaps })], {}, now)
    await look(tellerOf(store))
    expect(events().map(({ samples }) => samples.map((s) => s.traceId))).toEqual([[traceId]])
  })

  it('is told with a command that finds the store, wherever it is run', async () => {
    store = await storeOf(path, windowsOf('x'))
    const nexts = async (place: string | undefined): Promise<string[]> => {
      const from = hook.received.length
      const found = await openSqliteStore(':memory:')
      const of = new Proxy(store as Store, {
        get: (target, name) => {
          // Each is the first to tell of it.
          const isAlerts = ['alerts', 'changeAlerts', 'outbox'].includes(String(name))
          const from = isAlerts ? found : target
          const value: unknown = Reflect.get(from, name)
          return typeof value === 'function' ? value.bind(from) : value
        },
      })
      const named = place === undefined ? {} : { path: place }
      const teller = new AlertTeller({
        ...{ store: of, alerting: alertingTo(hook.url), env: {}, clock: () => now, ...named },
        onTrouble: Array.prototype.push.bind(troubles),
      })
      await look(teller)
      await found.close()
      return events()
        .slice(from)
        .map(({ next }) => next)
    }
    const [plain] = await nexts(undefined)
    expect(plain).toMatch(/^quipu explain '[^']*'$/)
    expect(await nexts('./quipu.db')).toEqual([plain])
    expect(await nexts("/var/on call's.db")).toEqual([
      `${plain} --store ${String.raw`'/var/on call'\''s.db'`}`,
    ])
    expect(await nexts('other.db')).toEqual([`${plain} --store ${join(process.cwd(), 'other.db')}`])
  })

  it('that was over before anybody looked is told, and so is the next one', async () => {
    store = await storeOf(path, windowsOf('x.....'))
    const teller = tellerOf(store)
    expect(await look(teller)).toEqual(['objective page firing'])
    await look(teller, 1)
    expect(await look(teller, 2)).toEqual(['objective page resolved'])
    await store.saveVerdicts(windowsOf('x', 9), now)
    expect(await look(teller, 1)).toEqual(['objective page firing'])
  })

  it('is told by the next auditor neither again nor never', async () => {
    store = await storeOf(path, windowsOf('x.'))
    expect(await look(tellerOf(store))).toEqual(['objective page firing'])
    await store.close()
    store = await openSqliteStore(path)
    const next = tellerOf(store)
    expect(await look(next, 1)).toEqual([])
    expect(await look(next, 3)).toEqual(['objective page resolved'])
  })

  it('is signed for who shares the secret', async () => {
    store = await storeOf(path, windowsOf('x'))
    const to = [{ webhook: { url: '${HOOK}', secret: '${SECRET}' } }]
    const env = { HOOK: hook.url, SECRET: 'hush-hush' }
    await look(tellerOf(store, { routes: [{ to }] }, env))
    const { headers, body } = hook.received[0] as Received
    const hmac = createHmac('sha256', 'hush-hush').update(`${headers['x-quipu-timestamp']}.${body}`)
    expect(headers['x-quipu-signature-256']).toBe(`sha256=${hmac.digest('hex')}`)
    const kept = JSON.stringify([await store.alerts(), await store.deliveries()])
    expect(kept).not.toMatch(/hush-hush|127\.0\.0\.1/)
  })
})

describe('a store that takes long to read', () => {
  it('is read by another process, which tells the same', async () => {
    const own = await storeOf(path, windowsOf('..'))
    store = own
    let reads = 0
    const slow = new Proxy(own, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        if (name !== 'verdicts') return value.bind(target)
        return async (...args: unknown[]) => {
          reads++
          await sleep(700)
          return value.apply(target, args)
        }
      },
    })
    const teller = new AlertTeller({
      ...{ store: slow, alerting: alertingTo(hook.url), env: {}, clock: () => now, path },
      onTrouble: Array.prototype.push.bind(troubles),
    })
    await teller.turn(true)
    const before = reads
    expect([before > 0, events()]).toEqual([true, []])
    await own.saveVerdicts(windowsOf('x', 2), now)
    now += 60 * MINUTE
    // The other process runs what lies here as source.
    const flags = process.execArgv
    process.execArgv = [...flags, '--import', 'tsx']
    await teller.turn(true)
    process.execArgv = flags
    await expect.poll(() => events().length + troubles.length, { timeout: 60_000 }).toBe(1)
    await teller.close(false)
    expect(events().map(({ kind, status: is }) => [kind, is])).toEqual([['objective', 'firing']])
    expect([reads, troubles]).toEqual([before, []])
  }, 90_000)
})

describe('what is not known', () => {
  it('never pages as loss: coverage has an alert of its own, after a while', async () => {
    store = await storeOf(path, windowsOf('??'))
    const teller = tellerOf(store, { coverage: 'ticket' })
    expect(await look(teller)).toEqual([])
    expect(await look(teller, 5)).toEqual([])
    expect(await look(teller, 1)).toEqual(['coverage ticket firing'])
  })

  it('has no data, as an alert of its own', async () => {
    store = await storeOf(path, [])
    const teller = tellerOf(store, { noData: 'page' })
    expect(await look(teller)).toEqual([])
    expect(await look(teller, 6)).toEqual(['no_data page firing'])
  })

  it('neither fires nor resolves while the auditor is behind, and that is told', async () => {
    store = await storeOf(path, windowsOf('x'))
    const teller = tellerOf(store, { coverage: 'ticket' })
    expect(await look(teller)).toEqual(['objective page firing'])
    expect(await look(teller, 1, false)).toEqual([])
    expect(await look(teller, 1, false)).toEqual(['coverage ticket firing'])
    expect(await look(teller, 30, false)).toEqual([])
    expect(await look(teller, 1)).toEqual([])
  })
})

describe('an audit', () => {
  it('whose clock was ahead looks again once it is set back', async () => {
    store = await storeOf(path, windowsOf('..'))
    const teller = tellerOf(store)
    now += 1e9
    await teller.turn(true)
    now -= 1e9
    await store.saveVerdicts(windowsOf('x', 2), now)
    expect(await look(teller)).toEqual(['objective page firing'])
  })

  it('is not held up by a receiver that says nothing', async () => {
    hook.answer(() => undefined)
    store = await storeOf(path, windowsOf('x'))
    const teller = tellerOf(store)
    await teller.turn(true)
    now += MINUTE
    await teller.turn(true)
    expect(hook.received.length).toBeLessThanOrEqual(1)
  })

  it('goes on when the store fails, and says so', async () => {
    const broken = await storeOf(path, windowsOf('x'))
    await broken.close()
    const teller = tellerOf(broken)
    await teller.turn(true)
    expect(troubles[0]).toMatch(/^alerts, looking for what is wrong: /)
  })

  it('says at once which variables are missing', async () => {
    store = await storeOf(path, [])
    tellerOf(store, { routes: [{ to: [{ webhook: { url: '${NONE}' } }] }] }).open()
    expect(troubles).toEqual([expect.stringMatching(/0\.0-webhook-\w+: .*`NONE` is not set/)])
  })

  it('that tells nobody stores nothing', async () => {
    store = await storeOf(path, windowsOf('x'))
    await look(tellerOf(store, { routes: [] }))
    expect(await store.alerts()).toEqual([])
  })
})

describe('a teller that is killed between storing and sending', () => {
  it('leaves it to the next one, which sends the same, once', async () => {
    const seen = new Promise<void>((resolve) => hook.answer(() => resolve()))
    store = await storeOf(path, windowsOf('x'))
    await store.close()
    const script = fileURLToPath(new URL('../support/alerting-until-killed.ts', import.meta.url))
    const tsx = fileURLToPath(import.meta.resolve('tsx'))
    const child = spawn(process.execPath, ['--import', tsx, script, path, hook.url], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    children.push(child)
    await seen
    child.kill('SIGKILL')
    await once(child, 'close')
    hook.answer(status(200))
    store = await openSqliteStore(path)
    const next = tellerOf(store)
    expect(await look(next)).toEqual(['objective page firing'])
    expect(events().map(({ id }) => id)).toEqual([events()[0]?.id, events()[0]?.id])
    expect(await look(next, 1)).toEqual([])
    expect(await store.outbox(Number.MAX_SAFE_INTEGER, 10)).toEqual([])
  })
})

describe('quipu alert', () => {
  it('status shows what fires, what waits and what came of it', async () => {
    hook.answer(status(503))
    store = await storeOf(path, windowsOf('x'))
    const teller = tellerOf(store)
    await teller.turn(true)
    await teller.close(false)
    await store.close()
    store = null
    const text = await quipu(['alert', 'status', '--store', path])
    expect(text.code).toBe(3)
    expect(text.stdout.replace(/\d+\.\d+-webhook-\w+/g, 'TARGET').split('\n')).toEqual([
      'firing  page  flights/no-loss  since 2026-11-23T01:00:00.000Z  flights/no-loss is breached: completeness, 1 bad event',
      expect.stringMatching(/^waits {3}TARGET {2}flights\/no-loss {2}due \S+, tried 1 time: 503$/),
      expect.stringMatching(/^fail {2}TARGET {2}\S+ {2}503 {2}\(0 sent, 1 failed, 0 given up\)$/),
      '',
    ])
    const json = await quipu(['alert', 'status', '--store', path, '--json'])
    expect(errorsOf('alert-status', JSON.parse(json.stdout))).toEqual([])
  })

  it('test sends an event through every route and says what came back', async () => {
    const file = join(folder, 'quipu.yaml')
    const { writeFileSync } = await import('node:fs')
    writeFileSync(
      file,
      `version: 1
alerting:
  routes:
    - { match: { severity: page }, to: [{ webhook: { url: "${hook.url}" } }] }
    - to: [{ slack: { webhook: "\${QUIPU_TEST_NO_SLACK}" } }]
pipelines:
  p: { hops: { a: { topic: a }, b: { topic: b } }, edges: [{ from: a, to: b }] }
`,
    )
    const one = await quipu([
      'alert',
      'test',
      '--config',
      file,
      '--route',
      '1',
      '--severity',
      'page',
    ])
    expect([one.code, one.stdout]).toEqual([
      0,
      expect.stringMatching(/^ok {4}0\.0-webhook-\w+ {2}200\n$/),
    ])
    expect(events().map((e) => `${e.kind} ${e.severity} ${e.status}`)).toEqual([
      ...['test page firing', 'test page resolved'],
    ])
    for (const event of events()) expect(errorsOf('alert', event)).toEqual([])
    const all = await quipu(['alert', 'test', '--config', file, '--json'])
    expect(all.code).toBe(1)
    const said = JSON.parse(all.stdout)
    expect(errorsOf('alert-test', said)).toEqual([])
    expect(said.targets[1].result).toMatch(/`QUIPU_TEST_NO_SLACK` is not set/)
    const none = await quipu(['alert', 'test', '--config', file, '--route', '3'])
    expect([none.code, none.stderr]).toEqual([2, expect.stringMatching(/the pipeline file has 2/)])
  })
})
