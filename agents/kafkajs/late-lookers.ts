/**
 * Lookers whose code is loaded when the first plan asks for one: most processes look into nothing, and
 * should not pay for it. What is seen until then waits, as it was; what has no room is not looked into, and
 * counted as that.
 */
import { messageOf } from '../../src/base/errors.ts'
import type { Looker, Lookers, OpenShape, ShapePlan } from '../../src/drift/shape.ts'
import { type KeptValue, KeptValues } from './kept-values.ts'

/** Messages of one looker that wait for the code: loading takes some 50 ms. */
const WAITING_MAX = 200
/** Messages of one looker that are counted and not kept: an id and a window each, some 2 MB. */
const REFUSED_MAX = 10_000

export function lateLookers(
  load: () => Promise<Lookers>,
  onTrouble: (text: string) => void,
): Lookers {
  const kept = new KeptValues()
  const early: LateLooker[] = []
  let isLoading = false
  let isOver = false
  let loaded: Lookers | null = null
  const start = async (): Promise<void> => {
    isLoading = true
    try {
      const lookers = await load()
      for (const looker of early) looker.begin(lookers)
      loaded = lookers
    } catch (error) {
      onTrouble(`nobody looks into messages: ${messageOf(error)}`)
      for (const looker of early) looker.giveUp()
    }
    isOver = true
    early.length = 0
  }
  return (plan) => {
    if (loaded !== null) return loaded(plan)
    const looker = new LateLooker(plan, kept)
    if (isOver) looker.giveUp()
    else early.push(looker)
    if (!isLoading) void start()
    return looker
  }
}

interface Waiting {
  /** Null: there was no room for it. */
  readonly message: KeptValue | null
  readonly id: string
  readonly into: () => OpenShape | null
}

class LateLooker implements Looker {
  readonly oneIn: number
  readonly #plan: ShapePlan
  readonly #kept: KeptValues
  /** Null: nothing waits any more. */
  #waiting: Waiting[] | null = []
  #kepts = 0
  #looker: Looker | null = null

  constructor(plan: ShapePlan, kept: KeptValues) {
    this.oneIn = plan.oneIn
    this.#plan = plan
    this.#kept = kept
  }

  begin(lookers: Lookers): void {
    const waiting = this.#waiting
    // One that was given up has nobody left who would ask it.
    if (waiting === null) return
    this.#waiting = null
    const looker = lookers(this.#plan)
    this.#looker = looker
    for (const { message, id, into } of waiting) {
      if (message === null) looker.refuse(id, into)
      else looker.see(message, id, into)
    }
  }

  open(): OpenShape {
    // Only one that has begun asks where a message goes.
    if (this.#looker === null) throw new Error('it has not begun')
    return this.#looker.open()
  }

  see(...[message, id, into]: Parameters<Looker['see']>): void {
    if (this.#looker !== null) this.#looker.see(message, id, into)
    else this.#wait(this.#kepts < WAITING_MAX ? this.#kept.keep(message) : null, id, into)
  }

  refuse(...[id, into]: Parameters<Looker['refuse']>): void {
    if (this.#looker !== null) this.#looker.refuse(id, into)
    else this.#wait(null, id, into)
  }

  #wait(message: KeptValue | null, id: string, into: () => OpenShape | null): void {
    if (this.#waiting === null || this.#waiting.length >= WAITING_MAX + REFUSED_MAX) return
    if (message !== null) this.#kepts++
    this.#waiting.push({ message, id, into })
  }

  giveUp(): void {
    this.#waiting = null
    this.#looker?.giveUp()
  }
}
