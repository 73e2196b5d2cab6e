/** One topic as the producer's hop: its identity, its tallies, its sends without outcome, its seal. */

import type { Lookable } from '../../src/drift/shape.ts'
import type { Agent, Recorder } from '../../src/hop/agent.ts'
import type { Channel, Origin, Seal } from '../../src/hop/frame.ts'
import { type HopRef, producerHop } from '../../src/hop/hop.ts'
import type { MishapKind } from '../../src/hop/mishap.ts'
import { NEVER, NOWHERE } from '../../src/hop/tally.ts'
import type { Preserve } from '../../src/message/digest.ts'
import { hexOfWords, type IdWords } from '../../src/message/id.ts'
import { type IdentitySpec, identityName, type TimeSpec } from '../../src/message/identity.ts'
import { traceContextOf } from '../../src/message/trace-context.ts'
import { windowStartOf } from '../../src/message/window.ts'
import type { Entry, Flight } from './entry.ts'
import { UNKNOWN_ORIGIN } from './handling.ts'
import type { KeptValues } from './kept-values.ts'
import type { TopicIdentity } from './options.ts'

/** Messages of one send whose mishap is noted with their ids; of the rest only how many. */
const NOTED_MAX = 50
/** Groups whose messages are forwarded to one topic and told apart. */
const ORIGINS_MAX = 1000

/**
 * Whether the topic's messages are stamped: `probing` after a send to several partitions failed as if
 * the stamp were the cause; the next send goes without and decides.
 */
export type FuseState = 'stamping' | 'probing' | 'blown'

export class ProducerTopic {
  readonly name: string
  readonly hop: HopRef
  readonly identity: IdentitySpec
  readonly time: TimeSpec
  /** Of what each message is digested. */
  readonly preserves: readonly Preserve[]
  readonly pending: Set<Flight> = new Set()
  fuse: FuseState = 'stamping'
  readonly #agent: Agent
  readonly #latenessMs: number
  readonly #identityName: string
  readonly #kept: KeptValues
  readonly #passed: Recorder
  readonly #minted = new Map<Channel, Recorder>()
  readonly #forwarded = new Map<Origin, Map<Channel, Recorder>>()

  constructor(
    agent: Agent,
    cluster: string,
    name: string,
    latenessMs: number,
    { identity, time = { by: 'timestamp' } }: TopicIdentity,
    kept: KeptValues,
  ) {
    this.name = name
    this.hop = producerHop(cluster, name, agent.service)
    this.identity = identity
    this.time = time
    this.#agent = agent
    this.#latenessMs = latenessMs
    this.#identityName = identityName(identity, time)
    this.#kept = kept
    this.#passed = this.recorder('passed', null)
    this.preserves = this.#passed.preserves
    agent.sealBy(this.hop, () => this.#seal())
  }

  count(name: string, count = 1): void {
    this.#agent.count(this.hop, name, count)
  }

  recorder(channel: Channel, origin: Origin | null): Recorder {
    const recorders = origin === null ? this.#minted : this.#recordersOf(origin)
    let recorder = recorders.get(channel)
    if (recorder === undefined) {
      recorder = this.#agent.recorder(this.hop, channel, { identity: this.#identityName, origin })
      recorders.set(channel, recorder)
    }
    return recorder
  }

  /**
   * Keeps a message that will be looked into: as it is now, for when it has passed. An id that only the
   * acknowledgement gives chooses none: such messages are looked into at the hops behind.
   */
  keep(entry: Entry, message: Lookable): void {
    if (entry.words === null || !this.#passed.looksInto(entry.words)) return
    entry.kept = this.#kept.keep(message)
    if (entry.kept === null) this.count('looks-full')
  }

  #recordersOf(origin: Origin): Map<Channel, Recorder> {
    const known = this.#forwarded.get(origin)
    if (known !== undefined) return known
    if (this.#forwarded.size >= ORIGINS_MAX && origin !== UNKNOWN_ORIGIN)
      return this.#recordersOf(UNKNOWN_ORIGIN)
    const recorders = new Map<Channel, Recorder>()
    this.#forwarded.set(origin, recorders)
    return recorders
  }

  /**
   * They were acknowledged, and committed where a transaction held them: that is when they passed. The
   * hop before is the send of what was minted here, the handling of what was forwarded.
   */
  pass({ entries, begun }: Flight): void {
    const at = this.#agent.minter.now()
    this.#each('passed', entries, (recorder, words, entry) => {
      const since = entry.origin === null ? begun : (entry.handling?.begun ?? NEVER)
      recorder.add(words, entry.partition, entry.offset, at, since, entry.digests)
      // The log may have given it another time, and with it another id.
      if (entry.kept !== null && recorder.looksInto(words)) recorder.look(words, entry.kept)
    })
  }

  /** They had another outcome: nobody can say when and where they passed. */
  record(channel: Exclude<Channel, 'passed'>, entries: readonly Entry[]): void {
    this.#each(channel, entries, (recorder, words, { partition }) =>
      recorder.add(words, partition, NOWHERE),
    )
  }

  /** Says why, message by message. @param detail see hop/mishap.ts */
  mishap(kind: MishapKind, entries: readonly Entry[], detail: string): void {
    const { hop } = this
    for (let i = 0; i < entries.length && i < NOTED_MAX; i++) {
      const { words, partition, copy } = entries[i] as Entry
      const id = words === null ? '' : hexOfWords(words)
      const trace = traceContextOf(copy?.headers)
      this.#agent.mishap({ hop, kind, partition, id, detail, ...trace })
    }
    const count = entries.length - NOTED_MAX
    if (count > 0) this.#agent.mishapsDropped(hop, count)
  }

  #each(
    channel: Channel,
    entries: readonly Entry[],
    add: (recorder: Recorder, words: IdWords, entry: Entry) => void,
  ): void {
    let origin: Origin | null = null
    let recorder = this.recorder(channel, null)
    for (const entry of entries) {
      if (entry.words === null) continue
      if (entry.origin !== origin) {
        origin = entry.origin
        recorder = this.recorder(channel, origin)
      }
      add(recorder, entry.words, entry)
    }
  }

  /** Messages of a send that nobody can count any more; `at` (ms) may be the birth of some. */
  giveUp(reason: string, { windows }: Flight, count: number, at: number): void {
    if (count === 0) return
    const all = [...windows, windowStartOf(at, this.#agent.windowMs)]
    this.#agent.drop(this.hop, reason, count, Math.min(...all), Math.max(...all))
  }

  /** Every send begun before `sealedUntil` has its outcome in this frame or an earlier one. */
  #seal(): Omit<Seal, 'hop'> {
    const now = this.#agent.minter.now()
    let sealedUntil = now
    const open = new Set<number>()
    for (const flight of this.pending) {
      if (flight.begun < sealedUntil) sealedUntil = flight.begun
      for (const window of flight.windows) open.add(window)
    }
    // The tallies of this frame are taken already: what expires now is in the next one, and so is
    // the seal that no longer waits for it.
    for (const flight of this.pending)
      if (flight.begun + this.#latenessMs < now) this.expire(flight)
    return { sealedUntil, open: [...open] }
  }

  /** Its outcome came too late, or will never come. */
  expire(flight: Flight): void {
    if (!this.pending.delete(flight)) return
    flight.isExpired = true
    // It may hang for ever.
    this.#kept.release(flight)
    this.record('unconfirmed', flight.entries)
  }
}
