/** Reads the wire types of Protocol Buffers, never beyond the end of the message that is being read. */
import { undecodable } from './bounded.ts'

export const WIRE = { varint: 0, fixed64: 1, bytes: 2, group: 3, groupEnd: 4, fixed32: 5 } as const

const VARINT_BYTES_MAX = 10

/** 64 bits, as two unsigned numbers of 32. */
interface Bits {
  readonly low: number
  readonly high: number
}

export class ProtobufCursor {
  readonly #bytes: Buffer
  #at = 0
  #end: number

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.#end = bytes.length
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end
  }

  /** Reads a length, and lets nothing be read beyond it meanwhile. */
  within(read: () => void): void {
    const length = this.#length()
    const outer = this.#end
    if (length > outer - this.#at) undecodable('cut short')
    this.#end = this.#at + length
    read()
    this.#end = outer
  }

  /** Field number and wire type. */
  tag(): { readonly number: number; readonly wire: number } {
    const { low, high } = this.#varint()
    if (high !== 0 || low < 8) undecodable('an impossible field number')
    return { number: low >>> 3, wire: low & 7 }
  }

  int32(): number {
    return this.#varint().low | 0
  }

  uint32(): number {
    return this.#varint().low
  }

  sint32(): number {
    const { low } = this.#varint()
    return (low >>> 1) ^ -(low & 1)
  }

  int64(): number | bigint {
    return signed(this.#varint())
  }

  uint64(): number | bigint {
    return unsigned(this.#varint())
  }

  sint64(): number | bigint {
    const { low, high } = this.#varint()
    const isNegative = low & 1
    return signed({
      low: ((low >>> 1) | (high << 31)) ^ -isNegative,
      high: (high >>> 1) ^ -isNegative,
    })
  }

  bool(): boolean {
    const { low, high } = this.#varint()
    return low !== 0 || high !== 0
  }

  fixed32(): number {
    return this.#take(4).readUInt32LE(0)
  }

  sfixed32(): number {
    return this.#take(4).readInt32LE(0)
  }

  float(): number {
    return this.#take(4).readFloatLE(0)
  }

  fixed64(): number | bigint {
    const bytes = this.#take(8)
    return unsigned({ low: bytes.readUInt32LE(0), high: bytes.readUInt32LE(4) })
  }

  sfixed64(): number | bigint {
    const bytes = this.#take(8)
    return signed({ low: bytes.readUInt32LE(0), high: bytes.readUInt32LE(4) })
  }

  double(): number {
    return this.#take(8).readDoubleLE(0)
  }

  /** A view, not a copy. */
  bytes(): Buffer {
    return this.#take(this.#length())
  }

  /** Passes over a field that nobody declared; groups without recursion, as deep as bytes allow. */
  skip(number: number, wire: number): void {
    if (wire !== WIRE.group) {
      this.#skipOne(wire)
      return
    }
    const open = [number]
    while (open.length > 0) {
      if (this.isAtEnd) undecodable('cut short')
      const tag = this.tag()
      if (tag.wire === WIRE.group) open.push(tag.number)
      else if (tag.wire !== WIRE.groupEnd) this.#skipOne(tag.wire)
      else if (open.pop() !== tag.number) undecodable('the end of another group')
    }
  }

  #skipOne(wire: number): void {
    switch (wire) {
      case WIRE.varint:
        this.#varint()
        return
      case WIRE.fixed64:
        this.#take(8)
        return
      case WIRE.bytes:
        this.#take(this.#length())
        return
      case WIRE.fixed32:
        this.#take(4)
        return
      default:
        undecodable('an impossible wire type')
    }
  }

  #length(): number {
    const { low, high } = this.#varint()
    return high === 0 ? low : undecodable('a length beyond all bytes')
  }

  #take(size: number): Buffer {
    if (size > this.#end - this.#at) undecodable('cut short')
    this.#at += size
    return this.#bytes.subarray(this.#at - size, this.#at)
  }

  #varint(): Bits {
    let low = 0
    let high = 0
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      if (this.isAtEnd) undecodable('cut short')
      const byte = this.#bytes[this.#at++] as number
      const bits = byte & 127
      const shift = 7 * i
      if (shift < 32) low |= bits << shift
      // The fifth byte has bits of both.
      if (shift > 32) high |= bits << (shift - 32)
      else if (shift > 25) high |= bits >>> (32 - shift)
      if (byte < 128) return { low: low >>> 0, high: high >>> 0 }
    }
    return undecodable('a number of more than 64 bits')
  }
}

const HIGH = 2 ** 32

function unsigned({ low, high }: Bits): number | bigint {
  const number = (high >>> 0) * HIGH + (low >>> 0)
  if (Number.isSafeInteger(number)) return number
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)
}

function signed({ low, high }: Bits): number | bigint {
  const number = (high | 0) * HIGH + (low >>> 0)
  if (Number.isSafeInteger(number)) return number
  return (BigInt(high | 0) << 32n) | BigInt(low >>> 0)
}
