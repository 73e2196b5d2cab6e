/**
 * 32 bits of a scalar, to tell how many different ones there are: the same at every hop and on every
 * machine, and no defence against someone who makes values to collide.
 */

/** What a value holds that has no parts, but for null. */
export type Scalar = boolean | number | bigint | string | Uint8Array

/** Equal texts, numbers and bytes are not one value. */
const TEXT = 0x2c1b3c6d
const NUMBER = 0x297a2d39
const BOOLEAN = 0x1b56c4e9
const BYTES = 0x7feb352d
const PRIME = 0x01000193

const float = new DataView(new ArrayBuffer(8))

/** uint32 */
export function scalarHash(value: Scalar): number {
  switch (typeof value) {
    case 'string':
      return mixed(textHash(value, TEXT))
    case 'number':
      return numberHash(value)
    case 'boolean':
      return mixed(value ? BOOLEAN : ~BOOLEAN)
    case 'bigint':
      return mixed(textHash(String(value), NUMBER))
    default:
      return mixed(bytesHash(value, BYTES))
  }
}

function textHash(text: string, start: number): number {
  let hash = start
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), PRIME)
  return hash
}

function bytesHash(bytes: Uint8Array, start: number): number {
  let hash = start
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME)
  return hash
}

function numberHash(value: number): number {
  // 0 and -0 are one value.
  float.setFloat64(0, value + 0)
  return mixed(Math.imul(mixed(float.getInt32(0) ^ NUMBER) ^ float.getInt32(4), PRIME))
}

/** Every bit of the result depends on every bit of what comes: the last step of MurmurHash3. */
function mixed(hash: number): number {
  let h = hash
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
