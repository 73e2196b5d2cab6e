/** A real Prometheus that scrapes one address every second. Debian's package has it beside promtool. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { run } from '../../src/testbed/command.ts'
import { freePorts } from '../../src/testbed/ports.ts'

/** What PROMETHEUS names, or the one in PATH. */
const program = (): string => process.env.PROMETHEUS || 'prometheus'

/** Where there is none its tests are skipped by name. */
export const isPrometheusMissing: boolean = (await run(program(), ['--version'])).code !== 0

export interface Answer {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [at: number, value: string]
}

export interface Prometheus {
  query(promql: string): Promise<readonly Answer[]>
  /** Data of any other path of its API. */
  get(path: string): Promise<unknown>
  stop(): Promise<void>
}

/** Looks, 100 ms apart, for a server that answers. */
const LOOKS_MAX = 600

export async function startPrometheus(target: string): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'quipu-prometheus-'))
  const [port] = await freePorts(1)
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [{ job_name: 'quipu', static_configs: [{ targets: [target] }] }],
  }
  writeFileSync(join(folder, 'prometheus.yml'), stringify(config))
  const child = spawn(
    program(),
    [
      '--config.file=prometheus.yml',
      '--storage.tsdb.path=data',
      '--enable-feature=exemplar-storage',
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  const get = async (path: string): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    const { data } = (await response.json()) as { readonly data: unknown }
    return data
  }
  for (let look = 0; ; look++) {
    const ok = await fetch(`http://127.0.0.1:${port}/-/ready`).then(
      (response) => response.ok,
      () => false,
    )
    if (ok) break
    if (look === LOOKS_MAX || child.exitCode !== null)
      throw new Error(`expected a Prometheus at work, it said: ${said}`)
    await sleep(100)
  }
  return {
    get,
    query: async (promql) => {
      const found = await get(`/api/v1/query?query=${encodeURIComponent(promql)}`)
      return (found as { readonly result: readonly Answer[] }).result
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
