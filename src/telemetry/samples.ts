/**
 * What the store says → the values of all metrics. Pure.
 *
 * Every declared edge has all its counters from the start, with 0: who scrapes does not see the first step
 * of a counter that was not there before. What is not known has no series, for silence is not 0.
 */
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { InstanceState } from '../hop/evidence.ts'
import { hopKey } from '../hop/hop.ts'
import type { EdgeDeclaration, Pipeline } from '../hop/pipeline.ts'
import { RECORDS } from '../hop/records.ts'
import { uuidOfHex } from '../message/id.ts'
import type { Promises } from '../objective/objective.ts'
import type { ObjectiveAssessment } from '../objective/report.ts'
import { ageSamples, skewSamples } from './agent-samples.ts'
import { type MetricName, messageCounts, metricNames } from './catalogue.ts'
import { DRIFT, DROPPED, hopEdge, INVALID } from './hop-sums.ts'
import { lateSamples } from './late-sums.ts'
import { latencySamples } from './latency-sums.ts'
import { objectiveSamples } from './objective-samples.ts'
import type { Attributes, Exemplar, LatencySample, Sample, Snapshot, SumTotal } from './snapshot.ts'

export interface SampleInput {
  readonly pipelines: readonly Pipeline[]
  readonly promises: readonly Promises[]
  readonly objectives: readonly ObjectiveAssessment[]
  /** Of each edge and window the newest revision. */
  readonly verdicts: readonly EdgeVerdict[]
  readonly totals: readonly SumTotal[]
  readonly instances: readonly InstanceState[]
  /** ms, ascending: of the histogram of latencies */
  readonly bounds: readonly number[]
  /** Trace ids of messages, both 32 hex digits: of those that are known. */
  readonly traces: ReadonlyMap<string, string>
  /** Writes a duration (ms) as exported rules do. */
  readonly wordOf: (ms: number) => string
  /** ms */
  readonly now: number
}

/** ms: coverage is of the windows that ended since. */
const COVERED_MS = 3_600_000

const EVIDENCE = ['exact', 'estimated', 'sampled', 'committed', 'none'] as const

export function snapshotOf(input: SampleInput): Snapshot {
  const { pipelines, totals, verdicts, now, objectives, promises, instances, bounds } = input
  const samples: Sample[] = []
  const latencies: LatencySample[] = []
  for (const pipeline of pipelines) {
    const { name, edges } = pipeline
    const ownTotals = totals.filter((t) => t.pipeline === name)
    const own = verdicts.filter((v) => v.pipeline === name)
    for (const edge of edges) {
      const attributes = edgeAttributes(name, edge)
      const sums = ownTotals.filter((t) => t.edge === edge.name)
      const judged = own.filter((v) => v.edge === edge.name)
      samples.push(
        ...sumSamples(attributes, sums, exemplarOf(judged, input.traces)),
        ...lateSamples(pipeline, promises, edge, attributes, sums, input.wordOf),
        ...gaugeSamples(attributes, judged, now),
      )
      latencies.push(...latencySamples(attributes, sums, bounds))
    }
    samples.push(
      ...hopSums(pipeline, ownTotals),
      ...recordSamples(pipeline, totals),
      ...lagSamples(name, own, now),
      ...ageSamples(pipeline, instances, now),
    )
  }
  samples.push(...objectiveSamples(objectives, promises, input.wordOf), ...skewSamples(instances))
  const place = new Map(metricNames.map((metric, i) => [metric, i]))
  const order = ({ metric }: Sample): number => place.get(metric) ?? 0
  return { at: now, samples: samples.sort((a, b) => order(a) - order(b)), latencies }
}

/** As exported rules name an edge. */
export function edgeAttributes(pipeline: string, edge: EdgeDeclaration): Attributes {
  const names = (hops: EdgeDeclaration['to']): string => hops.map((h) => h.name).join(' + ')
  return {
    'quipu.pipeline.name': pipeline,
    'quipu.edge.from': names(edge.from),
    'quipu.edge.to': names(edge.to),
  }
}

function sumSamples(
  attributes: Attributes,
  sums: readonly SumTotal[],
  lost: Exemplar | null,
): Sample[] {
  const of = (name: string): number => sums.find((s) => s.name === name)?.value ?? 0
  return [
    ...messageCounts.map((name): Sample => {
      const sample = { metric: `quipu.messages.${name}`, attributes, value: of(name) } as const
      return name === 'lost' && lost !== null ? { ...sample, exemplar: lost } : sample
    }),
    ...EVIDENCE.map((evidence) => ({
      metric: 'quipu.window.closed' as const,
      attributes: { ...attributes, 'quipu.evidence': evidence },
      value: of(`closed.${evidence}`),
    })),
    { metric: 'quipu.sketch.decode.failures', attributes, value: of('undecodable') },
  ]
}

