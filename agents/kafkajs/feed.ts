/**
 * One partition within one assignment: the chain of offsets that were handled, as evidence.
 *
 * Laws:
 * - Within the chain an offset that was passed over is covered: if it held data, it was skipped.
 * - The chain begins at the first offset of the first batch, and again at a lower one when the consumer
 *   goes back: what it does again it counts again.
 * - `cover` is called in the same turn as the tally's `add`.
 */
import type { Lookable } from '../../src/drift/shape.ts'
import type { Noted } from '../../src/hop/agent.ts'
import { digestsOf } from '../../src/hop/digests.ts'
import { RecordTimes } from '../../src/hop/record-times.ts'
import { NEVER } from '../../src/hop/tally.ts'
import { hexOfWords, type IdWords } from '../../src/message/id.ts'
import { traceContextOf } from '../../src/message/trace-context.ts'
import { errorName } from '../error-name.ts'
import type { ConsumerTopic, Received } from './consumer-topic.ts'
import type { Reader } from './handled.ts'
import { Handling, type Reception } from './handling.ts'

/** No offset yet. */
const NONE = -1

/** What came before messages that are handed out again; empty: not known. */
export type Before = 'rebalance' | 'failed attempt' | 'sought' | 'reset' | ''

export class Feed implements Reader {
  readonly topic: ConsumerTopic
  readonly partition: number
  /** In `eachMessage`: the message being handled. */
  current: Handling | null = null
  received = 0
  /** In `eachMessage`: of all messages. */
  readonly reception: Reception = { feed: this, begun: NEVER }
  readonly #times = new RecordTimes()
  readonly #digests = new WeakMap<object, readonly number[] | null>()
  /** Whether the client tells of its batches; if not, nothing that is passed over is claimed. */
  readonly #isWatched: boolean
  /** The chain covers all up to here. */
  #position = NONE
  #last = NONE
  /** Where the batch began; none where the client has gone elsewhere since. */
  #begun = NONE
  /** One past the last message of the batch that was handled. What follows it may be markers, which the
   * client fetches again. */
  #resolved = NONE
  #before: Before
  readonly #beforeAll: Before
  /** Its assignment is over; handlers still under way finish theirs. */
  #isOver = false
  #isSought = false
  /** See `startBatch`. */
  #listings = 0
  #size = 0
  #handled = 0
  /** In `eachBatch`: declared filters of messages not yet counted, by offset. */
  #drops: Map<number, Handling> | null = null

  /** @param before what comes before its first batch */
  constructor(topic: ConsumerTopic, partition: number, isWatched: boolean, before: Before) {
    this.topic = topic
    this.partition = partition
    this.#isWatched = isWatched
    this.#before = before
    this.#beforeAll = before
  }

