/** Looks, shows, waits: until somebody says that it is enough. */
import { setTimeout as sleep } from 'node:timers/promises'
import { jsonText } from '../../reports/json.ts'
import { renderTop } from '../../reports/top.ts'
import { topJson } from '../../reports/top-state.ts'
import { messageOf } from '../base/errors.ts'
import { out, talk } from './io.ts'
import { stopOnSignals } from './signals.ts'
import { lookAtTop, type TopQuery } from './top-look.ts'
import { TopScreen } from './top-screen.ts'

export interface TopRun extends TopQuery {
  /** ms between two looks */
  readonly everyMs: number
  readonly once: boolean
  readonly json: boolean
  readonly color: boolean
}

/** Of a frame that no terminal cuts. */
const PIPED_WIDTH = 100

/** @returns the exit code: 0, or that of the signal that ended it. @throws QuipuError */
export async function runTop(run: TopRun): Promise<number> {
  if (run.json) return streamTop(run)
  const isLive = process.stdout.isTTY && !run.once && process.env.TERM !== 'dumb'
  if (isLive) return showTop(run)
  const width = process.stdout.columns || PIPED_WIDTH
  const frame = { width, height: Number.POSITIVE_INFINITY, color: run.color }
  const lines = renderTop(await lookAtTop(run, Date.now()), frame)
  out(`${lines.join('\n')}\n`)
  return 0
}

/** One object a line, one line a look. */
async function streamTop(run: TopRun): Promise<number> {
  const gone = new AbortController()
  // Whoever read it has gone away: there is nobody to look for.
  process.stdout.on('error', () => gone.abort())
  const stop = stopOnSignals(() => {})
  const signal = AbortSignal.any([stop.signal, gone.signal])
  try {
    do {
      out(jsonText(topJson(await lookAtTop(run, Date.now())), 0))
    } while (!run.once && (await waited(run.everyMs, signal)))
    return stop.exitCode()
  } finally {
    stop.end()
  }
}

async function showTop(run: TopRun): Promise<number> {
  // What cannot be shown at all is said on the screen that stays.
  let state = await lookAtTop(run, Date.now())
  let trouble: string | null = null
  const quit = new AbortController()
  const stop = stopOnSignals(() => {})
  let isInterrupted = false
  const screen = new TopScreen(process.stdout, process.stdin, {
    onQuit: () => quit.abort(),
    onInterrupt: () => {
      isInterrupted = true
      quit.abort()
    },
    onResize: () => draw(),
  })
  const draw = (): void =>
    screen.draw(renderTop(state, { ...screen.size, color: run.color, foot: footOf(run, trouble) }))
  const signal = AbortSignal.any([stop.signal, quit.signal])
  try {
    screen.open()
    draw()
    while (await waited(run.everyMs, signal)) {
      const looked = await lookAtTop(run, Date.now()).catch((error: unknown) => messageOf(error))
      trouble = typeof looked === 'string' ? looked : null
      if (typeof looked !== 'string') state = looked
      draw()
    }
  } finally {
    screen.close()
    stop.end()
  }
  if (trouble !== null) talk(`quipu: the last look failed: ${trouble}`)
  return isInterrupted ? 130 : stop.exitCode()
}

function footOf({ everyMs }: TopRun, trouble: string | null): string {
  const keys = `q quits; looks every ${everyMs / 1_000} s`
  return trouble === null ? keys : `! ${trouble}; ${keys}`
}

/** False: it is over. */
async function waited(ms: number, signal: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal }).catch(() => {})
  return !signal.aborted
}
