/**
 * What was judged, as spans for those who look at traces: one `reconcile` for each edge of which windows
 * were settled together, linked to the spans in which agents saw its lost messages go wrong. So from a
 * trace one comes to the verdict, and from the verdict to the traces of what is missing.
 *
 * A span says when it was judged, and has no length. It holds counts and names of the pipeline file; ids
 * of messages are in no attribute. Best effort: what was judged right before a crash has none.
 *
 * Limits: 128 links, of as many traced messages among the first 1,000 that are named; 1,000 spans wait.
 */
import type { Link, Tracer } from '@opentelemetry/api'
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { Mishap } from '../hop/mishap.ts'
import { messageCounts } from './catalogue.ts'
import type { Attributes } from './snapshot.ts'

/** As many as OpenTelemetry's SDK keeps unless it is told otherwise. */
const LINKS_MAX = 128
const IDS_MAX = 1_000
const WAITING_MAX = 1_000
/** ms: by so much the clock of whoever saw it may be behind that of whoever made the message. */
const CLOCKS_MS = 60_000

/** From the surest to the least sure. */
const EVIDENCE = ['exact', 'committed', 'sampled', 'estimated', 'none'] as const

/** Windows of one edge that were judged together. */
interface Judged {
  /** ms */
  readonly at: number
  /** ms: the start of the first window, the end of the last */
  readonly start: number
  readonly end: number
  readonly pipeline: string
  readonly edge: string
  readonly verdicts: number
  readonly evidence: string
  readonly counts: Readonly<Record<string, number>>
  /** Lost, by id. */
  readonly lost: readonly string[]
}

/** Where a message went wrong: trace and span, 32 and 16 hex digits. */
type Context = Pick<Mishap, 'traceId' | 'spanId'>

export class ReconcileSpans {
  #waiting: Judged[] = []

  /** @param at ms */
  judged(verdicts: readonly EdgeVerdict[], at: number): void {
    const edges = new Map<string, EdgeVerdict[]>()
    for (const verdict of verdicts) {
      if (verdict.state === 'open') continue
      const key = JSON.stringify([verdict.pipeline, verdict.edge])
      const own = edges.get(key)
      if (own === undefined) edges.set(key, [verdict])
      else own.push(verdict)
    }
    for (const own of edges.values()) this.#waiting.push(judgedOf(own, at))
    // The oldest are given up.
    this.#waiting = this.#waiting.slice(-WAITING_MAX)
  }

  /** ms: since when mishaps are asked for, from the first window that lost anything; null: none did. */
  get since(): number | null {
    const starts = this.#waiting.filter((j) => j.lost.length > 0).map((j) => j.start)
    return starts.length === 0 ? null : starts.reduce((a, b) => Math.min(a, b)) - CLOCKS_MS
  }

  /**
   * Makes the spans of all that waits.
   *
   * @param mishaps of the time since `since`
   * @param attributesOf what an edge is called
   */
  emit(
    tracer: Tracer,
    mishaps: readonly Mishap[],
    attributesOf: (pipeline: string, edge: string) => Attributes,
  ): void {
    const waiting = this.#waiting
    this.#waiting = []
    const contexts = contextsOf(mishaps)
    for (const judged of waiting) {
      const time = new Date(judged.at)
      const span = tracer.startSpan('reconcile', {
        // Its kind is INTERNAL: that is what it is where nothing else is said.
        root: true,
        startTime: time,
        links: linksTo(judged.lost, contexts),
        attributes: {
          ...attributesOf(judged.pipeline, judged.edge),
          'quipu.windows': judged.verdicts,
          'quipu.window.start': new Date(judged.start).toISOString(),
          'quipu.window.end': new Date(judged.end).toISOString(),
          'quipu.evidence': judged.evidence,
          ...judged.counts,
        },
      })
      span.end(time)
    }
  }
}

function judgedOf(verdicts: readonly EdgeVerdict[], at: number): Judged {
  const [first] = verdicts as readonly [EdgeVerdict]
  const lost: string[] = []
  let [start, end, evidence] = [first.window.start, first.window.end, 0]
  const counts = Object.fromEntries(messageCounts.map((name) => [`quipu.messages.${name}`, 0]))
  for (const verdict of verdicts) {
    start = Math.min(start, verdict.window.start)
    end = Math.max(end, verdict.window.end)
    const isSure = verdict.verdict !== 'indeterminate'
    evidence = Math.max(evidence, EVIDENCE.indexOf(isSure ? verdict.evidence : 'none'))
    for (const name of messageCounts)
      counts[`quipu.messages.${name}`] =
        (counts[`quipu.messages.${name}`] as number) + verdict.counts[name]
    for (const { code, ids } of verdict.findings)
      if (code === 'lost') lost.push(...ids.slice(0, IDS_MAX - lost.length).map(({ id }) => id))
  }
  const { pipeline, edge } = first
  return {
    ...{ at, start, end, pipeline, edge, verdicts: verdicts.length, counts, lost },
    evidence: EVIDENCE[evidence] as string,
  }
}

/** By id, of those that belonged to a span: where they went wrong first. */
function contextsOf(mishaps: readonly Mishap[]): ReadonlyMap<string, Context> {
  const contexts = new Map<string, Context>()
  for (const { id, traceId, spanId } of mishaps)
    if (id !== '' && traceId !== '' && spanId !== '' && !contexts.has(id))
      contexts.set(id, { traceId, spanId })
  return contexts
}

/** Each span once, however many messages went wrong in it. */
function linksTo(lost: readonly string[], contexts: ReadonlyMap<string, Context>): Link[] {
  const links = new Map<string, Link>()
  for (const id of lost) {
    const context = contexts.get(id)
    if (context === undefined) continue
    // Whether it was sampled nobody noted.
    const link = { context: { ...context, traceFlags: 0, isRemote: true } }
    links.set(context.traceId + context.spanId, link)
    if (links.size === LINKS_MAX) break
  }
  return [...links.values()]
}
