/** `quipu report`: the state of the audited pipelines, for a person or as JSON. */
import type { Command } from 'commander'
import { out } from './io.ts'
import { instant, STORE_DEFAULT, whole } from './options.ts'
import type { ReadOptions } from './store-reader.ts'

interface ReportOptions extends ReadOptions {
  readonly json?: boolean
  readonly ids: number
}

export function registerReport(program: Command): void {
  program
    .command('report')
    .summary('show every pipeline with its counts, verdicts and findings')
    .description(
      'Shows every pipeline with its counts, verdicts, findings, latencies and audit coverage.',
    )
    .option('--store <file>', 'the store that `quipu audit` writes', STORE_DEFAULT)
    .option('--pipeline <name>', 'only this pipeline')
    .option(
      '--since <time>',
      'only windows that start since then: 1h, 7d, 2026-11-23T01:00Z',
      instant,
    )
    .option('--ids <n>', 'ids to show per finding', whole(0, 20), 5)
    .option('--json', 'JSON of the schema quipu.report/v1')
    .addHelpText(
      'after',
      `
Examples:
  quipu report
  quipu report --pipeline flights --since 1h
  quipu report --json | jq '.pipelines[].edges[] | {edge, standing, counts}'

Exits with 0 once the report is written, whatever it says; \`quipu check\` judges.`,
    )
    .action(async (options: ReportOptions) => {
      const { assess } = await import('./store-reader.ts')
      const assessment = await assess(options, true)
      if (options.json) {
        const { renderJson } = await import('../../reports/json.ts')
        out(renderJson(assessment))
        return
      }
      const { renderText } = await import('../../reports/text.ts')
      const { isColorSupported } = (await import('picocolors')).default
      out(renderText(assessment, { color: isColorSupported, ids: options.ids }))
    })
}
