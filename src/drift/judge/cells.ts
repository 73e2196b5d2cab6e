/** Validity: how the messages of each hop and window stand. Pure. */
import type { HopShape, ValidityCell, WatchedHop } from '../judge.ts'
import { lateOf, unknownOf } from './content-rules.ts'
import type { Seen } from './sighting.ts'

/**
 * What rules 1–6 accuse is invalid as a whole, but for an ambiguous first byte: that is not known. Else each
 * message stands for itself.
 *
 * @param accusedOf messages of a variant that one of rules 1–6 accuses
 */
export function cellsOf(
  seen: readonly Seen[],
  shapes: readonly HopShape[],
  hops: readonly WatchedHop[],
  since: number,
  accusedOf: (seen: Seen) => number,
): ValidityCell[] {
  const cells = new Map<string, Sum>()
  const places = new Map(hops.map(({ hop }, at) => [hop, at]))
  const cellOf = (at: number, window: number, end: number, oneIn: number): Sum => {
    const key = `${at} ${window} ${end} ${oneIn}`
    const cell = cells.get(key) ?? newSum(at, window, end, oneIn)
    cells.set(key, cell)
    return cell
  }
  for (const one of seen) {
    if (one.end <= since) continue
    const cell = cellOf(one.at, one.window, one.end, one.shape.oneIn)
    const { invalid, unknown } = standing(one, accusedOf(one))
    cell.looked += one.variant.count
    cell.invalid += invalid
    cell.unknown += unknown
  }
  for (const { hop, window, spanMs, shape } of shapes) {
    const at = places.get(hop)
    if (at === undefined || window + spanMs <= since || shape.tombstones === 0) continue
    cellOf(at, window, window + spanMs, shape.oneIn).tombstones += shape.tombstones
  }
  return [...cells.values()]
    .sort((a, b) => a.at - b.at || a.window - b.window || a.end - b.end || a.oneIn - b.oneIn)
    .map(({ at, window, end, oneIn, looked, invalid, unknown, tombstones }) => ({
      ...{ hop: hops[at]?.hop ?? '', window, spanMs: end - window, oneIn },
      ...{ looked, invalid, unknown, tombstones },
    }))
}

function standing(seen: Seen, accused: number): { invalid: number; unknown: number } {
  const { variant } = seen
  if (variant.claim === 'ambiguous') {
    return { invalid: variant.invalid, unknown: variant.count - variant.invalid }
  }
  const invalid = Math.max(accused, variant.invalid - lateOf(variant, seen.isRegistered))
  return { invalid, unknown: Math.min(unknownOf(seen), variant.count - invalid) }
}

interface Sum {
  readonly at: number
  readonly window: number
  readonly end: number
  readonly oneIn: number
  looked: number
  invalid: number
  unknown: number
  tombstones: number
}

const newSum = (at: number, window: number, end: number, oneIn: number): Sum => ({
  ...{ at, window, end, oneIn, looked: 0, invalid: 0, unknown: 0, tombstones: 0 },
})
