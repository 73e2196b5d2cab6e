/** The time, but for the moment in which messages are made: all of one send are born in one window. */
export class StillClock {
  #at: number | null = null

  readonly now = (): number => this.#at ?? Date.now()

  /**
   * @param send stamps its messages before it waits for anything
   * @param at ms, for sends that are to be of one window
   */
  during<T>(send: () => Promise<T>, at: number = Date.now()): Promise<T> {
    this.#at = at
    try {
      return send()
    } finally {
      this.#at = null
    }
  }
}
