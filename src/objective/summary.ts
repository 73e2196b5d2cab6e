/**
 * Many windows as one answer: sums of counts per edge, the worst verdict, findings of one kind put
 * together, and how much the audit itself could see. Pure.
 *
 * Laws: counts of the summary are sums of the windows' counts, so the dispositions still sum to
 * `expected`; the verdict is the worst of the windows', so one bad minute is never averaged away.
 */
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { HopGap, InstanceState } from '../hop/evidence.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { type AuditCoverage, coverageOf } from './audit-coverage.ts'
import { type EdgeSummary, summarizeEdge } from './edge.ts'
import { isoOf } from './iso.ts'
import { type HopLatency, mergeLatencies } from './latency.ts'
import { type Standing, worstOf } from './standing.ts'

export type { EdgeSummary } from './edge.ts'
export type { FindingSummary } from './findings.ts'
export type { Standing } from './standing.ts'

export interface PipelineSummary {
  readonly pipeline: string
  readonly owner: Readonly<Record<string, string>>
  readonly standing: Standing
  readonly edges: readonly EdgeSummary[]
}

export interface Assessment {
  /** ISO 8601 */
  readonly at: string
  /** Windows that start earlier are left out; null: all. ISO 8601 */
  readonly since: string | null
  readonly standing: Standing
  readonly pipelines: readonly PipelineSummary[]
  readonly coverage: AuditCoverage
}

export interface SummaryInput {
  readonly pipelines: readonly Pipeline[]
  /** The newest revision of each edge and window. */
  readonly verdicts: readonly EdgeVerdict[]
  /** Of the same span, of each window or merged already; left out: nothing is said of latency. */
  readonly latencies?: readonly HopLatency[]
  /** Left out: nothing is said about agents. */
  readonly instances?: readonly InstanceState[]
  readonly gaps?: readonly HopGap[]
  readonly foreign?: number
  /** ms */
  readonly now: number
  readonly since?: number | undefined
}

export function summarize({
  pipelines,
  verdicts,
  latencies = [],
  instances,
  gaps = [],
  foreign = 0,
  now,
  since,
}: SummaryInput): Assessment {
  const byEdge = new Map<string, EdgeVerdict[]>()
  for (const verdict of verdicts) {
    const key = JSON.stringify([verdict.pipeline, verdict.edge])
    const list = byEdge.get(key)
    if (list === undefined) byEdge.set(key, [verdict])
    else list.push(verdict)
  }
  const take = (pipeline: string, edge: string): EdgeVerdict[] => {
    const key = JSON.stringify([pipeline, edge])
    const list = byEdge.get(key) ?? []
    byEdge.delete(key)
    return list
  }
  const merged = mergeLatencies(latencies)
  const edges = new Map<string, EdgeSummary[]>()
  for (const { name, edges: declared } of pipelines) {
    edges.set(
      name,
      declared.map((edge) => summarizeEdge(name, edge, take(name, edge.name), merged)),
    )
  }
  // Judged once and no longer declared: the books still hold it.
  for (const list of byEdge.values()) {
    const [first] = list as [EdgeVerdict]
    edges.set(first.pipeline, [
      ...(edges.get(first.pipeline) ?? []),
      summarizeEdge(first.pipeline, null, list),
    ])
  }
  const owners = new Map(pipelines.map((p) => [p.name, p.owner]))
  const summaries = [...edges].map(
    ([pipeline, list]): PipelineSummary => ({
      pipeline,
      owner: owners.get(pipeline) ?? {},
      standing: worstOf(list.map((e) => e.standing)),
      edges: list,
    }),
  )
  const all = summaries.flatMap((p) => p.edges)
  return {
    at: isoOf(now),
    since: since === undefined ? null : isoOf(since),
    standing: worstOf(summaries.map((p) => p.standing)),
    pipelines: summaries,
    coverage: coverageOf({ verdicts, edges: all, instances, gaps, foreign, now }),
  }
}
