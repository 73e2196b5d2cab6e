/**
 * Differences of which the truth is known, for measuring how well estimates cover it.
 *
 * Every case is a table of its own: a fresh seed of the hash, which throws the same ids into other cells,
 * and a number of distinct ids drawn log-uniformly from 10^3 to 10^6. So cases are independent. Families take turns: how many of the
 * ids are missing, and how often missing and extra ones are in it.
 */
import { type Estimate, estimateOf } from '../../src/sketch/estimate.ts'
import { peelTable } from '../../src/sketch/peel.ts'
import { Table } from '../../src/sketch/table.ts'
import { random } from './ids.ts'

export interface Case {
  readonly sides: string
  readonly copies: string
  readonly ids: number
  /** Messages. */
  readonly missing: number
  readonly extra: number
  readonly estimate: Estimate
}

/** Uniform from [0, 1). */
type Unit = () => number

/** The share of ids that are missing; the others are extra. Drawn once a case. */
const sides: Readonly<Record<string, (unit: Unit) => number>> = {
  'all missing': () => 1,
  'all extra': () => 0,
  'half and half': () => 1 / 2,
  '1 missing to 10 extra': () => 1 / 11,
  '10 missing to 1 extra': () => 10 / 11,
  'any share': (unit) => unit(),
  'few extra': (unit) => 1 - 10 ** (-1 - 2 * unit()),
}

type Copies = Readonly<Record<string, (unit: Unit, isMissing: boolean) => number>>

/** How often an id is in it. Drawn for each id. */
const copies: Copies = {
  'all 1': () => 1,
  'all 2': () => 2,
  '5% 2': (unit) => (unit() < 0.05 ? 2 : 1),
  'half 2': (unit) => (unit() < 1 / 2 ? 2 : 1),
  'geometric to 3': (unit) => {
    const x = unit()
    if (x < 4 / 7) return 1
    return x < 6 / 7 ? 2 : 3
  },
  'uniform to 3': (unit) => 1 + Math.floor(3 * unit()),
  'extra 1 or 2': (unit, isMissing) => (!isMissing && unit() < 1 / 2 ? 2 : 1),
}

/** More than estimates claim to cover: some ids are in it more than three times. */
const heavyCopies: Copies = {
  '1% 10': (unit) => (unit() < 0.01 ? 10 : 1),
  '0.1% 100': (unit) => (unit() < 0.001 ? 100 : 1),
  '10% 10': (unit) => (unit() < 0.1 ? 10 : 1),
  geometric: (unit) => 1 + Math.floor(Math.log2(1 / (1 - unit()))),
  '1/times²': (unit) => Math.min(Math.floor(1 / (1 - unit())), 1000),
}

export function ordinaryCases(count: number, seed: number): Generator<Case> {
  return casesOf(copies, count, seed)
}

export function heavyCases(count: number, seed: number): Generator<Case> {
  return casesOf(heavyCopies, count, seed)
}

function* casesOf(copiesBy: Copies, count: number, seed: number): Generator<Case> {
  const next = random(seed)
  const sideNames = Object.keys(sides)
  const copyNames = Object.keys(copiesBy)
  for (let i = 0; i < count; i++) {
    const side = sideNames[i % sideNames.length]!
    const copy = copyNames[Math.floor(i / sideNames.length) % copyNames.length]!
    yield { sides: side, copies: copy, ...caseOf(sides[side]!, copiesBy[copy]!, next) }
  }
}

function caseOf(
  shareOf: (unit: Unit) => number,
  timesOf: (unit: Unit, isMissing: boolean) => number,
  next: () => number,
): Omit<Case, 'sides' | 'copies'> {
  const unit: Unit = () => next() / 2 ** 32
  const table = new Table(next())
  const ids = Math.round(10 ** (3 + 3 * unit()))
  const share = shareOf(unit)
  let missing = 0
  let extra = 0
  for (let i = 0; i < ids; i++) {
    const isMissing = unit() < share
    const times = timesOf(unit, isMissing)
    if (isMissing) missing += times
    else extra += times
    table.add(0x0190_0000, 0x7abc, 0x8000_1234, i, isMissing ? times : -times)
  }
  return { ids, missing, extra, estimate: estimateOf(table.counts(), peelTable(table)) }
}

export interface Coverage {
  readonly cases: number
  /** The share of cases with an interval. */
  readonly intervals: number
  /** The share of the intervals that hold the truth. */
  readonly covered: number
  /** The truth lies below, or above the interval. */
  readonly below: number
  readonly above: number
  /** The median of (high − low) / (missing + extra). */
  readonly width: number
  /** The median of |likely − missing| / (missing + extra). */
  readonly error: number
}

export function coverageOf(cases: readonly Case[]): Coverage {
  const said = cases.filter(({ estimate }) => estimate.kind === 'interval')
  const below = said.filter(({ missing, estimate }) => missing < estimate.missing.low).length
  const above = said.filter(({ missing, estimate }) => missing > estimate.missing.high).length
  return {
    cases: cases.length,
    intervals: said.length / cases.length,
    covered: 1 - (below + above) / said.length,
    below: below / said.length,
    above: above / said.length,
    width: medianOf(said, ({ estimate }) => estimate.missing.high - estimate.missing.low),
    error: medianOf(said, ({ missing, estimate }) => Math.abs(estimate.missing.likely - missing)),
  }
}

function medianOf(cases: readonly Case[], of: (one: Case) => number): number {
  const values = cases.map((one) => of(one) / (one.missing + one.extra)).sort((a, b) => a - b)
  return values[values.length >> 1] ?? Number.NaN
}
