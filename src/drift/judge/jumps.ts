/**
 * Detects that a measure has jumped and stayed. Pure.
 *
 * Windows are put together until `GROUP_MIN` messages are in a group: then a share has a known noise. A jump
 * is `RUN` groups, with next to nothing between them, each of which, to the same side,
 * - stands `SIGMA` off the mean of the groups before. How much those spread is measured, not taken from
 *   the binomial law alone: real data hangs together in time;
 * - stands `SIGMA` off the last few of them too, by how far groups so far apart usually are: what moves
 *   slowly is no jump, neither a trend nor the hours of a day;
 * - lies beyond all that was ever seen there;
 * - is far enough to matter.
 *
 * So no jump is found in the first `BASELINE_MIN` groups, nor one that lasts less than `RUN`. What has
 * jumped is told until it comes back, for `SETTLE_MS` at most: then it is what others are compared with.
 */
import type { Measure } from './jump-measures.ts'
import { addPoints, type Point } from './jump-points.ts'

export const GROUP_MIN = 200
export const BASELINE_MIN = 20
/** Groups that are remembered: a day and more of minutes. */
const BASELINE_MAX = 2_000
export const RUN = 3
const SIGMA = 4
/** Groups in a run that stand off by half of that only. */
const WEAK_MAX = 2
/** Groups that say what is usual just now. */
const RECENT = 5
export const SETTLE_MS = 86_400_000

export interface Jump {
  readonly measure: Measure
  /** Levels, as people are told them. */
  readonly before: number
  readonly after: number
  /** How many times its usual spread it stands off, at most. */
  readonly sigmas: number
  /** Windows that show it. */
  readonly points: readonly Point[]
  readonly isUp: boolean
}

interface Group {
  readonly points: readonly Point[]
  readonly sum: Point
  readonly scales: readonly number[]
  readonly noise: number
}

/** @param points in order of time, of windows of one length */
export function jumpsOf(measure: Measure, points: readonly Point[]): Jump[] {
  if (isConstant(measure, points)) return []
  const found: Jump[] = []
  let baseline = new Baseline()
  /** From the first group that stands off to the last, and what came after it. */
  let run: Group[] = []
  let weak: Group[] = []
  let strong = 0
  let open: Open | null = null
  const groups = groupsOf(measure, points)
  for (const group of groups.whole) {
    if (open !== null) {
      open.add(group)
      if (open.isOver(group)) {
        found.push(open.jump(null))
        baseline = open.next()
        open = null
      }
      continue
    }
    const isOff = baseline.isOff(measure, group)
    const isAlike = run[0] === undefined || baseline.isAbove(run[0]) === baseline.isAbove(group)
    if (isAlike && isOff) {
      run = [...run, ...weak, group]
      weak = []
      strong++
    } else if (run.length > 0 && weak.length < WEAK_MAX && isAlike && baseline.leans(group)) {
      weak.push(group)
    } else {
      // It did not last: that, too, is what this field does.
      for (const one of [...run, ...weak]) baseline.add(one)
      weak = []
      run = baseline.isOff(measure, group) ? [group] : []
      strong = run.length
      if (run.length === 0) baseline.add(group)
    }
    if (strong === RUN) {
      open = new Open(measure, baseline, run)
      run = []
      strong = 0
    }
  }
  if (open !== null) found.push(open.jump(groups.rest))
  return found
}

/** Most fields are always there, never null: of them nothing has to be reckoned. */
function isConstant(measure: Measure, points: readonly Point[]): boolean {
  let level: number | null = null
  for (const point of points) {
    if (measure.of(point) === 0) continue
    const own = measure.level(point)
    if (level !== null && own !== level) return false
    level = own
  }
  return true
}

/** What was usual, with running sums. */
class Baseline {
  private groups: Group[] = []
  private first = 0
  private scales: Scale[] = []

  get size(): number {
    return this.groups.length - this.first
  }

  add(group: Group): void {
    group.scales.forEach((value, i) => {
      this.scales[i] ??= new Scale()
      this.scales[i].add(value, group.noise, this.lagged(i))
    })
    this.groups.push(group)
    if (this.size <= BASELINE_MAX) return
    const oldest = this.groups[this.first++]
    oldest?.scales.forEach((value, i) => {
      this.scales[i]?.remove(value, oldest.noise)
    })
    if (this.first > BASELINE_MAX) {
      this.groups = this.groups.slice(this.first)
      this.first = 0
    }
  }

  isAbove({ scales }: Group): boolean {
    return (scales[0] ?? 0) > (this.scales[0]?.mean ?? 0)
  }

  /** Whether it is different from all before, and far enough to matter. */
  isOff(measure: Measure, group: Group): boolean {
    if (this.size < BASELINE_MIN || this.sigmas(group) < SIGMA) return false
    const isUp = this.isAbove(group)
    const isBeyond = group.scales.every((value, i) => {
      const { min = 0, max = 0 } = this.scales[i] ?? {}
      return isUp ? value > max : value < min
    })
    return isBeyond && measure.matters(this.typical(measure), measure.level(group.sum))
  }

  /** Not far enough off to be counted, and too far to speak against those that are. */
  leans(group: Group): boolean {
    return this.sigmas(group) >= SIGMA / 2
  }