  /**
   * A batch begins. `first` is null where compaction left nothing of it.
   *
   * @param listings how often the client has asked where logs begin and end. Within an assignment it does
   * so only when it was refused what it wanted to read next: then it goes on at the one or the other.
   */
  startBatch(first: number | null, last: number, size: number, listings = 0): void {
    const from = first ?? last
    this.settle()
    if (listings !== this.#listings && !this.#isSought) this.#tellReset(from)
    this.#listings = listings
    this.#isSought = false
    this.#tellRepeated(from, last + 1)
    this.topic.handled.begins(this.partition, this)
    this.#begun = from
    this.#resolved = NONE
    if (this.#position === NONE || from < this.#position) this.#position = from
    this.#last = last
    this.#size = size
    this.#handled = 0
    this.#drops = null
  }

  /** A batch ended without an error: what follows its last message are transaction markers. */
  endBatch(): void {
    this.settle()
    if (this.#handled >= this.#size && this.#last >= this.#position) this.#cover(this.#last)
    this.flushCounts()
  }

  /**
   * Counts a message whose handling succeeded.
   *
   * @param at ms, when that was
   * @param since ms, the timestamp of the record; or `NEVER`
   * @param digests of the message as it arrived
   * @param shown the message as it arrived, if it is looked into
   */
  pass(
    words: IdWords,
    offset: number,
    at: number,
    since: number,
    digests: readonly number[] | null,
    shown: Lookable | null,
  ): void {
    this.topic.passed.add(words, this.partition, offset, at, since, digests)
    if (shown !== null) this.topic.passed.look(words, shown)
    this.#handled++
    this.#passDropped(offset)
  }

  /** The same for a message without an id; null: its place is not known either. */
  passUnidentified(
    words: IdWords | null,
    offset: number,
    digests: readonly number[] | null,
    shown: Lookable | null,
  ): void {
    if (words !== null) {
      this.topic.unidentified.add(words, this.partition, offset, NEVER, NEVER, digests)
      if (shown !== null) this.topic.unidentified.look(words, shown)
    }
    this.#handled++
    this.#passDropped(offset)
  }

  #passDropped(offset: number): void {
    if (this.#drops === null) return
    const handling = this.#drops.get(offset)
    if (handling === undefined) return
    this.#drops.delete(offset)
    handling.counted = true
    this.passDropped(handling)
  }

  passDropped(handling: Handling): void {
    const { reasons, words, identified, digests } = handling
    if (reasons === null || words === null) return
    handling.reasons = null
    const offset = Number((handling.message as Received).offset)
    for (const reason of reasons) {
      const recorder = this.topic.filtered(reason, identified)
      recorder.add(words, this.partition, offset, NEVER, NEVER, digests)
    }
  }

  /** The consumer has gone on at `offset`: what is below and was not handled is skipped. */
  passOver(offset: number): void {
    this.settle()
    this.#begun = NONE
    this.#before = 'sought'
    this.#isSought = true
    if (this.#position === NONE || offset < 0) return
    if (offset < this.#position) this.note('sought', offset, this.#position, 'backward')
    if (offset <= this.#position) return
    this.note('sought', this.#position, offset, 'forward')
    this.#cover(offset - 1)
  }

  /** What was handled of the batch so far is one chain. */
  settle(): void {
    if (this.#begun !== NONE && this.#resolved > this.#begun)
      this.topic.handled.add(this.partition, this.#begun, this.#resolved)
  }

  /** Another assignment has begun. */
  leave(): void {
    this.settle()
    this.#isOver = true
  }

  handledElsewhere(from: number, to: number): void {
    const [low, high] = [Math.max(from, this.#begun), Math.min(to, this.#last + 1)]
    if (this.#begun !== NONE && low < high) this.note('redelivered', low, high, this.#beforeAll)
  }

  /** The client was refused something, and nobody asked it to go elsewhere: has it gone? */
  #tellReset(from: number): void {
    const position = this.#position
    const low = this.#resolved === NONE ? this.#begun : this.#resolved
    if (position === NONE || low === NONE || (low <= from && from <= position)) return
    if (from > position) this.note('reset', position, from, 'forward')
    else this.note('reset', from, low, 'backward')
    this.#before = 'reset'
  }

  /** Of a batch `[from, to)`, what was handled before. */
  #tellRepeated(from: number, to: number): void {
    const again = this.topic.handled.before(this.partition, from, to)
    // A new one is neither: from here on what repeats is of another cause.
    if (again === null) this.#before = ''
    else if (this.#before !== 'reset') this.note('redelivered', again[0], again[1], this.#before)
  }

  /** Its handler has failed: at this message, or with all from `offset` on. */
  failed(error: unknown, offset: number, to: number, handling: Handling | null): void {
    this.settle()
    this.flushCounts()
    this.topic.count('failed-attempts')
    const words = handling?.words ?? null
    this.note('handler_threw', offset, to, errorName(error), {
      ...(words === null ? {} : { id: hexOfWords(words) }),
      ...traceContextOf((handling?.message as Received | undefined)?.headers),
    })
    if (this.#before === '') this.#before = 'failed attempt'
  }

  note(
    kind: Noted['kind'],
    from: number,
    to: number,
    detail: string,
    rest: Partial<Noted> = {},
  ): void {
    const { hop, agent } = this.topic
    agent.mishap({ hop, kind, partition: this.partition, from, to, detail, ...rest })
  }

  /** All up to `offset` has been passed. */
  coverTo(offset: number): void {
    if (offset < 0) return
    if (this.#isOver) this.#handleLate(offset)
    this.#resolved = offset + 1
    this.#cover(offset)
  }

  #handleLate(offset: number): void {
    const from = Math.max(this.#begun, this.#resolved)
    const known = from === NONE || from > offset ? offset : from
    this.topic.handled.late(this.partition, known, offset + 1, this)
  }

  #cover(offset: number): void {
    const inChain = this.#isWatched && this.#position !== NONE && this.#position <= offset
    const from = inChain ? this.#position : offset
    this.#position = offset + 1
    this.topic.agent.cover(this.topic.hop, this.partition, from, offset + 1)
  }

  /** Says why a message is not passed on; counted when the message is. */
  drop(handling: Handling, reason: string): void {
    handling.reasons ??= []
    handling.reasons.push(reason)
    if (handling === this.current && !handling.ended) return
    const offset = Number((handling.message as Received).offset)
    if (handling.counted || offset < this.#position) this.passDropped(handling)
    else {
      this.#drops ??= new Map()
      this.#drops.set(offset, handling)
    }
  }

  /** @param begun ms, or `NEVER` */
  handlingOf(received: object, begun: number): Handling {
    const message = received as Received
    const words = this.topic.idOf(message, this.partition)
    const digests = this.digestsOf(message)
    if (words !== null) return new Handling(received, words, true, this, begun, digests)
    const place = this.topic.placeId(message, this.partition)
    return new Handling(received, place, false, this, begun, digests)
  }

  /**
   * What is looked into when the message counts, if it is chosen: its parts as they are now. A handler may
   * put others in their place; bytes that it changes in place are seen as it left them.
   */
  shownOf(message: Received, words: IdWords | null, identified: boolean): Lookable | null {
    if (words === null) return null
    const recorder = identified ? this.topic.passed : this.topic.unidentified
    return recorder.looksInto(words) ? { value: message.value, headers: message.headers } : null
  }

  /** Of the message as it was when they were first asked for: its handler may change it. */
  digestsOf(message: Received): readonly number[] | null {
    const { preserves } = this.topic.passed
    if (preserves.length === 0) return null
    let digests = this.#digests.get(message)
    if (digests === undefined) {
      digests = digestsOf(message, preserves)
      this.#digests.set(message, digests)
    }
    return digests
  }

  /** ms, the timestamp of the record; or `NEVER`. */
  timeOf(message: Received): number {
    return this.#times.msOf(message.timestamp)
  }

  now(): number {
    return this.topic.agent.now()
  }

  flushCounts(): void {
    if (this.received === 0) return
    this.topic.count('received', this.received)
    this.received = 0
  }
}
