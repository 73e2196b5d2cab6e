/**
 * Folds the messages of one hop and channel into the tallies that the hop's plan asks for: by window,
 * and within a window one tally for each element and sample rate. The hot path of every agent.
 *
 * Laws:
 * - All tallies of a window stand or fall together: where one cannot be opened, none is.
 * - What a tally leaves out, every tally of a coarser rate leaves out too.
 */
import type { Lookable } from '../drift/shape.ts'
import { type Preserve, preserveName } from '../message/digest.ts'
import { birthOf, type IdWords } from '../message/id.ts'
import { windowStartOf } from '../message/window.ts'
import { CAPACITY_MAX, CAPACITY_MIN } from '../sketch/membership.ts'
import { isSampled } from '../sketch/sample.ts'
import type { Channel, Origin, TallyDelta } from './frame.ts'
import type { HopRef } from './hop.ts'
import type { HopLooks } from './hop-looks.ts'
import { ID_ELEMENT } from './params.ts'
import type { TallyPlan } from './plan.ts'
import { Aside, type Beside, NEVER, NOTHING_ASIDE, Tally } from './tally.ts'

/** Folds ids into the tallies of one hop and channel. Never throws. */
export interface Recorder {
  /** What `digests` must hold, one uint32 each, in this order; empty: nothing. */
  readonly preserves: readonly Preserve[]
  /**
   * @param partition, offset `NOWHERE` where they are not known
   * @param at ms, when the message passed here; `NEVER`: not known, no latency is recorded
   * @param since ms, when it left the hop before, known to this agent alone; `NEVER`: not known
   * @param digests null where they are not known: the message then counts by its id only
   */
  add(
    words: IdWords,
    partition: number,
    offset: number,
    at?: number,
    since?: number,
    digests?: readonly number[] | null,
  ): void
  /** Whether the message with this id is one of those that are looked into. */
  looksInto(words: IdWords): boolean
  /** Looks into a message that `looksInto` has chosen. */
  look(words: IdWords, message: Lookable): void
}

/** What a recorder asks of its agent. */
export interface RecorderHost {
  readonly windowMs: number
  readonly seed: number
  /** Whether so many tallies may be opened; where not, the drop is already counted. */
  mayOpen(window: number, hop: HopRef, tallies: number): boolean
  /** Whether there is room for a membership filter of the window. */
  hasRoom(hop: HopRef, capacity: number): boolean
  believed(birth: number): boolean
  stray(hop: HopRef, window: number): void
}

/** Where a recorder's messages come from and what they count as. */
export interface Series {
  readonly hop: HopRef
  readonly channel: Channel
  readonly identity: string
  readonly origin: Origin | null
  readonly reason: string
}

interface Keep {
  readonly element: string
  /** Index into `preserves`; −1: the id alone. */
  readonly digest: number
  readonly oneIn: number
}

/** Channels whose messages are compared with what came before, digests included. */
const COMPARED: ReadonlySet<Channel> = new Set(['passed', 'filtered', 'unidentified'])
/** Channels that say where minted sequences went. */
const WITNESSED: ReadonlySet<Channel> = new Set(['passed', 'rejected', 'withdrawn', 'unconfirmed'])

export class WindowRecorder implements Recorder {
  readonly preserves: readonly Preserve[]
  readonly #series: Series
  readonly #host: RecorderHost
  readonly #keeps: readonly Keep[]
  readonly #beside: Beside
  readonly #looks: HopLooks | null
  #windows = new Map<number, WindowTallies>()
  #last: WindowTallies | null = null
  #lastEnd = 0

