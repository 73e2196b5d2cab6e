/**
 * Store → snapshot of all metrics; what of it is no sum of verdicts is summed up in the store first. A
 * snapshot reads an hour of verdicts; objectives are those of the last assessment, which comes beside it.
 */
import { messageOf } from '../base/errors.ts'
import { prometheusDuration } from '../export/durations.ts'
import type { EdgeVerdict } from '../finding/verdict.ts'
import { tracesOf } from '../hop/mishap.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import type { Clock } from '../message/mint.ts'
import type { Promises } from '../objective/objective.ts'
import type { ObjectiveAssessment } from '../objective/report.ts'
import type { Store, WindowSums } from '../store/store.ts'
import { lateSums } from '../telemetry/late-sums.ts'
import { boundsOf, latencySums } from '../telemetry/latency-sums.ts'
import { snapshotOf } from '../telemetry/samples.ts'
import type { Snapshot } from '../telemetry/snapshot.ts'
import type { Assessed } from './telemetry-assess.ts'

/** ms: what is shown of now is of windows that started since; and so far back an end is made good. */
const RECENT_MS = 3_600_000
/** Windows whose latencies are read for one snapshot; each takes about a millisecond and edge. */
const WINDOWS_MAX = 50
/** Settled windows whose latencies wait to be read; beyond, the oldest are given up. */
const WAITING_MAX = 10_000
/** Of assessments: at most so often, a twentieth of the time at most. */
const ASSESS_MS = 10_000
const SHARE_MAX = 0.05
/** ms: what is older than three turns, or this, is not known any more. */
const STALE_MS = 600_000

export interface TelemetryReaderOptions {
  readonly store: Store
  readonly pipelines: readonly Pipeline[]
  readonly promises: readonly Promises[]
  readonly clock: Clock
  /** As `assessStore`, wherever it runs. */
  readonly assess: (since: number, now: number) => Promise<Assessed>
  readonly onTrouble: (text: string) => void
}

export class TelemetryReader {
  readonly #options: TelemetryReaderOptions
  readonly #bounds: readonly number[]
  /** Whether anybody promises when messages arrive. */
  readonly #isTimely: boolean
  /** Edges with a settled window whose latencies are to be summed up, by window. */
  readonly #waiting = new Map<number, Set<string>>()
  #isFirst = true
  #objectives: readonly ObjectiveAssessment[] = []
  /** Sums that the last assessment gave and that are not in the store yet. */
  #sums: readonly WindowSums[] = []
  #assessment: Promise<void> | null = null
  /** ms */
  #assessAt = 0
  /** ms: of the last snapshot */
  #takenAt = 0
  #staleAt = 0

  constructor(options: TelemetryReaderOptions) {
    this.#options = options
    this.#bounds = boundsOf(options.promises)
    const objectives = options.promises.flatMap((p) => p.objectives)
    this.#isTimely = objectives.some((o) => o.indicator === 'timeliness')
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

  /** @param isLast what was judged since anybody was told is taken too, and all is assessed once more */
  async snapshot(isLast = false): Promise<Snapshot> {
    const { store, pipelines, promises, clock } = this.#options
    const now = clock()
    const since = now - RECENT_MS
    const verdicts = await store.verdicts({ since })
    // One that was killed had not summed up all that it had judged. Twice is no harm.
    if (this.#isFirst || isLast) this.judged(verdicts)
    this.#isFirst = false
    // A clock that was set back: what it said before is no reason to wait.
    if (isLast || now < this.#takenAt) this.#assessAt = 0
    this.#takenAt = now
    if (now >= this.#assessAt) this.#assessment ??= this.#assess(since, now)
    if (isLast) await this.#assessment
    const windows = [...this.#waiting].slice(0, WINDOWS_MAX)
    const latencies = await this.#latencySums(windows)
    const assessed = this.#sums
    const sums = [...latencies, ...assessed]
    if (sums.length > 0) await store.addToTotals(sums)
    // Not before: what a busy store did not take is given to it again.
    for (const [window] of windows) this.#waiting.delete(window)
    if (this.#sums === assessed) this.#sums = []
    return snapshotOf({
      ...{ pipelines, promises, verdicts, now },
      objectives: clock() < this.#staleAt ? this.#objectives : [],
      totals: await store.totals(),
      instances: await store.instances(since),
      bounds: this.#bounds,
      traces: await this.#traces(since),
      wordOf: prometheusDuration,
    })
  }

  async #assess(since: number, now: number): Promise<void> {
    const { assess, clock, onTrouble } = this.#options
    let pauseMs = ASSESS_MS
    try {
      const { objectives, sums, tookMs } = await assess(since, now)
      this.#objectives = objectives
      this.#sums = sums
      pauseMs = Math.max(ASSESS_MS, tookMs / SHARE_MAX)
      this.#staleAt = clock() + Math.max(STALE_MS, 3 * pauseMs)
    } catch (error) {
      onTrouble(`metrics of objectives: ${messageOf(error)}`)
    }
    this.#assessAt = clock() + pauseMs
    this.#assessment = null
  }

  async #latencySums(
    windows: readonly (readonly [window: number, names: ReadonlySet<string>])[],
  ): Promise<WindowSums[]> {
    const { store, pipelines, promises } = this.#options
    const sums: WindowSums[] = []
    for (const [window, names] of windows) {
      const list = await store.latencies(window, window + 1)
      const verdicts = this.#isTimely
        ? await store.verdicts({ since: window, until: window + 1 })
        : []
      for (const declared of pipelines) {
        const { name: pipeline, edges } = declared
        const judged = verdicts.filter((v) => v.pipeline === pipeline)
        const late = lateSums(declared, promises, list, judged)
        for (const edge of edges) {
          // What is late at the end of a path may wait for an edge before, which is settled later.
          const isNamed = names.has(JSON.stringify([pipeline, edge.name]))
          const own = isNamed ? latencySums(edge, list, this.#bounds) : {}
          const all = { ...own, ...late.get(edge.name) }
          sums.push({ pipeline, edge: edge.name, window, sums: all })
        }
      }
    }
    return sums
  }

  /** Of messages that agents had trouble with. */
  async #traces(since: number): Promise<ReadonlyMap<string, string>> {
    return tracesOf(await this.#options.store.mishaps({ since, until: Number.MAX_SAFE_INTEGER }))
  }
}
