/**
 * Where bad messages concentrate: by partition, producer, host, client version, schema, bucket of the key.
 *
 * A row compares one value's share of the bad messages with its share of all messages. Small numbers lie:
 * a row says `significant` only if chance alone would hardly give as many (Fisher's exact test, one-sided,
 * corrected by Holm over every value of every dimension that was looked at). Messages that fell together,
 * as those of one batch do, were not drawn one by one: then a row says where they lay, and no more.
 */
import { byText } from '../base/by-text.ts'
import { chanceOfAtLeast } from './fisher.ts'

export const dimensions = [
  'partition',
  'producer',
  'host',
  'client',
  'schema',
  'key_bucket',
] as const
export type Dimension = (typeof dimensions)[number]

/** How bad messages, and all messages, spread over the values of one dimension. */
export interface Spread {
  readonly dimension: Dimension
  readonly values: readonly {
    readonly value: string
    /** Messages, `bad` of them among `all`. */
    readonly bad: number
    readonly all: number
  }[]
  /** Bad messages of which the value is not known. */
  readonly badUnknown: number
  /** What `all` was counted from: `every message of the window`, `4,096 records of flights`. */
  readonly counted: string
  /**
   * Those of which it is known were picked by what agents noted, which is no draw: chance is reckoned as if
   * none of the unknown ones had the value.
   */
  readonly isPicked?: boolean
}

export interface Concentration {
  readonly dimension: Dimension
  readonly value: string
  readonly bad: number
  /** Share of the bad messages whose value is known, and of all messages: 0 to 1. */
  readonly badShare: number
  readonly allShare: number
  /** badShare / allShare; null: none of all messages has that value. */
  readonly lift: number | null
  /** After the correction: 0 to 1. */
  readonly pValue: number
  readonly significant: boolean
  readonly counted: string
}

/** Chance gives a row that says `significant` in one of a hundred looks, at most. */
export const SIGNIFICANCE = 0.01
/** Buckets of keys: the hash of the key's bytes modulo this; a null key has a bucket of its own. */
export const KEY_BUCKETS = 16

/** A chance before the correction. */
type Row = Omit<Concentration, 'significant'>

/**
 * One row for each value that a bad message has: what chance explains least comes first, then by lift.
 * @throws RangeError: more bad messages than there are messages at all
 */
export function concentrationOf(spreads: readonly Spread[]): readonly Concentration[] {
  const rows = spreads.flatMap(rowsOf).sort((a, b) => a.pValue - b.pValue)
  let least = 0
  // Holm: the first is held against all, the next against one fewer, and none is surer than those before.
  const corrected = rows.map((row, i): Concentration => {
    least = Math.max(least, Math.min(1, (rows.length - i) * row.pValue))
    return { ...row, pValue: least, significant: least <= SIGNIFICANCE }
  })
  return corrected.filter(({ bad }) => bad > 0).sort(byWeight)
}

function rowsOf({ dimension, values, counted, badUnknown, isPicked = false }: Spread): Row[] {
  const all = values.reduce((sum, value) => sum + value.all, 0)
  const bad = values.reduce((sum, value) => sum + value.bad, 0)
  const others = isPicked ? badUnknown : 0
  const drawn = { all: all + others, bad: bad + others }
  return values.map((value): Row => {
    const pValue = chanceOfAtLeast({ ...drawn, allHere: value.all, badHere: value.bad })
    const badShare = bad === 0 ? 0 : value.bad / bad
    const allShare = all === 0 ? 0 : value.all / all
    const lift = allShare === 0 ? null : badShare / allShare
    const shares = { bad: value.bad, badShare, allShare, lift }
    return { dimension, value: value.value, ...shares, pValue, counted }
  })
}

/** The order of dimensions and of texts decides last, so that the same evidence reads the same. */
function byWeight(a: Concentration, b: Concentration): number {
  const byLift = (b.lift ?? 0) - (a.lift ?? 0)
  const byPlace = dimensions.indexOf(a.dimension) - dimensions.indexOf(b.dimension)
  return a.pValue - b.pValue || byLift || byPlace || byText(a.value, b.value)
}
