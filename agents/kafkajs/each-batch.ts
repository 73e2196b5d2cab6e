/**
 * One call of `eachBatch`: which of its messages count as handled.
 *
 * `resolveOffset(k)` counts all up to k. When the handler returns, the rest counts only if the client
 * resolves it too and did not ask the handler to stop; if it did, the rest comes again.
 */
import type { EachBatchPayload } from 'kafkajs'
import type { IdWords } from '../../src/message/id.ts'
import type { Received } from './consumer-topic.ts'
import type { Feed } from './feed.ts'

export class EachBatch {
  readonly #feed: Feed
  readonly #payload: EachBatchPayload
  readonly #resolvesRest: boolean
  readonly #messages: readonly Received[]
  /**
   * Read before the handler runs: it may change the headers. Four words for each message, all 0 where it
   * has no id (an id never is); as arrays they would outlive the handler one by one.
   */
  readonly #words: Uint32Array
  #next = 0
  #isOver = false

  constructor(feed: Feed, payload: EachBatchPayload, resolvesRest: boolean) {
    this.#feed = feed
    this.#payload = payload
    this.#resolvesRest = resolvesRest
    this.#messages = payload.batch.messages
    const count = this.#messages.length
    this.#words = new Uint32Array(4 * count)
    for (let i = 0; i < count; i++) {
      const id = feed.topic.idOf(this.#messages[i] as Received, feed.partition)
      if (id !== null) this.#keep(id, 4 * i)
    }
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

  failed(): void {
    this.#isOver = true
    this.#feed.flushCounts()
    this.#feed.topic.count('failed-attempts')
  }

  #keep(id: IdWords, at: number): void {
    const words = this.#words
    words[at] = id[0]
    words[at + 1] = id[1]
    words[at + 2] = id[2]
    words[at + 3] = id[3]
  }

  #idAt(at: number): IdWords | null {
    const words = this.#words
    // The third begins with the variant, `10`.
    if (words[at + 2] === 0) return null
    return [words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!]
  }

  #pass(to: number): void {
    const feed = this.#feed
    const messages = this.#messages
    let last = -1
    for (; this.#next < messages.length; this.#next++) {
      const message = messages[this.#next] as Received
      const offset = Number(message.offset)
      if (!(offset <= to)) break
      const words = this.#idAt(4 * this.#next)
      if (words !== null) feed.pass(words, true, offset)
      else feed.pass(feed.topic.placeId(message, feed.partition), false, offset)
      last = offset
    }
    feed.coverTo(last)
  }
}
