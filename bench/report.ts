/** How large the reports for people are, and how long they take to make. */
import { renderCsv } from '../reports/csv.ts'
import { renderHtml } from '../reports/html.ts'
import { renderJson } from '../reports/json.ts'
import { renderMarkdown } from '../reports/markdown.ts'
import { renderNdjson } from '../reports/ndjson.ts'
import { renderText } from '../reports/text.ts'
import type { LossRow } from '../src/objective/losses.ts'
import type { Report } from '../src/objective/report.ts'
import { states } from '../test/reports/support/reports.ts'
import type { BenchResult } from './types.ts'

export const name = 'report'

const ROUNDS = 7
const SHOWN: readonly string[] = ['empty', 'flights', 'huge']

export const about: string =
  'how large the reports for people are, and how long they take to make\n' +
  'Nothing audited; the flights (4 edges, 240 windows, two incidents); and 20 edges of 1,440 windows ' +
  `with 6 incidents each and one edge that flaps. The median of ${ROUNDS} rounds after one to warm up, and ` +
  'that first one. Lists of ids have a row for every id that the report shows. Leaves out: reading the ' +
  'store and judging, writing the file.'

const formats: Readonly<Record<string, (report: Report) => string>> = {
  html: renderHtml,
  markdown: renderMarkdown,
  json: renderJson,
  text: renderText,
  csv: (report) => [...renderCsv(rowsOf(report))].join(''),
  ndjson: (report) => [...renderNdjson(rowsOf(report))].join(''),
}

export async function run(): Promise<BenchResult> {
  const rows: BenchResult['rows'] = []
  for (const state of SHOWN) {
    const report = (states[state] as () => Report)()
    for (const [format, render] of Object.entries(formats)) {
      const times: number[] = []
      let text = ''
      for (let round = 0; round <= ROUNDS; round++) {
        const startedMs = performance.now()
        text = render(report)
        times.push(performance.now() - startedMs)
      }
      const [first = 0, ...others] = times
      const medianMs = others.sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] as number
      rows.push({
        ...{
          report: state,
          format,
          'KB (1,000 bytes)': Math.ceil(Buffer.byteLength(text) / 1_000),
        },
        ...{ 'first, ms': Math.ceil(first), 'median, ms': Number(medianMs.toPrecision(3)) },
      })
    }
  }
  return { rows, notes: ['target: the page of the huge report is below 500 KB and 2 s'] }
}

function* rowsOf({ pipelines }: Report): Generator<LossRow> {
  for (const { pipeline, edges } of pipelines) {
    for (const { edge, findings } of edges) {
      for (const { code: kind, ids, span: window, evidence, args } of findings) {
        const of = { state: 'settled', revision: 0, window, evidence, args } as const
        for (const id of ids) yield { pipeline, edge, kind, ...id, ...of }
      }
    }
  }
}
