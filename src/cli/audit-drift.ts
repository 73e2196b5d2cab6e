/** Tells of drift as it shows: each finding once, when its first window is over as verdicts are. */
import { messageOf } from '../base/errors.ts'
import { visible } from '../base/visible.ts'
import { explainDrift } from '../drift/explain.ts'
import type { DriftFinding } from '../drift/finding.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import type { Clock } from '../message/mint.ts'
import type { Store } from '../store/store.ts'
import { driftOf } from './drift-reader.ts'

export interface DriftTellerOptions {
  readonly store: Store
  readonly pipelines: readonly Pipeline[]
  readonly clock?: Clock
  readonly tell: (finding: DriftFinding) => void
  /** Told how many more there are than are told at once. */
  readonly tellMore: (count: number) => void
  readonly onTrouble: (text: string) => void
}

/** ms between two looks at least; one reads the shapes of some hours. */
const LOOK_MS = 5_000
/** Looks take no more than so much of the time, however much there is to look at. */
const SHARE_MAX = 0.05
/** ms: what is compared with what at such a look. Reports compare all that is kept. */
const BACK_MS = 10_800_000
/** Told at one look. */
const TOLD_MAX = 20
/** Findings remembered; beyond, all may be told again. */
const KNOWN_MAX = 10_000

export class DriftTeller {
  readonly #options: DriftTellerOptions
  readonly #clock: Clock
  readonly #known = new Set<string>()
  readonly #isNeeded: boolean
  /** ms */
  #lookAt = 0

  constructor(options: DriftTellerOptions) {
    this.#options = options
    this.#clock = options.clock ?? Date.now
    this.#isNeeded = options.pipelines.some((p) => p.hops.some((h) => h.shape !== undefined))
  }

  /** What is there before anything comes was told by whoever audited then. */
  async open(): Promise<void> {
    for (const finding of await this.#findings(this.#clock() - BACK_MS)) this.#isNew(finding)
  }

  /** Looks if it is time to. Who audits goes on, whatever comes of it: a report says the same. */
  async turn(): Promise<void> {
    const now = this.#clock()
    if (now < this.#lookAt) return
    const begun = performance.now()
    try {
      await this.#look(now - BACK_MS)
    } catch (error) {
      this.#options.onTrouble(`looking for drift: ${messageOf(error)}`)
    }
    const tookMs = performance.now() - begun
    this.#lookAt = this.#clock() + Math.max(LOOK_MS, tookMs / SHARE_MAX)
  }

  /** Looks once more: with `all` at whatever is kept, for an auditor that was away took what is older. */
  async close(all: boolean): Promise<void> {
    await this.#look(all ? 0 : this.#clock() - BACK_MS)
  }

  async #look(from: number): Promise<void> {
    const fresh = (await this.#findings(from)).filter((finding) => this.#isNew(finding))
    for (const finding of fresh.slice(0, TOLD_MAX)) this.#options.tell(finding)
    if (fresh.length > TOLD_MAX) this.#options.tellMore(fresh.length - TOLD_MAX)
  }

  async #findings(from: number): Promise<readonly DriftFinding[]> {
    if (!this.#isNeeded) return []
    const { store, pipelines } = this.#options
    const now = this.#clock()
    const drift = await driftOf(store, { audited: pipelines, from: Math.max(0, from), now })
    return drift.flatMap(({ pipeline, findings }) => {
      const { windowMs = 0, latenessMs = 0 } = pipelines.find((p) => p.name === pipeline) ?? {}
      return findings.filter(
        ({ severity, since }) => severity !== 'info' && since + windowMs + latenessMs <= now,
      )
    })
  }

  /** Remembers it. */
  #isNew({ pipeline, code, topic, schema, path, edge }: DriftFinding): boolean {
    const key = JSON.stringify([pipeline, code, topic, schema, path, edge])
    if (this.#known.has(key)) return false
    if (this.#known.size >= KNOWN_MAX) this.#known.clear()
    this.#known.add(key)
    return true
  }
}

/** `12:03:00  flights  checkin  error  Values at checkin …` */
export function driftLine(finding: DriftFinding): string {
  const { since, pipeline, hop, severity } = finding
  const at = new Date(since).toISOString().slice(11, 19)
  // Nobody declared each producer: its name may be anybody's.
  return [at, pipeline, visible(hop), severity, explainDrift(finding).sentence].join('  ')
}
