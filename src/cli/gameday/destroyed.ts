/** Which windows of which edges the evidence that a run destroyed can leave open. */
import type { DrawnEdge, GameDay } from './day.ts'
import type { Books } from './edge-truth.ts'
import { bornAt, type Destroyed, familyOf, type Passing, type Truth } from './truth.ts'

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
  // A message whose place nobody was told may lie anywhere.
  if (books.isUnplaced(hop, start)) return true
  // A window reaches from its lowest to its highest offset: whoever lacks one between lacks it all.
  const offsets = books
    .passed(hop, start)
    .filter((passing) => passing.partition === partition)
    .flatMap(({ offset }) => (offset === undefined ? [] : [offset]))
  return offsets.length > 0 && Math.min(...offsets) < to && Math.max(...offsets) >= from
}

/** Families of which a passing at one of these hops is among what the destroyed evidence told of. */
export function untold(
  hops: readonly string[],
  window: number,
  { destroyed }: Truth,
  books: Books,
): ReadonlySet<string> {
  const families = new Set<string>()
  for (const hop of hops) {
    const own = destroyed.filter((d) => d.hop === hop)
    if (own.length === 0) continue
    for (const passing of books.passed(hop, window))
      if (own.some((d) => tellsOf(d, passing))) families.add(familyOf(passing.id))
  }
  return families
}

function tellsOf({ bornFrom, bornTo, ...place }: Destroyed, passing: Passing): boolean {
  const birth = bornAt(passing.id)
  if (bornFrom <= birth && birth <= bornTo) return true
  const { partition, offset = -1 } = passing
  if (place.partition === undefined || place.partition !== partition) return false
  return (place.from ?? 0) <= offset && offset < (place.to ?? 0)
}
