/** Mints stamps: one minter for each producer instance, one tag for each topic. */
import { randomBytes } from 'node:crypto'
import { type IdWords, SEQUENCE_LIMIT, wordsOfParts } from './id.ts'

export type Clock = () => number
/** `n` random bytes. */
export type Random = (n: number) => Uint8Array

interface Counter {
  tag: number
  next: number
}

/** Topics with a tag of their own; those beyond share one, so hostile topic names cost no memory. */
const TOPICS_MAX = 1000

export class Minter {
  readonly #clock: Clock
  readonly #random: Random
  readonly #counters = new Map<string, Counter>()
  #last = 0

  constructor(clock: Clock = Date.now, random: Random = randomBytes) {
    this.#clock = clock
    this.#random = random
  }

  /** Birth time in ms; never runs backwards within an instance, even when the clock does. */
  now(): number {
    const now = this.#clock()
    if (now > this.#last) this.#last = now
    return this.#last
  }

  mint(topic: string, birth: number = this.now()): IdWords {
    const known = this.#counters.has(topic) || this.#counters.size < TOPICS_MAX
    const name = known ? topic : ''
    let counter = this.#counters.get(name)
    if (counter === undefined || counter.next >= SEQUENCE_LIMIT) {
      counter = { tag: this.#drawTag(), next: 0 }
      this.#counters.set(name, counter)
    }
    return wordsOfParts({
      birth,
      version: 7,
      tag: counter.tag,
      sequence: counter.next++,
      ordinal: 0,
    })
  }

  #drawTag(): number {
    const b = this.#random(5)
    let tag = 0
    for (let i = 0; i < 5; i++) tag = tag * 256 + (b[i] as number)
    return tag
  }
}
