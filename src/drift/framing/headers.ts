/** Headers as a client hands them over, which may be anything: the first value of a name, as bytes. */

/** Of a repeated header no more entries than this are looked at. */
const REPEATS_MAX = 8
/** The longest header that names a schema has 17 bytes; what is much longer is none. */
const HEADER_BYTES_MAX = 64

/** Null: there is none, or none that can be read. Never throws. */
export function headerBytes(headers: unknown, name: string): Uint8Array | null {
  if (typeof headers !== 'object' || headers === null) return null
  try {
    if (!Object.hasOwn(headers, name)) return null
    const value = (headers as Readonly<Record<string, unknown>>)[name]
    if (!Array.isArray(value)) return bytesOf(value)
    for (let i = 0; i < value.length && i < REPEATS_MAX; i++) {
      const bytes = bytesOf(value[i])
      if (bytes !== null) return bytes
    }
    return null
  } catch {
    // A getter or a proxy, which may throw what it likes.
    return null
  }
}

/** A string is one of latin1, as in stamps: a client that decodes would have broken bytes otherwise. */
function bytesOf(value: unknown): Uint8Array | null {
  if (typeof value === 'string') {
    if (value.length > HEADER_BYTES_MAX) return null
    const bytes = Buffer.from(value, 'latin1')
    return bytes.toString('latin1') === value ? bytes : null
  }
  if (!(value instanceof Uint8Array) || value.length > HEADER_BYTES_MAX) return null
  return Buffer.from(value)
}
