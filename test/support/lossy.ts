/** A lossy way from agents to the auditor: frames are dropped, doubled, delayed and reordered. */
import type { FrameSender } from '../../src/transport/transport.ts'

/** What becomes of one frame: one place for each copy that arrives; none: it is dropped. */
export type Fate = readonly number[]

/** Keeps what is sent, as a broker that has taken it, until it is let through by its fate. */
export class LossySender implements FrameSender {
  readonly #to: FrameSender
  readonly #held: { readonly key: string; readonly bytes: Uint8Array }[] = []

  constructor(to: FrameSender) {
    this.#to = to
  }

  async send(key: string, bytes: Uint8Array): Promise<void> {
    this.#held.push({ key, bytes: bytes.slice() })
  }

  async close(): Promise<void> {}

  /**
   * Frame `i` arrives once at each place of `fates[i]`, lower places first; frames without a fate
   * arrive once, at place 0. `between` runs after each `batch` frames and at the end.
   */
  async letThrough(
    fates: readonly Fate[],
    batch: number,
    between: () => Promise<void>,
    tamper: (bytes: Uint8Array, copy: number) => Uint8Array = (bytes) => bytes,
  ): Promise<void> {
    const arrivals = this.#held
      .flatMap((frame, i) => (fates[i] ?? [0]).map((place, copy) => ({ ...frame, place, copy })))
      .sort((a, b) => a.place - b.place)
    for (const [i, { key, bytes, copy }] of arrivals.entries()) {
      await this.#to.send(key, tamper(bytes, copy))
      if ((i + 1) % batch === 0) await between()
    }
    await between()
  }
}
