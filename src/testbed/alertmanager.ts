/** A real Alertmanager for tests, on a free port of 127.0.0.1; it tells nobody. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { QuipuError } from '../base/errors.ts'
import { run } from './command.ts'
import { freePorts } from './ports.ts'
import { spawnBound } from './process.ts'

/** What ALERTMANAGER names, or the one of Debian in PATH. */
const program = (): string => process.env.ALERTMANAGER || 'prometheus-alertmanager'

const READY_MS = 30_000
const POLL_MS = 50
/** It resolves by itself what is not sent again for so long. */
const CONFIG = `global: { resolve_timeout: 5m }
route: { receiver: nobody }
receivers: [{ name: nobody }]
`

/** As its API shows it: only what still fires is there. */
export interface ManagedAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly startsAt: string
  readonly endsAt: string
}

export interface Alertmanager {
  readonly url: string
  /** Those that fire now. */
  alerts(): Promise<readonly ManagedAlert[]>
  stop(): Promise<void>
}

/** @throws QuipuError MISSING_PART: there is none on this machine */
export async function prepareAlertmanager(): Promise<void> {
  const { code, output } = await run(program(), ['--version'])
  if (code === 0) return
  throw new QuipuError('MISSING_PART', `No Alertmanager can be run: ${output.trim()}`, {
    hint: process.env.ALERTMANAGER
      ? `Set ALERTMANAGER to the program: ${process.env.ALERTMANAGER} is not.`
      : 'On Debian, run `apt-get install prometheus-alertmanager`; or set ALERTMANAGER to the program.',
  })
}

/** It ends with this process, however that ends. */
export async function startAlertmanager(): Promise<Alertmanager> {
  const folder = await mkdtemp(join(tmpdir(), 'quipu-alertmanager-'))
  const file = join(folder, 'alertmanager.yml')
  await writeFile(file, CONFIG)
  const [port] = await freePorts(1)
  const lines: string[] = []
  const running = await spawnBound(
    program(),
    [
      ...[`--config.file=${file}`, `--storage.path=${folder}`, '--cluster.listen-address='],
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    folder,
    (line) => lines.push(line),
  )
  const url = `http://127.0.0.1:${port}`
  const stop = async (): Promise<void> => {
    if (!running.isGone()) await running.signal('SIGTERM')
    await running.gone
    await rm(folder, { recursive: true, force: true })
  }
  const deadline = Date.now() + READY_MS
  while (!(await isReady(url))) {
    if (running.isGone() || Date.now() > deadline) {
      await stop()
      throw new QuipuError(
        'CONNECTION',
        `No ready Alertmanager at ${url}: ${lines.slice(-3).join('; ')}`,
      )
    }
    await sleep(POLL_MS)
  }
  return {
    url,
    alerts: async () =>
      (await (await fetch(`${url}/api/v2/alerts`)).json()) as readonly ManagedAlert[],
    stop,
  }
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/-/ready`).then(
    ({ ok }) => ok,
    () => false,
  )
