/**
 * Messages that came later than a `timeliness` objective allows, as sums that only grow: of an objective
 * over one edge those that took longer than its threshold from the hop before, of one from end to end
 * those that were older when they reached the last edge.
 *
 * Laws: of what was measured only what is surely above the threshold counts, exact where agents count
 * at it. Of copies one may have been on time, so as many as came too often do not count; and nothing is
 * said until all edges are settled on which copies may have been made, for sums take nothing back. Lost
 * ones never came: they are `lost`, and late only once they are recovered.
 */
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { StoredLatency } from '../hop/evidence.ts'
import type { EdgeDeclaration, Pipeline } from '../hop/pipeline.ts'
import type { Promises } from '../objective/objective.ts'
import { type Path, pathsOf } from '../objective/paths.ts'
import { surplusOf } from '../objective/timeliness.ts'
import { TimelinessFold, towards } from '../objective/timings.ts'
import type { Attributes, Sample, SumTotal } from './snapshot.ts'

interface Deadline {
  readonly kind: 'edge' | 'full'
  readonly thresholdMs: number
  readonly path: Path
}

/** Each edge, kind and threshold once, however many objectives promise it. */
function deadlinesOf(pipeline: Pipeline, promises: readonly Promises[]): readonly Deadline[] {
  const found = new Map<string, Deadline>()
  for (const { pipeline: name, objectives } of promises) {
    if (name !== pipeline.name) continue
    for (const { indicator, thresholdMs, scope } of objectives) {
      if (indicator !== 'timeliness' || thresholdMs === null) continue
      const kind = scope.kind === 'edge' ? 'edge' : 'full'
      for (const path of pathsOf(pipeline, scope))
        found.set(`${path.last.name} ${kind} ${thresholdMs}`, { kind, thresholdMs, path })
    }
  }
  return [...found.values()]
}

const nameOf = ({ kind, thresholdMs }: Deadline): string => `late.${kind}.${thresholdMs}`

/**
 * What one window gives, by the name of the edge.
 *
 * @param list all latencies of the window
 * @param verdicts of all edges of the pipeline on that window, as far as it was judged
 */
export function lateSums(
  pipeline: Pipeline,
  promises: readonly Promises[],
  list: readonly StoredLatency[],
  verdicts: readonly EdgeVerdict[],
): ReadonlyMap<string, Readonly<Record<string, number>>> {
  const sums = new Map<string, Record<string, number>>()
  const deadlines = deadlinesOf(pipeline, promises)
  const window = list[0]?.window
  if (deadlines.length === 0 || window === undefined) return sums
  // Nobody asks for the distribution: of no window.
  const fold = new TimelinessFold(promises, Number.POSITIVE_INFINITY)
  for (const latency of list) fold.add(latency)
  for (const deadline of deadlines) {
    const { kind, thresholdMs, path } = deadline
    if (!isSettled(path, verdicts)) continue
    const ends = towards(path.last, path.ends)
    const { count, withinHigh } =
      kind === 'edge'
        ? fold.hopped(ends, window, thresholdMs)
        : fold.aged(ends, window, thresholdMs)
    const late = count - withinHigh - surplusOn(path, verdicts)
    if (late > 0)
      sums.set(path.last.name, { ...sums.get(path.last.name), [nameOf(deadline)]: late })
  }
  return sums
}

/** An edge that was never judged holds nothing up: those of a window are judged together. */
function isSettled({ before, last }: Path, verdicts: readonly EdgeVerdict[]): boolean {
  const names = new Set([...before, last].map((e) => e.name))
  const own = verdicts.filter((v) => names.has(v.edge))
  return own.some((v) => v.edge === last.name) && own.every((v) => v.state !== 'open')
}

/** Copies that were made further up arrive at the end, too. */
function surplusOn({ before, last }: Path, verdicts: readonly EdgeVerdict[]): number {
  const above = new Set(before.map((e) => e.name))
  return verdicts.reduce((n, verdict) => {
    if (verdict.edge === last.name) return n + surplusOf(verdict)
    return above.has(verdict.edge) ? n + verdict.counts.duplicated : n
  }, 0)
}

/**
 * A series for each threshold of the edge, from the start.
 *
 * @param totals of that edge
 * @param wordOf writes a duration (ms) as exported rules do
 */
export function lateSamples(
  pipeline: Pipeline,
  promises: readonly Promises[],
  edge: EdgeDeclaration,
  attributes: Attributes,
  totals: readonly SumTotal[],
  wordOf: (ms: number) => string,
): Sample[] {
  return deadlinesOf(pipeline, promises)
    .filter(({ path }) => path.last.name === edge.name)
    .map((deadline) => ({
      metric: 'quipu.messages.late',
      attributes: {
        ...attributes,
        'quipu.latency.kind': deadline.kind,
        'quipu.latency.threshold': wordOf(deadline.thresholdMs),
      },
      value: totals.find(({ name }) => name === nameOf(deadline))?.value ?? 0,
    }))
}
