/**
 * Bytes to a value, by a schema or as JSON.
 *
 * Law: whatever the bytes, reading ends soon with bounded memory, and never throws.
 */

/**
 * A value as all formats have it: null, boolean, number, bigint (beyond 2^53), string, Uint8Array, list,
 * `Map` (a map: its keys are data), object without prototype (a record: its keys are names).
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly Value[]
  | ReadonlyMap<string, Value>
  | { readonly [name: string]: Value }

export type Reading =
  | { readonly kind: 'value'; readonly value: Value }
  /** `reason`: in words, without anything of the value: `cut short`, `3 bytes left over`, … */
  | { readonly kind: 'undecodable'; readonly reason: string }
  /** More bytes, values or levels than are looked into. */
  | { readonly kind: 'too_large' }

export interface Reader {
  read(payload: Uint8Array): Reading
}

/** Bytes of one value that are read. */
export const VALUE_BYTES_MAX: number = 256 * 1024
/** Scalars, lists, maps and records in one value. */
export const NODES_MAX = 20_000
export const DEPTH_MAX = 64
