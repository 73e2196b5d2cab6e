/** `quipu check`: one answer and an exit code, for a pipeline that builds or ships. */
import type { Command } from 'commander'
import { out } from './io.ts'
import { instant, STORE_DEFAULT } from './options.ts'
import type { ReadOptions } from './store-reader.ts'

interface CheckOptions extends ReadOptions {
  readonly json?: boolean
}

export function registerCheck(program: Command): void {
  program
    .command('check')
    .summary('judge: exit with 0 only if every edge is met')
    .description('Judges every edge, and exits with 0 only if all of them are met.')
    .option('--store <file>', 'the store that `quipu audit` writes', STORE_DEFAULT)
    .option('--pipeline <name>', 'only this pipeline')
    .option(
      '--since <time>',
      'only windows that start since then: 1h, 7d, 2026-11-23T01:00Z',
      instant,
    )
    .option('--json', 'JSON of the schema quipu.check/v1')
    .addHelpText(
      'after',
      `
Exit codes:
  0  every edge is met
  1  an edge is breached
  2  wrong usage
  3  cannot judge: an edge is open, saw no data, or lacks evidence
  4  the store cannot be read

Examples:
  quipu check --since 1h && deploy
  quipu check --pipeline flights --json`,
    )
    .action(async (options: CheckOptions) => {
      const { assess } = await import('./store-reader.ts')
      const { checkCode } = await import('../objective/check.ts')
      const assessment = await assess(options, options.json === true)
      const code = checkCode(assessment)
      process.exitCode = code
      if (options.json) {
        const { jsonText } = await import('../../reports/json.ts')
        const { at, since, standing, pipelines } = assessment
        const edges = pipelines.flatMap((p) => p.edges)
        out(jsonText({ schema: 'quipu.check/v1', at, since, exitCode: code, standing, edges }))
        return
      }
      const { renderCheck } = await import('../../reports/check.ts')
      const { isColorSupported } = (await import('picocolors')).default
      out(renderCheck(assessment, code, { color: isColorSupported }))
    })
}
