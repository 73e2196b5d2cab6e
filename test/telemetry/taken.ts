/** Snapshots by hand: the flights pipeline with losses on one edge, after ten minutes. */
import type { EdgeVerdict } from '../../src/finding/verdict.ts'
import { openSqliteStore } from '../../src/store/sqlite.ts'
import type { WindowSums } from '../../src/store/store.ts'
import { boundsOf } from '../../src/telemetry/latency-sums.ts'
import { type SampleInput, snapshotOf } from '../../src/telemetry/samples.ts'
import type { Sample, Snapshot } from '../../src/telemetry/snapshot.ts'
import { FLIGHTS, finding, idOf, NOW, once, verdict } from '../reports/build.ts'

const LOST = [idOf(1), idOf(2, 1)] as const
const BAD_EDGE = 'enrich → enriched + dlq'

/** One window of 400 on each edge, and a second one in which two are lost. */
export const VERDICTS: readonly EdgeVerdict[] = [
  ...FLIGHTS.edges.map(({ name }) => verdict(name)),
  verdict(BAD_EDGE, {
    w: 1,
    verdict: 'breached',
    counts: { expected: 400, delivered: 398, lost: 2 },
    findings: [finding('lost', { w: 1, ids: LOST.map(once) })],
  }),
  verdict('enriched → store', { w: 9, state: 'open', counts: { expected: 7, in_flight: 7 } }),
]

/** As a store gives it that was told of these verdicts, and of more sums. */
export async function taken(
  parts: Partial<SampleInput> = {},
  sums: readonly WindowSums[] = [],
): Promise<Snapshot> {
  const store = await openSqliteStore(':memory:')
  await store.saveVerdicts(parts.verdicts ?? VERDICTS, NOW)
  await store.addToTotals(sums)
  const totals = await store.totals()
  await store.close()
  return snapshotOf({
    ...{ pipelines: [FLIGHTS], promises: [], objectives: [], verdicts: VERDICTS, totals },
    ...{ instances: [], bounds: boundsOf([]), traces: new Map(), now: NOW },
    wordOf: (ms) => `${ms}ms`,
    ...parts,
  })
}

/** Values by the attributes beside the pipeline's name. */
export const valuesOf = ({ samples }: Snapshot, metric: Sample['metric']): Record<string, number> =>
  Object.fromEntries(
    samples
      .filter((s) => s.metric === metric)
      .map(({ attributes, value }) => {
        const { 'quipu.pipeline.name': _, ...rest } = attributes
        return [Object.values(rest).join(' '), value]
      }),
  )
