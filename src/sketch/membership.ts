/**
 * Membership: was this id at this hop in this window? A no proves that it was not; a yes leaves doubt.
 *
 * A Bloom filter of fixed size, asked by whole ids, or by a foreign id alone when its birth, and so its
 * window, is unknown. `schemas/membership.md` defines it byte by byte, with the hash in SQL.
 *
 * Laws:
 * - What was added is never denied.
 * - Filters of one seed and capacity form a semilattice under `merge`: associative, commutative, and
 *   idempotent, so that taking the same filter twice changes nothing.
 * - `fromBytes(toBytes(f))` equals f, and equal filters are equal bytes.
 *
 * Up to its capacity a filter gives a false yes to at most about 1 id in 100. Beyond it nothing breaks:
 * the rate rises, and `falsePositiveRate` tells it. It tells nothing about ids made to collide by
 * somebody who knows the seed: such ids can get a false yes, never a false no.
 *
 * Key: of a minted id (version 7) all 16 bytes; of a foreign one (version 8) all but the 48 bits of birth
 * time. The version stays in the key, so one kind is never taken for the other.
 *
 * Hash: two lanes like those of the table (`hash.ts`), with twelve other primes of the same series, so
 * that an id's places here tell nothing about its cells there. Enhanced double hashing: the lanes scaled
 * to the size give a first place f and a step s, and place i is `(f + i·s + (i³ − i)/6) mod size`. The
 * cubic term keeps the places of one id apart when s is 0, and keeps two ids with the same s from sharing
 * all but one place.
 */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { ByteReader, ByteWriter, SketchFormatError } from './bytes.ts'
import { round, xorShift } from './hash.ts'
import { DEFAULT_SEED } from './shape.ts'

/** Messages a window that a filter is made for, unless the hop says otherwise. */
export const DEFAULT_CAPACITY = 100_000
/** With fewer bits, two ids share all their places too often for the rate to be true. */
export const CAPACITY_MIN = 1000
/** The most whose bits fit into 512 KiB. */
export const CAPACITY_MAX = 437_587

/** 1% at capacity takes ln(100) / ln(2)² = 9.5850584 bits a message; as integers, any language agrees. */
const BITS_PER_MILLION = 9_585_059
const PLACES = 7
const HASH_BYTES = 8
/** A capacity and a distance between places are below 2^22. */
const VARINT_BYTES_MAX = 4

const A0 = 0x75470923
const A1 = 0x5216d5ed
const A2 = 0x4979fb1b
const A3 = 0x51310baf
const A4 = 0x58dfb5dd
const A5 = 0x6ffd7303
const B0 = 0x501adfb7
const B1 = 0x78e1affd
const B2 = 0x6a267eb3
const B3 = 0x7a7c9047
const B4 = 0x712c7f9b
const B5 = 0x64a19949

/** The first byte: version 1 of the encoding, then which form. */
const DENSE = 0x11
const SPARSE = 0x12

/** The bytes are not exactly one filter of the capacity asked for. */
export class MembershipFormatError extends Error {
  readonly code = 'MEMBERSHIP_FORMAT'

  constructor(message: string) {
    super(message)
    this.name = 'MembershipFormatError'
  }
}

export class Membership {
  readonly seed: number
  /** Ids until a false yes is likelier than 1%. */
  readonly capacity: number
  private readonly size: number
  private readonly laneA: number
  private readonly laneB: number
  private readonly filter: PlacesFilter

  constructor(seed: number = DEFAULT_SEED, capacity: number = DEFAULT_CAPACITY) {
    assert(seed >>> 0 === seed, `expected the seed to be a uint32, got ${seed}`)
    assert(isCapacity(capacity), `expected ${capacityText}, got ${capacity}`)
    this.seed = seed
    this.capacity = capacity
    this.size = bitsOfCapacity(capacity)
    this.laneA = round((seed + 1) | 0, A5)
    this.laneB = round((seed + 2) | 0, B5)
    this.filter = placesFilter(this.size)
  }

  /** Words as uint32 or int32, high first. Allocates nothing. */
  add(w0: number, w1: number, w2: number, w3: number): void {
    this.filter.add(this.placesOf(w0, w1, w2, w3))
  }

  /** False proves that the id was not added; true does not prove that it was. */
  mayHave(w0: number, w1: number, w2: number, w3: number): boolean {
    return this.filter.has(this.placesOf(w0, w1, w2, w3))
  }

