/** `quipu doctor` and the receivers of alerts: each can be connected to, or it says why not; none is told. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { knock } from '../../src/alert/knock.ts'
import type { CheckResult } from '../../src/cli/doctor/check.ts'
import { examine } from '../../src/cli/doctor/examine.ts'
import { webhook } from '../alert/build.ts'
import { type Receiver, receiver } from '../alert/server.ts'
import { quipu } from '../support/quipu.ts'

const folder = mkdtempSync(join(tmpdir(), 'quipu-doctor-alerts-'))
const silent = new Set<Socket>()
let hook: Receiver
let mute: Server
let deadPort: number

const listening = (server: Server): Promise<number> =>
  new Promise((done) => {
    server.listen(0, '127.0.0.1', () => done((server.address() as AddressInfo).port))
  })

beforeAll(async () => {
  hook = await receiver()
  // Takes connections and never says a word: for TLS that is no answer.
  mute = createServer((socket) => silent.add(socket.on('error', () => undefined)))
  await listening(mute)
  const gone = createServer()
  deadPort = await listening(gone)
  await new Promise((done) => gone.close(done))
})
afterAll(async () => {
  for (const socket of silent) socket.destroy()
  await Promise.all([hook.close(), new Promise((done) => mute.close(done))])
  rmSync(folder, { recursive: true, force: true })
})

function fileOf(targets: readonly object[]): string {
  const config = join(folder, 'quipu.yaml')
  const routes = JSON.stringify([{ to: targets }])
  const p =
    '{ hops: { t: { topic: t }, g: { consumer: t, group: g } }, edges: [{ from: t, to: g }] }'
  const pipelines = `{ p: ${p} }`
  writeFileSync(config, `version: 1\nalerting: { routes: ${routes} }\npipelines: ${pipelines}\n`)
  return config
}

const routesOf = async (
  targets: readonly object[],
  env: Record<string, string> = {},
): Promise<CheckResult[]> => {
  const config = fileOf(targets)
  const results = await examine({ config, store: join(folder, 'q.db'), env, cwd: folder })
  return results.filter(({ id }) => id === 'alert-route')
}

/** Without the hash of what the file says. */
const said = (results: readonly CheckResult[]): string[] =>
  results.map((r) => `${r.subject.replace(/-\w{8}$/, '')} ${r.state}: ${r.message}`)

describe('the receivers of alerts', () => {
  it('are connected to, and each that cannot be is told with its reason', async () => {
    const env = { HOOK: hook.url, DEAD: `http://127.0.0.1:${deadPort}/hush-hush`, NONE: 'nowhere' }
    const results = await routesOf(
      [
        { webhook: { url: '${HOOK}' } },
        { webhook: { url: '${DEAD}' } },
        { webhook: { url: 'http://169.254.169.254/latest' } },
        { slack: { webhook: '${SLACK_URL}' } },
        { slack: { webhook: '${NONE}' } },
        { alertmanager: { url: `http://localhost:${hook.port}`, token: '${HOOK}' } },
      ],
      env,
    )
    expect(said(results)).toEqual([
      '0.0-webhook ok: can be connected to; `quipu alert test` sends something',
      `0.1-webhook fail: no alert reaches it: connect ECONNREFUSED 127.0.0.1:${deadPort}`,
      '0.2-webhook fail: no alert reaches it: 169.254.169.254 is an address to which no alert is sent',
      expect.stringMatching(/^0\.3-slack fail: .*variable `SLACK_URL` is not set$/),
      expect.stringMatching(/^0\.4-slack fail: .*its address is none$/),
      '0.5-alertmanager ok: can be connected to; `quipu alert test` sends something',
    ])
    for (const { state, todo } of results) expect(todo === null).toBe(state === 'ok')
    expect(JSON.stringify(results)).not.toMatch(/hush-hush|nowhere/)
    expect(hook.received).toEqual([])
  })

  it('are not looked for where the file names none', async () => {
    expect(await routesOf([])).toEqual([])
  })
})

describe('a connection', () => {
  it('is not waited for longer than its time', async () => {
    const target = webhook(`https://127.0.0.1:${(mute.address() as AddressInfo).port}/`)
    expect(await knock(target, { timeoutMs: 50 })).toBe('no connection within 50 ms')
  })

  it('without TLS is none of a receiver that wants it', async () => {
    const target = webhook(`https://127.0.0.1:${hook.port}/`)
    expect(await knock(target)).toMatch(/wrong version number|SSL|TLS/i)
    expect(hook.received).toEqual([])
  })

  it('is not made to a name that leads nowhere', async () => {
    const why = await knock(webhook('https://nobody.invalid/'), { timeoutMs: 2_000 })
    // Where no name server can be reached it takes longer than that.
    expect(why).toMatch(/ENOTFOUND|EAI_AGAIN|no answer of the name server/)
  })
})

describe('quipu doctor', () => {
  it('tries them unless it is told not to', async () => {
    const config = fileOf([{ webhook: { url: `http://127.0.0.1:${deadPort}` } }])
    const flags = ['doctor', '--json', '--config', config, '--store', join(folder, 'q.db')]
    const states = async (...more: string[]): Promise<string[]> => {
      const { stdout } = await quipu([...flags, ...more], folder)
      const { checks } = JSON.parse(stdout) as { checks: CheckResult[] }
      return checks.filter(({ id }) => id === 'alert-route').map(({ state }) => state)
    }
    const [tried, left] = await Promise.all([states(), states('--no-alerts')])
    expect([tried, left]).toEqual([['fail'], []])
  })
})
