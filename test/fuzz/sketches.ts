/** Sketches of both widths: the encoding is canonical, and what is accepted is peeled. */
import { decode } from '../../src/sketch/codec.ts'
import { hexOfWords } from '../../src/sketch/hex.ts'
import {
  BASE_CELLS,
  CELLS,
  cellWordsOf,
  DEFAULT_SEED,
  type Limbs,
  PRIME,
  SUB_TABLE_CELLS,
  SUB_TABLES,
} from '../../src/sketch/shape.ts'
import { Sketch, SketchFormatError } from '../../src/sketch/sketch.ts'
import { Table } from '../../src/sketch/table.ts'
import { metered } from './meter.ts'
import type { Random } from './random.ts'
import { must, type Target } from './target.ts'

/** Two full tables, or a list that doubles as it grows. */
const BYTES_MAX = 256 * 1024
/** A clone of the table, the names, and what beside them. */
const PEEL_BYTES_MAX = 2 ** 20
/** Each cell is looked at once, and again for each peel that touches it; each look tries 32 readings. */
const HASHES_MAX: number = 32 * CELLS * 6
/** Of a table; sums modulo p are not compared, so a table of another seed would do as well. */
const SEED = DEFAULT_SEED

export function sketchTarget(limbs: Limbs): Target<Sketch> {
  return {
    name: limbs === 4 ? 'sketch' : 'wide-sketch',
    weight: 60,
    valid: (random) => sketchOf(random, limbs).toBytes(),
    odd: (random) => oddTable(random, limbs),
    decode: (bytes) => Sketch.fromBytes(bytes, SEED, limbs),
    refuses: (error) => error instanceof SketchFormatError,
    bytesMax: (length) => BYTES_MAX + 4 * length,
    looksMax: 2,
    examine: (sketch, bytes) => {
      const again = sketch.clone().toBytes()
      // A sparse table may be longer than its dense form, but it is then the same table.
      if (again[0] === bytes[0]) must(same(again, bytes), 'encodes to other bytes')
      else must(same(again, Sketch.fromBytes(again, SEED, limbs).toBytes()), 'has two encodings')
      examinePeel(sketch, again, limbs)
    },
  }
}

/** Any content: few ids or a table of them, any multiplicity, close together or anywhere. */
export function sketchOf(random: Random, limbs: Limbs): Sketch {
  const sketch = new Sketch(SEED, limbs)
  for (let n = random.size(random.oneIn(8) ? 1300 : 40); n > 0; n--) {
    const [w0, w1, w2, w3] = [random.size(2 ** 32 - 1), random.uint32(), word(random), word(random)]
    sketch.add(w0, w1, w2, w3, times(random), limbs === 4 ? 0 : word(random))
  }
  return sketch
}

const word = (random: Random): number =>
  random.oneIn(8) ? random.pick([0, 4, 5, PRIME - 1, PRIME, PRIME + 4, 1]) : random.uint32()

/** The sums stay within an int32 in each cell: 1,300 of these. */
const times = (random: Random): number =>
  random.oneIn(4) ? random.from(-(2 ** 20), 2 ** 20) || 1 : random.pick([1, 1, 1, -1, 2])

/**
 * What no set of ids gives, and the encoding takes: the sums of the sub-tables agree, the cells do not.
 * The same is added to one cell of each sub-table, and anything to the ladder.
 */
function oddTable(random: Random, limbs: Limbs): Uint8Array {
  const cellWords = cellWordsOf(limbs)
  const table = new Table(SEED, limbs)
  for (let n = random.size(200); n > 0; n--) {
    const one = random.pick([1, -1, 2, 5, 2 ** 20])
    table.add(word(random), word(random), word(random), word(random), one, word(random))
  }
  for (let n = random.size(300); n > 0; n--) {
    const added = random.list(cellWords, (i) => (i === 0 ? random.from(-3, 3) : word(random)))
    if (random.oneIn(4)) bump(table, BASE_CELLS + random.below(CELLS - BASE_CELLS), added)
    for (let part = 0; part < SUB_TABLES; part++) {
      bump(table, part * SUB_TABLE_CELLS + random.below(SUB_TABLE_CELLS), added)
    }
    table.reduce()
  }
  const bytes = new Uint8Array(1 + CELLS * 4 * cellWords)
  bytes[0] = limbs === 4 ? 2 : 5
  const view = new DataView(bytes.buffer)
  table.reduce()
  table.sums.forEach((sum, i) => {
    view.setUint32(1 + 4 * i, sum >>> 0)
  })
  return bytes
}

function bump(table: Table, cell: number, added: readonly number[]): void {
  added.forEach((value, i) => {
    table.sums[cell * table.cellWords + i]! += value
  })
}

/** It ends, in bounded work; and where it says that all are named, they are all there is. */
function examinePeel(sketch: Sketch, bytes: Uint8Array, limbs: Limbs): void {
  hashes = 0
  const peeled = metered(PEEL_BYTES_MAX, () => sketch.peel())
  if (peeled.value === undefined) throw new Error(`peeling throws ${String(peeled.error)}`)
  must(peeled.bytes <= PEEL_BYTES_MAX, `peeling asks for ${peeled.bytes} bytes`)
  must(hashes <= HASHES_MAX, `peeling hashes ${hashes} times`)
  must(same(sketch.toBytes(), bytes), 'peeling changes the sketch')
  const { ids, net, complete, estimate } = peeled.value
  must(net === sketch.count, `net ${net} is not its count`)
  must(ids.length <= CELLS, `${ids.length} names`)
  ids.forEach(({ hex, times }, i) => {
    must(hex.length === 8 * limbs && /^[0-9a-f]+$/.test(hex), `the name ${hex}`)
    must(Number.isSafeInteger(times) && times !== 0, `${times} times ${hex}`)
    must(i === 0 || ids[i - 1]!.hex < hex, 'names out of order')
  })
  must(complete === (estimate === null), 'an estimate of what is named, or none of what is not')
  if (!complete) return
  const sum = new Table(SEED, limbs)
  for (const { hex, times } of ids) {
    const w = wordsOf(hex)
    sum.add(w[0]!, w[1]!, w[2]!, w[3]!, times, w[4] ?? 0)
    must(hexOfWords(w) === hex, `the name ${hex} is not its words`)
  }
  // Both as tables: equal as values.
  const form = decode(bytes, SEED, limbs)
  if (form instanceof Table) sum.merge(form, -1)
  else form.addTo(sum, -1)
  must(sum.isEmpty(), 'all are named, and they do not give the table')
}

const wordsOf = (hex: string): number[] =>
  Array.from({ length: hex.length / 8 }, (_, i) => Number.parseInt(hex.slice(8 * i, 8 * i + 8), 16))

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** Counted for all tables, since peeling works on a copy. */
let hashes = 0
const locate: Table['locate'] = Table.prototype.locate
Table.prototype.locate = function (this: Table, ...place): void {
  hashes++
  locate.apply(this, place)
}
