/** `quipu export`: the promises of the pipeline file in the words of others. */
import { Argument, type Command } from 'commander'
import { QuipuError } from '../base/errors.ts'
import { suggestion } from '../base/nearest.ts'
import type { Exported, Promised } from '../export/exported.ts'
import { talk } from './io.ts'
import { put } from './outputs.ts'

const FORMATS = ['openslo', 'odcs', 'prometheus-rules'] as const
type Format = (typeof FORMATS)[number]

interface ExportOptions {
  readonly pipeline?: string
  readonly config?: string
  readonly output?: string
  readonly json?: boolean
}

export function registerExport(program: Command): void {
  program
    .command('export')
    .summary('write objectives as OpenSLO, as a data contract, or as Prometheus rules')
    .description('Writes the objectives of the pipeline file in the format of another tool.')
    .addArgument(new Argument('<format>', 'what to write').choices(FORMATS))
    .option('--pipeline <name>', 'only this pipeline')
    .option('--config <file>', 'the pipeline file (default: ./quipu.yaml)')
    .option('-o, --output <file>', 'write to a file, not to stdout')
    .option('--json', 'JSON of the schema quipu.export/v1: the text, and what it cannot express')
    .addHelpText(
      'after',
      `
Formats:
  openslo           OpenSLO v1: services, SLOs and alert policies
  odcs              Open Data Contract Standard v3.1, of one pipeline
  prometheus-rules  recording rules and burn-rate alerts

What a format cannot express is named on stderr, and in a comment of the file.

Examples:
  quipu export prometheus-rules -o quipu.rules.yaml
  quipu export odcs --pipeline flights`,
    )
    .action(async (format: Format, options: ExportOptions) => {
      const { text, warnings } = await exported(format, await promisedOf(options))
      const output = { format, file: options.output ?? null }
      if (options.json) {
        const { jsonText } = await import('../../reports/json.ts')
        put(output, jsonText({ schema: 'quipu.export/v1', format, text, warnings }))
        return
      }
      const { visible } = await import('../base/visible.ts')
      for (const warning of warnings) talk(visible(`quipu: not expressed: ${warning}`))
      put(output, text)
    })
}

async function exported(format: Format, list: readonly Promised[]): Promise<Exported> {
  switch (format) {
    case 'openslo':
      return (await import('../export/openslo.ts')).exportOpenSlo(list)
    case 'prometheus-rules':
      return (await import('../export/prometheus-rules.ts')).exportPrometheusRules(list)
    case 'odcs': {
      const [only] = list
      if (only === undefined || list.length > 1) {
        throw new QuipuError(
          'CONFIG',
          `a contract is of one pipeline, and there are ${list.length}`,
          {
            hint: `Name one with --pipeline: ${list.map((p) => p.pipeline.name).join(', ')}.`,
          },
        )
      }
      return (await import('../export/odcs.ts')).exportOdcs(only)
    }
  }
}

/** Pipelines that promise something. */
async function promisedOf({ pipeline, config }: ExportOptions): Promise<readonly Promised[]> {
  const { declaredIn } = await import('./declared.ts')
  const { pipelines, promises } = (await declaredIn(config)).config
  const names = pipelines.map((p) => p.name)
  if (pipeline !== undefined && !names.includes(pipeline)) {
    throw new QuipuError(
      'CONFIG',
      `there is no pipeline \`${pipeline}\`${suggestion(pipeline, names)}`,
      { hint: `The file has: ${names.join(', ')}.` },
    )
  }
  const list = pipelines.flatMap((p): Promised[] => {
    const promised = promises.find((one) => one.pipeline === p.name)
    if (promised === undefined || promised.objectives.length === 0) return []
    return pipeline === undefined || pipeline === p.name
      ? [{ pipeline: p, promises: promised }]
      : []
  })
  if (list.length > 0) return list
  throw new QuipuError('CONFIG', 'nothing is promised there: no objective is declared', {
    hint: 'Declare `objectives` in the pipeline file; docs/objectives.md shows how.',
  })
}
