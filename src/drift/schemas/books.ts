/** One book for each registry, whoever asks: topics of one pipeline mostly have the same. */
import type { Environment } from '../../base/environment.ts'
import { messageOf } from '../../base/errors.ts'
import type { RegistryPlace } from '../../registry/access.ts'
import { openRegistry } from '../../registry/open.ts'
import { SchemaBook } from './book.ts'

export interface BooksOptions {
  readonly env: Environment
  readonly clock: () => number
  readonly onTrouble: (text: string) => void
}

export class SchemaBooks {
  readonly #options: BooksOptions
  /** Null: its address or its secrets cannot be used. */
  readonly #books = new Map<string, SchemaBook | null>()

  constructor(options: BooksOptions) {
    this.#options = options
  }

  /** Null: it cannot be reached, which was told. */
  at(place: RegistryPlace): SchemaBook | null {
    const key = JSON.stringify(place)
    const known = this.#books.get(key)
    if (known !== undefined) return known
    const book = this.#open(place)
    this.#books.set(key, book)
    return book
  }

  #open(place: RegistryPlace): SchemaBook | null {
    const { env, clock, onTrouble } = this.#options
    try {
      // The book tries again by itself, later.
      const access = { ...place.access, retriesMax: 0 }
      const registry = openRegistry({ ...place, access, env, isBackground: true })
      return new SchemaBook({ registry, clock, onTrouble })
    } catch (error) {
      onTrouble(`schemas cannot be looked up: ${messageOf(error)}`)
      return null
    }
  }
}
