/** Where messages to learn from come from. */

export interface RawMessage {
  readonly value: Uint8Array | null
  readonly headers: unknown
  /** ms; null: not known */
  readonly at: number | null
}

export interface MessageSource {
  /** As people call it. */
  readonly name: string
  /** Whether there were more messages than are read; known at the end. */
  readonly isCut: boolean
  /** Ends early when asked to stop. @throws QuipuError: it cannot be read */
  messages(stop: AbortSignal): AsyncIterable<RawMessage>
}
