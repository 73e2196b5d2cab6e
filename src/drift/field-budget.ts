/** How many fields all open shapes of a process may hold together. */

/** About 1 KiB each. */
const OPEN_FIELDS_MAX = 20_000

/**
 * Law: what is open is at most `max` and the fields of one message; once every shape was handed over, it
 * is 0.
 */
export class FieldBudget {
  readonly #max: number
  #open = 0

  constructor(max: number = OPEN_FIELDS_MAX) {
    this.#max = max
  }

  get open(): number {
    return this.#open
  }

  get isFull(): boolean {
    return this.#open >= this.#max
  }

  /** Below 0: they are given back. */
  take(fields: number): void {
    this.#open += fields
  }
}
