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
import { Baseline } from './jump-baseline.ts'
import { type Group, groupsOf } from './jump-groups.ts'
import { RUN, WEAK_MAX } from './jump-limits.ts'
import type { Measure } from './jump-measures.ts'
import type { Point } from './jump-points.ts'
import { type Jump, OpenJump } from './open-jump.ts'

/** @param points in order of time, of windows of one length */
export function jumpsOf(measure: Measure, points: readonly Point[]): Jump[] {
  if (isConstant(measure, points)) return []
  const found: Jump[] = []
  let baseline = new Baseline()
  let run = NO_RUN
  let open: OpenJump | null = null
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
    const longer = runWith(run, measure, baseline, group)
    if (longer === null) {
      // It did not last: that, too, is what this field does.
      for (const one of run.groups) baseline.add(one)
      const next = runWith(NO_RUN, measure, baseline, group)
      if (next === null) baseline.add(group)
      run = next ?? NO_RUN
    } else run = longer
    if (run.strong === RUN) {
      open = new OpenJump(measure, baseline, run.groups)
      run = NO_RUN
    }
  }
  if (open !== null) found.push(open.jump(groups.rest))
  return found
}

/** Groups that may be the beginning of a jump, all off to one side. */
interface Run {
  readonly groups: readonly Group[]
  /** Those that stand off; the others lean. */
  readonly strong: number
}

const NO_RUN: Run = { groups: [], strong: 0 }

/** Null: the group is as before, or off to the other side, or one too many that only leans. */
function runWith(
  { groups, strong }: Run,
  measure: Measure,
  baseline: Baseline,
  group: Group,
): Run | null {
  const first = groups[0]
  if (first !== undefined && baseline.isAbove(first) !== baseline.isAbove(group)) return null
  if (baseline.isOff(measure, group)) return { groups: [...groups, group], strong: strong + 1 }
  if (groups.length - strong >= WEAK_MAX || !baseline.leans(group)) return null
  return { groups: [...groups, group], strong }
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
