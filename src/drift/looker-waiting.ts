/** Messages that wait for their schema: how many a process may hold, and giving them back. */

/** Copies of values, each of at most `VALUE_BYTES_MAX`. */
const MESSAGES_MAX = 200
const BYTES_MAX: number = 4 * 1024 * 1024
/** Looked at in one turn: their schema comes while somebody else's work waits. */
const AT_ONCE = 20

export class WaitingRoom {
  #messages = 0
  #bytes = 0

  /** Whether there was room. */
  enter(bytes: number): boolean {
    if (this.#messages >= MESSAGES_MAX || this.#bytes + bytes > BYTES_MAX) return false
    this.#messages++
    this.#bytes += bytes
    return true
  }

  leave(bytes: number): void {
    this.#messages--
    this.#bytes -= bytes
  }
}

export interface WaitingMessage {
  readonly bytes: number
  /** Its schema is known, or never will be. */
  look(): void
  giveUp(): void
}

/** Those of one topic. */
export class WaitingLine {
  readonly #room: WaitingRoom
  readonly #all = new Set<WaitingMessage>()
  readonly #ready: WaitingMessage[] = []
  #isUnderWay = false

  constructor(room: WaitingRoom) {
    this.#room = room
  }

  /** @param whenReady calls back once. Returns whether there was room. */
  add(message: WaitingMessage, whenReady: (callback: () => void) => void): boolean {
    if (!this.#room.enter(message.bytes)) return false
    this.#all.add(message)
    whenReady(() => {
      this.#ready.push(message)
      this.#proceed()
    })
    return true
  }

  giveUp(): void {
    for (const message of [...this.#all]) if (this.#leave(message)) message.giveUp()
  }

  #proceed(): void {
    if (this.#isUnderWay) return
    this.#isUnderWay = true
    // The process may end before: then they are given up.
    setImmediate(() => {
      this.#isUnderWay = false
      for (const message of this.#ready.splice(0, AT_ONCE)) {
        if (this.#leave(message)) message.look()
      }
      if (this.#ready.length > 0) this.#proceed()
    }).unref()
  }

  #leave(message: WaitingMessage): boolean {
    if (!this.#all.delete(message)) return false
    this.#room.leave(message.bytes)
    return true
  }
}
