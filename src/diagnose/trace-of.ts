/** Evidence of one pipeline → the way of one message through it. Pure. */
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { StoredLatency } from '../hop/evidence.ts'
import { type HopKey, hopKey } from '../hop/hop.ts'
import type { EdgeDeclaration, HopDeclaration, Pipeline } from '../hop/pipeline.ts'
import { uuidOfHex } from '../message/id.ts'
import type { Latencies } from '../sketch/latency.ts'
import { before, inOrder } from './hop-order.ts'
import type { Place, Searched } from './log.ts'
import { compareParts, type RecordParts } from './record-parts.ts'
import type {
  TraceContent,
  TraceEdge,
  TracePlace,
  TraceState,
  TraceStep,
  TraceWay,
} from './trace.ts'
import { edgeOf } from './trace-edge.ts'

export interface FoundRecord {
  readonly id: string
  readonly place: Place
  readonly parts: RecordParts
}

export interface TopicLog {
  readonly found: readonly FoundRecord[]
  readonly searched: Searched
}

export interface WayEvidence {
  readonly pipeline: Pipeline
  /** 32 hex digits: the message, and copies of it that were found anywhere. */
  readonly ids: ReadonlySet<string>
  /** ms: of its birth */
  readonly window: { readonly start: number; readonly end: number }
  /** Of that window, of this pipeline. */
  readonly verdicts: readonly EdgeVerdict[]
  /** Why an edge without a verdict has none. */
  readonly unjudged: string
  /** Something else says that there is such a message. */
  readonly isNamed: boolean
  /** Of topics, by hop; those not in it were not searched. */
  readonly logs: ReadonlyMap<HopKey, TopicLog>
  /** Of groups, by hop and partition: where they go on; null: nothing is committed. */
  readonly commits: ReadonlyMap<HopKey, ReadonlyMap<number, number | null>>
  readonly latencies: readonly StoredLatency[]
}

export function wayOf(evidence: WayEvidence): TraceWay {
  const { pipeline, window } = evidence
  const edges = edgesOf(evidence)
  const steps = inOrder(pipeline).map((hop) => stepOf(evidence, hop, edges))
  const { name, owner } = pipeline
  return { pipeline: name, owner, window, state: stateOf(evidence, steps), steps }
}

/** It lies in a topic of the pipeline, or a finding of it names the message. */
export function isKnownIn({ pipeline, logs, verdicts, ids }: WayEvidence): boolean {
  const isFound = pipeline.hops.some(({ hop }) => (logs.get(hopKey(hop))?.found.length ?? 0) > 0)
  return (
    isFound ||
    verdicts.some((v) =>
      v.findings.some((f) =>
        f.ids.some(({ id, copyOf }) => ids.has(id) || (copyOf !== undefined && ids.has(copyOf))),
      ),
    )
  )
}

function edgesOf(evidence: WayEvidence): ReadonlyMap<EdgeDeclaration, TraceEdge> {
  const { pipeline, verdicts, ids, unjudged } = evidence
  const isKnown = evidence.isNamed || isKnownIn(evidence)
  const stopped = new Set<string>()
  const out = new Map<EdgeDeclaration, TraceEdge>()
  for (const hop of inOrder(pipeline)) {
    for (const edge of pipeline.edges) {
      if (out.has(edge) || !edge.to.some(({ name }) => name === hop.name)) continue
      const isThere = edge.to.some((to) => isFoundAt(evidence, to))
      const isReached =
        edge.from.length === 0 ||
        edge.from.some((from) => !stopped.has(from.name) || isFoundAt(evidence, from))
      const found = edgeOf({
        ...{ edge: edge.name, ids, isReached, isKnown, isThere, unjudged },
        verdict: verdicts.find((v) => v.edge === edge.name) ?? null,
        isAbsent: edge.to.every((to) => isAbsentAt(evidence, to)),
        isCommitted: edge.to.every((to) => isCommittedAt(evidence, to)),
      })
      out.set(edge, found)
      const isLost = found.findings.some(({ code }) => LOST.includes(code))
      const ends = isLost || found.says === 'not_reached' || found.says === 'filtered'
      for (const to of edge.to) if (ends && !isFoundAt(evidence, to)) stopped.add(to.name)
    }
  }
  return out
}

/** Findings after which a message is nowhere further on. */
const LOST: readonly string[] = ['lost', 'filtered_undeclared']

function isFoundAt({ logs }: WayEvidence, { hop }: HopDeclaration): boolean {
  return hop.role === 'topic' && (logs.get(hopKey(hop))?.found.length ?? 0) > 0
}

