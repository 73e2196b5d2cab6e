/**
 * Σ|times| of a difference that did not decode, as a posterior: every explanation on a grid, weighted.
 *
 * An explanation is a value of Q = Σ times² and a mixture of multiplicities on each side. The rest
 * follows, for net = Σ times is exact: with k = net / Q, and the means of times and times² being m and q
 * among the missing, m' and q' among the extra,
 *
 *     share    = (m' + k·q') / (m + m' − k·(q − q'))         of the ids that are missing: from 0 to 1
 *     ids      = Q / (share·q + (1 − share)·q')
 *     Σ|times| = ids · (share·m + (1 − share)·m')
 *
 * Its weight is the product of
 * - the prior: of the mixtures; of the share, Jeffreys' Beta(1/2, 1/2); of ids, 1/ids: any magnitude;
 * - 1 / (ids · (m·q' + m'·q)), the change of variables from (share, ids) to (net, Q);
 * - how well it explains the second moment, the sampled ids, and the zeros of the ladder.
 *
 * Beside these stands that the other side has nothing, if no id of it was sampled: Q = |net|·q/m, and
 * Σ|times| = |net| exactly. That may pull the low end down to |net|, but is never taken for granted: the
 * high end is that of two sides.
 */
import type { LadderFit } from './estimate-ladder.ts'
import { type Mixture, mixturesOf, type Tally } from './estimate-mixtures.ts'
import type { SecondMoment } from './estimate-moments.ts'

export interface Evidence {
  readonly net: number
  readonly moment: SecondMoment
  readonly ladder: LadderFit
  /** The sampled ids of either side. */
  readonly missing: Tally
  readonly extra: Tally
}

/** Of Σ|times|: the median, and the interval. */
export interface Posterior {
  readonly likely: number
  readonly low: number
  readonly high: number
  /** The share of the weight that has ids of high multiplicity, which were not sampled. */
  readonly heavy: number
  /** How far the best explanation stays behind the best of each piece of evidence; a logarithm. */
  readonly conflict: number
}

/** The prior probability that one side has nothing. */
const ONE_SIDED = 0.3
/** Left out at either end. Less than 2.5%, for grid and approximations are not perfect: calibrated. */
const TAIL = 0.0175

/** Q runs over ±4.5 standard errors, in equal steps of its logarithm. */
const SPAN = 4.5
const STEPS = 32
/** Of Σ|times|, from |net| to the highest Q: 0.05% each. */
const BINS = 2048

export function posteriorOf(evidence: Evidence): Posterior | null {
  const missing = mixturesOf(evidence.missing)
  const extra = mixturesOf(evidence.extra)
  const sum = new PosteriorSum(evidence)
  for (let step = 0; step <= STEPS; step++) {
    const second = sum.secondAt(step)
    for (const a of missing) {
      for (const b of extra) sum.addTwoSided(a, b, second)
    }
  }
  sum.addOneSided(missing, extra)
  return sum.finish()
}

class PosteriorSum {
  private readonly evidence: Evidence
  private readonly size: number
  private readonly sampledMissing: number
  private readonly sampledExtra: number
  private readonly sampleBest: number
  private readonly spread: number
  private readonly binWidth: number
  private readonly bins = new Float64Array(BINS)
  private twoSided = 0
  private oneSided = 0
  private heavy = 0
  private best = Number.NEGATIVE_INFINITY

  constructor(evidence: Evidence) {
    this.evidence = evidence
    this.size = Math.abs(evidence.net)
    this.sampledMissing = evidence.missing.reduce((sum, n) => sum + n, 0)
    this.sampledExtra = evidence.extra.reduce((sum, n) => sum + n, 0)
    const sampled = this.sampledMissing + this.sampledExtra
    this.sampleBest = this.shareChance(this.sampledMissing / sampled)
    this.spread = SPAN * Math.sqrt(2 / evidence.moment.freedom)
    this.binWidth = (this.secondAt(STEPS) - this.size) / BINS
  }

  secondAt(step: number): number {
    return this.evidence.moment.value * Math.exp(this.spread * ((2 * step) / STEPS - 1))
  }

  addTwoSided(a: Mixture, b: Mixture, second: number): void {
    const k = this.evidence.net / second
    const share = (b.mean + k * b.square) / (a.mean + b.mean - k * (a.square - b.square))
    if (!(share > 0 && share < 1)) return

    const ids = second / (share * a.square + (1 - share) * b.square)
    const fit = this.fitOf(second, ids) + this.shareChance(share) - this.sampleBest
    const prior = 1 / (Math.PI * Math.sqrt(share * (1 - share)))
    // Times Q: the steps are equal in its logarithm.
    const density = second / (ids * ids * (a.mean * b.square + b.mean * a.square))
    const step = (2 * this.spread) / STEPS
    const weight = (1 - ONE_SIDED) * a.weight * b.weight * prior * density * step * Math.exp(fit)
    const total = ids * (share * a.mean + (1 - share) * b.mean)
    const bin = Math.floor((total - this.size) / this.binWidth)
    this.bins[Math.min(Math.max(bin, 0), BINS - 1)]! += weight
    this.twoSided += weight
    this.note(fit, weight, a.isHeavy || b.isHeavy)
  }

  addOneSided(missing: readonly Mixture[], extra: readonly Mixture[]): void {
    const { net } = this.evidence
    const [side, other] = net > 0 ? [missing, extra] : [extra, missing]
    if (net === 0 || (net > 0 ? this.sampledExtra : this.sampledMissing) > 0) return

    // With nothing on the other side it does not matter how that would be mixed.
    const others = other.reduce((sum, { weight }) => sum + weight, 0)
    for (const { mean, square, weight: mixture, isHeavy } of side) {
      const ids = this.size / mean
      const fit = this.fitOf(ids * square, ids)
      const weight = (ONE_SIDED * mixture * others * Math.exp(fit)) / this.size
      this.oneSided += weight
      this.note(fit, weight, isHeavy)
    }
  }

  finish(): Posterior | null {
    const all = this.oneSided + this.twoSided
    if (!(this.twoSided > 0)) return null
    return {
      likely: this.totalAt(all / 2 - this.oneSided),
      low: this.totalAt(TAIL * all - this.oneSided),
      high: this.totalAt((1 - TAIL) * this.twoSided),
      heavy: this.heavy / all,
      conflict: -this.best,
    }
  }

  private note(fit: number, weight: number, isHeavy: boolean): void {
    if (fit > this.best) this.best = fit
    if (isHeavy) this.heavy += weight
  }

  /** Q about its estimate as χ² says, and the ladder. */
  private fitOf(second: number, ids: number): number {
    const { moment, ladder } = this.evidence
    const ratio = moment.value / second
    return (moment.freedom / 2) * (Math.log(ratio) + 1 - ratio) + ladder.at(Math.log(ids))
  }

  /** The logarithm of the probability that so many of the sample are missing, so many extra. */
  private shareChance(share: number): number {
    const { sampledMissing, sampledExtra } = this
    const missing = sampledMissing === 0 ? 0 : sampledMissing * Math.log(share)
    return missing + (sampledExtra === 0 ? 0 : sampledExtra * Math.log(1 - share))
  }

  /** Below which Σ|times| explanations of this weight lie, of those with two sides. */
  private totalAt(weight: number): number {
    let rest = weight
    if (rest <= 0) return this.size
    for (let bin = 0; bin < BINS; bin++) {
      const inBin = this.bins[bin]!
      if (rest <= inBin) return this.size + this.binWidth * (bin + rest / inBin)
      rest -= inBin
    }
    return this.size + this.binWidth * BINS
  }
}
