/** Results on stdout, talk on stderr. A reader that went away (`| head`) is no failure. */

export function out(text: string): void {
  process.stdout.write(text)
}

export function talk(line: string): void {
  process.stderr.write(`${line}\n`)
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
