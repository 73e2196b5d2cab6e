/**
 * The sketch as bytes. Big-endian; `varint` is LEB128 in its shortest form.
 *
 * | form   | tag    | then                                                                      |
 * | ------ | ------ | ------------------------------------------------------------------------- |
 * | list   | 1 or 4 | `varint` n <= 1000; n ids in ascending order, each the `varint` distance  |
 * |        |        | of its first 48 bits (the birth time of a stamp) from those of the id     |
 * |        |        | before (from 0 at first) and its last 10 bytes; `varint` m; m exceptions, |
 * |        |        | each the `varint` number of ids passed over since the exception before,   |
 * |        |        | and the `varint` zigzag of its times. Ids without exception: times 1.     |
 * | dense  | 2 or 5 | 1,168 cells                                                               |
 * | sparse | 3 or 6 | a bitmap of 146 bytes, high bit first: which cells follow; those cells    |
 *
 * The second tag is that of the same form over ids with digests: four bytes more at the end of each id,
 * and one limb more in each cell. A cell is 28 bytes, or 32: int32 count, then the limbs and two checks
 * as uint32 residues in [0, p).
 * Why these: stamped ids of one window differ little in time, so an id costs 11 bytes and its usual
 * multiplicity nothing; a table has an encoding of fixed size which SQL can write, and the sparse form
 * is used where it is shorter (a ladder is mostly empty).
 *
 * Longest: dense, 32,705 bytes, or 37,377; a list is at most 24,005 (7 + 10 + 2 + 5 bytes an id), or
 * 28,005. Seed and shape are not in it: the frame around it names them.
 *
 * Refused, with `SketchFormatError`: an unknown tag, that of the other width, truncated or overlong
 * bytes, varints not in their shortest form, ids out of order, times 0 or beyond an int32, an exception
 * of times 1, residues >= p, listed cells that are empty, and tables whose four sub-tables do not hold
 * the same in sum (every id is once in each, so no set of ids can give that).
 *
 * Laws: `decode(encode(s))` equals s; equal lists are equal bytes; bytes that decode at all encode to
 * themselves again, but for a table that came in the longer of its two forms.
 */
import { ByteReader, ByteWriter, SketchFormatError } from './bytes.ts'
import { IdList, LIST_LIMIT } from './list.ts'
import { reduce } from './modular.ts'
import {
  CELLS,
  COUNT_MAX,
  COUNT_MIN,
  cellWordsOf,
  ID_LIMBS,
  type Limbs,
  PRIME,
  SUB_TABLE_CELLS,
  SUB_TABLES,
} from './shape.ts'
import { Table } from './table.ts'

export { SketchFormatError } from './bytes.ts'

interface Tags {
  readonly list: number
  readonly dense: number
  readonly sparse: number
}

const TAGS: Tags = { list: 1, dense: 2, sparse: 3 }
const WIDE_TAGS: Tags = { list: 4, dense: 5, sparse: 6 }

const BITMAP_BYTES: number = CELLS / 8
const ID_BYTES_MAX = 7 + 10
const DIGEST_BYTES = 4
const EXCEPTION_BYTES_MAX = 2 + 5
const LIST_HEAD_BYTES_MAX = 1 + 2 + 2

export function encode(form: IdList | Table): Uint8Array {
  return form instanceof Table ? encodeTable(form) : encodeList(form)
}

export function decode(bytes: Uint8Array, seed: number, limbs: Limbs): IdList | Table {
  const { list, dense, sparse } = tagsOf(limbs)
  const reader = new ByteReader(bytes)
  const tag = reader.uint8()
  let form: IdList | Table
  if (tag === list) form = decodeList(reader, limbs)
  else if (tag === dense) form = decodeTable(reader, seed, limbs, null)
  else if (tag === sparse) form = decodeTable(reader, seed, limbs, decodeBitmap(reader))
  else {
    const expected = `expected the tag of a list or table of ${limbs} limbs (${list}..${sparse})`
    throw new SketchFormatError(`${expected}, got ${tag}`)
  }
  reader.end()
  return form
}

function tagsOf(limbs: Limbs): Tags {
  return limbs === ID_LIMBS ? TAGS : WIDE_TAGS
}

function encodeList(list: IdList): Uint8Array {
  list.net()
  const { length, words, times, limbs } = list
  const entryBytesMax = ID_BYTES_MAX + DIGEST_BYTES + EXCEPTION_BYTES_MAX
  const writer = new ByteWriter(LIST_HEAD_BYTES_MAX + length * entryBytesMax)
  writer.uint8(tagsOf(limbs).list)
  writer.varint(length)

  let before = 0
  let exceptions = 0
  for (let i = 0; i < length; i++) {
    const at = limbs * i
    const head = words[at]! * 65536 + (words[at + 1]! >>> 16)
    writer.varint(head - before)
    writer.uint16(words[at + 1]!)
    for (let k = 2; k < limbs; k++) writer.uint32(words[at + k]!)
    before = head
    if (times[i] !== 1) exceptions++
  }

  writer.varint(exceptions)
  let next = 0
  for (let i = 0; i < length; i++) {
    if (times[i] === 1) continue
    const value = int32(times[i]!)
    writer.varint(i - next)
    writer.varint(((value << 1) ^ (value >> 31)) >>> 0)
    next = i + 1
  }
  return writer.finish()
}

