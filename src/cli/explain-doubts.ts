/** Whether it may be the audit's own fault: what it could not see of an edge then, and clocks that differ. */
import { clockWords } from '../../reports/latency.ts'
import { plural } from '../base/words.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import { hopKey } from '../hop/hop.ts'
import type { EdgeDeclaration, Pipeline } from '../hop/pipeline.ts'
import { clocksOf } from '../objective/clocks.ts'
import { type HopStanding, type HopSummary, summarizeHops } from '../objective/hop-coverage.ts'
import type { EdgeSummary } from '../objective/summary.ts'
import type { Store } from '../store/store.ts'

export interface DoubtQuestion {
  readonly pipeline: Pipeline
  readonly edge: EdgeDeclaration
  /** Bad windows of the edge, at least one. */
  readonly verdicts: readonly EdgeVerdict[]
  readonly summary: EdgeSummary
  /** ms */
  readonly now: number
}

/** Reasons told of one hop. */
const WHY_MAX = 3

/** Sentences; none: everything was seen whole, and clocks agree. */
export async function doubtsOf(
  store: Store,
  { pipeline, edge, verdicts, summary, now }: DoubtQuestion,
): Promise<string[]> {
  const since = Math.min(...verdicts.map((v) => v.window.start))
  const until = Math.max(...verdicts.map((v) => v.window.end)) + pipeline.latenessMs
  const [coverage, instances, gaps] = await Promise.all([
    store.coverage(),
    store.instances(since),
    store.gaps(),
  ])
  const ends = new Set([...edge.from, ...edge.to].map((d) => hopKey(d.hop)))
  const hops = pipeline.hops.filter((d) => ends.has(hopKey(d.hop)))
  const seen = summarizeHops({
    ...{ pipelines: [{ ...pipeline, hops }], verdicts, coverage, instances, gaps, now },
    ...{ since, until },
  })
  const near = instances.filter((i) => i.hops.some((key) => ends.has(key)))
  return [
    ...seen.flatMap((hop) => doubtOf(hop)),
    ...clocksOf(near, [summary]).map((note) => `clocks: ${clockWords(note)}`),
  ]
}

const words: Partial<Readonly<Record<HopStanding, string>>> = {
  hole: 'evidence is missing',
  silent: 'its agent is silent',
  behind: 'it is behind',
  unseen: 'no agent has reported',
}

function doubtOf({ hop, at, standing, why, holeCount, dropped }: HopSummary): string[] {
  const word = words[standing]
  if (word === undefined) return []
  const told = why.slice(0, WHY_MAX)
  const more = why.length - told.length
  const details = [
    ...told,
    ...(more > 0 ? [`and ${plural(more, 'more reason')}`] : []),
    ...(holeCount > 0 ? [`${plural(holeCount, 'hole')} in its offsets`] : []),
    ...dropped.map(({ reason }) => `evidence given up: ${reason}`),
  ]
  return [`${hop} (${at}): ${word}${details.length === 0 ? '' : `: ${details.join('; ')}`}`]
}
