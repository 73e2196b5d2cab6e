/** Windows of one field, put together until a measure has enough of them. Pure. */
import { GROUP_MIN } from './jump-limits.ts'
import type { Measure } from './jump-measures.ts'
import { type Point, sumOf } from './jump-points.ts'

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
  let count = 0
  for (const point of points) {
    const own = measure.of(point)
    if (own === 0) continue
    open.push(point)
    count += own
    if (count < GROUP_MIN) continue
    whole.push(groupOf(measure, open))
    open = []
    count = 0
  }
  return { whole, rest: open.length === 0 ? null : groupOf(measure, open) }
}

function groupOf(measure: Measure, points: readonly Point[]): Group {
  const sum = sumOf(points, measure.isOfValues)
  return { points, sum, scales: measure.scales(sum), noise: measure.noise(sum) }
}
