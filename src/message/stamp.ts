/**
 * The stamp: the header `quipu` with the 16 bytes of the id (23 bytes on the wire).
 *
 * What comes from the wire is hostile. Accepted: a Buffer, an array whose first entry is one (a
 * repeated header; kafkajs hands a one-element array over as a plain Buffer), or a latin1 string of 16
 * characters. Everything else is `malformed`, counted and never thrown.
 */
import { ID_BYTES, type IdWords, isId, wordsOfBytes } from './id.ts'

export const STAMP_HEADER = 'quipu'
/** Of a repeated header no more entries than this are looked at. */
const REPEATS_MAX = 8

export type StampReading =
  | { readonly kind: 'stamped'; readonly words: IdWords }
  | { readonly kind: 'absent' }
  | { readonly kind: 'malformed' }

const ABSENT: StampReading = { kind: 'absent' }
const MALFORMED: StampReading = { kind: 'malformed' }

/** Reads the stamp of a message's headers, whatever they are. Never throws. */
export function readStamp(headers: unknown): StampReading {
  if (headers === null || headers === undefined || typeof headers !== 'object') return ABSENT
  try {
    if (!Object.hasOwn(headers, STAMP_HEADER)) return ABSENT
    const words = wordsOfValue((headers as Record<string, unknown>)[STAMP_HEADER])
    return words === null ? MALFORMED : { kind: 'stamped', words }
  } catch {
    // A getter or a proxy, which may throw what it likes.
    return MALFORMED
  }
}

function wordsOfValue(value: unknown): IdWords | null {
  if (value instanceof Uint8Array) return isId(value) ? wordsOfBytes(value) : null
  if (typeof value === 'string') {
    if (value.length !== ID_BYTES) return null
    const bytes = Buffer.from(value, 'latin1')
    // Of characters beyond latin1 a part was cut off.
    if (bytes.toString('latin1') !== value) return null
    return isId(bytes) ? wordsOfBytes(bytes) : null
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length && i < REPEATS_MAX; i++) {
      const words = Array.isArray(value[i]) ? null : wordsOfValue(value[i])
      if (words !== null) return words
    }
  }
  return null
}
