/**
 * From the cells that SQL has folded to a sketch: the way back from a warehouse.
 *
 * Law: folding a window's ids in SQL and reading its cells equals folding them here, byte for byte once
 * there are too many for a list. What does not come from ids is refused as by `Sketch.fromBytes`.
 */
import { ByteWriter, SketchFormatError } from './bytes.ts'
import { CELLS, COUNT_MAX, COUNT_MIN, cellWordsOf, ID_LIMBS, type Limbs, PRIME } from './shape.ts'
import { Sketch } from './sketch.ts'

/** As drivers give 64-bit integers; some give them as text. */
export type SqlInteger = number | bigint | string

/** One row of `foldSql` or `mergeSql`. */
export interface CellRow {
  /** NULL in the row that counts what could not be folded. */
  readonly cell: SqlInteger | null
  readonly count: SqlInteger
  readonly limb0: SqlInteger | null
  readonly limb1: SqlInteger | null
  readonly limb2: SqlInteger | null
  readonly limb3: SqlInteger | null
  /** There if the elements are ids with digests. */
  readonly digest?: SqlInteger | null
  readonly check_a: SqlInteger | null
  readonly check_b: SqlInteger | null
}

const idWords = ['limb0', 'limb1', 'limb2', 'limb3', 'check_a', 'check_b'] as const
const wideWords = ['limb0', 'limb1', 'limb2', 'limb3', 'digest', 'check_a', 'check_b'] as const

const TAG_DENSE = 2
const TAG_DENSE_WIDE = 5

/** Of the rows of one window. Refuses a row that counts unread ids: a sketch could not tell of them. */
export function sketchOfCells(
  rows: Iterable<CellRow>,
  seed: number,
  limbs: Limbs = ID_LIMBS,
): Sketch {
  const words = limbs === ID_LIMBS ? idWords : wideWords
  const cells = new Map<number, CellRow>()
  for (const row of rows) {
    if (row.cell === null) {
      throw new SketchFormatError(`expected only ids that could be folded, got ${row.count} others`)
    }
    const cell = integer('cell', row.cell, 0, CELLS - 1)
    if (cells.has(cell)) throw new SketchFormatError(`expected one row a cell, got more of ${cell}`)
    cells.set(cell, row)
  }

  const writer = new ByteWriter(1 + CELLS * 4 * cellWordsOf(limbs))
  writer.uint8(limbs === ID_LIMBS ? TAG_DENSE : TAG_DENSE_WIDE)
  for (let cell = 0; cell < CELLS; cell++) {
    const row = cells.get(cell)
    writer.uint32(row === undefined ? 0 : integer('count', row.count, COUNT_MIN, COUNT_MAX) >>> 0)
    for (const word of words) {
      writer.uint32(row === undefined ? 0 : integer(word, row[word] ?? null, 0, PRIME - 1))
    }
  }
  return Sketch.fromBytes(writer.finish(), seed, limbs)
}

function integer(name: string, value: SqlInteger | null, min: number, max: number): number {
  const number = value === null || value === '' ? Number.NaN : Number(value)
  if (Number.isInteger(number) && number >= min && number <= max) return number
  throw new SketchFormatError(
    `expected ${name} to be an integer from ${min} to ${max}, got ${value}`,
  )
}
