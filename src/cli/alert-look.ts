/** Store → what is wrong now, for alerts. Reads the verdicts of a day, and of the periods of objectives. */
import type { Condition } from '../alert/condition.ts'
import { conditionsOf } from '../alert/conditions.ts'
import type { Foretold } from '../alert/known.ts'
import type { AlertingConfig } from '../config/alerting.ts'
import { forecastOf } from '../diagnose/forecast.ts'
import { lagsOf } from '../diagnose/lags.ts'
import { hopKey } from '../hop/hop.ts'
import { tracesOf } from '../hop/mishap.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { summarizeHops } from '../objective/hop-coverage.ts'
import { reportOf } from '../objective/report-of.ts'
import { LAGS_FACT } from '../store/facts.ts'
import type { Store } from '../store/store.ts'
import { inputOf } from './report-reader.ts'
import { versionOf } from './version.ts'

/** Plain data: it may come from another process. */
export interface Looked {
  readonly conditions: readonly Condition[]
  /** What was foretold, with what could not be. */
  readonly forecasts: readonly Foretold[]
}

/** ms: incidents, drift and agents of the last day are told. */
const BACK_MS = 86_400_000
/** ms: a hop is called unseen for what it is now, not for what it was this morning. */
const HOPS_BACK_MS = 900_000

/** @param now ms */
export async function lookInto(
  store: Store,
  alerting: AlertingConfig,
  now: number,
): Promise<Looked> {
  const input = await inputOf(store, { since: now - BACK_MS, measured: false }, null, now)
  const { pipelines, verdicts, instances = [], gaps = [] } = input
  const report = reportOf({ ...input, detail: 'ids', version: versionOf() })
  const since = now - HOPS_BACK_MS
  const hops = summarizeHops({
    ...{ pipelines, instances, gaps, now, since },
    verdicts: verdicts.filter((v) => v.window.start >= since),
    coverage: await store.coverage(),
  })
  const forecasts = await foretold(store, pipelines, now)
  const conditions = conditionsOf({ now, alerting, pipelines, report, hops, forecasts })
  return { conditions: await withTraces(conditions, store, now), forecasts }
}

/** Names the trace of each message whose agent saw it go wrong. */
async function withTraces(
  conditions: readonly Condition[],
  store: Store,
  now: number,
): Promise<readonly Condition[]> {
  if (conditions.every(({ samples }) => samples.length === 0)) return conditions
  const traces = tracesOf(await store.mishaps({ since: now - BACK_MS, until: now }))
  return conditions.map((condition) => ({
    ...condition,
    samples: condition.samples.map(({ id }) => ({
      id,
      traceId: traces.get(id.replaceAll('-', '')) ?? null,
    })),
  }))
}

/** Of the samples that the audit takes, for the groups that are declared. */
async function foretold(
  store: Store,
  pipelines: readonly Pipeline[],
  now: number,
): Promise<readonly Foretold[]> {
  const forecasts = forecastOf(lagsOf(await store.fact(LAGS_FACT)), now)
  const byGroup = new Map(forecasts.map((forecast) => [hopKey(forecast.group), forecast]))
  return pipelines.flatMap(({ name, hops }) =>
    hops.flatMap(({ name: hop, hop: ref }) => {
      const forecast = byGroup.get(hopKey(ref))
      return forecast === undefined ? [] : [{ pipeline: name, hop, forecast }]
    }),
  )
}
