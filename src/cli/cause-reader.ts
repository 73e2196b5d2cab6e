/** Store → what the rules of causes may use, of one edge and some of its windows. */
import { keptLogsIn } from '../collect/log-watch.ts'
import type { CauseEvidence } from '../diagnose/cause-evidence.ts'
import type { LogEvidence } from '../diagnose/log.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import { type HopKey, type HopRef, hopKey } from '../hop/hop.ts'
import { MISHAPS_DROPPED } from '../hop/mishap.ts'
import type { EdgeDeclaration, Pipeline } from '../hop/pipeline.ts'
import { topicKeyOf } from '../reconcile/evidence.ts'
import { MISHAPS_READ_MAX } from '../store/mishaps.ts'
import type { Store } from '../store/store.ts'

export interface CauseQuestion {
  readonly pipeline: Pipeline
  readonly edge: EdgeDeclaration
  /** Of this edge, the newest revisions. */
  readonly verdicts: readonly EdgeVerdict[]
  /** ms */
  readonly now: number
  /** Null: nobody searched the log. */
  readonly log: LogEvidence | null
}

/**
 * ms: clocks of agents differ, and what led to a loss began before its window did. What became of a
 * message is settled one lateness after its window. Only what befell a place in the log may come at any
 * time after: a group that is behind comes there when it does.
 */
const AROUND_MS = 600_000

/** One for each verdict; what is the same for all of them is read once. */
export async function causeEvidenceOf(
  store: Store,
  { pipeline, edge, verdicts, now, log }: CauseQuestion,
): Promise<CauseEvidence[]> {
  const starts = verdicts.map(({ window }) => window.start)
  const ends = verdicts.map(({ window }) => window.end)
  if (verdicts.length === 0) return []
  const span = spanOf({ start: Math.min(...starts), end: Math.max(...ends) }, pipeline)
  const [instances, mishaps, minters, counts, logs] = await Promise.all([
    store.instances(span.since),
    store.mishaps({ since: span.since, until: Math.max(now, span.until) }),
    store.minters(),
    store.counts(),
    keptLogsIn(store),
  ])
  const isOfEdge = hopsOf(edge)
  const near = mishaps.filter(({ hop }) => isOfEdge(hop))
  const unnoted = new Set(
    counts.filter((c) => c.name === MISHAPS_DROPPED).map((c) => hopKey(c.hop)),
  )
  // There may be more than were read, of any hop.
  if (mishaps.length >= MISHAPS_READ_MAX)
    for (const key of [
      ...pipeline.hops.map((h) => hopKey(h.hop)),
      ...instances.flatMap((i) => i.hops),
    ])
      unnoted.add(key)
  const shared = { pipeline, edge, now, log, instances, minters, unnoted, ...logs }
  const out: CauseEvidence[] = []
  for (const verdict of verdicts) {
    const { since, until } = spanOf(verdict.window, pipeline)
    out.push({
      ...shared,
      verdict,
      mishaps: near.filter(
        ({ at, hop, from }) =>
          at >= since && (at < until || (hop.role === 'consumer' && from >= 0)),
      ),
      tallies: await store.tallies(verdict.window.start),
    })
  }
  return out
}

function spanOf(
  { start, end }: EdgeVerdict['window'],
  { latenessMs }: Pipeline,
): { readonly since: number; readonly until: number } {
  return { since: start - AROUND_MS, until: end + latenessMs + AROUND_MS }
}

/** Hops of the edge, the logs they read and write, and whoever sends into those or reads them. */
function hopsOf(edge: EdgeDeclaration): (hop: HopRef) => boolean {
  const ends = [...edge.from, ...edge.to].map(({ hop }) => hop)
  const keys = new Set<HopKey>(ends.map(hopKey))
  const topics = new Set<HopKey>(ends.filter((h) => h.topic !== '').map(topicKeyOf))
  return (hop) => keys.has(hopKey(hop)) || (hop.topic !== '' && topics.has(topicKeyOf(hop)))
}
