/** The texts that a schema names in `enum` and `const`, through all that it refers to. */
import type { Documents } from './documents.ts'
import { DECLARED_NODES_MAX } from './limits.ts'
import { partsOf } from './parts.ts'
import { keyword, type Schema, type SchemaObject } from './schema-json.ts'
import type { SymbolNode } from './symbol-node.ts'
import { together } from './together.ts'

/** Null: none is named anywhere, or there are too many places to tell. */
export function symbolsIn(root: Schema, documents: Documents): SymbolNode | null {
  const builder = new Builder(documents)
  const node = builder.of([root])
  return builder.hasSymbols && !builder.isFull ? node : null
}

interface Draft {
  symbols: ReadonlySet<string> | null
  readonly fields: Map<string, SymbolNode>
  entries: SymbolNode | null
  items: SymbolNode | null
}

class Builder {
  readonly #documents: Documents
  /** By the schemas that say what holds in one place: a schema may hold itself. */
  readonly #made = new Map<string, Draft>()
  readonly #numbers = new Map<SchemaObject, number>()
  hasSymbols = false

  constructor(documents: Documents) {
    this.#documents = documents
  }

  get isFull(): boolean {
    return this.#made.size >= DECLARED_NODES_MAX
  }

  of(schemas: readonly Schema[]): SymbolNode | null {
    const here = [...together(schemas, this.#documents)]
    if (here.length === 0 || this.isFull) return null
    const key = here
      .map((schema) => this.#numberOf(schema))
      .sort((a, b) => a - b)
      .join()
    const made = this.#made.get(key)
    if (made !== undefined) return made
    const symbols = namedIn(here)
    if (symbols !== null) this.hasSymbols = true
    const draft: Draft = { symbols, fields: new Map(), entries: null, items: null }
    this.#made.set(key, draft)
    this.#fill(draft, here)
    return draft
  }

  #fill(draft: Draft, here: readonly SchemaObject[]): void {
    const { named, others, items } = partsOf(here)
    for (const [name, list] of named) {
      const node = this.of(list)
      if (node !== null) draft.fields.set(name, node)
    }
    draft.entries = this.of(others)
    draft.items = this.of(items)
  }

  #numberOf(schema: SchemaObject): number {
    const known = this.#numbers.get(schema)
    if (known !== undefined) return known
    this.#numbers.set(schema, this.#numbers.size)
    return this.#numbers.size - 1
  }
}

function namedIn(schemas: readonly SchemaObject[]): ReadonlySet<string> | null {
  const values = schemas.flatMap((schema) => {
    const list = keyword(schema, 'enum')
    return [...(Array.isArray(list) ? (list as readonly unknown[]) : []), keyword(schema, 'const')]
  })
  const texts = values.filter((value) => typeof value === 'string')
  return texts.length === 0 ? null : new Set(texts)
}
