/** Many windows of one edge as one: sums of counts, the worst verdict, findings put together. */
import type { Window } from '../base/intervals.ts'
import type { Evidence } from '../finding/finding.ts'
import type { Counts, EdgeVerdict, HopPassage } from '../finding/verdict.ts'
import type { EdgeDeclaration } from '../hop/pipeline.ts'
import { sumCounts } from './counts.ts'
import { type FindingSummary, summarizeFindings, weakest } from './findings.ts'
import { type EdgeLatency, type HopLatency, latencyOf } from './latency.ts'
import { type Sampling, samplingOf } from './sampling.ts'
import { type CountRange, completenessOf, integrityOf, type Share } from './shares.ts'
import { type Standing, standingOf } from './standing.ts'

export interface WindowTally {
  /** Settled or revised. */
  readonly judged: number
  readonly open: number
  readonly revised: number
  // Of those judged.
  readonly met: number
  readonly breached: number
  readonly indeterminate: number
  readonly no_data: number
}

/** A hop that did not see whole windows. */
export interface UnseenHop {
  readonly hop: string
  readonly passage: Exclude<HopPassage['passage'], 'passed'>
  readonly windows: number
  /** The reasons of the newest such window. */
  readonly why: readonly string[]
}

export interface EdgeSummary {
  readonly pipeline: string
  readonly edge: string
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** False for an edge that was judged once and is no longer declared. */
  readonly declared: boolean
  readonly standing: Standing
  readonly evidence: Evidence
  readonly counts: Counts
  /** Counts with their intervals; null: every message was looked at. */
  readonly sampling: Sampling | null
  /** Share of expected messages that arrived, as bad and as good as it can be; null: none expected. */
  readonly completeness: Share | null
  /** Share of those that arrived unaltered; null: none arrived, or the edge does not promise it. */
  readonly integrity: Share | null
  /** Null: nobody measured it, or the edge is no longer declared. */
  readonly latency: EdgeLatency | null
  readonly windows: WindowTally
  /** From the first window to the last, or null. */
  readonly span: Window | null
  readonly findings: readonly FindingSummary[]
  /** Why windows could not be judged, by hop. */
  readonly unseen: readonly UnseenHop[]
}

export function summarizeEdge(
  pipeline: string,
  declaration: EdgeDeclaration | null,
  verdicts: readonly EdgeVerdict[],
  latencies: readonly HopLatency[] = [],
): EdgeSummary {
  const inOrder = [...verdicts].sort((a, b) => a.window.start - b.window.start)
  const [first] = inOrder
  const last = inOrder.at(-1)
  const counts = sumCounts(inOrder.map((v) => v.counts))
  const sampling = samplingOf(inOrder)
  const rangeOf = (name: 'lost' | 'altered'): CountRange =>
    sampling?.counts[name] ?? { low: counts[name], high: counts[name] }
  // Pipelines of older stores promise nothing.
  const preserve = declaration?.preserve ?? null
  const edge = declaration?.name ?? first?.edge ?? ''
  const [from = '', to = ''] = edge.split(' → ')
  return {
    pipeline,
    edge,
    from: from.split(' + '),
    to: to.split(' + '),
    declared: declaration !== null,
    standing: standingOf(inOrder),
    evidence: weakest(inOrder.map((v) => v.evidence)),
    counts,
    sampling,
    completeness: completenessOf(counts, rangeOf('lost')),
    integrity: preserve === null ? null : integrityOf(counts, rangeOf('altered')),
    latency: declaration === null ? null : latencyOf(declaration, latencies),
    windows: windowsOf(inOrder),
    span:
      first === undefined || last === undefined
        ? null
        : { start: first.window.start, end: last.window.end },
    findings: summarizeFindings(inOrder.flatMap((v) => v.findings)),
    unseen: unseenOf(inOrder),
  }
}

function windowsOf(verdicts: readonly EdgeVerdict[]): WindowTally {
  const judged = verdicts.filter((v) => v.state !== 'open')
  const of = (verdict: EdgeVerdict['verdict']): number =>
    judged.filter((v) => v.verdict === verdict).length
  return {
    judged: judged.length,
    open: verdicts.length - judged.length,
    revised: judged.filter((v) => v.state === 'revised').length,
    met: of('met'),
    breached: of('breached'),
    indeterminate: of('indeterminate'),
    no_data: of('no_data'),
  }
}

/** Only of windows that are judged: an open one is allowed to be incomplete. */
function unseenOf(verdicts: readonly EdgeVerdict[]): UnseenHop[] {
  const out = new Map<string, UnseenHop>()
  for (const { state, from, to } of verdicts) {
    if (state === 'open') continue
    for (const { hop, passage, why } of [...from, ...to]) {
      if (passage === 'passed') continue
      const key = `${hop}/${passage}`
      out.set(key, { hop, passage, windows: (out.get(key)?.windows ?? 0) + 1, why })
    }
  }
  return [...out.values()]
}
