/** Where the comparison of one class puts what it finds. */
import type { Args } from '../args.ts'
import { get, isObject, step } from '../json.ts'
import type { Node, Solid } from '../model.ts'
import { matches } from '../pattern.ts'
import { pathOf } from '../position.ts'
import type { Comparison } from './comparison.ts'
import type { Entry, PairResult } from './result.ts'

/** Either side of a change, from the pair; a side that is not there is null. */
export interface Sides {
  readonly writer?: Node | string | null
  readonly reader?: Node | string | null
}

export class Scope {
  readonly #comparison: Comparison
  readonly #entries: Entry[]
  readonly #writer: Solid
  readonly #reader: Solid
  readonly #accepts: (name: string) => boolean

  constructor(
    comparison: Comparison,
    entries: Entry[],
    writer: Solid,
    reader: Solid,
    accepts: (name: string) => boolean,
  ) {
    this.#comparison = comparison
    this.#entries = entries
    this.#writer = writer
    this.#reader = reader
    this.#accepts = accepts
  }

  /** @param name the registry's. @param at keyword or path from here, as the registry writes it */
  change(name: string, at: string, args: Args, sides: Sides = {}): void {
    if (this.#accepts(name)) return
    const readerPath = pathTo(this.#reader, at, sides.reader)
    const writerPath = pathTo(this.#writer, at, sides.writer)
    this.#entries.push({ name, at, readerPath, writerPath, args })
  }

  /** Compares schemas within this pair: what is found there counts. */
  within(writer: Node, reader: Node, at: string): void {
    this.add(this.attempt(writer, reader), at)
  }

  /** Compares, but does not say so. */
  attempt(writer: Node, reader: Node): PairResult {
    return this.#comparison.pair(writer, reader)
  }

  add(result: PairResult, at: string): void {
    if (!result.compatible) this.#entries.push({ at, result })
  }

  tick(steps: number = 1): void {
    this.#comparison.tick(steps)
  }

  /** Whether a pattern finds a name, counted as the work it is. null: not known. */
  matches(pattern: string, name: string): boolean | null {
    this.tick(10 + (pattern.length * name.length) / 100)
    return matches(pattern, name)
  }
}

function pathTo(here: Solid, at: string, side: Node | string | null | undefined): string | null {
  if (side === null) return null
  if (typeof side === 'string') return pathOf(here.place, side)
  if (side !== undefined) return pathOf(side.place)
  if (at === '') return pathOf(here.place)
  const isThere = isObject(here.raw) && get(here.raw, at) !== undefined
  return isThere ? pathOf(here.place, step(at)) : null
}
