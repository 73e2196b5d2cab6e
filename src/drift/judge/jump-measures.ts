/**
 * Rules 18–21: what may jump. A measure turns the counts of a group of windows into numbers of about known
 * noise, and says from which difference on a jump is worth a word.
 */
import type { DriftCode } from '../finding.ts'
import { SKETCH_MAX } from '../shape.ts'
import { distinctOf, type Point } from './jump-points.ts'

export interface Measure {
  readonly code: DriftCode
  /** Whether it asks for the hashes of values. */
  readonly isOfValues: boolean
  /** How many of a group it is measured over. */
  of(point: Point): number
  /** On scales on which noise does not depend on the level. A jump must show on all of them. */
  scales(point: Point): readonly number[]
  /** The variance of each that chance alone gives. */
  noise(point: Point): number
  /** What people are told: a share, or a mean. */
  level(point: Point): number
  /** Whether a difference of levels is large enough to matter. */
  matters(before: number, after: number): boolean
  /** Messages concerned, where the level has gone up, or down. */
  count(point: Point, isUp: boolean): number
}

/** Least difference of shares, and the least factor of their odds. */
const SHARE_MIN = 0.05
const ODDS_MIN = 2
const LENGTH_FACTOR_MIN = 1.5
/** Far above the error of an estimate from 16 hashes. */
const DISTINCT_FACTOR_MIN = 4

/** Rule 18 - nulls among the messages that have the field. */
const nullRate: Measure = {
  code: 'null_rate',
  isOfValues: false,
  of: ({ present }) => present,
  scales: ({ nulls, present }) => [arcsine(nulls, present)],
  noise: ({ present }) => 1 / (present + 0.5),
  level: ({ nulls, present }) => nulls / present,
  matters: sharesDiffer,
  count: ({ nulls, present }, isUp) => (isUp ? nulls : present - nulls),
}

/** Rule 19 - messages that have the field, among those in which it could stand. */
const presenceRate: Measure = {
  code: 'presence_rate',
  isOfValues: false,
  of: ({ of }) => of,
  scales: ({ present, of }) => [arcsine(present, of)],
  noise: ({ of }) => 1 / (of + 0.5),
  level: ({ present, of }) => present / of,
  matters: sharesDiffer,
  count: ({ present, of }, isUp) => (isUp ? present : of - present),
}

/**
 * Rule 20 - different values. More messages hold more of them, up to as many as messages: so both the
 * number and the number per message must have jumped.
 */
const cardinality: Measure = {
  code: 'cardinality',
  isOfValues: true,
  of: ({ scalars }) => scalars,
  scales: ({ distinct, scalars }) => {
    const log = Math.log(Math.max(distinctOf(distinct), 1))
    return [log, log - Math.log(scalars)]
  },
  noise: ({ distinct }) => (distinct.length < SKETCH_MAX ? 0.01 : 1 / (SKETCH_MAX - 2)),
  level: ({ distinct }) => distinctOf(distinct),
  matters: (before, after) => factorOf(before, after) >= DISTINCT_FACTOR_MIN,
  count: ({ present, nulls }) => present - nulls,
}

/** Rule 21 - the mean length of texts, lists and maps. Its logarithm, as lengths have long tails. */
const length: Measure = {
  code: 'length',
  isOfValues: false,
  of: ({ lengths }) => lengths,
  scales: (point) => [Math.log1p(meanOf(point))],
  noise: (point) => {
    const mean = meanOf(point)
    const variance = Math.max(0, point.lengthSquares / point.lengths - mean ** 2)
    return variance / point.lengths / (1 + mean) ** 2
  },
  level: meanOf,
  matters: (before, after) => factorOf(before + 1, after + 1) >= LENGTH_FACTOR_MIN,
  count: ({ present, nulls }) => present - nulls,
}

export const measures: readonly Measure[] = [nullRate, presenceRate, cardinality, length]

/** A share on a scale on which its variance is `1 / n`, whatever the share is (Anscombe). */
function arcsine(part: number, whole: number): number {
  return 2 * Math.asin(Math.sqrt(Math.min(1, (part + 0.375) / (whole + 0.75))))
}

function sharesDiffer(before: number, after: number): boolean {
  if (Math.abs(after - before) < SHARE_MIN) return false
  return factorOf(before * (1 - after), after * (1 - before)) >= ODDS_MIN
}

function meanOf({ lengthSum, lengths }: Point): number {
  return lengthSum / lengths
}

/** How many times the greater is the lesser. */
const factorOf = (a: number, b: number): number => Math.max(a, b) / Math.min(a, b)
