/**
 * Where a consumer was told to go on. kafkajs goes there with its next fetch, and commits that place at
 * once: what it passes over would pass for handled if nobody said otherwise.
 *
 * A seek counts when a fetch that began after it is over. Only where a chain has begun is it known what
 * was passed over; of a seek before the first message nothing is claimed.
 */
import type { Feed } from './feed.ts'

export class Seeks {
  /** Asked for; the last one counts. */
  readonly #asked = new Map<Feed, number>()
  /** A fetch has begun since. */
  readonly #underWay = new Map<Feed, number>()

  ask(feed: Feed, offset: number): void {
    this.#asked.set(feed, offset)
  }

  fetchBegins(): void {
    if (this.#asked.size === 0) return
    for (const [feed, offset] of this.#asked) this.#underWay.set(feed, offset)
    this.#asked.clear()
  }

  fetchEnds(): void {
    if (this.#underWay.size === 0) return
    for (const [feed, offset] of this.#underWay) feed.passOver(offset)
    this.#underWay.clear()
  }

  /** With an assignment its chains end. */
  forget(): void {
    this.#asked.clear()
    this.#underWay.clear()
  }
}
