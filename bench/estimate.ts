/** How often estimates of differences beyond capacity hold the truth, and how wide they are. */
import {
  type Case,
  type Coverage,
  coverageOf,
  heavyCases,
  ordinaryCases,
} from '../test/sketch/calibrate.ts'
import type { BenchResult } from './types.ts'

export const name = 'estimate'

export const about: string =
  'Estimates missing and extra messages from tables that do not decode: 10^3 to 10^6 distinct ids, ' +
  'log-uniform, each case a table of its own, by families of proportions (missing to extra) and of ' +
  'multiplicities, and by decade. "Heavy" families hold ids more than 3 times, which intervals do ' +
  'not claim to cover. Leaves out: time.'

const CASES = 2156
const HEAVY_CASES = 210
/** Not one of those with which the constants were chosen. */
const SEED = 2026

export async function run(): Promise<BenchResult> {
  const ordinary = [...ordinaryCases(CASES, SEED)]
  const heavy = [...heavyCases(HEAVY_CASES, SEED)]
  return {
    rows: [
      rowOf('all', ordinary),
      ...rowsBy(ordinary, ({ ids }) => `ids: from 10^${Math.min(Math.floor(Math.log10(ids)), 5)}`),
      ...rowsBy(ordinary, ({ sides }) => `sides: ${sides}`),
      ...rowsBy(ordinary, ({ copies }) => `times: ${copies}`),
      ...rowsBy(heavy, ({ copies }) => `heavy: ${copies}`),
    ],
    notes: [
      'covered, below, above: of the cases with an interval, whether it holds the truth',
      'width: median of (high − low) / (missing + extra); error: of |likely − missing| / the same',
      'target: 93% to 99% of all covered, no family but the heavy ones below 90%',
    ],
  }
}

function rowsBy(cases: readonly Case[], keyOf: (one: Case) => string): BenchResult['rows'] {
  const keys = [...new Set(cases.map(keyOf))].sort()
  return keys.map((key) =>
    rowOf(
      key,
      cases.filter((one) => keyOf(one) === key),
    ),
  )
}

function rowOf(family: string, cases: readonly Case[]): BenchResult['rows'][number] {
  const coverage: Coverage = coverageOf(cases)
  const shares = {
    'intervals, %': coverage.intervals,
    'covered, %': coverage.covered,
    'below, %': coverage.below,
    'above, %': coverage.above,
    'width, %': coverage.width,
    'error, %': coverage.error,
  }
  // Where no interval was said there is nothing to say of them.
  const said = Object.entries(shares).filter(([, share]) => !Number.isNaN(share))
  const percent = said.map(([figure, share]) => [figure, Number((100 * share).toFixed(1))])
  return { family, cases: coverage.cases, ...Object.fromEntries(percent) }
}
