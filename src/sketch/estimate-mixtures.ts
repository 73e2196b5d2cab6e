/**
 * How the multiplicities on one side of a difference, missing or extra, may be mixed: which share of the
 * ids has times 1, 2 and 3, as a grid of mixtures with a prior, and how well each explains a sample.
 *
 * Sampling is fair: which ids can be peeled depends on their hashes only, never on their times. So the
 * sample of a side is multinomial in the shares.
 *
 * The prior: all alike (each of 1, 2, 3 alone), two of them, or all three, with the relative weights
 * below, which were calibrated. Within these it is Jeffreys', Dirichlet(1/2, …), that is, uniform in the square roots of
 * the shares: on an arc, and on an eighth of a sphere. So small shares, the usual ones, lie close.
 */

/** Beyond these multiplicities Σ|times| cannot be told from Σ times². */
export const TIMES_MAX = 3

export interface Mixture {
  /** Of times. */
  readonly mean: number
  /** Of times². */
  readonly square: number
  /** Prior times the probability of the sample, relative to the best. */
  readonly weight: number
  /** Some ids, too few to be sampled, have times beyond `TIMES_MAX`. */
  readonly isHeavy: boolean
}

/** Of one side: how many of the sampled ids, or which share of all, have times 1, 2 and 3. */
export type Tally = readonly [ones: number, twos: number, threes: number]

interface Point {
  readonly shares: Tally
  readonly prior: number
  /** The share of ids with `heavyTimes`; the shares above leave it out. */
  readonly heavy?: number
  readonly heavyTimes?: number
}

const ALIKE: Tally = [0.3, 0.1, 0.05]
/** Of 1 and 2, of 1 and 3, of 2 and 3. */
const PAIR: Tally = [0.2, 0.05, 0.05]
const ALL_THREE = 0.25

/**
 * Rare ids of these multiplicities beside ones, such that they add so much to the mean of times²; at
 * most one id in five. They make an interval a little wider, or forbid it if they explain too much.
 */
const HEAVY = 0.05
const HEAVY_TIMES: readonly number[] = [5, 10, 30, 100]
const HEAVY_SQUARES: readonly number[] = [0.25, 0.5, 1, 2, 4, 8, 16, 32]
const HEAVY_SHARE_MAX = 0.2

const ARC_POINTS = 12
const SPHERE_BANDS = 10
const SPHERE_POINTS = 10

/** The highest mean of times² on the grid: that of ones and heavies. */
export const SQUARE_MAX: number = 1 + Math.max(...HEAVY_SQUARES)

/** Mixtures of less weight than this are left out: they only cost time. */
const NEGLIGIBLE = 1e-4

const grid: readonly Point[] = [...alike(), ...pairs(), ...allThree(), ...heavies()]

/** The mixtures that explain the sample of a side, all of them if there is none. */
export function mixturesOf(sample: Tally): readonly Mixture[] {
  const fits = grid.map(({ shares, prior }) => Math.log(prior) + logChance(sample, shares))
  const best = Math.max(...fits)
  return grid.flatMap(({ shares: [ones, twos, threes], heavy = 0, heavyTimes = 0 }, i) => {
    const weight = Math.exp(fits[i]! - best)
    if (weight < NEGLIGIBLE) return []
    return {
      mean: ones + 2 * twos + 3 * threes + heavy * heavyTimes,
      square: ones + 4 * twos + 9 * threes + heavy * heavyTimes ** 2,
      weight,
      isHeavy: heavy > 0,
    }
  })
}

function logChance(sample: Tally, shares: Tally): number {
  let log = 0
  for (let i = 0; i < sample.length; i++) {
    if (sample[i]! > 0) log += sample[i]! * Math.log(shares[i]!)
  }
  return log
}

function alike(): Point[] {
  return [
    { shares: [1, 0, 0], prior: ALIKE[0] },
    { shares: [0, 1, 0], prior: ALIKE[1] },
    { shares: [0, 0, 1], prior: ALIKE[2] },
  ]
}

function pairs(): Point[] {
  return Array.from({ length: ARC_POINTS }, (_, i): Point[] => {
    const low = Math.sin(middle(i, ARC_POINTS) * (Math.PI / 2)) ** 2
    const high = 1 - low
    return [
      { shares: [high, low, 0], prior: PAIR[0] / ARC_POINTS },
      { shares: [high, 0, low], prior: PAIR[1] / ARC_POINTS },
      { shares: [0, high, low], prior: PAIR[2] / ARC_POINTS },
    ]
  }).flat()
}

/** Bands of equal height on a sphere have equal area (Archimedes). */
function allThree(): Point[] {
  const prior = ALL_THREE / (SPHERE_BANDS * SPHERE_POINTS)
  return Array.from({ length: SPHERE_BANDS * SPHERE_POINTS }, (_, i): Point => {
    const ones = middle(Math.floor(i / SPHERE_POINTS), SPHERE_BANDS) ** 2
    const turn = Math.sin(middle(i % SPHERE_POINTS, SPHERE_POINTS) * (Math.PI / 2)) ** 2
    return { shares: [ones, (1 - ones) * turn, (1 - ones) * (1 - turn)], prior }
  })
}

function heavies(): Point[] {
  const points = HEAVY_TIMES.flatMap((heavyTimes) =>
    HEAVY_SQUARES.flatMap((squares): Omit<Point, 'prior'> | [] => {
      const heavy = squares / heavyTimes ** 2
      return heavy > HEAVY_SHARE_MAX ? [] : { shares: [1 - heavy, 0, 0], heavy, heavyTimes }
    }),
  )
  return points.map((point) => ({ ...point, prior: HEAVY / points.length }))
}

function middle(i: number, of: number): number {
  return (i + 0.5) / of
}
