/** How often each text came that schemas name at one place. */
import type { SymbolNode } from './declared/symbol-node.ts'
import { FIELD_SYMBOLS_MAX, type SymbolCount, VALUE_CHARS_MAX } from './shape.ts'
import { wellFormed } from './well-formed.ts'

/**
 * Law: what is kept is exact. One that made room for a lesser one stands behind all that are kept, so it
 * never comes back.
 */
export class OpenSymbols {
  readonly #named: readonly ReadonlySet<string>[]
  readonly #counts = new Map<string, number>()
  /** The greatest that is kept, once there are as many as there may be. */
  #last: string | null = null
  #more = 0

  constructor(nodes: readonly SymbolNode[]) {
    this.#named = nodes.map(({ symbols }) => symbols).filter((symbols) => symbols !== null)
  }

  get more(): number {
    return this.#more
  }

  /** One that no schema names is not told. */
  seen(text: string): void {
    if (!this.#named.some((symbols) => symbols.has(text))) return
    const count = this.#counts.get(text)
    if (count !== undefined) this.#counts.set(text, count + 1)
    else if (!this.#fits(text)) this.#more++
    else this.#add(text)
  }

  close(): readonly SymbolCount[] {
    return [...this.#counts.keys()]
      .sort()
      .map((symbol) => ({ symbol, count: this.#counts.get(symbol) as number }))
  }

  #fits(text: string): boolean {
    if (this.#last !== null && text > this.#last) return false
    // Such are told apart by nobody who reads a shape.
    return text.length <= VALUE_CHARS_MAX && wellFormed(text) === text
  }

  #add(text: string): void {
    this.#counts.set(text, 1)
    if (this.#counts.size < FIELD_SYMBOLS_MAX) return
    if (this.#counts.size > FIELD_SYMBOLS_MAX) {
      const last = this.#last as string
      this.#more += this.#counts.get(last) as number
      this.#counts.delete(last)
    }
    this.#last = [...this.#counts.keys()].sort().at(-1) ?? null
  }
}
