/** Results on stdout, talk on stderr. A reader that went away (`| head`) is no failure. */

import { visible } from '../base/visible.ts'

export function out(text: string): void {
  process.stdout.write(text)
}

/** Errors name what comes from files and from the wire: nothing but a line break stays hidden in them. */
export function talk(text: string): void {
  process.stderr.write(`${text.split('\n').map(visible).join('\n')}\n`)
}

/** Once, at the start. A full disk under a redirect is a failure, a closed pipe is not. */
export function guardStreams(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return
    talk(`quipu: cannot write the result: ${error.message}`)
    process.exitCode = 4
  })
  // Whom should that be told to?
  process.stderr.on('error', () => undefined)
}
