/** What has jumped and is not back: which windows show it, and what is usual afterwards. */
import { Baseline, middleOf } from './jump-baseline.ts'
import type { Group } from './jump-groups.ts'
import { RUN, SETTLE_MS } from './jump-limits.ts'
import type { Measure } from './jump-measures.ts'
import type { Point } from './jump-points.ts'

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

/** A jump under way. */
export class OpenJump {
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
    this.after = middleOf(run.map(({ sum }) => measure.level(sum)))
    this.isUp = old.isAbove(run[0] as Group)
    this.border = (old.middle() + middleOf(run.map(({ scales }) => scales[0] ?? 0))) / 2
    this.sigmas = Math.max(...run.map((group) => old.sigmas(group)))
    // What only leaned before it may be the end of what was.
    this.shown = run.filter((group) => this.shows(group))
  }

  /** Nearer to what it has become than to what it was, on the scale on which noise is even. */
  private shows({ scales }: Group): boolean {
    return (scales[0] ?? 0) > this.border === this.isUp
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