/** The newest message that is known by name to be lost, of those with a trace if there are any. */
function exemplarOf(
  verdicts: readonly EdgeVerdict[],
  traces: SampleInput['traces'],
): Exemplar | null {
  let found: Exemplar | null = null
  for (const { state, findings, window } of verdicts) {
    if (state === 'open') continue
    for (const { code, ids } of findings) {
      if (code !== 'lost') continue
      const id = (ids.find((one) => traces.has(one.id)) ?? ids[0])?.id
      if (id === undefined || (found !== null && found.at > window.end)) continue
      found = { traceId: traces.get(id) ?? '', messageId: uuidOfHex(id), at: window.end }
    }
  }
  return found
}

function gaugeSamples(
  attributes: Attributes,
  verdicts: readonly EdgeVerdict[],
  now: number,
): Sample[] {
  const missing = verdicts.reduce((n, v) => n + (v.state === 'open' ? v.counts.in_flight : 0), 0)
  const samples: Sample[] = []
  // Of an edge that nobody has judged it is not known whether anything is missing.
  if (verdicts.length > 0)
    samples.push({ metric: 'quipu.message.missing', attributes, value: missing })
  const newest = verdicts.reduce(
    (end, v) => (v.to.some((p) => p.count > 0) ? Math.max(end, v.window.end) : end),
    Number.NEGATIVE_INFINITY,
  )
  if (Number.isFinite(newest)) {
    const value = Math.max(0, now - newest) / 1_000
    samples.push({ metric: 'quipu.edge.freshness', attributes, value })
  }
  const cells = verdicts
    .filter((v) => v.state !== 'open' && v.window.end > now - COVERED_MS)
    .flatMap((v) => [...v.from, ...v.to])
    .filter((p) => p.passage !== 'out_of_scope')
  if (cells.length > 0) {
    const value = cells.filter((p) => p.passage === 'passed').length / cells.length
    samples.push({ metric: 'quipu.audit.coverage', attributes, value })
  }
  return samples
}

function lagSamples(pipeline: string, verdicts: readonly EdgeVerdict[], now: number): Sample[] {
  const ends = verdicts.filter((v) => v.state !== 'open').map((v) => v.window.end)
  if (ends.length === 0) return []
  const newest = ends.reduce((a, b) => Math.max(a, b))
  const attributes = { 'quipu.pipeline.name': pipeline }
  return [{ metric: 'quipu.reconciler.lag', attributes, value: Math.max(0, now - newest) / 1_000 }]
}

/** At the rate that the hop declares: agents may count at others beside it. */
function recordSamples({ name, hops }: Pipeline, totals: readonly SumTotal[]): Sample[] {
  const sums = totals.filter((t) => t.pipeline === '')
  return hops.map(({ name: hop, hop: place, oneIn }) => {
    const key = hopKey(place)
    const sum = sums.find((s) => s.edge === key && s.name === RECORDS + oneIn)
    return {
      metric: 'quipu.agent.records',
      attributes: { 'quipu.pipeline.name': name, 'quipu.hop.name': hop },
      value: (sum?.value ?? 0) * oneIn,
    }
  })
}

/** Sums that belong to a hop, or to the topic that a hop is of. */
function hopSums({ name, hops }: Pipeline, totals: readonly SumTotal[]): Sample[] {
  const pipeline = { 'quipu.pipeline.name': name }
  const topics = new Map<string, Map<string, number>>()
  const samples: Sample[] = []
  for (const { name: hop, hop: place, shape } of hops) {
    const sums = totals.filter((t) => t.edge === hopEdge(hop))
    const dropped = sums.find((s) => s.name === DROPPED)?.value ?? 0
    const attributes = { ...pipeline, 'quipu.hop.name': hop }
    samples.push({ metric: 'quipu.agent.dropped', attributes, value: dropped })
    if (place.topic === '') continue
    const of = topics.get(place.topic) ?? new Map<string, number>()
    if (shape !== undefined) of.set(INVALID, of.get(INVALID) ?? 0)
    for (const { name: sum, value } of sums)
      if (sum !== DROPPED) of.set(sum, (of.get(sum) ?? 0) + value)
    topics.set(place.topic, of)
  }
  for (const [topic, sums] of topics) {
    const attributes = { ...pipeline, 'messaging.destination.name': topic }
    for (const [sum, value] of sums) {
      if (sum === INVALID) samples.push({ metric: 'quipu.schema.invalid', attributes, value })
      if (!sum.startsWith(DRIFT)) continue
      const code = sum.slice(DRIFT.length)
      const metric: MetricName = 'quipu.schema.drifts'
      samples.push({ metric, attributes: { ...attributes, 'quipu.drift.code': code }, value })
    }
  }
  return samples
}
