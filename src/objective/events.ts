/**
 * Events: what an objective counts, as good, as bad, or as not known. They add up over windows.
 *
 * Laws: good + bad + unknown = all. A sampled window keeps what its sample holds; the interval is taken
 * of the sum, which is narrower than the sum of intervals. What is not known may all be bad, so of a
 * sample the high end is that of bad and unknown together.
 */
import type { Bounds, Events } from './report.ts'
import { type Clumps, clumped } from './sampling.ts'

/** Of one window what was counted at one rate. */
export interface EventPart {
  /** 1: every message; n: scaled from one in n. */
  readonly oneIn: number
  readonly bad: number
  readonly unknown: number
  /** Of the ids that are bad: how they come in clumps. */
  readonly clumps: Clumps
}

export interface WindowEvents {
  /** Where most of the bad ones are. */
  readonly edge: string
  /** ms */
  readonly start: number
  readonly end: number
  readonly all: number
  readonly parts: readonly EventPart[]
  /** Of the bad ones, those that have come since. */
  readonly late?: number
}

export const NO_CLUMPS: Clumps = { sum: 0, squares: 0 }

/** A sum of windows to which more can be added. */
export class EventSum {
  #all = 0
  readonly #rates = new Map<number, { bad: number; unknown: number } & Mutable<Clumps>>()

  add({ all, parts }: Pick<WindowEvents, 'all' | 'parts'>): this {
    this.#all += all
    for (const { oneIn, bad, unknown, clumps } of parts) {
      const known = this.#rates.get(oneIn)
      if (known === undefined) this.#rates.set(oneIn, { bad, unknown, ...clumps })
      else {
        known.bad += bad
        known.unknown += unknown
        known.sum += clumps.sum
        known.squares += clumps.squares
      }
    }
    return this
  }

  events(): Events {
    // Estimates may have fractions, messages have none: what is proven is rounded down.
    const all = Math.ceil(this.#all)
    let [least, most] = [0, 0]
    for (const [oneIn, { bad, unknown, ...clumps }] of this.#rates) {
      const [low, high] = [bad, bad + unknown].map((n) =>
        clumped(Math.round(n / oneIn), oneIn, clumps),
      )
      least += oneIn === 1 ? bad : (low?.low ?? 0)
      most += oneIn === 1 ? bad + unknown : (high?.high ?? 0)
    }
    const bad = Math.min(all, Math.floor(least))
    const unknown = Math.min(all, Math.ceil(Math.max(most, least))) - bad
    return { good: all - bad - unknown, bad, unknown }
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export function sumEvents(list: Iterable<Pick<WindowEvents, 'all' | 'parts'>>): Events {
  const sum = new EventSum()
  for (const one of list) sum.add(one)
  return sum.events()
}

export const allOf = ({ good, bad, unknown }: Events): number => good + bad + unknown

/** Share of the good ones, what is unknown taken as bad and as good; null where there are none. */
export function boundsOf(events: Events): Bounds | null {
  const all = allOf(events)
  if (all === 0) return null
  return { low: events.good / all, high: (all - events.bad) / all }
}

/** One event that is the window itself, or so many of one kind. */
export function windowEvent(
  window: Pick<WindowEvents, 'edge' | 'start' | 'end'>,
  kind: keyof Events,
  all: number = 1,
): WindowEvents {
  const { edge, start, end } = window
  const bad = kind === 'bad' ? all : 0
  const unknown = kind === 'unknown' ? all : 0
  return { edge, start, end, all, parts: [{ oneIn: 1, bad, unknown, clumps: NO_CLUMPS }] }
}
