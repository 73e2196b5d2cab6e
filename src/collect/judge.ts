/** Store → verdicts: gathers the evidence of the windows that may have changed, judges, saves. */
import type { EdgeVerdict } from '../finding/verdict.ts'
import { type HopKey, type HopRef, hopKey } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import type { LogEnds, WindowEvidence } from '../reconcile/evidence.ts'
import { topicKeyOf } from '../reconcile/evidence.ts'
import { judgeWindow } from '../reconcile/judge-window.ts'
import { settle } from '../reconcile/settle.ts'
import type { Store, StoredTally } from '../store/store.ts'

/** Asks a cluster for the committed ends of a topic; null where it cannot be asked. */
export type PollLogEnds = (topic: HopRef) => Promise<LogEnds | null>

export interface JudgeOptions {
  readonly store: Store
  readonly pipelines: readonly Pipeline[]
  readonly pollLogEnds?: PollLogEnds
}

/** Windows that cannot be finished are looked at again at each turn; of these, so many. */
const UNFINISHED_MAX = 500
/** Tallies kept in memory for counting minted ids: windows. */
const MINTED_WINDOWS_MAX = 1_000

export class Judge {
  readonly #store: Store
  readonly #pipelines: readonly Pipeline[]
  readonly #pollLogEnds: PollLogEnds | undefined
  /** Windows still to be judged; all of the store's at the start. */
  #unfinished: Set<number> | null = null
  readonly #logEnds = new Map<number, Map<HopKey, LogEnds>>()
  /** Ids minted per window and producer hop. */
  readonly #minted = new Map<number, ReadonlyMap<HopKey, number>>()
  readonly #newest = new Map<HopKey, number>()

  constructor({ store, pipelines, pollLogEnds }: JudgeOptions) {
    this.#store = store
    this.#pipelines = pipelines
    this.#pollLogEnds = pollLogEnds
  }

  /** Judges at time `now` (ms); `touched`: windows with new evidence. Returns what changed. */
  async turn(now: number, touched: readonly number[] = []): Promise<readonly EdgeVerdict[]> {
    this.#unfinished ??= new Set(await this.#store.windows())
    for (const window of touched) {
      this.#unfinished.add(window)
      this.#minted.delete(window)
    }
    if (this.#unfinished.size === 0) return []
    const [coverage, instances, gaps] = await Promise.all([
      this.#store.coverage(),
      this.#store.instances(),
      this.#store.gaps(),
    ])
    const shared = { now, coverage: new Map(coverage.map((c) => [c.key, c])), instances, gaps }
    const flushMs = Math.max(0, ...instances.map((i) => i.flushMs))
    const windows = [...this.#unfinished].sort((a, b) => b - a).slice(0, UNFINISHED_MAX)
    const loaded = new Map<number, readonly StoredTally[]>()
    for (const window of windows) {
      const tallies = await this.#store.tallies(window)
      loaded.set(window, tallies)
      this.#note(window, tallies)
    }
    const changed: EdgeVerdict[] = []
    for (const window of windows.reverse()) {
      let finished = true
      const tallies = loaded.get(window) ?? []
      for (const pipeline of this.#pipelines) {
        const deadline = window + pipeline.windowMs + pipeline.latenessMs
        const evidence: WindowEvidence = {
          ...shared,
          window,
          tallies,
          newestWindow: this.#newest,
          logEnds: await this.#endsFor(window, pipeline, now >= deadline),
          minted: this.#mintedUntil(window, deadline),
        }
        const before = new Map(
          (
            await this.#store.verdicts({
              pipeline: pipeline.name,
              since: window,
              until: window + 1,
            })
          ).map((v) => [v.edge, v]),
        )
        for (const judgement of judgeWindow(pipeline, evidence)) {
          const previous = before.get(judgement.edge)
          const verdict = settle(judgement, previous, { now, deadline, flushMs })
          if (verdict !== previous) changed.push(verdict)
          if (verdict.state === 'open' || !judgement.final) finished = false
        }
      }
      if (finished) {
        this.#unfinished.delete(window)
        this.#logEnds.delete(window)
      }
    }
    if (changed.length > 0) await this.#store.saveVerdicts(changed, now)
    return changed
  }

  /** How many windows were judged at the edges of these pipelines, and how many are still open. */
  async progress(until?: number): Promise<{ readonly judged: number; readonly open: number }> {
    let judged = 0
    let open = 0
    for (const { name, edges } of this.#pipelines) {
      const query = { pipeline: name, ...(until === undefined ? {} : { until }) }
      for (const { edge, state } of await this.#store.verdicts(query)) {
        // A store keeps what was declared in earlier runs; nobody judges that any more.
        if (!edges.some((e) => e.name === edge)) continue
        judged++
        if (state === 'open') open++
      }
    }
    return { judged, open }
  }

  #note(window: number, tallies: readonly StoredTally[]): void {
    const minted = new Map<HopKey, number>()
    for (const { key, hop, channel, origin, count } of tallies) {
      if (window > (this.#newest.get(key) ?? 0)) this.#newest.set(key, window)
      if (hop.role !== 'producer' || channel !== 'passed' || origin !== null) continue
      minted.set(key, (minted.get(key) ?? 0) + count)
    }
    this.#minted.set(window, minted)
    if (this.#minted.size > MINTED_WINDOWS_MAX) {
      const oldest = Math.min(...this.#minted.keys())
      this.#minted.delete(oldest)
    }
  }

  #mintedUntil(window: number, deadline: number): ReadonlyMap<HopKey, number> {
    const sum = new Map<HopKey, number>()
    for (const [at, counts] of this.#minted) {
      if (at < window || at > deadline) continue
      for (const [key, n] of counts) sum.set(key, (sum.get(key) ?? 0) + n)
    }
    return sum
  }

  /** Log ends polled once, at the first turn after the deadline. */
  async #endsFor(
    window: number,
    pipeline: Pipeline,
    due: boolean,
  ): Promise<ReadonlyMap<HopKey, LogEnds>> {
    const known = this.#logEnds.get(window) ?? new Map<HopKey, LogEnds>()
    if (!due || this.#pollLogEnds === undefined) return known
    this.#logEnds.set(window, known)
    for (const { hop } of pipeline.hops) {
      if (hop.role !== 'topic' && hop.role !== 'consumer') continue
      const key = topicKeyOf(hop)
      if (known.has(key)) continue
      const ends = await this.#pollLogEnds(hop)
      if (ends !== null) known.set(key, ends)
    }
    return known
  }
}

/** For readers: the key under which the audited pipelines are kept. */
export const PIPELINES_FACT = 'pipelines'

export function topicsOf(pipelines: readonly Pipeline[]): HopRef[] {
  const topics = new Map<HopKey, HopRef>()
  for (const { hops } of pipelines)
    for (const { hop } of hops) if (hop.role === 'topic') topics.set(hopKey(hop), hop)
  return [...topics.values()]
}
