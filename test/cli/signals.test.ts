import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const LOADER = resolve('node_modules/tsx/dist/loader.mjs')

/** Waits to be stopped, then takes `ms` for its clean end. */
const script = (ms: number): string => `
  import { stopOnSignals } from '${resolve('src/cli/signals.ts')}'
  const stop = stopOnSignals((line) => console.error(line))
  stop.signal.addEventListener('abort', () => setTimeout(() => {
    stop.end()
    clearInterval(alive)
    console.log('clean')
    process.exitCode = stop.exitCode()
  }, ${ms}))
  const alive = setInterval(() => {}, 1000)
  console.log('ready')
`

function run(
  ms: number,
  signals: readonly NodeJS.Signals[],
): Promise<{ code: number | null; out: string }> {
  return new Promise((done) => {
    // Not through the command `tsx`: it answers signals itself.
    const child = spawn(
      process.execPath,
      ['--import', LOADER, '--input-type=module', '-e', script(ms)],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let out = ''
    let left = [...signals]
    const next = (): void => {
      const [signal, ...rest] = left
      left = rest
      if (signal !== undefined) child.kill(signal)
    }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      if (text.includes('ready')) next()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes('stopping')) next()
    })
    child.on('close', (code) => done({ code, out }))
  })
}

describe('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends cleanly and exits with %i', async (signal, code) => {
    expect(await run(10, [signal])).toEqual({ code, out: 'ready\nclean\n' })
  })

  it('that comes twice ends at once', async () => {
    expect(await run(60_000, ['SIGINT', 'SIGTERM'])).toEqual({ code: 143, out: 'ready\n' })
  })
})
