/**
 * What the ladder says about the number of distinct ids: how many cells of each level count 0.
 *
 * Each level keeps a known share of the ids, whatever their multiplicities (the strata of Eppstein,
 * Goodrich, Uyeda and Varghese 2011), so some level is neither full nor empty. A cell with λ ids on
 * average is a compound Poisson sum. Where a share p(t) of the ids has multiplicity t, it counts 0
 * with the probability
 *
 *     mean over x of exp(λ · Σ p(t)·(cos tx − 1)) · cos(λ · Σ p(t)·sin tx)      x once around the circle
 *
 * for it is empty, or what is in it cancels out; above 40 ids, by the normal density. The shares are
 * those of the sample. This gives the number of ids within about 17% to 20% (standard error).
 */
import { LEVELS, rateOfLevel } from './estimate-moments.ts'
import type { PeeledId } from './peel.ts'
import { BASE_CELLS, LEVEL_CELLS } from './shape.ts'

/** Points on the circle: enough for the loads below `PLAIN_MAX`. */
const ANGLES = 64
const PLAIN_MAX = 40
/** Other multiplicities than those sampled may do what seems impossible. */
const CHANCE_MIN = 1e-4
/** Between these steps of the logarithm of the number, fits are interpolated. */
const STEP = 0.05

/** How well a number of ids explains the zeros. */
export class LadderFit {
  private readonly from: number
  private readonly fits: readonly number[]

  /** For numbers from `idsMin` to `idsMax`; those beyond count as the nearest. */
  constructor(zeros: readonly number[], cell: CellCounts, idsMin: number, idsMax: number) {
    this.from = Math.log(idsMin)
    const steps = Math.ceil((Math.log(idsMax) - this.from) / STEP) + 1
    const fits = Array.from({ length: steps + 1 }, (_, i) =>
      fitOf(zeros, cell, idsMin * Math.exp(i * STEP)),
    )
    const best = Math.max(...fits)
    this.fits = fits.map((fit) => fit - best)
  }

  /** The logarithm of the likelihood, 0 for the best number. */
  at(logIds: number): number {
    const place = Math.min(Math.max((logIds - this.from) / STEP, 0), this.fits.length - 1)
    const i = Math.min(Math.floor(place), this.fits.length - 2)
    const [low, high] = [this.fits[i]!, this.fits[i + 1]!]
    return low + (high - low) * (place - i)
  }
}

function fitOf(zeros: readonly number[], cell: CellCounts, ids: number): number {
  return zeros.reduce((fit, zero, level) => {
    const chance = cell.zeroChance(ids * rateOfLevel(level))
    const bounded = Math.min(Math.max(chance, CHANCE_MIN), 1 - CHANCE_MIN)
    return fit + zero * Math.log(bounded) + (LEVEL_CELLS - zero) * Math.log(1 - bounded)
  }, 0)
}

/** How many cells of each level count 0. */
export function zerosOf(counts: Float64Array): readonly number[] {
  return Array.from({ length: LEVELS }, (_, level) => {
    const from = BASE_CELLS + level * LEVEL_CELLS
    return counts.subarray(from, from + LEVEL_CELLS).filter((count) => count === 0).length
  })
}

/** The distribution of what a cell counts, by how many ids it holds on average. */
export class CellCounts {
  private readonly cosines = new Float64Array(ANGLES)
  private readonly sines = new Float64Array(ANGLES)
  private mean = 0
  private square = 0

  constructor(ids: readonly PeeledId[], netPerSecond: number) {
    for (const [times, share] of sharesOf(ids, netPerSecond)) {
      this.mean += times * share
      this.square += times ** 2 * share
      for (let i = 0; i < ANGLES; i++) {
        const angle = (2 * Math.PI * i * times) / ANGLES
        this.cosines[i]! += (Math.cos(angle) - 1) * share
        this.sines[i]! += Math.sin(angle) * share
      }
    }
  }

  zeroChance(load: number): number {
    const { mean, square, cosines, sines } = this
    if (load > PLAIN_MAX) {
      return Math.exp((-load * mean ** 2) / (2 * square)) / Math.sqrt(2 * Math.PI * load * square)
    }
    let sum = 0
    for (let i = 0; i < ANGLES; i++)
      sum += Math.exp(load * cosines[i]!) * Math.cos(load * sines[i]!)
    return sum / ANGLES
  }
}

/**
 * The sample as multiplicities with shares. The sample leaves the share of missing ids unsure, and an
 * error there would weigh heavily at high loads; so it is set such that Σ times / Σ times² is that of
 * the whole. A side of which nothing was sampled is taken for ids of times 1.
 */
function sharesOf(
  ids: readonly PeeledId[],
  netPerSecond: number,
): ReadonlyArray<readonly [times: number, share: number]> {
  const all = ids.map(({ times }) => times)
  const missing = sideOf(all.filter((times) => times > 0))
  const extra = sideOf(all.filter((times) => times < 0).map((times) => -times))
  const share =
    (extra.mean + netPerSecond * extra.square) /
    (missing.mean + extra.mean - netPerSecond * (missing.square - extra.square))
  const bounded = Math.min(Math.max(share, 0), 1)
  return [
    ...missing.times.map((times) => [times, bounded / missing.times.length] as const),
    ...extra.times.map((times) => [-times, (1 - bounded) / extra.times.length] as const),
  ]
}

interface Side {
  readonly times: readonly number[]
  readonly mean: number
  readonly square: number
}

function sideOf(sample: readonly number[]): Side {
  const times = sample.length === 0 ? [1] : sample
  return {
    times,
    mean: times.reduce((sum, t) => sum + t, 0) / times.length,
    square: times.reduce((sum, t) => sum + t ** 2, 0) / times.length,
  }
}
