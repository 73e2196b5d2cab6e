/** What one window says of one field at one hop: the counts that the statistical rules are made of. Pure. */
import { type Field, SKETCH_MAX, type Variant } from '../shape.ts'
import { parentOf } from './sighting.ts'

/** The shapes of one window and variant, of all instances together. */
export interface Row {
  readonly window: number
  readonly end: number
  readonly variants: readonly Indexed[]
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
    distinct = distinct.length === 0 ? field.distinct : lowest(distinct, field.distinct)
  }
  return {
    ...{ window, end, of, present, nulls, lengths, lengthSum, lengthSquares, scalars, distinct },
  }
}

export function addPoints(a: Point, b: Point): Point {
  return {
    ...{ window: Math.min(a.window, b.window), end: Math.max(a.end, b.end) },
    ...{ of: a.of + b.of, present: a.present + b.present, nulls: a.nulls + b.nulls },
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

/** The lowest hashes of both, each once: the sketch of the sum. */
function lowest(a: readonly number[], b: readonly number[]): readonly number[] {
  const all = new Set([...a, ...b])
  return [...all].sort((x, y) => x - y).slice(0, SKETCH_MAX)
}

/** Different values: counted while they are few, estimated with an error of about a quarter beyond. */
export function distinctOf(hashes: readonly number[]): number {
  const highest = hashes[SKETCH_MAX - 1]
  if (highest === undefined) return hashes.length
  return ((SKETCH_MAX - 1) * 2 ** 32) / Math.max(highest, 1)
}
