/** How probable it is that every id of a difference is named, and that a name is false. */
import { peelTable } from '../src/sketch/peel.ts'
import { ID_LIMBS, type Limbs, WIDE_LIMBS } from '../src/sketch/shape.ts'
import { Table } from '../src/sketch/table.ts'
import { stampOf } from './sketch-samples.ts'
import type { BenchResult } from './types.ts'

export const name = 'naming'

/** Seeds by number of differences; more where a promise is to be proven. */
const TRIALS: ReadonlyMap<number, number> = new Map([
  [500, 3_000],
  [600, 3_000],
  [650, 10_000],
  [700, 3_000],
])

export const about: string =
  'how probable it is that every id of a difference is named\n' +
  'Differences of so many ids of stamps, half of them missing and half extra, each under so many seeds, ' +
  'which throw the same ids into other cells; of ids and of ids with digests. Leaves out: time.'

const CONFIDENCE = 0.95

export async function run(): Promise<BenchResult> {
  const rows = ([ID_LIMBS, WIDE_LIMBS] as const).flatMap((limbs) =>
    [...TRIALS].map(([ids, seeds]) => rowOf(ids, seeds, limbs)),
  )
  return {
    rows,
    notes: [
      `at least: what the probability is above with ${100 * CONFIDENCE}% confidence (Clopper and Pearson, one-sided)`,
      'false: ids named that were not in it, or with another number of times, complete or not',
      'target: 650 with probability above 0.999',
    ],
  }
}

function rowOf(ids: number, seeds: number, limbs: Limbs): BenchResult['rows'][number] {
  const stamps = Array.from({ length: ids }, (_, i) => stampOf(i))
  const truth = new Map(
    stamps.map((words, i) => [hexOf([...words, i].slice(0, limbs)), timesOf(i)]),
  )
  let complete = 0
  let falseNames = 0
  for (let seed = 0; seed < seeds; seed++) {
    const table = new Table(seed, limbs)
    stamps.forEach(([w0, w1, w2, w3], i) => {
      table.add(w0, w1, w2, w3, timesOf(i), i)
    })
    const peeled = peelTable(table)
    if (peeled.complete && peeled.ids.length === ids) complete++
    for (const { hex, times } of peeled.ids) if (truth.get(hex) !== times) falseNames++
  }
  return {
    element: limbs === ID_LIMBS ? 'id' : 'id with digest',
    differences: ids,
    seeds,
    'all named': complete,
    share: (complete / seeds).toFixed(4),
    'at least': lowerBound(seeds - complete, seeds).toFixed(5),
    false: falseNames,
  }
}

function timesOf(i: number): number {
  return i % 2 === 0 ? 1 : -1
}

function hexOf(words: readonly number[]): string {
  return words.map((word) => word.toString(16).padStart(8, '0')).join('')
}

/** The probability of success under which so few failures come with 5%. */
function lowerBound(failures: number, trials: number): number {
  if (failures === trials) return 0
  let [low, high] = [0, 1]
  for (let i = 0; i < 60; i++) {
    const share = (low + high) / 2
    if (failuresUpTo(failures, trials, 1 - share) > 1 - CONFIDENCE) high = share
    else low = share
  }
  return low
}

/** P(X ≤ k) of a binomial variable, in logarithms: the first terms may be too small for a double. */
function failuresUpTo(k: number, trials: number, probability: number): number {
  const odds = Math.log(probability) - Math.log1p(-probability)
  let term = trials * Math.log1p(-probability)
  let sum = Math.exp(term)
  for (let i = 1; i <= k; i++) {
    term += Math.log((trials - i + 1) / i) + odds
    sum += Math.exp(term)
  }
  return sum
}
