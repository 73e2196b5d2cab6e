/** `quipu record`: what was judged, as a file that can be judged again anywhere. */
import type { Command } from 'commander'
import { out, talk } from './io.ts'
import { STORE_DEFAULT, sinceTime } from './options.ts'
import type { ReadOptions } from './store-reader.ts'

interface RecordOptions extends ReadOptions {
  readonly output?: string
}

export function registerRecord(program: Command): void {
  program
    .command('record')
    .summary('write what was judged to a file, to be judged again elsewhere')
    .description(
      'Writes verdicts, latencies, drift and promises as lines of JSON; `quipu report` and `check` read them with --fixture.',
    )
    .option('--store <file>', 'the store that `quipu audit` writes', STORE_DEFAULT)
    .option('--pipeline <name>', 'only this pipeline')
    .option(
      '--since <time>',
      'only windows that start since then: 1h, 2026-11-23T01:00Z',
      sinceTime,
    )
    .option('-o, --output <file>', 'write to a file, not to stdout')
    .addHelpText(
      'after',
      `
It holds ids and names, and no contents but the values that \`values: true\` asked for. What
is judged later is judged as of the time of the recording, so that the same file gives the
same answer.

Examples:
  quipu record --since 7d -o run.ndjson
  quipu check --fixture run.ndjson --config quipu.yaml`,
    )
    .action(async (options: RecordOptions) => {
      const { withStore } = await import('./store-reader.ts')
      const { recordRun } = await import('./run-file.ts')
      const { writeLines } = await import('./whole-file.ts')
      const { stopOnSignals } = await import('./signals.ts')
      const { output } = options
      const stop = stopOnSignals(talk)
      try {
        const lines = await withStore(options.store, (store) => {
          const run = recordRun(store, options, Date.now())
          return output === undefined
            ? print(run, stop.signal)
            : writeLines(output, run, stop.signal)
        })
        talk(
          lines === null
            ? 'stopped: not recorded'
            : `${lines - 2} lines of verdicts, latencies and drift recorded`,
        )
        // Stdout may have failed meanwhile, and said so.
        if (stop.exitCode() !== 0) process.exitCode = stop.exitCode()
      } finally {
        stop.end()
      }
    })
}

/** @returns null: it was stopped, and what is printed is not all */
async function print(run: AsyncIterable<string>, stop: AbortSignal): Promise<number | null> {
  let lines = 0
  for await (const line of run) {
    if (stop.aborted) return null
    out(line)
    lines++
  }
  return lines
}
