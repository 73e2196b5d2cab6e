/**
 * Looks into messages of one hop: those that the hash of their id chooses, at every hop the same ones.
 *
 * A looker may learn what a message holds long after it was seen, when its tally has been cut: so shapes
 * have windows of their own, and what comes late opens its window again.
 *
 * Law: a looker that breaks its word never reaches the caller; one that goes on breaking it is left.
 */
import type { Lookable, Looker, OpenShape } from '../drift/shape.ts'
import { birthOf, hexOfWords, type IdWords } from '../message/id.ts'
import { windowStartOf } from '../message/window.ts'
import { isSampled } from '../sketch/sample.ts'
import { SHAPE_DELTA_BYTES_MAX, type ShapeDelta } from './frame.ts'
import { describeHop, type HopRef } from './hop.ts'

/** It promises never to throw: so many times are no accident. */
const FAILURES_MAX = 10

/** What it asks of its agent. */
export interface LookHost {
  readonly windowMs: number
  readonly seed: number
  /** Whether there is room for one more shape, of messages born then; where not, that is counted. */
  mayOpen(birth: number, hop: HopRef): boolean
  count(hop: HopRef, name: string): void
  onTrouble(text: string): void
}

export class HopLooks {
  readonly #hop: HopRef
  readonly #looker: Looker
  readonly #host: LookHost
  #shapes = new Map<number, OpenShape>()
  #failures = 0
  #isOver = false

  constructor(hop: HopRef, looker: Looker, host: LookHost) {
    this.#hop = hop
    this.#looker = looker
    this.#host = host
  }

  chooses(words: IdWords): boolean {
    if (this.#isOver) return false
    const { oneIn } = this.#looker
    if (oneIn === 1) return true
    return isSampled(words[0], words[1], words[2], words[3], this.#host.seed, oneIn)
  }

  see(words: IdWords, message: Lookable): void {
    if (this.#isOver) return
    const birth = birthOf(words[0], words[1])
    this.#guard(() => this.#looker.see(message, hexOfWords(words), () => this.#shapeOf(birth)))
  }

  #shapeOf(birth: number): OpenShape | null {
    if (this.#isOver) return null
    const window = windowStartOf(birth, this.#host.windowMs)
    let shape = this.#shapes.get(window) ?? null
    if (shape !== null) return shape
    if (!this.#host.mayOpen(birth, this.#hop)) return null
    shape = this.#guard(() => this.#looker.open())
    if (shape !== null) this.#shapes.set(window, shape)
    return shape
  }

  /** Ends it, before the last cut: what is still waited for is counted as it stands. */
  end(): void {
    if (!this.#isOver) this.#guard(() => this.#looker.giveUp())
    this.#isOver = true
  }

  take(into: ShapeDelta[]): void {
    if (this.#shapes.size === 0) return
    for (const [window, open] of this.#shapes) {
      const shape = this.#guard(() => open.toBytes())
      if (shape === null) continue
      if (shape.length <= SHAPE_DELTA_BYTES_MAX) into.push({ hop: this.#hop, window, shape })
      // Frames with it would be refused whole, with all that they count.
      else this.#host.count(this.#hop, 'shapes-refused')
    }
    this.#shapes = new Map()
  }

  #guard<T>(work: () => T): T | null {
    try {
      return work()
    } catch (error) {
      this.#host.count(this.#hop, 'look-failed')
      if (++this.#failures === FAILURES_MAX) {
        this.#isOver = true
        const at = describeHop(this.#hop)
        this.#host.onTrouble(`nobody looks into ${at} any more: ${String(error)}`)
      }
      return null
    }
  }
}
