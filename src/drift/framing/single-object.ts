/** Avro's single-object encoding: `C3 01` and the fingerprint of the schema, 8 bytes, the last first. */
import { SINGLE_OBJECT_HEADER_BYTES, SINGLE_OBJECT_MARKER } from '../../base/avro-fingerprint.ts'
import type { Framed } from './framed.ts'

export function singleObjectFrame(value: Uint8Array): Framed | null {
  const from = SINGLE_OBJECT_MARKER.length
  if (SINGLE_OBJECT_MARKER.some((byte, i) => value[i] !== byte)) return null
  if (value.length < SINGLE_OBJECT_HEADER_BYTES) return null
  const fingerprint = Buffer.from(value.subarray(from, SINGLE_OBJECT_HEADER_BYTES)).reverse()
  return {
    claim: 'single-object',
    schema: fingerprint.toString('hex'),
    payload: value.subarray(SINGLE_OBJECT_HEADER_BYTES),
  }
}
