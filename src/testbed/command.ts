/** Runs one command to its end. */

import { spawn } from 'node:child_process'

export interface Outcome {
  /** `undefined` when the command could not be started at all. */
  readonly code: number | undefined
  readonly output: string
}

export function run(command: string, args: readonly string[], cwd?: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.once('error', (error) => resolve({ code: undefined, output: error.message }))
    child.once('close', (code) =>
      resolve({ code: code ?? -1, output: Buffer.concat(chunks).toString() }),
    )
  })
}

/** Like `run`, but a failure is an error that carries what the command said. */
export async function must(
  command: string,
  args: readonly string[],
  cwd?: string,
): Promise<string> {
  const { code, output } = await run(command, args, cwd)
  if (code === 0) return output
  const said = output.trim().split('\n').slice(-20).join('\n')
  throw new Error(`\`${command} ${args.slice(0, 3).join(' ')}\` failed (${code}):\n${said}`)
}