  /**
   * The same for a foreign id whose birth is unknown, by the first 8 bytes of its SHA-256 (those after
   * are not looked at). It asks for ordinal 0: the id itself, not what was derived from it.
   */
  mayHaveForeign(hash64: Uint8Array): boolean {
    assert(hash64.length >= HASH_BYTES, `expected ${HASH_BYTES} bytes, got ${hash64.length}`)
    const high = (hash64[0]! << 24) | (hash64[1]! << 16) | (hash64[2]! << 8) | hash64[3]!
    const low = (hash64[4]! << 24) | (hash64[5]! << 16) | (hash64[6]! << 8) | hash64[7]!
    // Laid out as in the id: version 8 and 12 bits, variant and 28 + 2, 22 above the ordinal.
    const w1 = (8 << 12) | (high >>> 20)
    const w2 = (2 << 30) | ((high & 0xfffff) << 10) | (low >>> 22)
    return this.mayHave(0, w1, w2, (low & 0x3fffff) << 10)
  }

  /** Takes in all that `other` has. */
  merge(other: Membership): void {
    assert(other.seed === this.seed, 'filters of different seeds do not merge')
    assert(other.capacity === this.capacity, 'filters of different capacities do not merge')
    const [bits, added] = [this.filter._filter.array, other.filter._filter.array]
    for (let i = 0; i < bits.length; i++) bits[i]! |= added[i]!
  }

  /** The share of bits that are set, 0 to 1. Looks at all of them. */
  get fill(): number {
    return countBits(this.filter._filter.array) / this.size
  }

  /** How likely a yes is for an id that was not added, 0 to 1: each of its places is set by chance. */
  falsePositiveRate(): number {
    return this.fill ** PLACES
  }

  /** At most 524,292 bytes; 119,818 at the default capacity. */
  toBytes(): Uint8Array {
    const bits = this.filter._filter.array
    const sparse = sparseBody(bits)
    const head = headOf(sparse === null ? DENSE : SPARSE, this.capacity)
    const body = sparse ?? bits
    const bytes = new Uint8Array(head.length + body.length)
    bytes.set(head)
    bytes.set(body, head.length)
    return bytes
  }

  /**
   * Throws `MembershipFormatError` unless the bytes are exactly one filter of that capacity. Takes the
   * memory of one filter, whatever the bytes say.
   */
  static fromBytes(bytes: Uint8Array, seed: number, capacity: number): Membership {
    if (!isCapacity(capacity)) {
      throw new MembershipFormatError(`expected ${capacityText}, got ${capacity}`)
    }
    const membership = new Membership(seed, capacity)
    try {
      readInto(membership.filter._filter.array, bytes, capacity)
    } catch (error) {
      // The reader of bytes is the sketch's.
      if (error instanceof SketchFormatError) throw new MembershipFormatError(error.message)
      throw error
    }
    return membership
  }

  /** Of the bits; what the package keeps beside them is another 4 KB. */
  get bytesInMemory(): number {
    return this.filter._filter.array.byteLength
  }

  private placesOf(w0: number, w1: number, w2: number, w3: number): Places {
    const isForeign = ((w1 >>> 12) & 15) === 8
    const key0 = isForeign ? 0 : w0
    const key1 = isForeign ? w1 & 0xffff : w1
    let a = round((this.laneA + key0) | 0, A0)
    let b = round((this.laneB + key0) | 0, B0)
    a = round((a + key1) | 0, A1)
    b = round((b + key1) | 0, B1)
    a = round((a + w2) | 0, A2)
    b = round((b + w2) | 0, B2)
    a = round((a + w3) | 0, A3)
    b = round((b + w3) | 0, B3)
    a = xorShift(round(a, A4))
    b = xorShift(round(b, B4))

    // 31 bits times a size below 2^22 are exact in a double.
    const { size } = this
    let place = ((a >>> 1) * (size / 0x80000000)) | 0
    let step = ((b >>> 1) * (size / 0x80000000)) | 0
    places[0] = place
    for (let i = 1; i < PLACES; i++) {
      place += step
      if (place >= size) place -= size
      places[i] = place
      step += i
      if (step >= size) step -= size
    }
    return places
  }
}

type Places = readonly number[]

/** Written by `placesOf`, and read before anybody can call it again. */
const places: number[] = new Array<number>(PLACES).fill(0)