function isAbsentAt({ logs }: WayEvidence, { hop }: HopDeclaration): boolean {
  const log = hop.role === 'topic' ? logs.get(hopKey(hop)) : undefined
  return log !== undefined && log.found.length === 0 && log.searched.isComplete
}

function isCommittedAt(evidence: WayEvidence, { hop }: HopDeclaration): boolean {
  const commits = commitsOf(evidence, hop)
  return commits.length > 0 && commits.every((c) => c.committed !== null && c.committed > c.offset)
}

function commitsOf({ pipeline, logs, commits }: WayEvidence, hop: HopDeclaration['hop']) {
  const known = hop.role === 'consumer' ? commits.get(hopKey(hop)) : undefined
  const topic = pipeline.hops.find(
    (h) => h.hop.role === 'topic' && h.hop.topic === hop.topic && h.hop.cluster === hop.cluster,
  )
  if (known === undefined || topic === undefined) return []
  const found = logs.get(hopKey(topic.hop))?.found ?? []
  return found.map(({ place: { partition, offset } }) => ({
    ...{ partition, offset, committed: known.get(partition) ?? null },
  }))
}

function stepOf(
  evidence: WayEvidence,
  declared: HopDeclaration,
  edges: ReadonlyMap<EdgeDeclaration, TraceEdge>,
): TraceStep {
  const { hop, name } = declared
  const { role, cluster, topic, group } = hop
  const log = role === 'topic' ? evidence.logs.get(hopKey(hop)) : undefined
  return {
    ...{ hop: name, role, cluster, topic, group, name: hop.name },
    places: (log?.found ?? []).map(placeOf),
    searched: log === undefined ? null : searchedOf(log.searched),
    content: contentOf(evidence, declared),
    commits: commitsOf(evidence, hop),
    typical: typicalOf(evidence.latencies, hopKey(hop)),
    edges: [...edges].flatMap(([edge, found]) =>
      edge.to.some((to) => to.name === name) ? [found] : [],
    ),
  }
}

function placeOf({ id, place }: FoundRecord): TracePlace {
  const { partition, offset, timestamp, leaderEpoch, traceId, spanId } = place
  return { partition, offset, at: timestamp, id: uuidOfHex(id), leaderEpoch, traceId, spanId }
}

function searchedOf({ records, isComplete, why }: Searched): TraceStep['searched'] {
  return { records, isComplete, why }
}

/** With the first record of the nearest topic before, in which it lies. */
function contentOf({ pipeline, logs }: WayEvidence, declared: HopDeclaration): TraceContent | null {
  const first = ({ hop }: HopDeclaration): FoundRecord | undefined =>
    hop.role === 'topic' ? logs.get(hopKey(hop))?.found[0] : undefined
  const here = first(declared)
  if (here === undefined) return null
  for (const hop of before(pipeline, declared)) {
    const record = first(hop)
    if (record !== undefined) return compareParts(record.parts, here.parts, hop.name)
  }
  return null
}

function typicalOf(latencies: readonly StoredLatency[], key: HopKey): TraceStep['typical'] {
  const here = latencies.filter((l) => l.key === key && l.fromBirth.count > 0)
  const [first, ...rest] = here
  if (first === undefined) return null
  const all = rest.reduce((sum: Latencies, { fromBirth }) => {
    sum.merge(fromBirth)
    return sum
  }, first.fromBirth.clone())
  const [p50Ms, p99Ms] = [all.quantile(0.5), all.quantile(0.99)]
  return p50Ms === null || p99Ms === null ? null : { p50Ms, p99Ms, count: all.count }
}

/** Words that need no further evidence. */
const FINE: readonly TraceEdge['says'][] = [
  'passed',
  'noted',
  'filtered',
  'committed',
  'not_reached',
]

function stateOf(evidence: WayEvidence, steps: readonly TraceStep[]): TraceState {
  const says = steps.flatMap(({ edges }) => edges.map((edge) => edge.says))
  if (says.includes('wrong') || steps.some(isTwice)) return 'wrong'
  if (!evidence.isNamed && !isKnownIn(evidence)) return 'unknown'
  return says.every((word) => FINE.includes(word)) ? 'fine' : 'unknown'
}

/** One id at two places of a topic: no copy that was made on purpose, which has an id of its own. */
function isTwice({ places }: Pick<TraceStep, 'places'>): boolean {
  return new Set(places.map(({ id }) => id)).size < places.length
}
