/**
 * Which message of a .proto text a value holds, as Confluent writes it between its id and the value: a
 * count and so many indexes, from the outermost message inwards, as zigzag varints. A single `00` is
 * short for one index, 0.
 */

/** Messages within messages: the compiler allows 32. */
const INDEXES_MAX = 32
/** Of a varint that holds an int32. */
const VARINT_BYTES_MAX = 5

export interface MessageIndexes {
  /** Such as `0` or `1/0`. */
  readonly indexes: string
  readonly payload: Uint8Array
}

/** Null: it does not begin with such a list. */
export function messageIndexes(payload: Uint8Array): MessageIndexes | null {
  const count = zigzagAt(payload, 0)
  if (count === null || count.value < 0 || count.value > INDEXES_MAX) return null
  if (count.value === 0) return { indexes: '0', payload: payload.subarray(count.next) }
  const indexes: number[] = []
  let at = count.next
  for (let i = 0; i < count.value; i++) {
    const index = zigzagAt(payload, at)
    if (index === null || index.value < 0) return null
    indexes.push(index.value)
    at = index.next
  }
  return { indexes: indexes.join('/'), payload: payload.subarray(at) }
}

function zigzagAt(
  bytes: Uint8Array,
  from: number,
): { readonly value: number; readonly next: number } | null {
  let value = 0
  for (let i = 0; i < VARINT_BYTES_MAX; i++) {
    const byte = bytes[from + i]
    if (byte === undefined) return null
    value += (byte & 127) * 128 ** i
    if (byte >= 128) continue
    if (value >= 2 ** 32) return null
    return { value: value % 2 === 0 ? value / 2 : -(value + 1) / 2, next: from + i + 1 }
  }
  return null
}
