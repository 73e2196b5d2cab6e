/**
 * Many windows as one answer: sums of counts per edge, the worst verdict, findings of one kind put
 * together, and how much the audit itself could see. Pure.
 *
 * Laws: counts of the summary are sums of the windows' counts, so the dispositions still sum to
 * `expected`; the verdict is the worst of the windows', so one bad minute is never averaged away.
 */
import { endOf, type Intervals, type OffsetRange, type Window } from '../base/intervals.ts'
import { explain } from '../finding/explain.ts'
import {
  type Finding,
  type FindingArg,
  type FindingCode,
  findingCodes,
  type Severity,
} from '../finding/finding.ts'
import { type Counts, type EdgeVerdict, type HopPassage, NO_COUNTS } from '../finding/verdict.ts'
import { type HopGap, type InstanceState, isSilent } from '../hop/evidence.ts'
import type { EdgeDeclaration, Pipeline } from '../hop/pipeline.ts'
import { birthOf, uuidOfHex, wordsOfHex } from '../message/id.ts'

/** `open`: no window of it is settled yet, nothing is proven. */
export type Standing = 'breached' | 'indeterminate' | 'met' | 'open' | 'no_data'

/** Worst first. */
const standings: readonly Standing[] = ['breached', 'indeterminate', 'open', 'met', 'no_data']

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

export interface ShownId {
  /** 8-4-4-4-12 */
  readonly id: string
  readonly times: number
  /** ISO 8601, from the id itself */
  readonly born: string
  readonly copyOf?: string
}

/** All findings of one code on one edge. */
export interface FindingSummary {
  readonly code: FindingCode
  readonly severity: Severity
  readonly evidence: Finding['evidence']
  readonly count: number
  /** In how many windows. */
  readonly windows: number
  /** From the first such window to the last. */
  readonly span: Window
  /** The first few; `count` says how many there are. */
  readonly ids: readonly ShownId[]
  readonly sentence: string
  readonly certainty: string
  readonly next: string | null
  readonly args: Finding['args']
}

export interface EdgeSummary {
  readonly pipeline: string
  readonly edge: string
  readonly from: readonly string[]
  readonly to: readonly string[]
  /** False for an edge that was judged once and is no longer declared. */
  readonly declared: boolean
  readonly standing: Standing
  readonly evidence: EdgeVerdict['evidence']
  readonly counts: Counts
  /** Share of expected messages that arrived, as bad and as good as it can be; null: none expected. */
  readonly completeness: {
    readonly part: number
    readonly best: number
    readonly whole: number
  } | null
  readonly windows: WindowTally
  /** From the first window to the last, or null. */
  readonly span: Window | null
  readonly findings: readonly FindingSummary[]
  /** Why windows could not be judged, by hop. */
  readonly unseen: readonly UnseenHop[]
}

/** A hop that did not see whole windows. */
export interface UnseenHop {
  readonly hop: string
  readonly passage: Exclude<HopPassage['passage'], 'passed'>
  readonly windows: number
  /** The reasons of the newest such window. */
  readonly why: readonly string[]
}

export interface PipelineSummary {
  readonly pipeline: string
  readonly owner: Readonly<Record<string, string>>
  readonly standing: Standing
  readonly edges: readonly EdgeSummary[]
}

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
  /** Left out: nothing is said about agents. */
  readonly instances?: readonly InstanceState[]
  readonly gaps?: readonly HopGap[]
  readonly foreign?: number
  /** ms */
  readonly now: number
  readonly since?: number | undefined
}

/** Ids shown per finding; `quipu losses` lists all that are known. */
const SHOWN_IDS_MAX = 20
const SHOWN_RANGES_MAX = 20

