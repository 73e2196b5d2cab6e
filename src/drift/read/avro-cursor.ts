/** Reads the primitives of Avro's binary encoding, never beyond the end. */
import { undecodable } from './bounded.ts'
import { textOf } from './text.ts'

const INT_MAX = 2 ** 31 - 1
const INT_MIN: number = -(2 ** 31)
/** Of the bytes of a varint 7 bits each; a long has 64. */
const LONG_BYTES_MAX = 10
/** Bytes of a varint that a number holds exactly. */
const EXACT_BYTES = 7

export class AvroCursor {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? undecodable('cut short')
  }

  boolean(): boolean {
    const byte = this.byte()
    return byte > 1 ? undecodable('a boolean that is neither 0 nor 1') : byte === 1
  }

  int(): number {
    const value = this.long()
    const isInt = typeof value === 'number' && value >= INT_MIN && value <= INT_MAX
    return isInt ? value : undecodable('an int of more than 32 bits')
  }

  /** Zigzag; a bigint if a number cannot hold it. */
  long(): number | bigint {
    let value = 0
    let factor = 1
    const from = this.#at
    for (let i = 0; i < EXACT_BYTES; i++) {
      const byte = this.byte()
      value += (byte & 127) * factor
      if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
      factor *= 128
    }
    this.#at = from
    return this.#bigLong()
  }

  #bigLong(): number | bigint {
    let value = 0n
    for (let i = 0; i < LONG_BYTES_MAX; i++) {
      const byte = this.byte()
      value |= BigInt(byte & 127) << BigInt(7 * i)
      if (byte >= 128) continue
      if (value >> 64n !== 0n) break
      const signed = (value >> 1n) ^ -(value & 1n)
      const number = Number(signed)
      return Number.isSafeInteger(number) ? number : signed
    }
    return undecodable('a long of more than 64 bits')
  }

  float(): number {
    return this.#take(4).readFloatLE(0)
  }

  double(): number {
    return this.#take(8).readDoubleLE(0)
  }

  /** A view, not a copy. */
  fixed(size: number): Uint8Array {
    return new Uint8Array(this.#take(size).buffer, this.#bytes.byteOffset + this.#at - size, size)
  }

  bytes(): Uint8Array {
    return this.fixed(this.#length())
  }

  string(): string {
    return textOf(this.#take(this.#length()))
  }

  #length(): number {
    const length = this.long()
    if (typeof length === 'number' && length >= 0) return length
    return undecodable('a length below 0, or beyond all bytes')
  }

  #take(size: number): Buffer {
    if (size > this.left) undecodable('cut short')
    this.#at += size
    return this.#bytes.subarray(this.#at - size, this.#at)
  }
}
