/**
 * The report as the page shows it: put together by pipeline, and made fit to read.
 *
 * Law: no text of others reaches the page raw or without end. Hidden characters are written out, and
 * what is long is cut; markup is escaped where it is rendered.
 */
import { visible } from '../../src/base/visible.ts'
import { formatCount } from '../../src/base/words.ts'
import type { Incident, Report, ReportHop, StripCell } from '../../src/objective/report.ts'
import type { EdgeSummary, PipelineSummary } from '../../src/objective/summary.ts'

/** Characters of a sentence: longer than all of ours, with names of usual length in it. */
const TEXT_MAX = 400
/** Of a name, by itself: Kafka's own longest is 249. */
const NAME_MAX = 120
const NAMES: ReadonlySet<string> = new Set([
  ...['pipeline', 'edge', 'hop', 'from', 'to', 'service', 'name', 'contact', 'id', 'reaches'],
  ...['objectives', 'promises', 'team', 'at', 'topic', 'subject', 'schema', 'path', 'hops'],
  ...['client', 'host', 'services', 'groups', 'before', 'after'],
])

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
function shown(text: string, key: string): string {
  const max = NAMES.has(key) ? NAME_MAX : TEXT_MAX
  if (text.length <= max) return visible(text)
  // The end of a name often tells it from others.
  const [head, tail] = [text.slice(0, max - TAIL), text.slice(-TAIL)]
  return `${visible(head)}…${visible(tail)} (${formatCount(text.length)} characters)`
}

const TAIL = 12

/** The same data with every text changed, by the key that it stands under; keys stay. */
function everyText<T>(data: T, change: (text: string, key: string) => string, key = ''): T {
  if (typeof data === 'string') return change(data, key) as T
  if (Array.isArray(data)) return data.map((item) => everyText(item, change, key)) as T
  if (data === null || typeof data !== 'object') return data
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, everyText(value, change, name)]),
  ) as T
}
