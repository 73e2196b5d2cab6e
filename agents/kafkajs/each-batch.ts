/**
 * One call of `eachBatch`: which of its messages count as handled.
 *
 * `resolveOffset(k)` counts all up to k. When the handler returns, the rest counts only if the client
 * resolves it too and did not ask the handler to stop; if it did, the rest comes again.
 */
import type { EachBatchPayload } from 'kafkajs'
import type { Lookable } from '../../src/drift/shape.ts'
import type { Received } from './consumer-topic.ts'
import type { Feed } from './feed.ts'
import { Readings } from './readings.ts'

export class EachBatch {
  readonly #feed: Feed
  readonly #payload: EachBatchPayload
  readonly #resolvesRest: boolean
  /** A list of its own: handlers may take out of the batch what they have done. */
  readonly #messages: readonly Received[]
  /** What is counted of each message, read before the handler runs: it may change the headers. */
  readonly #readings: Readings
  /** Read as early; null: none are asked for. */
  readonly #digests: (readonly number[] | null)[] | null
  /** What is looked into, in the order of the messages. */
  readonly #shown: { readonly at: number; readonly message: Lookable }[] = []
  #nextShown = 0
  #next = 0
  #isOver = false

  constructor(feed: Feed, payload: EachBatchPayload, resolvesRest: boolean) {
    this.#feed = feed
    this.#payload = payload
    this.#resolvesRest = resolvesRest
    this.#messages = payload.batch.messages.slice()
    const count = this.#messages.length
    this.#readings = new Readings(count)
    for (let i = 0; i < count; i++) {
      const message = this.#messages[i] as Received
      const words = feed.topic.idOf(message, feed.partition)
      this.#readings.set(i, words, Number(message.offset), feed.timeOf(message))
      const shown = feed.shownOf(message, words, true)
      if (shown !== null) this.#shown.push({ at: i, message: shown })
    }
    const { preserves } = feed.topic.passed
    this.#digests = preserves.length === 0 ? null : this.#messages.map((m) => feed.digestsOf(m))
    feed.received += count
  }

  /** The handler says that it is done with all up to this offset. */
  resolve(offset: number): void {
    if (!this.#isOver) this.#pass(offset)
  }

  succeeded(): void {
    const { isRunning, isStale } = this.#payload
    if (this.#resolvesRest && isRunning() && !isStale()) this.#pass(Number.POSITIVE_INFINITY)
    this.#isOver = true
  }

  failed(error: unknown): void {
    this.#isOver = true
    const rest = this.#messages[this.#next]
    const last = this.#messages.at(-1)
    const [from, to] =
      rest === undefined ? [-1, -1] : [Number(rest.offset), Number(last?.offset) + 1]
    this.#feed.failed(error, from, to, null)
  }

  /** Asked for each message once, in their order. */
  #shownAt(index: number): Lookable | null {
    const next = this.#shown[this.#nextShown]
    if (next?.at !== index) return null
    this.#nextShown++
    return next.message
  }

  #pass(to: number): void {
    const feed = this.#feed
    const readings = this.#readings
    // They are resolved together.
    const at = feed.now()
    let last = -1
    for (; this.#next < this.#messages.length; this.#next++) {
      const offset = readings.offsetAt(this.#next)
      if (!(offset <= to)) break
      const words = readings.wordsAt(this.#next)
      const digests = this.#digests === null ? null : (this.#digests[this.#next] ?? null)
      if (words !== null) {
        const shown = this.#shownAt(this.#next)
        feed.pass(words, offset, at, readings.timeAt(this.#next), digests, shown)
      } else {
        const message = this.#messages[this.#next] as Received
        const place = feed.topic.placeId(message, feed.partition)
        feed.passUnidentified(place, offset, digests, feed.shownOf(message, place, false))
      }
      last = offset
    }
    feed.coverTo(last)
  }
}
