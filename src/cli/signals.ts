/** Ctrl-C and SIGTERM ask for a clean end; a second one ends at once. */

const CODES = { SIGINT: 130, SIGTERM: 143 } as const

export interface Stop {
  readonly signal: AbortSignal
  /** 130 or 143 once asked to stop, else 0. */
  readonly exitCode: () => number
  /** Gives the signals back. */
  readonly end: () => void
}

export function stopOnSignals(talk: (line: string) => void): Stop {
  const controller = new AbortController()
  let code = 0
  const on = (name: keyof typeof CODES) => (): void => {
    if (code !== 0) process.exit(CODES[name])
    code = CODES[name]
    talk('stopping; once more to stop at once')
    controller.abort()
  }
  const handlers = { SIGINT: on('SIGINT'), SIGTERM: on('SIGTERM') }
  process.on('SIGINT', handlers.SIGINT)
  process.on('SIGTERM', handlers.SIGTERM)
  const end = (): void => {
    process.off('SIGINT', handlers.SIGINT)
    process.off('SIGTERM', handlers.SIGTERM)
  }
  return { signal: controller.signal, exitCode: () => code, end }
}
