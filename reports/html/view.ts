/**
 * The report as the page shows it: put together by pipeline, and made safe to read.
 *
 * Law: no text of others reaches the page raw or without end. Hidden characters are written out, and
 * what is longer than `TEXT_MAX` is cut; markup is escaped where it is rendered.
 */
import { visible } from '../../src/base/visible.ts'
import { formatCount } from '../../src/base/words.ts'
import type { Incident, Report, ReportHop, StripCell } from '../../src/objective/report.ts'
import type { EdgeSummary, PipelineSummary } from '../../src/objective/summary.ts'

/** Characters: longer than every sentence of ours, names of usual length in it. */
const TEXT_MAX = 600

export interface EdgeView {
  readonly summary: EdgeSummary
  readonly cells: readonly StripCell[]
}

export interface PipelineView {
  readonly summary: PipelineSummary
  readonly hops: readonly ReportHop[]
  readonly edges: readonly EdgeView[]
}

export interface View {
  readonly report: Report
  readonly pipelines: readonly PipelineView[]
  readonly incidents: readonly Incident[]
}

export function viewOf(report: Report): View {
  // Put together by whole names: two may be the same when they are cut.
  const strips = new Map(report.strips.map((s) => [JSON.stringify([s.pipeline, s.edge]), s.cells]))
  const pipelines = report.pipelines.map((summary) => ({
    summary,
    hops: report.hops.filter((hop) => hop.pipeline === summary.pipeline),
    edges: summary.edges.map((edge) => ({
      summary: edge,
      cells: strips.get(JSON.stringify([edge.pipeline, edge.edge])) ?? [],
    })),
  }))
  return everyText({ report, pipelines, incidents: report.incidents }, shown)
}

/** Text of others as a person may read it. */
export function shown(text: string): string {
  const whole = visible(text.length > TEXT_MAX * 2 ? text.slice(0, TEXT_MAX * 2) : text)
  if (text.length <= TEXT_MAX && whole.length <= TEXT_MAX * 2) return whole
  return `${headOf(whole, TEXT_MAX)}… (${formatCount(text.length)} characters)`
}

/** At most so many characters, and no half of one. */
const headOf = (text: string, length: number): string =>
  text.slice(0, length).replace(/[\ud800-\udbff]$/, '')

/** The same data with every text changed; keys stay. */
function everyText<T>(data: T, change: (text: string) => string): T {
  if (typeof data === 'string') return change(data) as T
  if (Array.isArray(data)) return data.map((item) => everyText(item, change)) as T
  if (data === null || typeof data !== 'object') return data
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, everyText(value, change)]),
  ) as T
}
