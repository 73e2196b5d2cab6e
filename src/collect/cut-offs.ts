/**
 * Asks logs for what stands at the places of messages that are missing, and keeps the answers: once a place
 * has been taken by another message, that is so for good, also after a restart, and where what took it has been
 * deleted. Bounded in windows, and in questions at a turn.
 */
import { hash } from 'node:crypto'
import { endOf, firstOf, type Intervals } from '../base/intervals.ts'
import type { Overwritten } from '../diagnose/cause-evidence.ts'
import { type HopKey, type HopRef, hopKey } from '../hop/hop.ts'
import type { PlacesQuestion } from '../reconcile/cut-off.ts'
import type { PlacesNow } from './places-now.ts'

/** Null: it cannot be seen now. Must not throw. */
export type ReadPlaces = (
  topic: HopRef,
  where: PlacesQuestion['where'],
  carried: PlacesQuestion['carried'],
) => Promise<PlacesNow | null>

interface Answer {
  readonly asked: string
  readonly at: number
  readonly times: number
  /** Null: no answer yet. */
  readonly cutOff: ReadonlySet<string> | null
}

/** Where it is kept that others stand at places, and that all who were asked for are gone, by question. */
export interface Answered {
  isCutOff(question: string): boolean
  noteCutOff(question: string): void
  noteOverwritten(topic: HopKey, seen: readonly Overwritten[]): void
  /** The topic of now may be the one of then (ms): nobody has seen another one since. */
  isKnownSince(topic: HopRef, then: number): boolean
  /** The topic of now is the one of then: asks. Must not throw. */
  isSameSince(topic: HopRef, then: number): Promise<boolean>
}

/** Questions whose answers are kept; the oldest are asked again if need be. */
export const ANSWERS_MAX = 1_000
/** Questions asked at one turn: each may wait for brokers. None is asked after one that has no answer. */
const ASKED_MAX = 3
/** ms before one without an answer is asked again, twice as long before the third time, and so on. */
const AGAIN_MS = 1_000
const TIMES_MAX = 12
/** ms that an edge stays open because there was no turn to ask; as many questions as there are answers wait. */
const WAIT_MS = 60_000
/** ms after which it is forgotten that a question waited. */
const WAITED_MS = 3_600_000

export interface CutOffNow {
  /** Of the messages asked for, those that were cut off, by topic. */
  readonly cutOff: ReadonlyMap<HopKey, ReadonlySet<string>>
  /** Edges of which something is yet to be asked for the first time: what is said of them now may not last. */
  readonly waiting: ReadonlySet<string>
}

export class CutOffs {
  readonly #read: ReadPlaces
  readonly #answered: Answered
  readonly #answers = new Map<string, Answer>()
  /** ms: when each question was due first, of those that were never asked. */
  readonly #waiting = new Map<string, number>()
  #turn = Number.NEGATIVE_INFINITY
  #left = 0

  constructor(read: ReadPlaces, answered: Answered) {
    this.#read = read
    this.#answered = answered
  }

  async of(window: number, questions: readonly PlacesQuestion[], now: number): Promise<CutOffNow> {
    const cutOff = new Map<HopKey, ReadonlySet<string>>()
    const waiting = new Set<string>()
    for (const question of questions) {
      const gone = await this.#answer(window, question, now)
      if (gone === WAITING) waiting.add(question.edge)
      if (gone === WAITING || gone === null || gone.size === 0) continue
      const topic = hopKey(question.topic)
      cutOff.set(topic, new Set([...(cutOff.get(topic) ?? []), ...gone]))
    }
    return { cutOff, waiting }
  }

  async #answer(
    window: number,
    question: PlacesQuestion,
    now: number,
  ): Promise<ReadonlySet<string> | typeof WAITING | null> {
    const asked = digestOf(window, question)
    if (this.#answered.isCutOff(asked)) return new Set(question.ids)
    const { pipeline, edge, topic } = question
    if (!this.#answered.isKnownSince(topic, window)) return null
    const name = JSON.stringify([pipeline, edge, window, hopKey(topic)])
    const known = this.#answers.get(name)
    const before = known?.asked === asked ? known : undefined
    if (before !== undefined && (before.cutOff !== null || !isDue(before, now)))
      return before.cutOff
    if (this.#turn !== now) [this.#turn, this.#left] = [now, ASKED_MAX]
    if (this.#left-- <= 0) return before === undefined && this.#mayWait(name, now) ? WAITING : null
    this.#waiting.delete(name)
    const cutOff = await this.#ask(window, question, now)
    if (question.ids.every((id) => cutOff?.has(id))) this.#answered.noteCutOff(asked)
    this.#answers.delete(name)
    this.#answers.set(name, { asked, at: now, times: (before?.times ?? 0) + 1, cutOff })
    const [first] = this.#answers.keys()
    if (this.#answers.size > ANSWERS_MAX && first !== undefined) this.#answers.delete(first)
    return cutOff
  }

  /** Not for ever, and not more than can be kept. */
  #mayWait(name: string, now: number): boolean {
    const since = this.#waiting.get(name)
    if (since !== undefined) return now < since + WAIT_MS
    if (this.#waiting.size >= ANSWERS_MAX) {
      for (const [other, at] of this.#waiting)
        if (now >= at + WAITED_MS) this.#waiting.delete(other)
      if (this.#waiting.size >= ANSWERS_MAX) return false
    }
    this.#waiting.set(name, now)
    return true
  }

  async #ask(
    window: number,
    { topic, until, carried, ids, where }: PlacesQuestion,
    now: number,
  ): Promise<ReadonlySet<string> | null> {
    const places = await this.#read(topic, where, carried)
    if (places === null) {
      // The next one would wait as long for the same brokers.
      this.#left = 0
      return null
    }
    const overwritten = overwrittenIn(where, places, { at: now, until })
    // A topic that was created anew begins with the first leader again: that is no cut. It may have had
    // others since; asked after the look, its id is that of what was seen.
    if (overwritten.length === 0 || !(await this.#answered.isSameSince(topic, window))) return null
    this.#answered.noteOverwritten(hopKey(topic), overwritten)
    return new Set(ids.filter((id) => !places.ids.has(id)))
  }
}

const WAITING = 'waiting'

function digestOf(
  window: number,
  { pipeline, topic, carried, ids, where }: PlacesQuestion,
): string {
  const places = [...where].sort(([a], [b]) => a - b)
  const text = JSON.stringify([pipeline, window, hopKey(topic), carried, ids, places])
  return hash('sha256', text, 'base64url')
}

const isDue = ({ at, times }: Answer, now: number): boolean =>
  times < TIMES_MAX && now >= at + AGAIN_MS * 2 ** (times - 1)

/**
 * Where records within the places are not of the leader before them, per partition: from there on at the
 * latest the log is another one. The first leader of a topic has cut nothing.
 */
function overwrittenIn(
  where: ReadonlyMap<number, Intervals>,
  { epochs }: PlacesNow,
  seen: Pick<Overwritten, 'at' | 'until'>,
): readonly Overwritten[] {
  return [...where].flatMap(([partition, set]) => {
    const [first, to] = [firstOf(set) ?? 0, endOf(set) ?? 0]
    const [oldest, next, ...more] = epochs.get(partition) ?? []
    const last = more.at(-1) ?? next ?? oldest
    if (last === undefined || last.epoch <= 0 || last.to <= first) return []
    const [from, before] =
      next === undefined ? [first, -1] : [Math.max(first, next.from), oldest?.epoch ?? -1]
    return [{ partition, from, to, epoch: last.epoch, before, ...seen }]
  })
}
