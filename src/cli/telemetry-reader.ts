/** Store → snapshot of all metrics; what of it is no sum of verdicts is summed up in the store first. */
import { prometheusDuration } from '../export/durations.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import { hopKey } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import type { Clock } from '../message/mint.ts'
import type { Promises } from '../objective/objective.ts'
import { reportOf } from '../objective/report-of.ts'
import type { Store, WindowSums } from '../store/store.ts'
import { driftSums, droppedSums } from '../telemetry/hop-sums.ts'
import { boundsOf, latencySums } from '../telemetry/latency-sums.ts'
import { snapshotOf } from '../telemetry/samples.ts'
import type { Snapshot } from '../telemetry/snapshot.ts'
import type { Input } from './report-input.ts'
import { inputOf } from './report-reader.ts'
import { versionOf } from './version.ts'

/** ms: what is shown of now is of windows that started since; and so far back an end is made good. */
const RECENT_MS = 3_600_000
/** Windows whose latencies are read for one snapshot; each takes about a millisecond and edge. */
const WINDOWS_MAX = 50
/** Settled windows whose latencies wait to be read; beyond, the oldest are given up. */
const WAITING_MAX = 10_000

export interface TelemetryReaderOptions {
  readonly store: Store
  readonly pipelines: readonly Pipeline[]
  readonly promises: readonly Promises[]
  readonly clock: Clock
}

export class TelemetryReader {
  readonly #options: TelemetryReaderOptions
  readonly #bounds: readonly number[]
  /** Edges with a settled window whose latencies are to be summed up, by window. */
  readonly #waiting = new Map<number, Set<string>>()
  #isFirst = true

  constructor(options: TelemetryReaderOptions) {
    this.#options = options
    this.#bounds = boundsOf(options.promises)
  }

  judged(verdicts: readonly EdgeVerdict[]): void {
    for (const { pipeline, edge, state, window } of verdicts) {
      if (state === 'open') continue
      const edges = this.#waiting.get(window.start) ?? new Set()
      this.#waiting.set(window.start, edges.add(JSON.stringify([pipeline, edge])))
      if (this.#waiting.size <= WAITING_MAX) continue
      const [oldest] = this.#waiting.keys()
      if (oldest !== undefined) this.#waiting.delete(oldest)
    }
  }

  /** @param isLast what was judged since anybody was told is taken too */
  async snapshot(isLast = false): Promise<Snapshot> {
    const { store, pipelines, promises, clock } = this.#options
    const now = clock()
    const since = now - RECENT_MS
    // One that was killed had not summed up all that it had judged. Twice is no harm.
    if (this.#isFirst || isLast) this.judged(await store.verdicts({ since }))
    this.#isFirst = false
    const input = await inputOf(store, { since, measured: false }, null, now)
    const sums = [...(await this.#latencySums()), ...this.#hopSums(input, now)]
    if (sums.length > 0) await store.addToTotals(sums)
    const { objectives } = reportOf({ ...input, detail: 'summary', version: versionOf() })
    return snapshotOf({
      ...{ pipelines, promises, objectives, verdicts: input.verdicts, now },
      totals: await store.totals(),
      instances: input.instances ?? [],
      bounds: this.#bounds,
      traces: await this.#traces(since),
      wordOf: prometheusDuration,
    })
  }

  async #latencySums(): Promise<WindowSums[]> {
    const { store, pipelines } = this.#options
    const sums: WindowSums[] = []
    for (const [window, names] of [...this.#waiting].slice(0, WINDOWS_MAX)) {
      const list = await store.latencies(window, window + 1)
      for (const { name: pipeline, edges } of pipelines) {
        for (const edge of edges) {
          if (!names.has(JSON.stringify([pipeline, edge.name]))) continue
          const own = latencySums(edge, list, this.#bounds)
          sums.push({ pipeline, edge: edge.name, window, sums: own })
        }
      }
      this.#waiting.delete(window)
    }
    return sums
  }

  #hopSums({ drift = [], gaps = [] }: Input, now: number): WindowSums[] {
    return this.#options.pipelines.flatMap((pipeline) => {
      const names = new Map(pipeline.hops.map((h) => [hopKey(h.hop), h.name]))
      return [
        ...droppedSums(pipeline.name, gaps, names),
        ...drift
          .filter((d) => d.pipeline === pipeline.name)
          .flatMap((d) => driftSums(pipeline, d, now)),
      ]
    })
  }

  /** Of messages that agents had trouble with. */
  async #traces(since: number): Promise<ReadonlyMap<string, string>> {
    const mishaps = await this.#options.store.mishaps({ since, until: Number.MAX_SAFE_INTEGER })
    return new Map(
      mishaps.filter((m) => m.id !== '' && m.traceId !== '').map((m) => [m.id, m.traceId]),
    )
  }
}
