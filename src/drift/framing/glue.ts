/**
 * The framing of AWS Glue: `03`, a byte of compression (0: none, 5: zlib), a UUID of 16 bytes.
 *
 * What is compressed is inflated up to `VALUE_BYTES_MAX`. Of what is larger as many zeros and one are
 * handed on, so that every reader finds it too large; in place of what cannot be inflated come bytes that
 * no reader takes for a value. Nothing would be one: a message of Protobuf without fields.
 */
import { inflateSync } from 'node:zlib'
import { VALUE_BYTES_MAX } from '../read/reader.ts'
import type { Framed } from './framed.ts'
import { GUID_BYTES, guidAt } from './id.ts'

const MAGIC = 0x03
const PLAIN = 0
const ZLIB = 5
const HEADER_BYTES: number = 2 + GUID_BYTES
/** No text, no number that ends, no key of a field. */
const BROKEN: Uint8Array = new Uint8Array(16).fill(0xff)

export function glueFrame(value: Uint8Array): Framed | null {
  const compression = value[1]
  if (value[0] !== MAGIC || value.length < HEADER_BYTES) return null
  if (compression !== PLAIN && compression !== ZLIB) return null
  const rest = value.subarray(HEADER_BYTES)
  const payload = compression === PLAIN ? rest : inflated(rest)
  return { claim: 'glue', schema: guidAt(value, 2), payload }
}

function inflated(bytes: Uint8Array): Uint8Array {
  const tooLarge = () => new Uint8Array(VALUE_BYTES_MAX + 1)
  if (bytes.length > VALUE_BYTES_MAX) return tooLarge()
  try {
    return inflateSync(bytes, { maxOutputLength: VALUE_BYTES_MAX })
  } catch (error) {
    return (error as { readonly code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE'
      ? tooLarge()
      : BROKEN
  }
}
