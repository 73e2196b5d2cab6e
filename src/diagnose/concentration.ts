/**
 * Where bad messages concentrate: by partition, producer, host, client version, schema, bucket of the key.
 *
 * A row compares one value's share of the bad messages with its share of all messages. Small numbers lie:
 * a row says `significant` only if chance alone would hardly give as many (Fisher's exact test, one-sided,
 * corrected by Holm over every value of every dimension that was looked at).
 */

export const dimensions = [
  'partition',
  'producer',
  'host',
  'client',
  'schema',
  'key_bucket',
] as const
export type Dimension = (typeof dimensions)[number]

/** How bad messages, and all messages, spread over the values of one dimension. */
export interface Spread {
  readonly dimension: Dimension
  readonly values: readonly {
    readonly value: string
    /** Messages, `bad` of them among `all`. */
    readonly bad: number
    readonly all: number
  }[]
  /** Bad messages of which the value is not known. */
  readonly badUnknown: number
  /** What `all` was counted from: `every message of the window`, `4,096 records of flights`. */
  readonly counted: string
}

export interface Concentration {
  readonly dimension: Dimension
  readonly value: string
  readonly bad: number
  /** Share of the bad messages whose value is known, and of all messages: 0 to 1. */
  readonly badShare: number
  readonly allShare: number
  /** badShare / allShare; null: none of all messages has that value. */
  readonly lift: number | null
  /** After the correction: 0 to 1. */
  readonly pValue: number
  readonly significant: boolean
  readonly counted: string
}

/** Chance gives a row that says `significant` in one of a hundred looks, at most. */
export const SIGNIFICANCE = 0.01
/** Buckets of keys: the hash of the key's bytes modulo this; a null key has a bucket of its own. */
export const KEY_BUCKETS = 16
