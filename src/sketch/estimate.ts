/**
 * How many messages are missing and extra in a difference that is too large to decode, and how sure
 * that is. What is measured, and on what cases, stands in `schemas/sketch.md`, "Estimates".
 *
 * Known without doubt: net = missing − extra, and lower bounds (`estimate-proven.ts`). The rest is
 * estimated from three independent pieces of evidence, which `estimate-posterior.ts` brings together:
 * the second moment of the counts (`estimate-moments.ts`), the sampled ids with their multiplicities
 * (`estimate-mixtures.ts`), and how full the ladder is (`estimate-ladder.ts`).
 *
 * Laws, for any whole counts whatever:
 * - low ≤ likely ≤ high, on either side; none is below 0, none is NaN;
 * - missing − extra = net, for the likely values, the low ends and the high ends;
 * - low is never below what is proven. In an estimate of kind 'at-least' it is just that, nothing more
 *   is called likely, and high is Infinity.
 *
 * An interval is said only while multiplicities of 1 to 3 explain all the evidence. It is meant to hold
 * the truth in 95 of 100 cases.
 */
import { CellCounts, LadderFit, zerosOf } from './estimate-ladder.ts'
import { SQUARE_MAX, type Tally, TIMES_MAX } from './estimate-mixtures.ts'
import { secondMomentOf } from './estimate-moments.ts'
import { type Posterior, posteriorOf } from './estimate-posterior.ts'
import { provenMissing } from './estimate-proven.ts'
import type { PeeledId } from './peel.ts'

/** Messages, both ends included. */
export interface Interval {
  readonly low: number
  readonly high: number
}

export interface Estimate {
  readonly missing: { readonly likely: number } & Interval
  readonly extra: { readonly likely: number } & Interval
  readonly kind: 'interval' | 'at-least'
}

/** Fewer sampled ids say too little about multiplicities. */
const SAMPLE_MIN = 5
/**
 * Evidence that disagrees by more, as a logarithm of likelihoods, is not explained by multiplicities of
 * 1 to 3. Of sound cases fewer than 1 in 1,000 does.
 */
const CONFLICT_MAX = 7
/** If high multiplicities explain the evidence with more than this probability, no interval is said. */
const HEAVY_MAX = 0.25

/** `counts` are the count words of all cells of the difference, by cell number. */
export function estimateOf(
  counts: Float64Array,
  peeled: { readonly net: number; readonly ids: readonly PeeledId[] },
): Estimate {
  const { net, ids } = peeled
  const proven = provenMissing(counts, net, ids)
  const unit = commonUnit(counts, net, ids)
  const posterior = posteriorIn(unit, counts, net, ids)
  if (posterior === null) {
    return {
      missing: { likely: proven, low: proven, high: Number.POSITIVE_INFINITY },
      extra: { likely: proven - net, low: proven - net, high: Number.POSITIVE_INFINITY },
      kind: 'at-least',
    }
  }
  const missingOf = (total: number): number => (total * unit + net) / 2
  const low = Math.max(proven, Math.floor(missingOf(posterior.low)))
  const high = Math.max(low, Math.ceil(missingOf(posterior.high)))
  const likely = Math.min(Math.max(Math.round(missingOf(posterior.likely)), low), high)
  return {
    missing: { likely, low, high },
    extra: { likely: likely - net, low: low - net, high: high - net },
    kind: 'interval',
  }
}

/** Of Σ|times| in units; null if there is no interval to be had. */
function posteriorIn(
  unit: number,
  counts: Float64Array,
  net: number,
  ids: readonly PeeledId[],
): Posterior | null {
  if (ids.length < SAMPLE_MIN) return null
  const scaled = ids.map(({ hex, times }) => ({ hex, times: times / unit }))
  if (scaled.some(({ times }) => Math.abs(times) > TIMES_MAX)) return null

  const inUnits = counts.map((count) => count / unit)
  const netInUnits = net / unit
  const moment = secondMomentOf(inUnits, netInUnits, fourthPerSecond(scaled))
  if (!(moment.value > 0)) return null
  const posterior = posteriorOf({
    net: netInUnits,
    moment,
    ladder: ladderOf(inUnits, netInUnits, scaled, moment.value),
    missing: tallyOf(scaled, 1),
    extra: tallyOf(scaled, -1),
  })
  if (posterior === null || posterior.high * unit > Number.MAX_SAFE_INTEGER) return null
  return posterior.conflict > CONFLICT_MAX || posterior.heavy > HEAVY_MAX ? null : posterior
}

/** Within any number of ids that Σ times² allows, and a third more for its error. */
function ladderOf(
  counts: Float64Array,
  net: number,
  ids: readonly PeeledId[],
  second: number,
): LadderFit {
  const cell = new CellCounts(ids, net / second)
  return new LadderFit(zerosOf(counts), cell, (second * 0.75) / SQUARE_MAX, second / 0.75)
}

/** Where each message was, say, sent twice, all counts are even: then pairs are estimated. */
function commonUnit(counts: Float64Array, net: number, ids: readonly PeeledId[]): number {
  let unit = Math.abs(net)
  for (const { times } of ids) unit = commonDivisor(unit, Math.abs(times))
  for (let cell = 0; cell < counts.length && unit !== 1; cell++) {
    unit = commonDivisor(unit, Math.abs(counts[cell]!))
  }
  return unit === 0 ? 1 : unit
}

function commonDivisor(a: number, b: number): number {
  let [divisor, rest] = [a, b]
  while (rest > 0) [divisor, rest] = [rest, divisor % rest]
  return divisor
}

/** Σ times⁴ / Σ times² of the sample stands for that of all. */
function fourthPerSecond(ids: readonly PeeledId[]): number {
  let second = 0
  let fourth = 0
  for (const { times } of ids) {
    second += times ** 2
    fourth += times ** 4
  }
  return fourth / second
}

function tallyOf(ids: readonly PeeledId[], sign: 1 | -1): Tally {
  const of = (size: number): number => ids.filter(({ times }) => times === sign * size).length
  return [of(1), of(2), of(3)]
}
