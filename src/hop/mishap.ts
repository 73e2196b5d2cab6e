/**
 * A mishap: what an agent itself saw go wrong with a message or at a place in the log. It says why, never
 * what: no verdict rests on one. Best effort and bounded; what was not noted is counted, so that nobody
 * takes the absence of a mishap for proof that nothing happened.
 */
import type { HopRef } from './hop.ts'

/**
 * | kind           | at       | span                                    | detail                             |
 * | -------------- | -------- | --------------------------------------- | ---------------------------------- |
 * | unacknowledged | producer | none                                    | the client                         |
 * | rejected       | producer | none                                    | name or Kafka type of the error    |
 * | aborted        | producer | none                                    | name of the error, if one led to it |
 * | handler_threw  | consumer | its offset; eachBatch: what was left    | name of the error                  |
 * | redelivered    | consumer | offsets handled before, handed out again | what came before: `rebalance`, `failed attempt`, `sought` |
 * | sought         | consumer | passed over (forward) or handled again (backward) | `forward`, `backward`    |
 * | reset          | consumer | passed over, or `[to, from)` backward: no seek asked for it | `forward`, `backward` |
 * | rebalanced     | consumer | none                                    | partitions kept                    |
 * | epoch          | topic    | `[first offset of the new epoch, +1)`   | `OLD>NEW`, leader epochs           |
 * | cut            | topic    | read before, and no longer in the log   | where the log ends now             |
 */
export const mishapKinds = [
  'unacknowledged',
  'rejected',
  'aborted',
  'handler_threw',
  'redelivered',
  'sought',
  'reset',
  'rebalanced',
  'epoch',
  'cut',
] as const
export type MishapKind = (typeof mishapKinds)[number]

export interface Mishap {
  readonly hop: HopRef
  readonly kind: MishapKind
  /** ms, by the agent's clock: the first of `count` */
  readonly at: number
  /** −1: of none, or not known */
  readonly partition: number
  /** Offsets `[from, to)`; −1 and −1: none. */
  readonly from: number
  readonly to: number
  /** The message, 32 hex digits; empty: of no single one, or one without an id. */
  readonly id: string
  /** Of the message's `traceparent`, 32 and 16 hex digits; empty: it had none that is valid. */
  readonly traceId: string
  readonly spanId: string
  /** At most `MISHAP_DETAIL_CHARS_MAX` characters; never a value, a key or an error's message. */
  readonly detail: string
  /** Like ones, of the same hop, kind, partition and detail, of which this is the first: 1 or more. */
  readonly count: number
}

/** A mishap with who saw it. */
export interface StoredMishap extends Mishap {
  readonly instance: string
  readonly service: string
  readonly host: string
  readonly client: string
}

/** By id, the trace of each message that had trouble and belonged to one. */
export function tracesOf(mishaps: readonly Mishap[]): ReadonlyMap<string, string> {
  return new Map(
    mishaps.filter((m) => m.id !== '' && m.traceId !== '').map((m) => [m.id, m.traceId]),
  )
}

/** Who minted ids of a tag. */
export interface Minter {
  readonly instance: string
  readonly service: string
  readonly host: string
  readonly client: string
}

/** In one frame, of all hops; of one kind at one hop. Those beyond are counted as `mishaps-dropped`. */
export const MISHAPS_MAX = 200
export const MISHAPS_OF_KIND_MAX = 50
export const MISHAP_DETAIL_CHARS_MAX = 100
/** Of one hop and kind that a store keeps, the newest. */
export const MISHAPS_KEPT_MAX = 5_000
/** The hop count of mishaps that were not noted, or not kept: then the absence of one proves nothing. */
export const MISHAPS_DROPPED = 'mishaps-dropped'