  /** @param looks null: nobody looks into these messages */
  constructor(series: Series, plan: TallyPlan, host: RecorderHost, looks: HopLooks | null = null) {
    const { hop, channel, identity, origin } = series
    this.#series = series
    this.#looks = looks
    this.#host = host
    this.preserves = COMPARED.has(channel) ? plan.preserve : []
    const rates = plan.exact || plan.oneIn.length === 0 ? [1, ...plan.oneIn] : plan.oneIn
    this.#keeps = rates.flatMap((oneIn) => [
      { element: ID_ELEMENT, digest: -1, oneIn },
      ...this.preserves.map((p, digest) => ({ element: preserveName(p), digest, oneIn })),
    ])
    this.#beside = {
      thresholdsMs: plan.thresholdsMs,
      // Of forwarded ids the sequences are those of another topic, and rightly full of gaps.
      witness:
        rates[0] === 1 &&
        identity === 'stamp' &&
        WITNESSED.has(channel) &&
        (hop.role === 'topic' || (hop.role === 'producer' && origin === null)),
      membership: channel === 'passed' ? capacityOf(plan.membership) : null,
    }
  }

  add(
    words: IdWords,
    partition: number,
    offset: number,
    at: number = NEVER,
    since: number = NEVER,
    digests: readonly number[] | null = null,
  ): void {
    const birth = birthOf(words[0], words[1])
    let tallies = this.#last
    if (tallies === null || birth < tallies.window || birth >= this.#lastEnd) {
      tallies = this.#select(birth)
      if (tallies === null) return
    }
    tallies.add(words, partition, offset, at, since, digests)
  }

  looksInto(words: IdWords): boolean {
    return this.#looks?.chooses(words) ?? false
  }

  look(words: IdWords, message: Lookable): void {
    this.#looks?.see(words, message)
  }

  #select(birth: number): WindowTallies | null {
    const { windowMs, seed } = this.#host
    const window = windowStartOf(birth, windowMs)
    let tallies = this.#windows.get(window) ?? null
    if (tallies === null) {
      const { hop } = this.#series
      if (!this.#host.believed(birth)) {
        this.#host.stray(hop, window)
        return null
      }
      if (!this.#host.mayOpen(window, hop, this.#keeps.length)) return null
      const { membership } = this.#beside
      const hasRoom = membership !== null && this.#host.hasRoom(hop, membership)
      tallies = new WindowTallies(window, seed, this.#keeps, this.#beside, hasRoom)
      this.#windows.set(window, tallies)
    }
    this.#last = tallies
    this.#lastEnd = window + windowMs
    return tallies
  }

  take(into: TallyDelta[]): void {
    for (const tallies of this.#windows.values()) tallies.take(this.#series, into)
    if (this.#windows.size > 0) this.#windows = new Map()
    this.#last = null
  }
}

/** Whatever a plan asks for, a filter is made: one of another size answers as well. */
function capacityOf(membership: number | null): number | null {
  if (membership === null) return null
  return Math.max(CAPACITY_MIN, Math.min(CAPACITY_MAX, Math.trunc(membership)))
}

/** All tallies of one window. */
class WindowTallies {
  readonly window: number
  readonly #seed: number
  readonly #keeps: readonly Keep[]
  readonly #tallies: readonly Tally[]
  readonly #first: Tally
  readonly #aside: Aside

  constructor(
    window: number,
    seed: number,
    keeps: readonly Keep[],
    beside: Beside,
    hasRoom: boolean,
  ) {
    this.window = window
    this.#seed = seed
    this.#keeps = keeps
    this.#tallies = keeps.map(({ element, oneIn }) => new Tally(window, seed, element, oneIn))
    this.#first = this.#tallies[0] as Tally
    this.#aside = new Aside(beside, seed, hasRoom)
  }

  add(
    words: IdWords,
    partition: number,
    offset: number,
    at: number,
    since: number,
    digests: readonly number[] | null,
  ): void {
    // Rates nest: an id left out at the finest rate is left out at all of them.
    const { oneIn } = this.#first
    if (oneIn > 1 && !isSampled(words[0], words[1], words[2], words[3], this.#seed, oneIn)) return
    this.#first.add(words, partition, offset, 0)
    this.#aside.add(words, at, since)
    if (this.#keeps.length > 1) this.#addToRest(words, partition, offset, digests)
  }

  #addToRest(
    words: IdWords,
    partition: number,
    offset: number,
    digests: readonly number[] | null,
  ): void {
    let rate = this.#first.oneIn
    for (let i = 1; i < this.#keeps.length; i++) {
      const { digest, oneIn } = this.#keeps[i] as Keep
      if (oneIn !== rate) {
        if (!isSampled(words[0], words[1], words[2], words[3], this.#seed, oneIn)) return
        rate = oneIn
      }
      if (digest < 0) this.#tallies[i]?.add(words, partition, offset, 0)
      else if (digests !== null)
        this.#tallies[i]?.add(words, partition, offset, digests[digest] ?? 0)
    }
  }

  take({ hop, channel, origin, reason, identity }: Series, into: TallyDelta[]): void {
    // The hash may have chosen none of the window. If it chose one, the others speak too, even of
    // nothing: a tally that is absent was not kept.
    if (this.#first.sketch.count === 0) return
    this.#tallies.forEach((tally, i) => {
      into.push({
        ...{ hop, channel, origin, reason, identity },
        element: tally.element,
        oneIn: tally.oneIn,
        window: tally.window,
        count: tally.sketch.count,
        placeless: tally.placeless,
        sketch: tally.sketch.toBytes(),
        ranges: tally.ranges(),
        ...(i === 0 ? this.#aside.parts() : NOTHING_ASIDE),
      })
    })
  }
}
