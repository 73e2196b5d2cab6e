/** A logger that says nothing. */
import type { Logger } from 'kafkajs'

const silent = (): void => {}

const logger: Logger = {
  info: silent,
  error: silent,
  warn: silent,
  debug: silent,
  namespace: () => logger,
  setLogLevel: silent,
}

export function silentLogger(): Logger {
  return logger
}
