/** What was injected, by edge, in plain sets: kept outside the system under test. */

export const EDGES = {
  produce: 'checkin → flights',
  consume: 'flights → enrich',
  transform: 'enrich → enriched',
  read: 'enriched → warehouse',
  store: 'warehouse → store',
} as const
export type EdgeName = (typeof EDGES)[keyof typeof EDGES]
export const edgeNames: readonly EdgeName[] = Object.values(EDGES)

/** Ids (hex) by edge; a doubled id is named once for each copy too many. */
export interface Tale {
  readonly lost: Readonly<Record<string, readonly string[]>>
  readonly doubled: Readonly<Record<string, readonly string[]>>
  readonly filtered: number
}

export class Ledger {
  readonly #ids = new Map<number, string>()
  readonly #lost = new Map<EdgeName, number[]>()
  readonly #doubled = new Map<EdgeName, number[]>()
  #filtered = 0

  /** The stamp of message `index`, as it went over the wire. */
  know(index: number, id: string): void {
    this.#ids.set(index, id)
  }

  lost(edge: EdgeName, index: number): void {
    this.#lost.set(edge, [...(this.#lost.get(edge) ?? []), index])
  }

  doubled(edge: EdgeName, index: number): void {
    this.#doubled.set(edge, [...(this.#doubled.get(edge) ?? []), index])
  }

  filtered(): void {
    this.#filtered++
  }

  tale(): Tale {
    const named = (map: ReadonlyMap<EdgeName, number[]>): Record<string, string[]> =>
      Object.fromEntries(
        edgeNames.map((edge) => [
          edge,
          (map.get(edge) ?? []).map((index) => this.#ids.get(index) ?? `#${index}`).sort(),
        ]),
      )
    return {
      lost: named(this.#lost),
      doubled: named(this.#doubled),
      filtered: this.#filtered,
    }
  }
}
