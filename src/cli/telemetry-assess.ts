/**
 * What takes long to say of a store: objectives, over the longest period that is promised, and drift. Of a
 * month it takes seconds, so it is asked in a process of its own.
 */
import { hopKey } from '../hop/hop.ts'
import type { ObjectiveAssessment } from '../objective/report.ts'
import { reportOf } from '../objective/report-of.ts'
import type { Store, WindowSums } from '../store/store.ts'
import { driftSums, droppedSums } from '../telemetry/hop-sums.ts'
import { inputOf } from './report-reader.ts'
import { versionOf } from './version.ts'

export interface Assessed {
  readonly objectives: readonly ObjectiveAssessment[]
  /** Of evidence given up, and of drift. */
  readonly sums: readonly WindowSums[]
  /** ms */
  readonly tookMs: number
}

/** @param since ms: as little else as that is read @param now ms */
export async function assessStore(store: Store, since: number, now: number): Promise<Assessed> {
  const begun = performance.now()
  const input = await inputOf(store, { since, measured: false }, null, now)
  const { drift = [], gaps = [], pipelines } = input
  const { objectives } = reportOf({ ...input, detail: 'summary', version: versionOf() })
  const sums = pipelines.flatMap((pipeline) => {
    const names = new Map(pipeline.hops.map((h) => [hopKey(h.hop), h.name]))
    const own = drift.filter((d) => d.pipeline === pipeline.name)
    return [
      ...droppedSums(pipeline.name, gaps, names),
      ...own.flatMap((d) => driftSums(pipeline, d, now)),
    ]
  })
  return { objectives, sums, tookMs: performance.now() - begun }
}
