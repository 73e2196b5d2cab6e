/** What a store says → what `quipu top` shows. Pure. */

import { lossFromNow } from '../../reports/forecast.ts'
import {
  type LosingGroup,
  type SilentAgents,
  TOP_FINDINGS_MAX,
  type TopCount,
  type TopEdge,
  type TopFinding,
  type TopState,
} from '../../reports/top-state.ts'
import type { Window } from '../base/intervals.ts'
import { forecastOf, type GroupLags } from '../diagnose/forecast.ts'
import { explain } from '../finding/explain.ts'
import { type Finding, findingCodes, type Severity } from '../finding/finding.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import { type InstanceState, isDead } from '../hop/evidence.ts'
import { hopKey } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import type { EdgeSummary } from '../objective/edge.ts'
import { summarize } from '../objective/summary.ts'

export interface TopLook {
  readonly pipelines: readonly Pipeline[]
  /** Of windows that start from `since` on. */
  readonly verdicts: readonly EdgeVerdict[]
  readonly instances: readonly InstanceState[]
  readonly lags: readonly GroupLags[]
  /** ms */
  readonly seenUntil: number | null
  readonly since: number
  readonly now: number
}

/** Settled windows that make a rate: enough that one quiet one is no standstill. */
const RATE_WINDOWS = 5
/** ms: what a group had not read then says nothing of now. */
const LAG_STALE_MS = 120_000
/** ms: a loss that is further away is `quipu forecast`'s to tell. */
const NEAR_MS = 86_400_000

export function topStateOf(look: TopLook): TopState {
  const { pipelines, verdicts, instances, lags, seenUntil, since, now } = look
  const summary = summarize({ pipelines, verdicts, instances, now, since })
  const byEdge = new Map<string, EdgeVerdict[]>()
  for (const verdict of verdicts) {
    const key = edgeKey(verdict.pipeline, verdict.edge)
    byEdge.set(key, [...(byEdge.get(key) ?? []), verdict])
  }
  const behind = behindOf(lags, now)
  const findings = findingsOf(verdicts)
  return {
    ...{ at: now, since, seenUntil },
    pipelines: summary.pipelines.map(({ pipeline, standing, edges }) => ({
      pipeline,
      standing,
      edges: edges.map((edge) => {
        const own = byEdge.get(edgeKey(pipeline, edge.edge)) ?? []
        const declared = pipelines.find(({ name }) => name === pipeline)
        const to = declared?.edges.find(({ name }) => name === edge.edge)?.to ?? []
        const groups = to.filter(({ hop }) => hop.role === 'consumer')
        const known = groups.map(({ hop }) => behind.get(hopKey(hop)) ?? null)
        return topEdgeOf(edge, own, sumOrNull(known))
      }),
    })),
    findings: findings.slice(0, TOP_FINDINGS_MAX),
    findingCount: findings.length,
    silent: silentOf(instances, now),
    agents: instances.length,
    losing: losingOf(pipelines, lags, now),
  }
}

const edgeKey = (pipeline: string, edge: string): string => JSON.stringify([pipeline, edge])

function topEdgeOf(
  { edge, standing, counts, windows }: EdgeSummary,
  verdicts: readonly EdgeVerdict[],
  behind: number | null,
): TopEdge {
  const settled = verdicts.filter(({ state }) => state !== 'open')
  const newest = [...settled].sort((a, b) => b.window.start - a.window.start).slice(0, RATE_WINDOWS)
  const span = spanOf(newest)
  const ms = newest.reduce((sum, { window }) => sum + window.end - window.start, 0)
  const expected = newest.reduce((sum, v) => sum + v.counts.expected, 0)
  const cells = settled
    .flatMap(({ from, to }) => [...from, ...to])
    .filter(({ passage }) => passage !== 'out_of_scope')
  const { met, breached, indeterminate } = windows
  const countOf = (count: number): TopCount | null => {
    // Windows that saw nothing say nothing of what is lost.
    if (met + breached + indeterminate === 0 && count === 0) return null
    return { count, isExact: indeterminate === 0 }
  }
  return {
    ...{ edge, standing, isSampled: verdicts.some(({ oneIn }) => oneIn > 1) },
    ...{ judged: windows.judged, open: windows.open },
    rate: span === null ? null : (1_000 * expected) / ms,
    rateSpan: span,
    inFlight: verdicts.length === 0 ? null : counts.in_flight,
    behind,
    missing: countOf(counts.lost),
    duplicated: countOf(counts.duplicated),
    seen: cells.filter(({ passage }) => passage === 'passed').length,
    cells: cells.length,
  }
}

