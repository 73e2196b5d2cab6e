/**
 * Pairs of schemas, each compared once, to a fixpoint.
 *
 * A pair that comes up again while it is being compared is a cycle: it is taken for compatible, for if it
 * is not, the difference is found elsewhere. Another pair that was judged on that assumption may then
 * have been judged too well, so the whole is done again with all pairs known that did not fit, until no
 * further ones are found. Each pass knows more of them, and there are only so many: this ends. Most
 * schemas do not refer to themselves, and one pass is all.
 */
import { PAIR_DEPTH_MAX, STEPS_MAX } from '../limits.ts'
import { type Node, type Solid, solid } from '../model.ts'
import type { Entry, PairResult } from './result.ts'
import { Scope } from './scope.ts'

/** More than can be compared: the limit that was met. */
export class TooComplex extends Error {}

/** Fills a scope with what keeps the reader from reading. */
export type CompareClasses = (scope: Scope, writer: Solid, reader: Solid) => void

type ByPair = Map<Solid, Map<Solid, PairResult>>

export class Comparison {
  readonly #compareClasses: CompareClasses
  readonly #accepts: (rule: string) => boolean
  /** Pairs that did not fit in the pass before. */
  #known: ByPair = new Map()
  #results: ByPair = new Map()
  #open: Map<Solid, Set<Solid>> = new Map()
  #assumed = false
  #depth = 0
  #steps = 0

  /** @param accepts whether a change is no obstacle under the policy */
  constructor(compareClasses: CompareClasses, accepts: (rule: string) => boolean) {
    this.#compareClasses = compareClasses
    this.#accepts = accepts
  }

  /** Throws {@link TooComplex}. */
  run(writer: Node, reader: Node): PairResult {
    while (true) {
      this.#results = new Map()
      this.#open = new Map()
      this.#assumed = false
      const result = this.pair(writer, reader)
      if (!this.#assumed) return result
      const misfits = misfitsOf(this.#results)
      if (countOf(misfits) === countOf(this.#known)) return result
      this.#known = misfits
    }
  }

  pair(writerNode: Node, readerNode: Node): PairResult {
    const writer = solid(writerNode)
    const reader = solid(readerNode)
    this.tick()
    const done = this.#results.get(writer)?.get(reader)
    if (done !== undefined) return done
    const open = this.#open.get(writer) ?? new Set()
    if (open.has(reader)) {
      const known = this.#known.get(writer)?.get(reader)
      if (known !== undefined) return known
      this.#assumed = true
      return fits(writer, reader)
    }
    if (++this.#depth > PAIR_DEPTH_MAX) {
      throw new TooComplex(`schemas are more than ${PAIR_DEPTH_MAX} deep within each other`)
    }
    open.add(reader)
    this.#open.set(writer, open)
    const entries: Entry[] = []
    this.#compareClasses(new Scope(this, entries, writer, reader, this.#accepts), writer, reader)
    const compatible = entries.every((entry) => 'result' in entry && entry.result.compatible)
    const result: PairResult = { writer, reader, compatible, entries }
    open.delete(reader)
    this.#depth--
    const row = this.#results.get(writer) ?? new Map()
    this.#results.set(writer, row.set(reader, result))
    return result
  }

  /** Counts work: a pair is one step. */
  tick(steps: number = 1): void {
    this.#steps += steps
    if (this.#steps > STEPS_MAX) throw new TooComplex(`it takes more than ${STEPS_MAX} steps`)
  }
}

function fits(writer: Solid, reader: Solid): PairResult {
  return { writer, reader, compatible: true, entries: [] }
}

function misfitsOf(results: ByPair): ByPair {
  const misfits: ByPair = new Map()
  for (const [writer, row] of results) {
    const found = [...row].filter(([, result]) => !result.compatible)
    if (found.length > 0) misfits.set(writer, new Map(found))
  }
  return misfits
}

/** Known misfits stay misfits, so that equal counts are equal sets. */
function countOf(pairs: ByPair): number {
  let count = 0
  for (const row of pairs.values()) count += row.size
  return count
}
