/** The time, but for the moment in which messages are made: all of one send are born in one window. */
export class StillClock {
  #at: number | null = null

  readonly now = (): number => this.#at ?? Date.now()

  /** @param send stamps its messages before it waits for anything */
  during<T>(send: () => Promise<T>): Promise<T> {
    this.#at = Date.now()
    try {
      return send()
    } finally {
      this.#at = null
    }
  }
}
