/**
 * CRC-64-AVRO, the Rabin fingerprint of the Avro specification, and the single-object header made of
 * it: `C3 01` and the fingerprint of the writer's schema, 8 bytes, least significant byte first.
 * (avsc's own `fingerprint()` can only do the hashes that OpenSSL has.)
 */
const EMPTY = 0xc15d213aa4d7a795n

const TABLE: readonly bigint[] = Array.from({ length: 256 }, (_, i) => {
  let value = BigInt(i)
  for (let bit = 0; bit < 8; bit++) value = (value >> 1n) ^ (EMPTY & -(value & 1n))
  return BigInt.asUintN(64, value)
})

/** The fingerprint of a text, which should be a schema in Parsing Canonical Form. */
export function avroFingerprint(canonicalSchema: string): bigint {
  let value = EMPTY
  for (const byte of Buffer.from(canonicalSchema)) {
    value = (value >> 8n) ^ (TABLE[Number(value & 0xffn) ^ byte] as bigint)
  }
  return value
}

export const SINGLE_OBJECT_MARKER: readonly [number, number] = [0xc3, 0x01]
/** Marker and fingerprint. */
export const SINGLE_OBJECT_HEADER_BYTES = 10

export function singleObjectHeader(canonicalSchema: string): Buffer {
  const header = Buffer.alloc(SINGLE_OBJECT_HEADER_BYTES)
  header.set(SINGLE_OBJECT_MARKER)
  header.writeBigUInt64LE(avroFingerprint(canonicalSchema), SINGLE_OBJECT_MARKER.length)
  return header
}
