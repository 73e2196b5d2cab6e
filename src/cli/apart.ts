/**
 * Reads what takes long to read of the store in a process of its own, beside the auditor, so that no
 * frame waits for it; it gives its memory back when it ends.
 */
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { AlertingConfig } from '../config/alerting.ts'
import type { Looked } from './alert-look.ts'
import type { Assessed } from './telemetry-assess.ts'

/** What is read, of the store at `path`; times in ms. */
export type ApartRequest =
  | {
      readonly kind: 'assess'
      readonly path: string
      readonly since: number
      readonly now: number
    }
  | {
      readonly kind: 'look'
      readonly path: string
      /** Without secrets: those are filled in by whoever sends. */
      readonly alerting: AlertingConfig
      readonly now: number
    }

/** What comes of each kind. */
export interface ApartAnswers {
  readonly assess: Assessed
  readonly look: Looked
}

/** MB: a month of four edges and windows of a minute takes less than half. Beyond, it ends with an error. */
const MEMORY_MAX = 1_024
/** Characters of what it says when it fails. */
const SAID_MAX = 2_000

/** @throws Error: the process failed, or `signal` ended it */
export function apart<R extends ApartRequest>(
  request: R,
  signal: AbortSignal,
): Promise<ApartAnswers[R['kind']]> {
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
    child.once('message', (answer) => resolve(answer as ApartAnswers[R['kind']]))
    child.once('error', reject)
    child.once('close', () => {
      const why = /^\w*Error.*$/m.exec(said)?.[0]
      reject(new Error(why ?? 'the process that reads the store ended before it was done'))
    })
    // What cannot be sent shows in how it ends.
    child.send(request, () => {})
  })
}

/** As it lies here: as source, or built. */
function childUrl(): URL {
  const url = new URL('./apart-child.ts', import.meta.url)
  if (import.meta.url.endsWith('.js')) url.pathname = url.pathname.replace(/\.ts$/, '.js')
  return url
}
