/**
 * The report as JSON inside of the page, for programs and for the script of the page.
 *
 * It is a report of the same schema, of which parts are left out until it fits: the page can be sent by
 * mail whatever happened. Which parts is said in `leftOut`; the JSON report itself has them all.
 */
import type { Report, StripCell } from '../../src/objective/report.ts'
import { jsonText } from '../json.ts'
import { atMost, runsOf } from './strip-runs.ts'

/** A third of what the page may be: characters, which are bytes but in the names of others. */
const EMBEDDED_MAX = 180_000
/** Cells of one strip, then. */
const CELLS_FEW = 24

type Lean = Report & { readonly leftOut?: readonly string[] }

/** What is left out, in this order, until it fits. */
const diets: readonly (readonly [name: string, diet: (report: Report) => Report])[] = [
  [
    'ids in incidents',
    (r) => ({
      ...r,
      incidents: r.incidents.map((i) => ({
        ...i,
        findings: i.findings.map((f) => ({ ...f, ids: [] })),
      })),
    }),
  ],
  ['burn-downs', (r) => ({ ...r, objectives: r.objectives.map((o) => ({ ...o, burnDown: [] })) })],
  ['incidents', (r) => ({ ...r, incidents: [] })],
  // The script of the page walks along them, so they go late.
  ['cells of strips, put together', (r) => withCells(r, (cells) => atMost(cells, CELLS_FEW))],
  ['strips', (r) => ({ ...r, strips: [] })],
  [
    'findings',
    (r) => ({
      ...r,
      pipelines: r.pipelines.map((p) => ({
        ...p,
        edges: p.edges.map((e) => ({ ...e, findings: [] })),
      })),
    }),
  ],
  ['shape of messages', (r) => ({ ...r, drift: { findings: [], versions: [] } })],
  ['objectives', (r) => ({ ...r, objectives: [], agreements: [] })],
  ['pipelines', (r) => ({ ...r, pipelines: [], hops: [] })],
]

/** Text for a `script` element: nothing in it ends the element or begins a comment. */
export function embeddedJson(report: Report): string {
  let lean: Lean = withCells(report, runsOf)
  let text = textOf(lean)
  const leftOut: string[] = []
  for (const [name, diet] of diets) {
    if (text.length <= EMBEDDED_MAX) break
    leftOut.push(name)
    lean = { ...diet(lean), leftOut: [...leftOut] }
    text = textOf(lean)
  }
  return text
}

const textOf = (report: Lean): string =>
  jsonText(report, 0).trimEnd().replace(/</g, '\\u003c').replace(/>/g, '\\u003e')

function withCells(
  report: Report,
  change: (cells: readonly StripCell[]) => readonly StripCell[],
): Report {
  return { ...report, strips: report.strips.map((s) => ({ ...s, cells: change(s.cells) })) }
}
