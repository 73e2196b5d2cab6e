/**
 * Strips: each edge as a row of cells along the time, all edges of a pipeline on the same grid. Where
 * there are more windows than cells the worst stands for all: one bad minute shows in a month.
 */
import type { EdgeVerdict } from '../finding/verdict.ts'
import { sumCounts } from './counts.ts'
import { isoOf } from './iso.ts'
import { CELLS_MAX, type EdgeStrip, type StripCell } from './report.ts'
import { standingOf } from './standing.ts'

/** @param edges names, in the order of the rows */
export function stripsOf(
  pipeline: string,
  windowMs: number,
  edges: readonly string[],
  verdicts: readonly EdgeVerdict[],
): EdgeStrip[] {
  let [first, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { window } of verdicts) {
    first = Math.min(first, window.start)
    end = Math.max(end, window.end)
  }
  const cellMs = windowMs * Math.max(1, Math.ceil((end - first) / windowMs / CELLS_MAX))
  const rows = new Map<string, Map<number, EdgeVerdict[]>>(edges.map((edge) => [edge, new Map()]))
  for (const verdict of verdicts) {
    const cells = rows.get(verdict.edge)
    const at = Math.floor((verdict.window.start - first) / cellMs)
    const list = cells?.get(at)
    if (list === undefined) cells?.set(at, [verdict])
    else list.push(verdict)
  }
  return edges.map((edge) => ({
    ...{ pipeline, edge },
    cells: [...(rows.get(edge) ?? [])].sort(([a], [b]) => a - b).map(([, list]) => cellOf(list)),
  }))
}

/** From the first of its windows to the last: those of which nobody told are not drawn. */
function cellOf(list: readonly EdgeVerdict[]): StripCell {
  const c = sumCounts(list.map((v) => v.counts))
  return {
    start: isoOf(Math.min(...list.map((v) => v.window.start))),
    end: isoOf(Math.max(...list.map((v) => v.window.end))),
    standing: standingOf(list),
    windows: list.length,
    expected: c.expected,
    lost: c.lost,
    duplicated: c.duplicated,
    altered: c.altered,
    inFlight: c.in_flight,
    undetermined: c.undetermined,
  }
}
