/** `quipu explain`: why something is wrong, where it concentrates, how sure that is, what to do next. */
import type { Command } from 'commander'
import type { Explained } from '../../reports/explain.ts'
import { brokerList, STORE_DEFAULT } from './options.ts'
import { type Output, outputsOf, put, wantedOf } from './outputs.ts'

const FORMATS = ['text', 'json', 'markdown', 'md'] as const
type Format = (typeof FORMATS)[number]

interface ExplainOptions {
  readonly store: string
  readonly pipeline?: string
  readonly config?: string
  readonly brokers?: readonly string[]
  readonly log: boolean
  readonly format?: readonly Output<Format>[]
  readonly json?: boolean
}

export function registerExplain(program: Command): void {
  program
    .command('explain')
    .summary('say why messages are wrong, where it concentrates, and what to do')
    .description(
      'Explains an incident: what happened, why, where it concentrates, how sure that is, what to do next.',
    )
    .argument(
      '[what]',
      'EDGE@WINDOW, the id of an incident as `quipu report` prints it, or an edge: its newest incident; default: the newest one that is open',
    )
    .option('--store <file>', 'the store that `quipu audit` writes', STORE_DEFAULT)
    .option('--pipeline <name>', 'only this pipeline')
    .option('--brokers <list>', 'brokers whose logs may be read: HOST:PORT,…', brokerList)
    .option('--config <file>', 'the pipeline file that names them (default: quipu.yaml)')
    .option('--no-log', 'ask no broker: only what the store knows')
    .option(
      '--format <format>',
      'text, json, markdown; FORMAT=FILE writes to a file; may be given more than once',
      outputsOf(FORMATS),
    )
    .option('--json', 'the same as --format json: the schema quipu.explain/v1')
    .addHelpText(
      'after',
      `
The log is read only: no group is joined, nothing is committed, and a few seconds are the limit.
What was not looked at is said.

Exit codes:
  0  nothing is wrong
  1  proven wrong
  2  wrong usage
  3  cannot say: evidence is missing, or nothing is judged
  4  the store cannot be read

Examples:
  quipu explain
  quipu explain 'flights -> enrich'
  quipu explain 'flights -> enrich@2026-11-23T09:31Z' --brokers localhost:9092
  quipu explain --no-log --format markdown=incident.md`,
    )
    .action(async (target: string | undefined, options: ExplainOptions) => {
      const wanted = wantedOf<Format>(options)
      const { withStore } = await import('./store-reader.ts')
      const { explainedOf } = await import('./explain-reader.ts')
      const { openLogs } = await import('./explain-clusters.ts')
      const { store: path, pipeline, log } = options
      const explained = await withStore(path, (store) =>
        explainedOf(store, {
          ...{ target, pipeline, store: path, now: Date.now() },
          logs: log ? (topics) => openLogs(options, topics) : null,
        }),
      )
      process.exitCode = explained.exitCode
      const texts = await Promise.all(wanted.map(({ format }) => rendered(format, explained)))
      for (const [i, output] of wanted.entries()) put(output, texts[i] ?? '')
    })
}

async function rendered(format: Format, explained: Explained): Promise<string> {
  if (format === 'json') return (await import('../../reports/json.ts')).jsonText(explained)
  const { renderExplained, renderExplainedMarkdown } = await import('../../reports/explain.ts')
  if (format !== 'text') return renderExplainedMarkdown(explained)
  const { isColorSupported } = (await import('picocolors')).default
  return renderExplained(explained, { color: isColorSupported })
}
