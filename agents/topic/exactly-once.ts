/**
 * What a topic agent counts goes to the audit topic once, whoever else counts under its name.
 *
 * An agent counts a partition only while it is its owner in the claims (agents/topic/claims.ts):
 *
 * 1. Whoever claims a partition first fences its owner, unless that one released it. So once the claim
 *    stands, nothing of an earlier owner can come to the audit topic any more, however late it wakes.
 * 2. It then reads the frames to a record of its own behind them, and goes on where they end.
 * 3. An agent takes its transactional id (again) only with the lock in hand, and only if all it has
 *    counted and not sent is of partitions that are still its own. Else it has been fenced for good:
 *    others have counted what it holds, so it sends nothing more.
 *
 * Membership in the consumer group decides who should claim; the claims alone decide who may count.
 * Two who both believe to be in charge fence each other, and none of them doubles a count.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Consumer } from 'kafkajs'
import { QuipuError } from '../../src/base/errors.ts'
import type { FrameSender } from '../../src/transport/transport.ts'
import { type Claims, keyOf, type Place, type Standing, type Standings } from './claims.ts'
import type { FrameWriter, Prepared } from './frame-writer.ts'
import { mayNotRead, refusalIn } from './refusal.ts'
import { untilDone } from './until-done.ts'

export interface ExactlyOnceOptions {
  readonly claims: Claims
  readonly writer: FrameWriter
  /** The transactional id of this agent. */
  readonly owner: string
  readonly consumer: Consumer
  /** Where this agent stands in a partition: behind all it has counted; undefined before it knows. */
  readonly positionOf: (place: Place) => number | undefined
  /** Told of what ends it: others count what it counted, or it may not send. */
  readonly onFailure: (error: QuipuError) => void
}

/** ms that an owner which is still in the group has to send what it counted, before it is fenced. */
const RELEASE_MS = 5_000
const LOOK_MS = 100
/** Others may claim at the same time, and fence this one at the lock; each time one gets through. */
const TRIES_MAX = 8
const TRY_AGAIN_MS = 300
/** ms for one try to claim. */
const CLAIM_MS = 30_000
/** ms after which a claim is written again though nothing changed: brokers forget old offsets. */
const REWRITE_MS = 3_600_000

/** A partition that this agent owns. */
interface Held extends Place {
  /** Whether it is known where to go on: before that nothing is counted. */
  isPlaced: boolean
  /** Counted up to here in frames that were taken. */
  sent: number
  /** Counted up to here in the frames that were cut last. */
  cut: number
  /** What the claims say, and since when (ms). */
  written: number
  writtenAt: number
}

class Fenced extends QuipuError {}

export class ExactlyOnce implements FrameSender {
  readonly #options: ExactlyOnceOptions
  readonly #held = new Map<string, Held>()
  /** Said to be released; until that can be read the claims may still show the time before. */
  readonly #released = new Set<string>()
  #member = ''
  /** It counts nothing, so what was cut last is all there is. */
  #isResting = false
  #rests = 0
  #isFailed = false
  #isClosed = false
  /** One at a time: a release must not overtake a claim. */
  #attempts = 0
  #queue: Promise<unknown> = Promise.resolve()

  constructor(options: ExactlyOnceOptions) {
    this.#options = options
  }

