/**
 * What a sampled edge says of all messages: every count with its 95% interval.
 *
 * The windows of a span are one sample: their sampled counts are summed first, for the interval of a sum
 * is narrower than the sum of intervals. Where the rate changed within the span there is one sample for
 * each rate, and their intervals are added, which errs towards wider.
 *
 * Ids of one original are kept or left together, so copies scatter more than their number tells. A count
 * whose ids come in clumps of c is taken as count / c clumps, where c = Σ times² / Σ times over the
 * originals that are known by name (the compound Poisson, by its first two moments).
 */
import type { Finding } from '../finding/finding.ts'
import type { Counts, EdgeVerdict } from '../finding/verdict.ts'
import { hexOfWords, withOrdinal, wordsOfHex } from '../message/id.ts'
import { type ScaledCount, scaledInterval } from '../sketch/sample.ts'
import { COUNT_NAMES, sumCounts } from './counts.ts'

/** The share of intervals that hold the truth, at least. */
export const CONFIDENCE_RATIO = 0.95

export interface Sampling {
  /** One message in so many was looked at; the most, where the rate changed. */
  readonly oneIn: number
  /** `likely` is the count of the summary. */
  readonly counts: Readonly<Record<keyof Counts, ScaledCount>>
}

/** Null where every message was looked at. */
export function samplingOf(verdicts: readonly EdgeVerdict[]): Sampling | null {
  const rates = new Map<number, EdgeVerdict[]>()
  for (const verdict of verdicts) {
    const { oneIn } = verdict
    const list = rates.get(oneIn)
    if (list === undefined) rates.set(oneIn, [verdict])
    else list.push(verdict)
  }
  const oneIn = Math.max(1, ...rates.keys())
  if (oneIn === 1) return null
  const samples = [...rates].map(([rate, list]) => sampleOf(list, rate))
  const counts = COUNT_NAMES.map((name) => [name, samples.map((s) => s[name]).reduce(add)])
  return { oneIn, counts: Object.fromEntries(counts) }
}

/** Findings of one code and rate as one count; `args` of each say how many were in the sample. */
export function intervalOf(findings: readonly Finding[], oneIn: number): ScaledCount {
  const sampled = findings.reduce((n, { args }) => n + sampledIn(args), 0)
  return clumped(sampled, oneIn, clumpsOf(findings))
}

function sampleOf(
  verdicts: readonly EdgeVerdict[],
  oneIn: number,
): Record<keyof Counts, ScaledCount> {
  const sums = sumCounts(verdicts.map((v) => v.counts))
  const findings = verdicts.flatMap((v) => v.findings)
  const counts = Object.fromEntries(
    COUNT_NAMES.map((name) => {
      const clumps = clumpsOf(findings.filter(({ code }) => code === name))
      return [name, clumped(Math.round(sums[name] / oneIn), oneIn, clumps)]
    }),
  ) as Record<keyof Counts, ScaledCount>
  // Even of the sample not all could be named: what is undetermined may be lost.
  if (oneIn > 1 && findings.some(({ code }) => code === 'undecodable')) {
    const most = scaledInterval(Math.round((sums.lost + sums.undetermined) / oneIn), oneIn)
    counts.lost = { ...counts.lost, high: Math.max(counts.lost.high, most.high) }
  }
  return counts
}

/** What `k` ids of a sample say of all, given how such ids come in clumps. */
export function clumped(k: number, oneIn: number, { sum, squares }: Clumps): ScaledCount {
  // How many of one original there are, on the average of a message; 1 where none is known.
  const clump = sum === 0 ? 1 : squares / sum
  if (clump === 1 || oneIn === 1) return scaledInterval(k, oneIn)
  const { low } = scaledInterval(Math.floor(k / clump), oneIn)
  const { high } = scaledInterval(Math.ceil(k / clump), oneIn)
  return {
    likely: k * oneIn,
    low: Math.max(k, Math.floor(low * clump)),
    high: Math.ceil(high * clump),
  }
}

/** Ids by original: Σ times and Σ times². Windows add up, for an original is born in one of them. */
export interface Clumps {
  readonly sum: number
  readonly squares: number
}

export function clumpsOf(findings: readonly Pick<Finding, 'ids'>[]): Clumps {
  const originals = new Map<string, number>()
  for (const { ids } of findings) {
    for (const { id, times } of ids) {
      const original = hexOfWords(withOrdinal(wordsOfHex(id), 0))
      originals.set(original, times + (originals.get(original) ?? 0))
    }
  }
  let [sum, squares] = [0, 0]
  for (const times of originals.values()) {
    sum += times
    squares += times * times
  }
  return { sum, squares }
}

const sampledIn = ({ sampled }: Finding['args']): number =>
  typeof sampled === 'number' ? sampled : 0

const add = (a: ScaledCount, b: ScaledCount): ScaledCount => ({
  likely: a.likely + b.likely,
  low: a.low + b.low,
  high: a.high + b.high,
})
