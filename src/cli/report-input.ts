/** What a report is made of, whether it comes from a store or from a recorded run. */
import type { Pipeline } from '../hop/pipeline.ts'
import type { Promises } from '../objective/objective.ts'
import { periodOf } from '../objective/period.ts'
import type { ReportInput } from '../objective/report-of.ts'

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

/** Of the pipelines asked for. */
export function promisesFor(
  pipelines: readonly Pipeline[],
  promises: readonly Promises[],
): readonly Promises[] {
  return promises.filter((p) => pipelines.some(({ name }) => name === p.pipeline))
}
