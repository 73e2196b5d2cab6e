/** Which windows of which edges the evidence that a run destroyed can leave open. */
import type { DrawnEdge, GameDay } from './day.ts'
import type { Books } from './edge-truth.ts'
import type { Destroyed } from './truth.ts'

/** The hops of an edge and all those above them: what is not known there is not known below. */
export function hopsAbove(day: GameDay, edge: DrawnEdge): ReadonlySet<string> {
  const hops = new Set([...edge.from, ...edge.to])
  for (let before = 0; before < hops.size; ) {
    before = hops.size
    for (const other of day.edges)
      if (other.to.some((hop) => hops.has(hop))) for (const hop of other.from) hops.add(hop)
  }
  return hops
}

/** Whether messages of the window `[start, end)` are among those that the destroyed evidence tells of. */
export function touches(destroyed: Destroyed, books: Books, start: number, end: number): boolean {
  const { hop, bornFrom, bornTo, partition, from, to } = destroyed
  if (bornFrom < end && bornTo >= start) return true
  if (partition === undefined || from === undefined || to === undefined) return false
  // A window reaches from its lowest to its highest offset: whoever lacks one between lacks it all.
  const offsets = books
    .passed(hop, start)
    .filter((passing) => passing.partition === partition)
    .flatMap(({ offset }) => (offset === undefined ? [] : [offset]))
  if (offsets.length === 0) return books.isUnplaced(hop, start)
  // A send whose place was never told may lie anywhere behind the others.
  const last = books.isUnplaced(hop, start) ? Number.POSITIVE_INFINITY : Math.max(...offsets)
  return Math.min(...offsets) < to && last >= from
}
