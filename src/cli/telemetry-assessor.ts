/**
 * Asks for an assessment of the store in a process of its own, which reads beside the auditor, so that no
 * frame waits for it, and gives its memory back when it ends.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Assessed } from './telemetry-assess.ts'

export interface AssessRequest {
  /** Of the store. */
  readonly path: string
  /** ms */
  readonly since: number
  readonly now: number
}

/** MB: a month of four edges and windows of a minute takes less than half. Beyond, it ends with an error. */
const MEMORY_MAX = 1_024
/** Characters of what it says when it fails. */
const SAID_MAX = 2_000

/** @throws Error: the process failed, or `signal` ended it */
export function assessApart(request: AssessRequest, signal: AbortSignal): Promise<Assessed> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(childUrl()), [], {
      execArgv: [...process.execArgv, `--max-old-space-size=${MEMORY_MAX}`],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      ...{ signal, killSignal: 'SIGKILL' },
    })
    let said = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-SAID_MAX)
    })
    child.once('message', (assessed) => resolve(assessed as Assessed))
    child.once('error', reject)
    child.once('close', () => {
      const why = /^\w*Error.*$/m.exec(said)?.[0]
      reject(new Error(why ?? 'the assessment ended before it was done'))
    })
    // What cannot be sent shows in how it ends.
    child.send(request, () => {})
  })
}

/** As it lies here: as source, or built. */
function childUrl(): URL {
  const url = new URL('./telemetry-child.ts', import.meta.url)
  if (import.meta.url.endsWith('.js')) url.pathname = url.pathname.replace(/\.ts$/, '.js')
  return url
}
