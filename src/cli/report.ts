/** `quipu report`: the state of the audited pipelines and of what they promise, for people and programs. */
import { type Command, InvalidArgumentError } from 'commander'
import { type Detail, details } from '../objective/report.ts'
import type { IdRow } from '../objective/shape-rows.ts'
import { STORE_DEFAULT, sinceTime, whole } from './options.ts'
import { type Output, outputsOf, put, wantedOf } from './outputs.ts'
import type { ReportOptions, ReportRead } from './report-reader.ts'

const FORMATS = ['text', 'json', 'html', 'markdown', 'csv', 'ndjson'] as const
type Format = (typeof FORMATS)[number]

interface ReportFlags extends ReportOptions {
  readonly format?: readonly Output<Format>[]
  readonly json?: boolean
  readonly ids: number
}

export function registerReport(program: Command): void {
  program
    .command('report')
    .summary('show what was promised, what was kept, and what was found')
    .description(
      'Shows every pipeline: what was promised and kept, counts, verdicts, findings, latencies, coverage.',
    )
    .option('--store <file>', 'the store that `quipu audit` writes', STORE_DEFAULT)
    .option('--pipeline <name>', 'only this pipeline')
    .option(
      '--since <time>',
      'only windows that start since then: 1h, 7d, 2026-11-23T01:00Z; objectives keep their periods',
      sinceTime,
    )
    .option('--config <file>', 'objectives of this file, instead of those that were audited')
    .option('--fixture <file>', 'a run recorded by `quipu record`, instead of a store')
    .option(
      '--format <format>',
      `${FORMATS.join(', ')}; FORMAT=FILE writes to a file; may be given more than once (default: text)`,
      outputsOf(FORMATS),
    )
    .option('--json', 'the same as --format json: the schema quipu.report/v1')
    .option('--detail <level>', 'summary (counts only), ids, keys or samples', detail, 'ids')
    .option('--ids <n>', 'ids to show per finding, as text', whole(0, 20), 5)
    .addHelpText(
      'after',
      `
html is one file that needs nothing else: mail it, keep it. csv and ndjson list the ids of
what is lost, doubled or altered, and the first ones of what has another shape than was promised.

Examples:
  quipu report
  quipu report --pipeline flights --since 1h
  quipu report --format html=report.html --format json=report.json
  quipu report --json | jq '.objectives[] | {id: .objective.id, verdict, value}'

Exits with 0 once the report is written, whatever it says; \`quipu check\` judges.`,
    )
    .action(async (flags: ReportFlags) => {
      const wanted = wantedOf<Format>(flags)
      const { readReport } = await import('./report-reader.ts')
      const read = await readReport({ ...flags, why: true })
      const texts = await Promise.all(
        wanted.map(async ({ format }) => rendered(format, read, flags)),
      )
      for (const [i, output] of wanted.entries()) put(output, texts[i] ?? '')
    })
}

/** Everything is rendered before anything is written. */
async function rendered(
  format: Format,
  { report, verdicts }: ReportRead,
  { ids }: ReportFlags,
): Promise<string> {
  switch (format) {
    case 'json':
      return (await import('../../reports/json.ts')).renderJson(report)
    case 'html':
      return (await import('../../reports/html.ts')).renderHtml(report)
    case 'markdown':
      return (await import('../../reports/markdown.ts')).renderMarkdown(report)
    case 'text': {
      const { renderText } = await import('../../reports/text.ts')
      const { isColorSupported } = (await import('picocolors')).default
      return renderText(report, { color: isColorSupported, ids })
    }
    case 'csv':
    case 'ndjson': {
      const { lossRows } = await import('../objective/losses.ts')
      const { shapeRows } = await import('../objective/shape-rows.ts')
      const rows = inTurn<IdRow>(lossRows(verdicts), shapeRows(report.drift))
      if (format === 'csv')
        return [...(await import('../../reports/csv.ts')).renderCsv(rows)].join('')
      return [...(await import('../../reports/ndjson.ts')).renderNdjson(rows)].join('')
    }
  }
}

function* inTurn<T>(...lists: readonly Iterable<T>[]): Generator<T> {
  for (const list of lists) yield* list
}

function detail(value: string): Detail {
  const found = details.find((d) => d === value)
  if (found === undefined) throw new InvalidArgumentError(`Expected one of ${details.join(', ')}.`)
  return found
}
