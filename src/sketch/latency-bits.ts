/**
 * Whole numbers in as few bits as they need, high bit first, for counts that differ little from their
 * neighbours. Specified in `schemas/latency.md`.
 *
 * - `gamma(n)`, n >= 1 (Elias): as many 0 as n has bits behind its first, then n.
 * - `rice(n)`, n >= 0 (Golomb and Rice): n is split into quotient and remainder by 2^k; as many 1 as the
 *   quotient says, a 0, then the remainder in k bits. If the quotient is 24 or more: 24 times 1, then n in
 *   49 bits. Here k follows the numbers: s begins at 16 and becomes s − floor(s / 4) + n after each n, so
 *   s / 4 is about their mean; k is the largest from 0 with 2^(k+2) <= s, or 0.
 *
 * Laws: what was written is read; each sequence has one form only, a reader refuses others.
 */
import { type ByteReader, type ByteWriter, SketchFormatError } from './bytes.ts'

/** The largest n that `rice` takes is below 2^49. */
const PLAIN_BITS = 49
const QUOTIENT_MAX = 24
/** No stretch of buckets is longer than 2^11. */
const GAMMA_ZEROS_MAX = 11
/** Shifts work on int32. */
const CHUNK_BITS = 24

/** What a `rice` takes at most. */
export const RICE_BITS_MAX: number = QUOTIENT_MAX + PLAIN_BITS

/** Follows the size of the numbers. */
class Scale {
  k = 2
  /** 2^k */
  unit = 4
  private s = 16

  follow(n: number): void {
    this.s += n - Math.floor(this.s / 4)
    while (8 * this.unit <= this.s) this.change(this.k + 1, this.unit * 2)
    while (this.k > 0 && 4 * this.unit > this.s) this.change(this.k - 1, this.unit / 2)
  }

  private change(k: number, unit: number): void {
    this.k = k
    this.unit = unit
  }
}

export class BitWriter {
  private readonly writer: ByteWriter
  private readonly scale = new Scale()
  private byte = 0
  /** Bits that are free in it. */
  private free = 8

  constructor(writer: ByteWriter) {
    this.writer = writer
  }

  gamma(n: number): void {
    const behind = 31 - Math.clz32(n)
    this.bits(0, behind)
    this.bits(n, behind + 1)
  }

  rice(n: number): void {
    const { k, unit } = this.scale
    const quotient = Math.floor(n / unit)
    const ones = Math.min(quotient, QUOTIENT_MAX)
    this.bits((1 << ones) - 1, ones)
    if (quotient < QUOTIENT_MAX) this.bits(n - quotient * unit, k + 1)
    else this.bits(n, PLAIN_BITS)
    this.scale.follow(n)
  }

  /** Fills the last byte with 0. */
  finish(): void {
    if (this.free < 8) this.writer.uint8(this.byte)
  }

  private bits(value: number, width: number): void {
    if (width > CHUNK_BITS) {
      this.bits(Math.floor(value / 2 ** CHUNK_BITS), width - CHUNK_BITS)
      this.bits(value % 2 ** CHUNK_BITS, CHUNK_BITS)
      return
    }
    let left = width
    while (left > 0) {
      const taken = Math.min(left, this.free)
      left -= taken
      this.free -= taken
      this.byte |= ((value >>> left) & ((1 << taken) - 1)) << this.free
      if (this.free > 0) continue
      this.writer.uint8(this.byte)
      this.byte = 0
      this.free = 8
    }
  }
}

export class BitReader {
  private readonly reader: ByteReader
  private readonly scale = new Scale()
  private byte = 0
  /** Bits of it that are still to be read. */
  private left = 0

  constructor(reader: ByteReader) {
    this.reader = reader
  }

  gamma(): number {
    let behind = 0
    while (this.bits(1) === 0) {
      if (++behind > GAMMA_ZEROS_MAX) throw new SketchFormatError('a stretch longer than there are')
    }
    return 2 ** behind + this.bits(behind)
  }

  rice(): number {
    const { k, unit } = this.scale
    const quotient = this.ones()
    let n: number
    if (quotient < QUOTIENT_MAX) n = quotient * unit + this.bits(k)
    else {
      n = this.bits(PLAIN_BITS)
      if (n < QUOTIENT_MAX * unit) throw new SketchFormatError('expected fewer bits')
    }
    this.scale.follow(n)
    return n
  }

  /** Refuses a last byte that is filled with anything but 0. */
  finish(): void {
    if (this.bits(this.left) !== 0) throw new SketchFormatError('expected 0 in the last bits')
  }

  /** How many 1 come first, with the 0 behind them; at most 24, without. */
  private ones(): number {
    let ones = 0
    while (ones < QUOTIENT_MAX) {
      if (this.left === 0) this.load()
      // The bits that are left, moved to the top of an int32.
      const run = Math.min(Math.clz32(~(this.byte << (32 - this.left))), QUOTIENT_MAX - ones)
      ones += run
      this.left -= run
      if (this.left === 0 || ones === QUOTIENT_MAX) continue
      this.left--
      break
    }
    return ones
  }

  private bits(width: number): number {
    let value = 0
    let missing = width
    while (missing > 0) {
      if (this.left === 0) this.load()
      const taken = Math.min(missing, this.left)
      missing -= taken
      this.left -= taken
      const mask = (1 << taken) - 1
      value = value * (1 << taken) + ((this.byte >>> this.left) & mask)
    }
    return value
  }

  private load(): void {
    this.byte = this.reader.uint8()
    this.left = 8
  }
}
