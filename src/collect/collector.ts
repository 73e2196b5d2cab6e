/** Transport → store: reads records, decodes frames, folds each batch with its positions. */
import type { Frame } from '../hop/frame.ts'
import { decodeFrame } from '../hop/frame-codec.ts'
import type { Clock } from '../message/mint.ts'
import type { SeenSchema, Store } from '../store/store.ts'
import type { FrameReader, FrameRecord, Positions } from '../transport/transport.ts'

export interface CollectorOptions {
  readonly reader: FrameReader
  readonly store: Store
  readonly clock?: Clock
  /** Told of records that are no frames; must not throw. */
  readonly onForeign?: (partition: string, position: number, why: string) => void
  /** Told of schemas that the shapes taken name; must not throw. */
  readonly onSchemas?: (schemas: readonly SeenSchema[]) => void
}

export interface Step {
  readonly taken: number
  readonly windows: readonly number[]
}

/** Catching up waits so long at once, ms; after so many times without a record it gives up. */
const STEP_MS = 100
const IDLE_STEPS_MAX = 100

export class Collector {
  readonly #reader: FrameReader
  readonly #store: Store
  readonly #clock: Clock
  readonly #onForeign: NonNullable<CollectorOptions['onForeign']>
  readonly #onSchemas: NonNullable<CollectorOptions['onSchemas']>
  #positions: Record<string, number> = {}
  /** Records that the reader gave and the store has not taken yet. */
  #held: readonly FrameRecord[] = []
  /** Of steps while catching up that nobody was told of yet: a later step may have failed. */
  readonly #untold = new Set<number>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: CollectorOptions) {
    const { reader, store, clock = Date.now } = options
    this.#reader = reader
    this.#store = store
    this.#clock = clock
    this.#onForeign = options.onForeign ?? (() => {})
    this.#onSchemas = options.onSchemas ?? (() => {})
  }

  async open(): Promise<void> {
    this.#positions = { ...(await this.#store.positions()) }
    await this.#reader.open(this.#positions)
  }

  /** Takes what comes within `waitMs`; the window starts whose evidence changed. */
  step(waitMs: number): Promise<Step> {
    // One after the other: two at once would each store positions that the other has not reached.
    const step = this.#last.then(() => this.#step(waitMs))
    this.#last = step.catch(() => {})
    return step
  }

  async #step(waitMs: number): Promise<Step> {
    // What the store refused comes first: the reader is past it.
    const records = this.#held.length > 0 ? this.#held : await this.#reader.poll(waitMs)
    this.#held = records
    if (records.length === 0) return { taken: 0, windows: [] }
    const frames: Frame[] = []
    const next = { ...this.#positions }
    let foreign = 0
    for (const { partition, position, bytes } of records) {
      if (position < (this.#positions[partition] ?? 0)) continue
      next[partition] = Math.max(next[partition] ?? 0, position + 1)
      try {
        frames.push(decodeFrame(bytes))
      } catch (error) {
        foreign++
        this.#onForeign(partition, position, error instanceof Error ? error.message : '')
      }
    }
    const outcome = await this.#store.fold(frames, next, this.#clock(), foreign)
    this.#held = []
    this.#positions = next
    if (outcome.schemas.length > 0) this.#onSchemas(outcome.schemas)
    return { taken: outcome.taken, windows: outcome.windows }
  }

  get positions(): Positions {
    return this.#positions
  }

  /**
   * Reads until the ends that the transport has now; the windows touched. `complete` is false when
   * nothing more came before the ends were reached. Who is told of a failure instead is told of the windows
   * when it asks again.
   */
  async catchUp(): Promise<{ readonly windows: readonly number[]; readonly complete: boolean }> {
    const ends = await this.#reader.ends()
    // What a step under way has polled is not in the store yet, though the reader is past it.
    await this.#last
    const behind = (): boolean => {
      if (this.#held.length > 0) return true
      // The last places may hold no record, which only the reader knows.
      const reached = this.#reader.reached()
      return Object.entries(ends).some(
        ([p, end]) => Math.max(this.#positions[p] ?? 0, reached[p] ?? 0) < end,
      )
    }
    let idle = 0
    while (behind() && idle < IDLE_STEPS_MAX) {
      const before = this.#positions
      const step = await this.step(STEP_MS)
      for (const window of step.windows) this.#untold.add(window)
      // Records deleted by retention never come: do not wait for them for ever.
      idle = this.#positions === before ? idle + 1 : 0
    }
    const windows = [...this.#untold]
    this.#untold.clear()
    return { windows, complete: !behind() }
  }

  close(): Promise<void> {
    return this.#reader.close()
  }
}
