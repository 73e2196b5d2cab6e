/**
 * What has been told of what is wrong, and what is still to be told: rows, whose texts the store neither
 * reads nor changes.
 *
 * Law: a change is stored wholly or not at all. So a state and the events that it makes go together, and
 * so do the end of a delivery and what is known of it.
 */

export interface AlertRow {
  readonly key: string
  /** JSON */
  readonly state: string
}

/** Something to send. */
export interface OutboxEntry {
  /** The name of a target, without secrets. */
  readonly route: string
  readonly key: string
  /** JSON */
  readonly event: string
}

export interface OutboxRow extends OutboxEntry {
  readonly number: number
  /** ms */
  readonly madeAt: number
  readonly dueAt: number
  /** How often it has been tried. */
  readonly attempts: number
  readonly lastError: string
}

/** What came of the last try to a target, and how many there were. */
export interface Delivery {
  readonly route: string
  /** ms */
  readonly at: number
  readonly isDone: boolean
  /** In words. */
  readonly result: string
  readonly sent: number
  readonly failed: number
  /** Given up. */
  readonly dropped: number
}

/** What is left out stays. */
export interface AlertChange {
  /** States that are new or other than before. */
  readonly states?: readonly AlertRow[]
  /** Keys of states that are forgotten. */
  readonly forgotten?: readonly string[]
  /** Due at once. */
  readonly added?: readonly OutboxEntry[]
  /** Numbers that are no longer to be sent: done, given up, or put together. */
  readonly removed?: readonly number[]
  readonly retried?: readonly {
    readonly number: number
    /** ms */
    readonly dueAt: number
    readonly error: string
  }[]
  /** Counts are added to those before. */
  readonly deliveries?: readonly Omit<Delivery, 'at'>[]
}
