/** Store, or recorded run → report: what the reading commands judge, with the promises that are made. */
import type { EdgeVerdict } from '../finding/verdict.ts'
import type { Promises } from '../objective/objective.ts'
import type { Detail, Report } from '../objective/report.ts'
import { reportOf } from '../objective/report-of.ts'
import { TimelinessFold } from '../objective/timings.ts'
import { PROMISES_FACT } from '../store/facts.ts'
import type { Store } from '../store/store.ts'
import { declaredIn } from './declared.ts'
import { driftAsked } from './drift-asked.ts'
import { driftOf } from './drift-reader.ts'
import {
  firstAsked,
  type Input,
  latenciesFrom,
  type Named,
  promisesFor,
  withNamed,
} from './report-input.ts'
import { auditedIn, type ReadOptions, read, withStore } from './store-reader.ts'
import { versionOf } from './version.ts'

export interface ReportOptions extends ReadOptions {
  /** A pipeline file whose objectives count instead of those that were audited. */
  readonly config?: string
  /** A recorded run instead of a store. */
  readonly fixture?: string
  readonly detail?: Detail
  /** Whether latencies are shown; what objectives need is read anyway. Reading a month takes seconds. */
  readonly measured?: boolean
  /** Whether incidents are told with their causes, as far as the store tells them. */
  readonly why?: boolean
}

/** What was judged, and the report that it comes to. */
export interface ReportRead {
  readonly report: Report
  /** Windows of `--since` and later. */
  readonly verdicts: readonly EdgeVerdict[]
  /** The pipeline file, absolute; null: none was named. */
  readonly file: string | null
}

/** @throws QuipuError */
export async function readReport(options: ReportOptions): Promise<ReportRead> {
  const named = options.config === undefined ? null : await declaredIn(options.config)
  const { detail = 'ids', fixture } = options
  const reportFor = (input: Input): Report => reportOf({ ...input, detail, version: versionOf() })
  const config = named?.config ?? null
  const [input, report] =
    fixture === undefined
      ? await withStore(options.store, async (store) => {
          const input = await inputOf(store, options, config, Date.now())
          const report = reportFor(input)
          // A cause names hosts and offsets; a summary names nothing.
          if (options.why !== true || detail === 'summary') return [input, report]
          const { withCauses } = await import('./report-causes.ts')
          return [input, await withCauses(report, store, input)]
        })
      : await (await import('./run-file.ts'))
          .inputOfRun(fixture, options, config)
          .then((input): [Input, Report] => [input, reportFor(input)])
  const { since } = options
  const verdicts = input.verdicts.filter((v) => since === undefined || v.window.start >= since)
  return { report, verdicts, file: named?.file ?? null }
}

/**
 * @param named its promises count instead of those in the store
 * @param now ms
 */
export async function inputOf(
  store: Store,
  options: Omit<ReportOptions, 'store'>,
  named: Named | null,
  now: number,
): Promise<Input> {
  const { since, measured = true, ...rest } = options
  const declared = named?.promises ?? promisesOf(await store.fact(PROMISES_FACT))
  const first = firstAsked(declared, since, now)
  const [instances, gaps, foreign] = await Promise.all([
    store.instances(),
    store.gaps(),
    store.foreignRecords(),
  ])
  const asked = first === undefined ? rest : { ...rest, since: first }
  const { pipelines, verdicts } = await read(store, asked, (audited) => withNamed(audited, named))
  const promises = promisesFor(pipelines, declared)
  const timings = new TimelinessFold(promises, since)
  if (measured || timings.isNeeded)
    for await (const latency of latenciesFrom(store, first)) timings.add(latency)
  const audited = await auditedIn(store)
  const all = await driftOf(store, { audited, pipeline: options.pipeline, since: first, now })
  const drift = driftAsked(all, pipelines, options.edge !== undefined)
  return { pipelines, promises, verdicts, timings, instances, gaps, foreign, drift, now, since }
}

/** The auditor leaves them as a fact; older ones left none. */
function promisesOf(fact: unknown): readonly Promises[] {
  return Array.isArray(fact) ? (fact as Promises[]) : []
}
