/** Ids of schemas as they stand in bytes; the caller has made sure that there are enough. */

/** int32, big-endian. A registry gives out none below 0. */
export function int32At(bytes: Uint8Array, at: number): number {
  return viewOf(bytes).getInt32(at)
}

/** 8 bytes, big-endian, in decimal. */
export function int64At(bytes: Uint8Array, at: number): bigint {
  return viewOf(bytes).getBigInt64(at)
}

export const GUID_BYTES = 16

/** 16 bytes, as `00112233-4455-6677-8899-aabbccddeeff`. */
export function guidAt(bytes: Uint8Array, at: number): string {
  const hex = Buffer.from(bytes.subarray(at, at + GUID_BYTES)).toString('hex')
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20)]
  return [...parts, hex.slice(20)].join('-')
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length)
}