function spanOf(newest: readonly EdgeVerdict[]): Window | null {
  const [last, first] = [newest[0], newest.at(-1)]
  if (last === undefined || first === undefined) return null
  return { start: first.window.start, end: last.window.end }
}

/** Null: there is none, or of one nothing is known. */
function sumOrNull(counts: readonly (number | null)[]): number | null {
  let sum = 0
  for (const count of counts) {
    if (count === null) return null
    sum += count
  }
  return counts.length === 0 ? null : sum
}

function behindOf(lags: readonly GroupLags[], now: number): Map<string, number | null> {
  return new Map(
    lags.map(({ group, partitions }) => {
      const counts = partitions.map(({ samples }) => {
        const last = samples.at(-1)
        if (last === undefined || last.at < now - LAG_STALE_MS) return null
        return Math.max(0, last.high - last.committed)
      })
      return [hopKey(group), sumOrNull(counts)]
    }),
  )
}

const severities: readonly Severity[] = ['error', 'warning', 'info']

/** Findings of one kind at one edge are one; what is said is of its newest window. */
function findingsOf(verdicts: readonly EdgeVerdict[]): TopFinding[] {
  const kinds = new Map<string, Finding[]>()
  for (const finding of verdicts.flatMap((v) => v.findings)) {
    const { pipeline, edge, code } = finding
    if (findingCodes[code] === 'info') continue
    const key = JSON.stringify([pipeline, edge, code, finding.args.hop])
    kinds.set(key, [...(kinds.get(key) ?? []), finding])
  }
  return [...kinds.values()]
    .map((same): TopFinding => {
      const newest = same.reduce((a, b) => (b.window.start >= a.window.start ? b : a))
      const { pipeline, edge, code, window } = newest
      return {
        ...{ pipeline, edge, code, severity: findingCodes[code], window },
        windows: new Set(same.map((one) => one.window.start)).size,
        count: same.reduce((sum, { count }) => sum + count, 0),
        sentence: explain(newest).sentence,
      }
    })
    .sort(
      (a, b) =>
        b.window.start - a.window.start ||
        severities.indexOf(a.severity) - severities.indexOf(b.severity),
    )
}

function silentOf(instances: readonly InstanceState[], now: number): SilentAgents[] {
  const services = new Map<string, InstanceState[]>()
  for (const one of instances)
    services.set(one.service, [...(services.get(one.service) ?? []), one])
  return [...services]
    .map(([service, list]) => {
      const dead = list.filter((one) => isDead(one, now))
      const since = Math.min(...dead.map(({ lastHeardAt }) => lastHeardAt))
      return { service, silent: dead.length, instances: list.length, since }
    })
    .filter(({ silent }) => silent > 0)
    .sort((a, b) => b.since - a.since)
}

function losingOf(
  pipelines: readonly Pipeline[],
  lags: readonly GroupLags[],
  now: number,
): LosingGroup[] {
  const audited = new Set<string>(pipelines.flatMap((p) => p.hops.map(({ hop }) => hopKey(hop))))
  const own = lags.filter(({ group }) => audited.has(hopKey(group)))
  return forecastOf(own, now)
    .flatMap((forecast) => {
      const lossInMs = lossFromNow(forecast, now)
      const { group, topic } = forecast.group
      return lossInMs === null || lossInMs > NEAR_MS ? [] : [{ group, topic, lossInMs }]
    })
    .sort((a, b) => a.lossInMs - b.lossInMs)
}
