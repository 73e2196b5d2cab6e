/** The command line as users run it: a real child process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const TSX = fileURLToPath(import.meta.resolve('tsx'))

export interface Quipu {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** Resolves with the exit code, or 128 + signal as a shell would say. */
  readonly ended: Promise<number>
}

export function startQuipu(args: readonly string[], cwd?: string): Quipu {
  const child = spawn(process.execPath, ['--import', TSX, MAIN, ...args], {
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  })
  let out = ''
  let err = ''
  child.stdout?.on('data', (chunk) => {
    out += chunk
  })
  child.stderr?.on('data', (chunk) => {
    err += chunk
  })
  const ended = once(child, 'close').then(([code, signal]) =>
    code === null ? (signal === 'SIGKILL' ? 137 : 143) : (code as number),
  )
  return { child, stdout: () => out, stderr: () => err, ended }
}

/** Looks, 100 ms apart, for an auditor that is at work. */
const LOOKS_MAX = 1_200

/** `quipu audit`, once it is at work. @throws Error if it never is */
export async function startAuditor(args: readonly string[], cwd?: string): Promise<Quipu> {
  const auditor = startQuipu(['audit', ...args], cwd)
  for (let look = 0; !auditor.stderr().includes('auditing'); look++) {
    if (look < LOOKS_MAX && auditor.child.exitCode === null) await sleep(100)
    else throw new Error(`expected an auditor at work, it said: ${auditor.stderr()}`)
  }
  return auditor
}

export async function quipu(
  args: readonly string[],
  cwd?: string,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const run = startQuipu(args, cwd)
  const code = await run.ended
  return { code, stdout: run.stdout(), stderr: run.stderr() }
}