function decodeList(reader: ByteReader, limbs: Limbs): IdList {
  const list = new IdList(limbs)
  const length = reader.varint()
  if (length > LIST_LIMIT) {
    throw new SketchFormatError(`expected a list of at most ${LIST_LIMIT} ids, got ${length}`)
  }

  let head = 0
  for (let i = 0; i < length; i++) {
    const distance = reader.varint()
    head += distance
    if (head >= 2 ** 48) throw new SketchFormatError('expected the first 48 bits of an id')
    const w0 = Math.floor(head / 65536)
    const w1 = (head % 65536) * 65536 + reader.uint16()
    const w2 = reader.uint32()
    const w3 = reader.uint32()
    list.add(w0, w1, w2, w3, 1, limbs === ID_LIMBS ? 0 : reader.uint32())
    if (distance === 0 && i > 0 && !list.ascendsAt(i)) {
      throw new SketchFormatError('expected ids in ascending order')
    }
  }

  const exceptions = reader.varint()
  let next = 0
  for (let k = 0; k < exceptions; k++) {
    const i = next + reader.varint()
    if (i >= length) throw new SketchFormatError('expected no more exceptions than ids')
    const zigzag = reader.varint()
    if (zigzag === 0 || zigzag === 2 || zigzag >= 2 ** 32) {
      throw new SketchFormatError('expected times other than 0 and 1, an int32')
    }
    list.times[i] = (zigzag >>> 1) ^ -(zigzag & 1)
    next = i + 1
  }
  return list
}

function encodeTable(table: Table): Uint8Array {
  table.reduce()
  const { sums, limbs, cellWords } = table
  const cellBytes = 4 * cellWords
  const bitmap = new Uint8Array(BITMAP_BYTES)
  let filled = 0
  for (let cell = 0; cell < CELLS; cell++) {
    if (isZeroCell(sums, cellWords, cell)) continue
    bitmap[cell >> 3]! |= 128 >> (cell & 7)
    filled++
  }

  const sparse = BITMAP_BYTES + filled * cellBytes < CELLS * cellBytes
  const bodyBytes = sparse ? BITMAP_BYTES + filled * cellBytes : CELLS * cellBytes
  const bytes = new Uint8Array(1 + bodyBytes)
  bytes[0] = sparse ? tagsOf(limbs).sparse : tagsOf(limbs).dense
  if (sparse) bytes.set(bitmap, 1)
  const view = new DataView(bytes.buffer)
  let at = sparse ? 1 + BITMAP_BYTES : 1
  for (let cell = 0; cell < CELLS; cell++) {
    if (sparse && !isListed(bitmap, cell)) continue
    view.setInt32(at, int32(sums[cell * cellWords]!))
    for (let i = 1; i < cellWords; i++) view.setUint32(at + 4 * i, sums[cell * cellWords + i]!)
    at += cellBytes
  }
  return bytes
}

function decodeBitmap(reader: ByteReader): Uint8Array {
  return Uint8Array.from({ length: BITMAP_BYTES }, () => reader.uint8())
}

function decodeTable(
  reader: ByteReader,
  seed: number,
  limbs: Limbs,
  bitmap: Uint8Array | null,
): Table {
  const cellWords = cellWordsOf(limbs)
  const sums = new Float64Array(CELLS * cellWords)
  for (let cell = 0; cell < CELLS; cell++) {
    if (bitmap !== null && !isListed(bitmap, cell)) continue
    sums[cell * cellWords] = reader.int32()
    for (let i = 1; i < cellWords; i++) {
      const residue = reader.uint32()
      if (residue >= PRIME) throw new SketchFormatError(`expected a residue, got ${residue}`)
      sums[cell * cellWords + i] = residue
    }
    if (bitmap !== null && isZeroCell(sums, cellWords, cell)) {
      throw new SketchFormatError(`expected no empty cell in a sparse table, got cell ${cell}`)
    }
  }
  refuseUnevenSubTables(sums, cellWords)
  return new Table(seed, limbs, sums, 1)
}

function refuseUnevenSubTables(sums: Float64Array, cellWords: number): void {
  for (let i = 0; i < cellWords; i++) {
    const expected = subTableSum(sums, cellWords, 0, i)
    for (let part = 1; part < SUB_TABLES; part++) {
      const seen = subTableSum(sums, cellWords, part, i)
      if (i === 0 ? seen !== expected : reduce(seen) !== reduce(expected)) {
        throw new SketchFormatError('expected the same sum in each sub-table')
      }
    }
  }
}

function subTableSum(sums: Float64Array, cellWords: number, part: number, word: number): number {
  let sum = 0
  for (let i = 0; i < SUB_TABLE_CELLS; i++) {
    sum += sums[(part * SUB_TABLE_CELLS + i) * cellWords + word]!
  }
  return sum
}

function isListed(bitmap: Uint8Array, cell: number): boolean {
  return (bitmap[cell >> 3]! & (128 >> (cell & 7))) !== 0
}

function isZeroCell(sums: Float64Array, cellWords: number, cell: number): boolean {
  for (let at = cell * cellWords; at < (cell + 1) * cellWords; at++) {
    if (sums[at] !== 0) return false
  }
  return true
}

function int32(value: number): number {
  if (value < COUNT_MIN || value > COUNT_MAX) {
    throw new SketchFormatError(`expected a count that fits an int32, got ${value}`)
  }
  return value
}
