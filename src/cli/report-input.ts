/** What a report is made of, whether it comes from a store or from a recorded run. */
import type { StoredLatency } from '../hop/evidence.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import type { Promises } from '../objective/objective.ts'
import { periodOf } from '../objective/period.ts'
import type { ReportInput } from '../objective/report-of.ts'
import type { Store } from '../store/store.ts'

/** What a pipeline file declares, where one is named. */
export interface Named {
  readonly pipelines: readonly Pipeline[]
  readonly promises: readonly Promises[]
}

export type Input = Omit<ReportInput, 'detail' | 'version'>

/** ms: objectives look back as far as their periods, whatever is shown. */
export function firstAsked(
  promises: readonly Promises[],
  since: number | undefined,
  now: number,
): number | undefined {
  if (since === undefined) return undefined
  const periods = promises.flatMap((p) => p.objectives.map((o) => periodOf(o.period, now).start))
  return Math.min(since, ...periods)
}

/**
 * What was audited, and what was named beside it: who asks for a pipeline that was never audited is told
 * that there is no data of it, not how well others are.
 */
export function withNamed(audited: readonly Pipeline[], named: Named | null): readonly Pipeline[] {
  const added = named?.pipelines.filter((p) => audited.every(({ name }) => name !== p.name)) ?? []
  return [...audited, ...added]
}

/** Of the pipelines asked for. */
export function promisesFor(
  pipelines: readonly Pipeline[],
  promises: readonly Promises[],
): readonly Promises[] {
  return promises.filter((p) => pipelines.some(({ name }) => name === p.pipeline))
}

/** Windows whose latencies are held at once; those of one hop and window take 42 KB at most. */
const WINDOWS_MAX = 100

/** Of all windows that start from `since` (ms) on, never many at once. */
export async function* latenciesFrom(
  store: Store,
  since: number | undefined,
): AsyncGenerator<StoredLatency> {
  const windows = await store.windows(since)
  for (let i = 0; i < windows.length; i += WINDOWS_MAX)
    yield* await store.latencies(windows[i], windows[i + WINDOWS_MAX])
}
