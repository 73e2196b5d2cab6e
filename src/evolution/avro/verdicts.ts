/**
 * Which pairs of types fit, for whole schemas at once.
 *
 * Law: the answer is the greatest one that is consistent. Pairs count as fitting until something proves
 * the opposite, and every proof is carried to all that depend on it. (Going through the types once and
 * taking a pair in progress for a fitting one, as the Java implementation does, may remember a verdict
 * that rests on a pair which turned out not to fit.) Work lists, no recursion: a chain of names is as
 * long as a text.
 */
import { FITS, isLink, type Pair, pairOf } from './pair.ts'
import type { AvroType } from './type.ts'

export class Verdicts {
  readonly #nodes = new Map<number, Node>()
  readonly #writerCount: number
  /** False: so many pairs that nothing is said. */
  readonly isComplete: boolean

  /** Steps that are left of those allowed. */
  stepsLeft: number

  /**
   * @param writerCount types of the writer's schema
   * @param assumed keys of pairs that are taken to fit, whatever they hold
   */
  constructor(
    reader: AvroType,
    writer: AvroType,
    writerCount: number,
    stepsMax: number,
    assumed: ReadonlySet<number> = NONE,
  ) {
    this.#writerCount = writerCount
    this.stepsLeft = stepsMax
    this.isComplete = this.#explore(reader, writer, assumed)
    if (this.isComplete) this.#refute()
  }

  pair(reader: AvroType, writer: AvroType): Pair {
    return this.#node(reader, writer).pair
  }

  fits(reader: AvroType, writer: AvroType): boolean {
    return !this.#node(reader, writer).isRefuted
  }

  /** Of a pair, within these two schemas. */
  key(reader: AvroType, writer: AvroType): number {
    return reader.id * this.#writerCount + writer.id
  }

  #node(reader: AvroType, writer: AvroType): Node {
    return this.#nodes.get(this.key(reader, writer)) as Node
  }

  #explore(reader: AvroType, writer: AvroType, assumed: ReadonlySet<number>): boolean {
    const list: [AvroType, AvroType, Node | null][] = [[reader, writer, null]]
    for (let next = list.pop(); next !== undefined; next = list.pop()) {
      const [r, w, dependent] = next
      const key = this.key(r, w)
      let node = this.#nodes.get(key)
      if (node === undefined) {
        const pair = assumed.has(key) ? FITS : pairOf(r, w)
        this.stepsLeft -= 1 + pair.parts.length + sizeOf(r) + sizeOf(w)
        if (this.stepsLeft < 0) return false
        node = { pair, dependents: [], isRefuted: false, left: 0 }
        this.#nodes.set(key, node)
        for (const part of node.pair.parts) {
          if (!isLink(part)) continue
          node.left++
          list.push([part.reader.type, part.writer.type, node])
        }
      }
      if (dependent !== null) node.dependents.push(dependent)
    }
    return true
  }

  #refute(): void {
    const refuted: Node[] = []
    const refute = (node: Node): void => {
      if (node.isRefuted) return
      node.isRefuted = true
      refuted.push(node)
    }
    for (const node of this.#nodes.values()) {
      const { needs, parts } = node.pair
      if (needs === 'any' ? node.left === 0 : parts.some((part) => !isLink(part))) refute(node)
    }
    for (let node = refuted.pop(); node !== undefined; node = refuted.pop()) {
      for (const dependent of node.dependents) {
        // Once for every way that is closed; of `any`, the last one counts.
        if (dependent.pair.needs !== 'any' || --dependent.left === 0) refute(dependent)
      }
    }
  }
}

const NONE: ReadonlySet<number> = new Set()

interface Node {
  readonly pair: Pair
  readonly dependents: Node[]
  isRefuted: boolean
  /** Ways that are still open. */
  left: number
}

/** What is gone through even where all fits. */
function sizeOf(type: AvroType): number {
  if (type.kind === 'record') return type.fields.length
  return type.kind === 'enum' ? type.symbols.size : 0
}
