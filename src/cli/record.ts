/** `quipu record`: what was judged, as a file that can be judged again anywhere. */
import type { Command } from 'commander'
import { messageOf, QuipuError } from '../base/errors.ts'
import { out, talk } from './io.ts'
import { instant, STORE_DEFAULT } from './options.ts'
import type { ReadOptions } from './store-reader.ts'

interface RecordOptions extends ReadOptions {
  readonly output?: string
}

export function registerRecord(program: Command): void {
  program
    .command('record')
    .summary('write what was judged to a file, to be judged again elsewhere')
    .description(
      'Writes verdicts, latencies and promises as lines of JSON; `quipu report` and `check` read them with --fixture.',
    )
    .option('--store <file>', 'the store that `quipu audit` writes', STORE_DEFAULT)
    .option('--pipeline <name>', 'only this pipeline')
    .option('--since <time>', 'only windows that start since then: 1h, 2026-11-23T01:00Z', instant)
    .option('-o, --output <file>', 'write to a file, not to stdout')
    .addHelpText(
      'after',
      `
It holds ids and names, and no contents. What is judged later is judged as of the time of
the recording, so that the same file gives the same answer.

Examples:
  quipu record --since 7d -o run.ndjson
  quipu check --fixture run.ndjson --config quipu.yaml`,
    )
    .action(async (options: RecordOptions) => {
      const { withStore } = await import('./store-reader.ts')
      const { recordRun } = await import('./run-file.ts')
      const lines = await withStore(options.store, async (store) => {
        const run = recordRun(store, options, Date.now())
        return options.output === undefined ? print(run) : write(run, options.output)
      })
      talk(`${lines - 1} verdicts and latencies recorded`)
    })
}

async function print(run: AsyncIterable<string>): Promise<number> {
  let lines = 0
  for await (const line of run) {
    out(line)
    lines++
  }
  return lines
}

/** Whole, or not at all. */
async function write(run: AsyncIterable<string>, file: string): Promise<number> {
  const { open, rename, rm } = await import('node:fs/promises')
  const draft = `${file}.${process.pid}.tmp`
  let lines = 0
  try {
    const handle = await open(draft, 'w')
    try {
      for await (const line of run) {
        await handle.write(line)
        lines++
      }
    } finally {
      await handle.close()
    }
    await rename(draft, file)
    return lines
  } catch (cause) {
    await rm(draft, { force: true })
    if (cause instanceof QuipuError) throw cause
    throw new QuipuError('FORBIDDEN', `cannot write ${file}: ${messageOf(cause)}`, {
      hint: 'Name a file in a folder that exists, has room, and that this user may write.',
      cause,
    })
  }
}
