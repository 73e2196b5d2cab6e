/** What one window says of one field at one hop: the counts that the statistical rules are made of. Pure. */
import { type Field, SKETCH_MAX, type Variant } from '../shape.ts'
import { parentOf } from './sighting.ts'

/** The shapes of one window and variant, of all instances together. */
export interface Row {
  readonly window: number
  readonly end: number
  readonly variants: readonly Indexed[]
  /** Fields that an exact rule names in it. */
  readonly named: ReadonlySet<string>
}

/** A variant as one instance wrote it, its fields by path. */
export interface Indexed {
  /** Empty: not of one instance. */
  readonly instance: string
  readonly variant: Variant
  readonly fields: ReadonlyMap<string, Field>
}

export interface Point {
  readonly window: number
  readonly end: number
  /** Messages in which the field could have stood, stood, and was null. */
  readonly of: number
  readonly present: number
  readonly nulls: number
  /** Of what has a length. */
  readonly lengths: number
  readonly lengthSum: number
  readonly lengthSquares: number
  /** Scalar values, and the lowest hashes of them. */
  readonly scalars: number
  readonly distinct: readonly number[]
}

/** Null: this window cannot tell, for it has no room for every field. */
export function pointOf({ window, end, variants }: Row, path: string): Point | null {
  let [of, present, nulls, lengths, lengthSum, lengthSquares, scalars] = [0, 0, 0, 0, 0, 0, 0]
  let distinct: readonly number[] = []
  for (const { variant, fields } of variants) {
    const field = fields.get(path)
    if (field === undefined) {
      if (variant.moreFields > 0) return null
      of += roomFor(path, fields)
      continue
    }
    of += field.of
    present += field.present
    nulls += field.nulls
    if (field.length !== null) {
      lengths += field.length.count
      lengthSum += field.length.sum
      lengthSquares += field.length.squares
    }
    const { boolean = 0, integer = 0, number = 0, string = 0 } = field.types
    scalars += boolean + integer + number + string
    distinct = lowest(distinct, field.distinct)
  }
  const n = { lengths, lengthSum, lengthSquares }
  return { window, end, of, present, nulls, ...n, scalars, distinct }
}

/** Flat and without copies between: it is done for every field and window. */
export function addPoints(a: Point, b: Point): Point {
  return {
    window: Math.min(a.window, b.window),
    end: Math.max(a.end, b.end),
    of: a.of + b.of,
    present: a.present + b.present,
    nulls: a.nulls + b.nulls,
    lengths: a.lengths + b.lengths,
    lengthSum: a.lengthSum + b.lengthSum,
    lengthSquares: a.lengthSquares + b.lengthSquares,
    scalars: a.scalars + b.scalars,
    distinct: lowest(a.distinct, b.distinct),
  }
}

/** Messages that hold what is around a field, where the field itself never stood. */
function roomFor(path: string, fields: ReadonlyMap<string, Field>): number {
  const around = fields.get(parentOf(path) ?? '')
  if (around === undefined) return 0
  return path.endsWith('/*') ? around.lists : around.objects
}

/** The lowest hashes of both, each once: the sketch of the sum. Both are in order. */
function lowest(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a.length === 0) return b
  const out: number[] = []
  for (let i = 0, j = 0; out.length < SKETCH_MAX && (i < a.length || j < b.length); ) {
    const x = a[i] ?? Infinity
    const y = b[j] ?? Infinity
    out.push(Math.min(x, y))
    if (x <= y) i++
    if (y <= x) j++
  }
  return out
}

/** Different values: counted while they are few, estimated with an error of about a quarter beyond. */
export function distinctOf(hashes: readonly number[]): number {
  const highest = hashes[SKETCH_MAX - 1]
  if (highest === undefined) return hashes.length
  return ((SKETCH_MAX - 1) * 2 ** 32) / Math.max(highest, 1)
}
