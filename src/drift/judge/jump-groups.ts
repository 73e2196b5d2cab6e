/** Windows of one field, put together until a measure has enough of them. Pure. */
import { GROUP_MIN } from './jump-limits.ts'
import type { Measure } from './jump-measures.ts'
import { addPoints, type Point } from './jump-points.ts'

export interface Group {
  readonly points: readonly Point[]
  readonly sum: Point
  readonly scales: readonly number[]
  readonly noise: number
}

/** @returns `rest`: windows at the end that are too few for a group */
export function groupsOf(
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