  /** How far off it is; 0 where its scales do not agree on the side. */
  sigmas(group: Group): number {
    const isUp = this.isAbove(group)
    let least = Infinity
    for (const [i, value] of group.scales.entries()) {
      const scale = this.scales[i]
      if (scale === undefined || value > scale.mean !== isUp) return 0
      least = Math.min(least, scale.sigmas(value, group.noise, this.recent(i, 0)))
    }
    return least
  }

  /** The level in the middle of the last groups. */
  typical(measure: Measure): number {
    const last = this.groups.slice(-BASELINE_MIN).map(({ sum }) => measure.level(sum))
    return last.sort((a, b) => a - b)[last.length >> 1] ?? 0
  }

  /** The mean of the last few groups, `behind` groups ago. */
  private recent(scale: number, behind: number): number | null {
    const end = this.groups.length - behind
    if (end - RECENT < this.first) return null
    let sum = 0
    for (let i = end - RECENT; i < end; i++) sum += this.groups[i]?.scales[scale] ?? 0
    return sum / RECENT
  }

  /** As far back as the last group of a run is compared. */
  private lagged(scale: number): number | null {
    return this.recent(scale, RUN - 1)
  }
}

/** One scale of a baseline. */
class Scale {
  private count = 0
  private sum = 0
  private squares = 0
  private noise = 0
  private moves = 0
  private moveSquares = 0
  private moveNoise = 0
  min: number = Infinity
  max: number = -Infinity

  get mean(): number {
    return this.sum / this.count
  }

  add(value: number, noise: number, lagged: number | null): void {
    this.count++
    this.sum += value
    this.squares += value ** 2
    this.noise += noise
    this.min = Math.min(this.min, value)
    this.max = Math.max(this.max, value)
    if (lagged === null) return
    this.moves++
    this.moveSquares += (value - lagged) ** 2
    this.moveNoise += noise * (1 + 1 / RECENT)
  }

  /** What was furthest off, and how it moves, stays remembered. */
  remove(value: number, noise: number): void {
    this.count--
    this.sum -= value
    this.squares -= value ** 2
    this.noise -= noise
  }

  /** How far off a value is, in units of what is usual; the lesser of both comparisons. */
  sigmas(value: number, noise: number, recent: number | null): number {
    const spread = Math.max(
      0,
      (this.squares - this.sum * this.mean - this.noise) / (this.count - 1),
    )
    const deviation = Math.sqrt((spread + noise) * (1 + 1 / this.count))
    const off = Math.abs(value - this.mean) / Math.max(deviation, TINY)
    if (recent === null || this.moves === 0) return off
    const wander = Math.max(0, (this.moveSquares - this.moveNoise) / this.moves)
    const step = Math.sqrt(wander + noise * (1 + 1 / RECENT))
    return Math.min(off, Math.abs(value - recent) / Math.max(step, TINY))
  }
}

const TINY = 1e-9

/** A jump under way. */
class Open {
  private readonly measure: Measure
  private readonly old: Baseline
  private readonly before: number
  private readonly after: number
  private readonly border: number
  private readonly sigmas: number
  readonly isUp: boolean
  private shown: Group[] = []
  private back: Group[] = []

  constructor(measure: Measure, old: Baseline, run: readonly Group[]) {
    this.measure = measure
    this.old = old
    this.before = old.typical(measure)
    const sum = run.map((group) => group.sum).reduce(addPoints)
    this.after = measure.level(sum)
    this.isUp = this.after > this.before
    this.border = (this.before + this.after) / 2
    this.sigmas = Math.max(...run.map((group) => old.sigmas(group)))
    this.shown = [...run]
  }

  private shows({ sum }: Group): boolean {
    return this.measure.level(sum) > this.border === this.isUp
  }

  add(group: Group): void {
    if (!this.shows(group)) {
      this.back.push(group)
      return
    }
    this.back = []
    this.shown.push(group)
  }

  isOver({ sum }: Group): boolean {
    const began = this.shown[0]?.sum.window ?? 0
    return this.back.length === RUN || sum.end - began >= SETTLE_MS
  }

  /** What comes after is compared with what was before, or with what is usual now. */
  next(): Baseline {
    const isBack = this.back.length === RUN
    const baseline = isBack ? this.old : new Baseline()
    for (const group of isBack ? this.back : this.shown) baseline.add(group)
    return baseline
  }

  jump(rest: Group | null): Jump {
    const tail = rest !== null && this.back.length === 0 && this.shows(rest) ? rest.points : []
    const points = [...this.shown.flatMap((group) => group.points), ...tail]
    const { measure, before, after, sigmas, isUp } = this
    return { measure, before, after, sigmas, points, isUp }
  }
}

/** @returns `rest`: windows at the end that are too few for a group */
function groupsOf(
  measure: Measure,
  points: readonly Point[],
): { readonly whole: readonly Group[]; readonly rest: Group | null } {
  const whole: Group[] = []
  let open: Point[] = []
  let sum: Point | null = null
  for (const point of points) {
    if (measure.of(point) === 0) continue
    open.push(point)
    sum = sum === null ? point : addPoints(sum, point)
    if (measure.of(sum) < GROUP_MIN) continue
    whole.push(groupOf(measure, open, sum))
    open = []
    sum = null
  }
  return { whole, rest: sum === null ? null : groupOf(measure, open, sum) }
}

const groupOf = (measure: Measure, points: readonly Point[], sum: Point): Group => ({
  ...{ points, sum, scales: measure.scales(sum), noise: measure.noise(sum) },
})
