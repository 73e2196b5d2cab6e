/** A broker as a child process that never outlives its parent. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'

export type Signal = 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT'

export interface Running {
  readonly pid: number
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>
  isGone(): boolean
  signal(signal: Signal): Promise<void>
}

/**
 * Starts `command` in a process group of its own, so that an interrupt on the terminal reaches the
 * parent alone. When the parent dies, however it dies, the pipe to the watchdog breaks and the
 * watchdog kills the child and removes `folder`.
 */
export async function spawnBound(
  command: string,
  args: readonly string[],
  folder: string,
  line: (text: string) => void,
): Promise<Running> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  let gone = false
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  }).then(() => {
    gone = true
  })
  readLines(child, line)
  await Promise.race([once(child, 'spawn'), ended])
  if (child.pid === undefined) throw new Error(`Could not start \`${command}\``)

  const watchdog = spawn(
    'sh',
    [
      '-c',
      'cat >/dev/null; kill -9 "$1"; rm -rf "$2"; rmdir "$(dirname "$2")"',
      'watchdog',
      String(child.pid),
      folder,
    ],
    { stdio: ['pipe', 'ignore', 'ignore'], detached: true },
  )
  watchdog.once('error', () => {})
  watchdog.stdin?.once('error', () => {})

  return {
    pid: child.pid,
    gone: ended.then(() => {
      watchdog.kill('SIGKILL')
    }),
    isGone: () => gone,
    async signal(signal) {
      child.kill(signal)
    },
  }
}

function readLines(child: ChildProcess, line: (text: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const text of lines) line(text)
    })
  }
}