/** What is used of the package's BloomFilter. Its elements are the places, hashed already. */
interface PlacesFilter {
  readonly _hashing: { getIndexes(element: Places): Places }
  /** Bit i is bit `i mod 8`, low first, of byte `i div 8`. */
  readonly _filter: { readonly array: Uint8Array }
  add(element: Places): void
  has(element: Places): boolean
}

type FilterModule = { readonly default: new (bits: number, hashes: number) => PlacesFilter }

let filterModule: FilterModule | undefined

/**
 * Loaded with the first filter: an agent should not cost its host what it does not use. Only the one
 * file: the whole package takes three times as long.
 */
function placesFilter(bits: number): PlacesFilter {
  filterModule ??= createRequire(import.meta.url)(
    'bloom-filters/dist/bloom/bloom-filter.js',
  ) as FilterModule
  const filter = new filterModule.default(bits, PLACES)
  filter._hashing.getIndexes = asItIs
  return filter
}

function asItIs(element: Places): Places {
  return element
}

function isCapacity(n: number): boolean {
  return Number.isInteger(n) && n >= CAPACITY_MIN && n <= CAPACITY_MAX
}

const capacityText = `a capacity of ${CAPACITY_MIN} to ${CAPACITY_MAX} messages`

function bitsOfCapacity(capacity: number): number {
  return Math.ceil((capacity * BITS_PER_MILLION) / 1_000_000)
}

function headOf(form: number, capacity: number): Uint8Array {
  const head = new ByteWriter(1 + VARINT_BYTES_MAX)
  head.uint8(form)
  head.varint(capacity)
  return head.finish()
}

/** The number of set bits, then of each how many were passed over; null where dense is not longer. */
function sparseBody(bits: Uint8Array): Uint8Array | null {
  const count = countBits(bits)
  // Each takes a byte or more: of a fuller filter there is no need to look at them.
  if (count >= bits.length) return null
  const writer = new ByteWriter((1 + count) * VARINT_BYTES_MAX)
  writer.varint(count)
  let next = 0
  for (let i = 0; i < bits.length; i++) {
    for (let rest = bits[i]!; rest !== 0; rest &= rest - 1) {
      const place = 8 * i + 31 - Math.clz32(rest & -rest)
      writer.varint(place - next)
      next = place + 1
    }
  }
  const body = writer.finish()
  return body.length < bits.length ? body : null
}

function readInto(bits: Uint8Array, bytes: Uint8Array, capacity: number): void {
  const reader = new ByteReader(bytes)
  const form = reader.uint8()
  if (form !== DENSE && form !== SPARSE) {
    throw new SketchFormatError(`expected a filter of version 1 (17 or 18), got ${form}`)
  }
  const named = reader.varint()
  if (named !== capacity) {
    throw new SketchFormatError(`expected a filter for ${capacity} messages, got one for ${named}`)
  }
  const body = bytes.subarray(headOf(form, capacity).length)
  if (form === DENSE) readDense(bits, body, bitsOfCapacity(capacity))
  else readSparse(bits, body, bitsOfCapacity(capacity))
}

function readDense(bits: Uint8Array, body: Uint8Array, size: number): void {
  if (body.length !== bits.length) {
    throw new SketchFormatError(`expected ${bits.length} bytes of bits, got ${body.length}`)
  }
  bits.set(body)
  if (bits.at(-1)! >>> (((size - 1) & 7) + 1) !== 0) {
    throw new SketchFormatError(`expected no bit beyond ${size}`)
  }
  if (sparseBody(bits) !== null) {
    throw new SketchFormatError('expected the sparse form, being shorter')
  }
}

function readSparse(bits: Uint8Array, body: Uint8Array, size: number): void {
  if (body.length >= bits.length) {
    throw new SketchFormatError('expected the dense form, being no longer')
  }
  const reader = new ByteReader(body)
  const count = reader.varint()
  let next = 0
  for (let i = 0; i < count; i++) {
    const place = next + reader.varint()
    if (place >= size) throw new SketchFormatError(`expected a bit below ${size}, got ${place}`)
    bits[place >> 3]! |= 1 << (place & 7)
    next = place + 1
  }
  reader.end()
}

function countBits(bits: Uint8Array): number {
  let count = 0
  for (let i = 0; i < bits.length; i += 4) {
    // Four bytes at a time; beyond the end there is nothing.
    const x = bits[i]! | (bits[i + 1]! << 8) | (bits[i + 2]! << 16) | (bits[i + 3]! << 24)
    const pairs = x - ((x >>> 1) & 0x55555555)
    const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333)
    count += Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
  }
  return count
}
