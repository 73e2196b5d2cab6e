/**
 * The forwarding context: the message being handled, and the ids its outputs get (DESIGN section 4).
 *
 * - The first output on a topic carries the id itself, further ones its ordinals 1, 2, …
 * - A parent that is itself derived gives its own id once per topic; further outputs are fresh.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Lookable } from '../../src/drift/shape.ts'
import type { Origin } from '../../src/hop/frame.ts'
import { NEVER } from '../../src/hop/tally.ts'
import { type IdWords, ordinalOf, withOrdinal } from '../../src/message/id.ts'
import { readStamp } from '../../src/message/stamp.ts'
import type { Feed } from './feed.ts'
import { Ordinals } from './ordinals.ts'

/** Forwarded from somewhere that is not known: a stamp that came with the headers. */
export const UNKNOWN_ORIGIN: Origin = { topic: '', group: '' }

/** What `forward` leaves on an outgoing message; survives a copy by spread. */
export const FORWARDED: unique symbol = Symbol('quipu.forwarded')

export class Handling {
  readonly message: object
  /** Null: the message has no id, nothing can be forwarded. */
  readonly words: IdWords | null
  readonly identified: boolean
  readonly origin: Origin
  /** Where it was received; null if it came from a consumer that is not audited. */
  readonly feed: Feed | null
  /** ms: when it began; `NEVER`: not known. */
  readonly begun: number
  /** Of the message as it arrived; null: none are asked for. */
  readonly digests: readonly number[] | null
  /** Its parts as they arrived, to be looked into when it counts; null: it is not chosen. */
  shown: Lookable | null = null
  /** Reasons given by `dropped` before the message was counted. */
  reasons: string[] | null = null
  /** Its handler has resolved or failed: sends from now on are no longer in its context. */
  ended = false
  counted = false
  #topic = ''
  #ordinals: Ordinals | null = null
  #others: Map<string, Ordinals> | null = null

  constructor(
    message: object,
    words: IdWords | null,
    identified: boolean,
    feed: Feed | null,
    begun: number = NEVER,
    digests: readonly number[] | null = null,
  ) {
    this.message = message
    this.words = words
    this.identified = identified
    this.feed = feed
    this.begun = begun
    this.digests = digests
    this.origin = feed === null ? UNKNOWN_ORIGIN : feed.topic.origin
  }

  /** The ordinals given on one topic; nearly always there is but one topic. */
  ordinals(topic: string): Ordinals {
    if (this.#topic === topic && this.#ordinals !== null) return this.#ordinals
    if (this.#ordinals === null) {
      // Whoever forwards this message later, from elsewhere, must find the ordinals given here.
      handlings.set(this.message, this)
      this.#topic = topic
      this.#ordinals = new Ordinals()
      return this.#ordinals
    }
    this.#others ??= new Map()
    let ordinals = this.#others.get(topic)
    if (ordinals === undefined) {
      ordinals = new Ordinals()
      this.#others.set(topic, ordinals)
    }
    return ordinals
  }

  /** The id of the output with that ordinal, or null where it must be fresh. */
  output(slot: number): IdWords | null {
    if (this.words === null || slot < 0) return null
    if (slot === 0) return this.words
    return ordinalOf(this.words) === 0 ? withOrdinal(this.words, slot) : null
  }

  /** Which ordinal of this parent the id is, or -1 if it is none. */
  slotOf(words: IdWords): number {
    const own = this.words
    if (own === null || own[0] !== words[0] || own[1] !== words[1] || own[2] !== words[2]) return -1
    if (own[3] === words[3]) return 0
    return ordinalOf(own) === 0 && own[3] >>> 10 === words[3] >>> 10 ? ordinalOf(words) : -1
  }
}

/** One for the process: what is received from one cluster may be sent to another. */
const storage = new AsyncLocalStorage<Handling>()
/** Messages that were forwarded, dropped or seen. */
const handlings = new WeakMap<object, Handling>()
/** Where a message was received, and when its handling began. */
export interface Reception {
  readonly feed: Feed
  /** ms; `NEVER` where each message of the batch has a handling of its own. */
  readonly begun: number
}

/**
 * From a received message to its reception. The key is the `batchContext` that kafkajs shares among the
 * messages of a record batch: one entry for each message would cost 0.4 µs, as much as the whole audit.
 */
const receptions = new WeakMap<object, Reception>()

function receptionKey(message: object): object {
  const context = (message as { batchContext?: unknown }).batchContext
  return context !== null && typeof context === 'object' ? context : message
}

/** Remembers where the messages came from. Messages of one record batch are neighbours. */
export function rememberReception(messages: readonly object[], reception: Reception): void {
  let last: object | null = null
  for (const message of messages) {
    const key = receptionKey(message)
    if (key === last) continue
    last = key
    receptions.set(key, reception)
  }
}

export function runHandling<A, R>(handling: Handling, f: (payload: A) => R, payload: A): R {
  return storage.run(handling, f, payload)
}

/** The handling in whose context the caller runs, if it is still under way. */
export function currentHandling(): Handling | null {
  const handling = storage.getStore()
  return handling === undefined || handling.ended ? null : handling
}

/** The handling of a received message, made if need be; null for what is no received message. */
export function handlingOf(received: unknown): Handling | null {
  if (received === null || typeof received !== 'object') return null
  const known = handlings.get(received)
  if (known !== undefined) return known
  const running = storage.getStore()
  if (running?.message === received) return running
  const reception = receptions.get(receptionKey(received))
  if (reception === undefined) return remembered(strangerHandling(received))
  const { feed, begun } = reception
  if (feed.current?.message === received) return feed.current
  return remembered(feed.handlingOf(received, begun))
}

function remembered<H extends Handling | null>(handling: H): H {
  if (handling !== null) handlings.set(handling.message, handling)
  return handling
}

function strangerHandling(received: object): Handling | null {
  const reading = readStamp((received as { headers?: unknown }).headers)
  return reading.kind === 'stamped' ? new Handling(received, reading.words, true, null) : null
}