  /** Call it in the turn of each cut. */
  cut(): void {
    for (const held of this.#held.values()) held.cut = this.#positionOf(held)
  }

  /** From now on nothing is counted; the next frames release what is owned. */
  rest(): void {
    this.#isResting = true
    this.#rests++
  }

  /** Makes this agent the owner; where the group stands there. Waits for what is being sent. */
  claim(places: readonly Place[], member: string): Promise<Standings> {
    return this.#inTurn(() => {
      this.#member = member
      return this.#take(places)
    })
  }

  /** It is known where to go on. */
  placed({ topic, partition }: Place): void {
    const held = this.#held.get(keyOf(topic, partition))
    if (held === undefined || held.isPlaced) return
    held.isPlaced = true
    held.sent = held.cut = this.#positionOf(held)
  }

  /** Waits until all that was ever sent about these partitions can be read. `flush` sends a frame. */
  async settle(flush: () => Promise<void>): Promise<void> {
    const { writer } = this.#options
    const before = writer.written
    // A flush under way may have written its frame before the claim.
    await flush()
    await flush()
    if (writer.written === before) throw new QuipuError('CONNECTION', 'no frame could be sent')
    await writer.visible()
  }

  async send(key: string, bytes: Uint8Array): Promise<void> {
    await this.sendAll(key, [bytes])
  }

  sendAll(_key: string, frames: readonly Uint8Array[]): Promise<void> {
    return this.#inTurn(async () => {
      const { writer } = this.#options
      if (!writer.isOpen) await this.#take([])
      const now = Date.now()
      const changed = [...this.#held.values()].filter(
        (h) => h.cut !== h.written || this.#isResting || now - h.writtenAt > REWRITE_MS,
      )
      const standings = changed.map((held) => this.#standing(held, this.#isOver(held)))
      await writer.write(frames, standings)
      for (const held of changed) {
        held.sent = held.written = held.cut
        held.writtenAt = now
      }
      for (const { topic, partition, claim } of standings) {
        if (!claim.released) continue
        this.#held.delete(keyOf(topic, partition))
        this.#released.add(keyOf(topic, partition))
      }
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#options.writer.close()
  }

  #positionOf(held: Held): number {
    return held.isPlaced ? (this.#options.positionOf(held) ?? held.sent) : held.sent
  }

  /** All that was counted of it is in the frames that were cut last. */
  #isOver(held: Held): boolean {
    return this.#isResting && this.#positionOf(held) === held.cut
  }

  #standing({ topic, partition, cut }: Held, released: boolean): Standing {
    const claim = { owner: this.#options.owner, member: this.#member, released }
    return { topic, partition, offset: cut, claim }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => {
      if (this.#isFailed) throw new QuipuError('CONNECTION', 'the agent has failed')
      if (this.#isClosed) throw new QuipuError('CONNECTION', 'the agent is closed')
      return work()
    })
    turn.catch((error: unknown) => {
      if (this.#isFailed || !isFinal(error)) return
      this.#isFailed = true
      this.#options.writer.discard()
      this.#options.onFailure(error)
    })
    this.#queue = turn.catch(() => {})
    return turn
  }

  async #take(places: readonly Place[]): Promise<Standings> {
    const rests = this.#rests
    const releaseUntil = Date.now() + RELEASE_MS
    for (let tries = 1; ; tries++) {
      try {
        while (Date.now() < releaseUntil && (await this.#mayBeReleased(places)))
          await sleep(LOOK_MS)
        const standings = await untilDone(this.#tryToTake(places), CLAIM_MS, 'claiming')
        if (places.length > 0 && rests === this.#rests) this.#isResting = false
        return standings
      } catch (error) {
        if (error instanceof Fenced) throw error
        if (refusalIn(error) !== null) throw this.#forbidden(error)
        if (this.#isClosed || tries === TRIES_MAX) throw error
        await sleep(tries * TRY_AGAIN_MS * (0.5 + Math.random()))
      }
    }
  }

  /** An owner that is still in the group will send what it counted; so may we have done, just now. */
  async #mayBeReleased(places: readonly Place[]): Promise<boolean> {
    const { claims, consumer, owner } = this.#options
    const standings = await claims.read()
    if (this.#isReleaseUnseen(standings)) return true
    const members = places
      .map(({ topic, partition }) => standings.get(keyOf(topic, partition))?.claim)
      .flatMap((claim) => (claim && claim.owner !== owner && !claim.released ? claim.member : []))
    if (members.length === 0) return false
    const group = await consumer.describeGroup()
    return group.members.some(({ memberId }) => members.includes(memberId))
  }

  #isReleaseUnseen(standings: Standings): boolean {
    const { owner } = this.#options
    return [...this.#released].some((key) => {
      const claim = standings.get(key)?.claim
      return claim?.owner === owner && !claim.released
    })
  }

  async #tryToTake(places: readonly Place[]): Promise<Standings> {
    const { claims, writer, owner } = this.#options
    const attempt = ++this.#attempts
    let prepared: Prepared | null = null
    const lock = await claims.lock()
    try {
      // First: how an unfinished transaction of our own ends shows in the claims.
      if (!writer.isOpen) prepared = await writer.prepare()
      const standings = await lock.read()
      this.#checkOwned(standings)
      if (this.#isReleaseUnseen(standings)) throw new Error('a release cannot be read yet')
      const taken = places.map((place) => found(place, standings))
      const others = new Set<string>()
      for (const { claim } of taken)
        if (!claim.released && claim.owner !== owner) others.add(claim.owner)
      for (const other of others) await writer.fence(other)

      const claim = { owner, member: this.#member, released: false }
      await lock.commit(taken.map((standing) => ({ ...standing, claim })))
      if (attempt !== this.#attempts) throw new Error('it took too long')
      if (prepared !== null) writer.open(prepared)
      prepared = null
      this.#hold(taken)
      return standings
    } finally {
      // Without the lock's commit they may bear the id against somebody's will.
      if (prepared !== null) writer.discard(prepared)
      await lock.close()
    }
  }

  /** @throws Fenced where somebody else has owned what was counted here and not sent. */
  #checkOwned(standings: Standings): void {
    for (const [key, held] of this.#held) {
      if (this.#positionOf(held) === held.sent) continue
      if (standings.get(key)?.claim.owner === this.#options.owner) continue
      const { topic, partition } = held
      throw new Fenced('CONNECTION', `another agent has taken ${topic}/${partition} over`, {
        hint: 'It counts what this one had not sent yet. Start this one again if it is to help.',
      })
    }
  }

  #forbidden(cause: unknown): QuipuError {
    const { groupId } = this.#options.claims
    const type = refusalIn(cause) ?? ''
    if (type.startsWith('TOPIC_')) return mayNotRead(type, cause)
    return new QuipuError('FORBIDDEN', `no right to count exactly once (${type})`, {
      hint: `Let its user read with the group ${groupId}, and write with transactional ids that begin with quipu-topic-agent.`,
      cause,
    })
  }

  #hold(taken: readonly Standing[]): void {
    this.#released.clear()
    for (const [key, held] of this.#held)
      if (this.#positionOf(held) === held.sent) this.#held.delete(key)
    for (const { topic, partition, offset } of taken) {
      const key = keyOf(topic, partition)
      if (this.#held.has(key)) continue
      const at = { sent: offset, cut: offset, written: offset, writtenAt: Date.now() }
      this.#held.set(key, { topic, partition, isPlaced: false, ...at })
    }
  }
}

/** @throws where the brokers do not all know of the partition yet */
function found({ topic, partition }: Place, standings: Standings): Standing {
  const standing = standings.get(keyOf(topic, partition))
  if (standing === undefined) throw new Error(`${topic}/${partition} is not known yet`)
  return standing
}

/** To try again would be wrong, or of no use. A frame that is too large says nothing of the next. */
function isFinal(error: unknown): error is QuipuError {
  if (error instanceof Fenced) return true
  const { permanent } = error as { readonly permanent?: unknown }
  return error instanceof QuipuError && error.code === 'FORBIDDEN' && permanent !== true
}
