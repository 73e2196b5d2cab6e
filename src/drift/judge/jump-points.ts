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
  let of = 0
  let present = 0
  let nulls = 0
  let lengths = 0
  let lengthSum = 0
  let lengthSquares = 0
  let scalars = 0
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
    const { types } = field
    scalars += (types.boolean ?? 0) + (types.integer ?? 0) + (types.number ?? 0)
    scalars += types.string ?? 0
    distinct = lowest(distinct, field.distinct)
  }
  return {
    window,
    end,
    of,
    present,
    nulls,
    lengths,
    lengthSum,
    lengthSquares,
    scalars,
    distinct,
  }
}

/**
 * The sum, without a copy for each step: it is made for every field and group.
 *
 * @param points at least one, in order of time
 * @param isOfValues whether the hashes of values are asked for
 */
export function sumOf(points: readonly Point[], isOfValues: boolean): Point {
  const [first] = points as [Point]
  if (points.length === 1) return first
  const sum = { ...first, distinct: isOfValues ? first.distinct : NONE }
  for (let i = 1; i < points.length; i++) {
    const one = points[i] as Point
    sum.end = Math.max(sum.end, one.end)
    sum.of += one.of
    sum.present += one.present
    sum.nulls += one.nulls
    sum.lengths += one.lengths
    sum.lengthSum += one.lengthSum
    sum.lengthSquares += one.lengthSquares
    sum.scalars += one.scalars
    if (isOfValues) sum.distinct = lowest(sum.distinct, one.distinct)
  }
  return sum
}

const NONE: readonly number[] = []

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
