/**
 * Cells of a strip, put together so that a day of minutes is a few shapes.
 *
 * Laws: neighbours that stand alike become one, sums and spans kept; where there are still more than
 * fit, bins of neighbours take the worst of theirs (never the average, which hides one bad minute).
 */

import type { StripCell } from '../../src/objective/report.ts'
import type { Standing } from '../../src/objective/standing.ts'

/** Worst first. */
const order: readonly Standing[] = ['breached', 'indeterminate', 'open', 'met', 'no_data']

/** Neighbours that stand alike, and touch, as one. */
export function runsOf(cells: readonly StripCell[]): StripCell[] {
  const runs: StripCell[] = []
  for (const cell of cells) {
    const last = runs.at(-1)
    const joins = last !== undefined && last.standing === cell.standing && last.end === cell.start
    if (joins) runs[runs.length - 1] = join(last, cell)
    else runs.push(cell)
  }
  return runs
}

/** At most so many. Cells of two sides of a gap may be in one bin. */
export function atMost(cells: readonly StripCell[], max: number): StripCell[] {
  let runs = runsOf(cells)
  for (let bin = 2; runs.length > max; bin++) {
    const binned: StripCell[] = []
    for (let i = 0; i < cells.length; i += bin) {
      binned.push(cells.slice(i, i + bin).reduce(join))
    }
    runs = runsOf(binned)
  }
  return runs
}

function join(a: StripCell, b: StripCell): StripCell {
  return {
    start: a.start,
    end: b.end,
    standing: order.find((s) => s === a.standing || s === b.standing) ?? a.standing,
    windows: a.windows + b.windows,
    expected: a.expected + b.expected,
    lost: a.lost + b.lost,
    duplicated: a.duplicated + b.duplicated,
    altered: a.altered + b.altered,
    inFlight: a.inFlight + b.inFlight,
    undetermined: a.undetermined + b.undetermined,
  }
}
