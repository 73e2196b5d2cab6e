/** Reading and writing bytes that may come from anybody: every read is bounded and checked. */

/** The bytes are not exactly one sketch, or a sketch does not fit into its encoding. */
export class SketchFormatError extends Error {
  readonly code = 'SKETCH_FORMAT'

  constructor(message: string) {
    super(message)
    this.name = 'SketchFormatError'
  }
}

/** No varint here means more than 48 bits. */
const VARINT_BYTES_MAX = 7

/** Writes into a buffer that the caller has made large enough. */
export class ByteWriter {
  private readonly bytes: Uint8Array
  private length = 0

  constructor(lengthMax: number) {
    this.bytes = new Uint8Array(lengthMax)
  }

  uint8(value: number): void {
    this.bytes[this.length++] = value
  }

  uint16(value: number): void {
    this.uint8(value >>> 8)
    this.uint8(value)
  }

  uint32(value: number): void {
    this.uint16(value >>> 16)
    this.uint16(value)
  }

  /** Seven bits a byte, low ones first, the high bit set on all bytes but the last. */
  varint(value: number): void {
    let rest = value
    while (rest >= 128) {
      this.uint8((rest % 128) | 128)
      rest = Math.floor(rest / 128)
    }
    this.uint8(rest)
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length)
  }
}

/** Refuses to read beyond the end, and to leave anything over. */
export class ByteReader {
  private readonly bytes: Uint8Array
  private at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  uint8(): number {
    const value = this.bytes[this.at]
    if (value === undefined) {
      throw new SketchFormatError(`truncated: expected more than ${this.bytes.length} bytes`)
    }
    this.at++
    return value
  }

  uint16(): number {
    return (this.uint8() << 8) | this.uint8()
  }

  uint32(): number {
    return ((this.uint16() << 16) | this.uint16()) >>> 0
  }

  int32(): number {
    return this.uint32() | 0
  }

  /** In its shortest form only, so that equal values are equal bytes. */
  varint(): number {
    let value = 0
    for (let i = 0; i < VARINT_BYTES_MAX; i++) {
      const byte = this.uint8()
      value += (byte & 127) * 128 ** i
      if (byte < 128) {
        if (byte === 0 && i > 0) throw new SketchFormatError('overlong varint')
        return value
      }
    }
    throw new SketchFormatError(`varint of more than ${VARINT_BYTES_MAX} bytes`)
  }

  end(): void {
    const over = this.bytes.length - this.at
    if (over !== 0) throw new SketchFormatError(`${over} bytes too many`)
  }
}
