/** How much the audit itself could see: hops, agents, evidence given up, clocks. */
import { endOf, sizeOf } from '../base/intervals.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import { type HopGap, type InstanceState, isDead } from '../hop/evidence.ts'
import { type ClockNote, clocksOf } from './clocks.ts'
import type { EdgeSummary } from './edge.ts'
import { isoOf } from './iso.ts'
import { QUANTILE_ERROR_RATIO } from './latency.ts'
import { CONFIDENCE_RATIO } from './sampling.ts'

export interface AgentSummary {
  readonly service: string
  readonly instances: number
  /** Said nothing for three heartbeats, and did not say goodbye. */
  readonly silent: number
  readonly frames: number
  /** Numbers that lower and higher ones prove, and that never came. */
  readonly missingFrames: number
  /** ISO 8601, the newest by the collector's clock */
  readonly lastHeard: string
}

export interface AuditCoverage {
  /** Windows × edges × hops that were judged. */
  readonly cells: number
  /** Of those, seen whole. */
  readonly seen: number
  /** By service; null: not asked for. */
  readonly agents: readonly AgentSummary[] | null
  /** Evidence that agents gave up: messages by reason. */
  readonly dropped: readonly { readonly reason: string; readonly count: number }[]
  /** Records on the audit topic that are no frames. */
  readonly foreign: number
  /** What is known of clocks that disagree; an empty list proves nothing. */
  readonly clocks: readonly ClockNote[]
  /** Of all quantiles of latency: at most this share off. */
  readonly quantileErrorRatio: number
  /** Of all intervals of sampled counts: at least this share of them hold the truth. */
  readonly confidenceRatio: number
}

export interface CoverageInput {
  readonly verdicts: readonly EdgeVerdict[]
  readonly edges: readonly EdgeSummary[]
  readonly instances: readonly InstanceState[] | undefined
  readonly gaps: readonly HopGap[]
  readonly foreign: number
  /** ms */
  readonly now: number
}

export function coverageOf({
  verdicts,
  edges,
  instances,
  gaps,
  foreign,
  now,
}: CoverageInput): AuditCoverage {
  const cells = verdicts.filter((v) => v.state !== 'open').flatMap((v) => [...v.from, ...v.to])
  const inScope = cells.filter((c) => c.passage !== 'out_of_scope')
  return {
    cells: inScope.length,
    seen: inScope.filter((c) => c.passage === 'passed').length,
    agents: instances === undefined ? null : agentsOf(instances, now),
    dropped: droppedBy(gaps),
    foreign,
    clocks: clocksOf(instances ?? [], edges),
    quantileErrorRatio: QUANTILE_ERROR_RATIO,
    confidenceRatio: CONFIDENCE_RATIO,
  }
}

/** Evidence given up: messages by reason, in their order. */
export function droppedBy(gaps: readonly HopGap[]): AuditCoverage['dropped'] {
  const reasons = new Map<string, number>()
  for (const { reason, count } of gaps) reasons.set(reason, (reasons.get(reason) ?? 0) + count)
  return [...reasons]
    .map(([reason, count]) => ({ reason, count }))
    .sort((a, b) => (a.reason < b.reason ? -1 : 1))
}

/** Numbers are dense from 0 on, so what is below the highest and not there is missing. */
export function missingFramesOf({ seen }: InstanceState): number {
  return (endOf(seen) ?? 0) - sizeOf(seen)
}

function agentsOf(instances: readonly InstanceState[], now: number): AgentSummary[] {
  const services = new Map<string, InstanceState[]>()
  for (const instance of instances) {
    services.set(instance.service, [...(services.get(instance.service) ?? []), instance])
  }
  return [...services]
    .map(([service, list]) => agentOf(service, list, now))
    .sort((a, b) => (a.service < b.service ? -1 : 1))
}

function agentOf(service: string, list: readonly InstanceState[], now: number): AgentSummary {
  const silent = (i: InstanceState): boolean => isDead(i, now)
  return {
    service,
    instances: list.length,
    silent: list.filter(silent).length,
    frames: list.reduce((sum, i) => sum + sizeOf(i.seen), 0),
    missingFrames: list.reduce((sum, i) => sum + missingFramesOf(i), 0),
    lastHeard: isoOf(Math.max(...list.map((i) => i.lastHeardAt))),
  }
}