export function summarize({
  pipelines,
  verdicts,
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
  const edges = new Map<string, EdgeSummary[]>()
  for (const { name, edges: declared } of pipelines) {
    edges.set(
      name,
      declared.map((edge) => summarizeEdge(name, edge, take(name, edge.name))),
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
  return {
    at: isoOf(now),
    since: since === undefined ? null : isoOf(since),
    standing: worstOf(summaries.map((p) => p.standing)),
    pipelines: summaries,
    coverage: coverageOf(verdicts, instances, gaps, foreign, now),
  }
}

export function summarizeEdge(
  pipeline: string,
  declaration: EdgeDeclaration | null,
  verdicts: readonly EdgeVerdict[],
): EdgeSummary {
  const inOrder = [...verdicts].sort((a, b) => a.window.start - b.window.start)
  const [first] = inOrder
  const last = inOrder.at(-1)
  const counts = sumCounts(inOrder.map((v) => v.counts))
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
    completeness: completenessOf(counts),
    windows: windowsOf(inOrder),
    span:
      first === undefined || last === undefined
        ? null
        : { start: first.window.start, end: last.window.end },
    findings: summarizeFindings(inOrder.flatMap((v) => v.findings)),
    unseen: unseenOf(inOrder),
  }
}

/** Rules, first hit wins. */
function standingOf(verdicts: readonly EdgeVerdict[]): Standing {
  const settled = verdicts.filter((v) => v.state !== 'open')
  // 1. Proven, even where the window is still open.
  if (verdicts.some((v) => v.verdict === 'breached')) return 'breached'
  // 2. One settled window that cannot be judged: all well is not proven.
  if (settled.some((v) => v.verdict === 'indeterminate')) return 'indeterminate'
  // 3. Some met, none worse; windows that saw nothing take nothing away.
  if (settled.some((v) => v.verdict === 'met')) return 'met'
  // 4. Nothing is settled that saw anything.
  if (settled.length < verdicts.length) return 'open'
  return 'no_data'
}

/** The worst; no data at all if there is nothing. `no_data` beside others is worse than `met`. */
function worstOf(list: readonly Standing[]): Standing {
  if (list.every((s) => s === 'no_data')) return 'no_data'
  // An edge that saw nothing is not met (law 1): silence keeps the whole from being called well.
  const found = standings.find((s) => list.includes(s)) ?? 'no_data'
  return found === 'met' && list.includes('no_data') ? 'indeterminate' : found
}

export function sumCounts(list: readonly Counts[]): Counts {
  const sum: Record<string, number> = { ...NO_COUNTS }
  for (const counts of list) {
    for (const name of Object.keys(NO_COUNTS)) {
      sum[name] = (sum[name] as number) + counts[name as keyof Counts]
    }
  }
  return sum as unknown as Counts
}

/** Dropped on purpose and dead-lettered are no promise; undetermined and in flight may be either. */
function completenessOf(c: Counts): EdgeSummary['completeness'] {
  const whole = c.expected - c.filtered - c.dead_lettered
  if (whole <= 0) return null
  const best = Math.max(0, whole - c.lost)
  return { part: Math.max(0, best - c.undetermined - c.in_flight), best, whole }
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

const strengths: readonly Finding['evidence'][] = ['exact', 'committed', 'estimated']

function weakest(list: readonly Finding['evidence'][]): Finding['evidence'] {
  return strengths[Math.max(0, ...list.map((e) => strengths.indexOf(e)))] ?? 'exact'
}

const CODES = Object.keys(findingCodes) as FindingCode[]

function summarizeFindings(findings: readonly Finding[]): FindingSummary[] {
  return CODES.flatMap((code) => {
    // Undeclared producers and holes differ by hop, and are told apart.
    const groups = new Map<string, Finding[]>()
    for (const finding of findings) {
      if (finding.code !== code) continue
      const { hop, unheard, settled } = finding.args
      const key = JSON.stringify([hop, unheard, settled])
      groups.set(key, [...(groups.get(key) ?? []), finding])
    }
    return [...groups.values()].map((group) => summarizeGroup(code, group))
  })
}

function summarizeGroup(code: FindingCode, group: readonly Finding[]): FindingSummary {
  const one = mergeFindings(group)
  const { sentence, certainty, next } = explain(one)
  return {
    code,
    severity: findingCodes[code],
    evidence: one.evidence,
    count: one.count,
    windows: new Set(group.map((f) => f.window.start)).size,
    span: one.window,
    ids: one.ids.slice(0, SHOWN_IDS_MAX).map(shownId),
    sentence,
    certainty,
    next,
    args: one.args,
  }
}

export function shownId({ id, times, copyOf }: Finding['ids'][number]): ShownId {
  const [w0, w1] = wordsOfHex(id)
  return {
    id: uuidOfHex(id),
    times,
    born: isoOf(birthOf(w0, w1)),
    ...(copyOf === undefined ? {} : { copyOf: uuidOfHex(copyOf) }),
  }
}

/** Findings of one code as one: counts add up, numbers in `args` too, lists are united. */
function mergeFindings(group: readonly Finding[]): Finding {
  const [first] = group as [Finding]
  const ids: Finding['ids'][number][] = []
  for (const finding of group) {
    for (const id of finding.ids) if (ids.length < SHOWN_IDS_MAX) ids.push(id)
  }
  return {
    ...first,
    count: group.reduce((sum, f) => sum + f.count, 0),
    window: {
      start: Math.min(...group.map((f) => f.window.start)),
      end: Math.max(...group.map((f) => f.window.end)),
    },
    evidence: weakest(group.map((f) => f.evidence)),
    ids,
    args: group.map((f) => f.args).reduce(mergeArgs),
  }
}

function mergeArgs(a: Finding['args'], b: Finding['args']): Finding['args'] {
  const out: Record<string, FindingArg> = { ...a }
  for (const [name, arg] of Object.entries(b)) {
    const other = out[name]
    out[name] = other === undefined ? arg : mergeArg(other, arg)
  }
  return out
}

function mergeArg(a: FindingArg, b: FindingArg): FindingArg {
  if (typeof a === 'number' && typeof b === 'number') return a + b
  if (Array.isArray(a) && Array.isArray(b)) {
    const all = [...a, ...b] as readonly (string | OffsetRange)[]
    if (all.every((item) => typeof item === 'string')) {
      return [...new Set(all)].slice(0, SHOWN_RANGES_MAX)
    }
    return mergeRanges(all.filter((item) => typeof item !== 'string'))
  }
  return a
}

function mergeRanges(ranges: readonly OffsetRange[]): OffsetRange[] {
  const byPartition = new Map<number, OffsetRange>()
  for (const range of ranges) {
    const known = byPartition.get(range.partition)
    byPartition.set(range.partition, {
      partition: range.partition,
      low: Math.min(range.low, known?.low ?? range.low),
      high: Math.max(range.high, known?.high ?? range.high),
    })
  }
  return [...byPartition.values()]
    .sort((a, b) => a.partition - b.partition)
    .slice(0, SHOWN_RANGES_MAX)
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

function coverageOf(
  verdicts: readonly EdgeVerdict[],
  instances: readonly InstanceState[] | undefined,
  gaps: readonly HopGap[],
  foreign: number,
  now: number,
): AuditCoverage {
  const cells = verdicts.filter((v) => v.state !== 'open').flatMap((v) => [...v.from, ...v.to])
  const inScope = cells.filter((c) => c.passage !== 'out_of_scope')
  const dropped = new Map<string, number>()
  for (const { reason, count } of gaps) dropped.set(reason, (dropped.get(reason) ?? 0) + count)
  return {
    cells: inScope.length,
    seen: inScope.filter((c) => c.passage === 'passed').length,
    agents: instances === undefined ? null : agentsOf(instances, now),
    dropped: [...dropped]
      .map(([reason, count]) => ({ reason, count }))
      .sort((a, b) => (a.reason < b.reason ? -1 : 1)),
    foreign,
  }
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
  const silent = (i: InstanceState): boolean => i.goodbye === null && isSilent(i, now)
  return {
    service,
    instances: list.length,
    silent: list.filter(silent).length,
    frames: list.reduce((sum, i) => sum + sizeOf(i.seen), 0),
    // Numbers are dense from 0 on, so what is below the highest and not there is missing.
    missingFrames: list.reduce((sum, i) => sum + (endOf(i.seen) ?? 0) - sizeOf(i.seen), 0),
    lastHeard: isoOf(Math.max(...list.map((i) => i.lastHeardAt))),
  }
}

const sizeOf = (set: Intervals): number => set.reduce((sum, [from, to]) => sum + to - from, 0)

/** The largest time that a Date can hold; ids from the wire may claim more. */
const TIME_MAX = 8_640_000_000_000_000

function isoOf(ms: number): string {
  return new Date(Math.min(TIME_MAX, Math.max(0, ms))).toISOString()
}
