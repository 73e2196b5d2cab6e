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
}

/** Questions whose answers are kept; the oldest are asked again if need be. */
export const ANSWERS_MAX = 1_000
/** Questions asked at one turn: each may wait for brokers. */
const ASKED_MAX = 3
/** ms before one without an answer is asked again, twice as long before the third time, and so on. */
const AGAIN_MS = 1_000
const TIMES_MAX = 12

export class CutOffs {
  readonly #read: ReadPlaces
  readonly #answered: Answered
  readonly #answers = new Map<string, Answer>()
  #turn = Number.NEGATIVE_INFINITY
  #left = 0

  constructor(read: ReadPlaces, answered: Answered) {
    this.#read = read
    this.#answered = answered
  }

  /** Of the messages asked for, those that were cut off, by topic. */
  async of(
    window: number,
    questions: readonly PlacesQuestion[],
    now: number,
  ): Promise<ReadonlyMap<HopKey, ReadonlySet<string>>> {
    const out = new Map<HopKey, ReadonlySet<string>>()
    for (const question of questions) {
      const gone = await this.#answer(window, question, now)
      if (gone !== null && gone.size > 0) out.set(hopKey(question.topic), gone)
    }
    return out
  }

  async #answer(
    window: number,
    question: PlacesQuestion,
    now: number,
  ): Promise<ReadonlySet<string> | null> {
    const asked = digestOf(window, question)
    if (this.#answered.isCutOff(asked)) return new Set(question.ids)
    const name = JSON.stringify([question.pipeline, window, hopKey(question.topic)])
    const known = this.#answers.get(name)
    const before = known?.asked === asked ? known : undefined
    if (before !== undefined && (before.cutOff !== null || !isDue(before, now)))
      return before.cutOff
    if (this.#turn !== now) [this.#turn, this.#left] = [now, ASKED_MAX]
    if (this.#left-- <= 0) return null
    const cutOff = await this.#ask(question, now)
    if (question.ids.every((id) => cutOff?.has(id))) this.#answered.noteCutOff(asked)
    this.#answers.delete(name)
    this.#answers.set(name, { asked, at: now, times: (before?.times ?? 0) + 1, cutOff })
    const [first] = this.#answers.keys()
    if (this.#answers.size > ANSWERS_MAX && first !== undefined) this.#answers.delete(first)
    return cutOff
  }

  async #ask(
    { topic, until, carried, ids, where }: PlacesQuestion,
    now: number,
  ): Promise<ReadonlySet<string> | null> {
    const places = await this.#read(topic, where, carried)
    if (places === null) return null
    const overwritten = overwrittenIn(where, places, { at: now, until })
    // A topic that was created anew begins with the first leader again: that is no cut.
    if (overwritten.length === 0) return null
    this.#answered.noteOverwritten(hopKey(topic), overwritten)
    return new Set(ids.filter((id) => !places.ids.has(id)))
  }
}

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
