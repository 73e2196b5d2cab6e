/**
 * Records between a client that pushes and a reader that polls: bounded, so that a slow reader holds
 * the client back, and in order.
 */
import type { FrameRecord, Positions } from './transport.ts'

/** At most so many records are returned by one poll. */
export const POLL_MAX = 1_000
/** The client waits while more than this is queued. */
const QUEUED_RECORDS_MAX = 2_000
const QUEUED_BYTES_MAX: number = 16 * 2 ** 20

/** A record, or only how far the client has come. */
type Entry =
  | FrameRecord
  | { readonly partition: string; readonly position: number; readonly bytes: null }

export class RecordQueue {
  #entries: Entry[] = []
  #bytes = 0
  readonly #reached: Record<string, number> = {}
  #failure: unknown = null
  #ended = false
  readonly #waiting = new Set<() => void>()

  push(record: FrameRecord): void {
    this.#entries.push(record)
    this.#bytes += record.bytes.length
    this.#wake()
  }

  /** Says that there is nothing of the partition before `position` but what was pushed already. */
  passed(partition: string, position: number): void {
    if (this.#entries.length === 0) this.#reach(partition, position)
    else this.#entries.push({ partition, position, bytes: null })
  }

  /** Later polls throw this. */
  fail(error: unknown): void {
    this.#failure = error
    this.#wake()
  }

  /** Later polls return nothing at once. */
  end(): void {
    this.#ended = true
    this.#entries = []
    this.#bytes = 0
    this.#wake()
  }

  get isFull(): boolean {
    return this.#entries.length >= QUEUED_RECORDS_MAX || this.#bytes >= QUEUED_BYTES_MAX
  }

  /** Resolves when there may be room, or after `ms`. */
  room(ms: number): Promise<void> {
    return this.isFull ? this.#changed(ms) : Promise.resolve()
  }

  async poll(waitMs: number): Promise<readonly FrameRecord[]> {
    const until = Date.now() + waitMs
    for (;;) {
      const records = this.#take()
      if (records.length > 0 || this.#ended) return records
      if (this.#failure !== null) throw this.#failure
      const left = until - Date.now()
      if (left <= 0) return records
      await this.#changed(left)
    }
  }

  reached(): Positions {
    return { ...this.#reached }
  }

  #take(): FrameRecord[] {
    const records: FrameRecord[] = []
    let taken = 0
    for (const { partition, position, bytes } of this.#entries) {
      if (records.length === POLL_MAX) break
      taken++
      this.#reach(partition, bytes === null ? position : position + 1)
      if (bytes === null) continue
      this.#bytes -= bytes.length
      records.push({ partition, position, bytes })
    }
    this.#entries = this.#entries.slice(taken)
    if (taken > 0) this.#wake()
    return records
  }

  #reach(partition: string, position: number): void {
    this.#reached[partition] = Math.max(this.#reached[partition] ?? 0, position)
  }

  #changed(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      this.#waiting.add(done)
    })
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done()
  }
}
