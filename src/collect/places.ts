/**
 * Places in a log can be counted: two messages never have the same one. Where windows hold more messages
 * with an offset than their offsets have room for, the offsets are of two logs: the topic was created
 * anew, or cut and written again. No clock is asked, and no poll had to come in time. Pure.
 */
import { type Intervals, sizeOf, union } from '../base/intervals.ts'
import type { StoredTally } from '../hop/evidence.ts'
import type { HopKey } from '../hop/hop.ts'
import { ID_ELEMENT } from '../hop/params.ts'
import { topicKeyOf } from '../reconcile/evidence.ts'

/** What producers were given for the messages of one window in one topic. */
export interface Places {
  /** Messages whose offset is known. */
  readonly count: number
  /** Per partition, what lies from the lowest of them to the highest. */
  readonly within: ReadonlyMap<number, Intervals>
}

export function placesOf(tallies: readonly StoredTally[]): ReadonlyMap<HopKey, Places> {
  const out = new Map<HopKey, { count: number; within: Map<number, Intervals> }>()
  for (const { hop, channel, params, count, placeless, ranges } of tallies) {
    if (hop.role !== 'producer' || channel !== 'passed') continue
    if (params.element !== ID_ELEMENT || params.oneIn !== 1) continue
    const key = topicKeyOf(hop)
    const places = out.get(key) ?? { count: 0, within: new Map() }
    places.count += count - placeless
    for (const { partition, low, high } of ranges)
      places.within.set(partition, union(places.within.get(partition) ?? [], low, high + 1))
    out.set(key, places)
  }
  return out
}

/** Whether what this window holds and what others hold cannot be of one log. */
export function isTorn(own: Places, others: Iterable<Places>): boolean {
  if (isTooFull([own])) return true
  const beside: Places[] = []
  for (const other of others) {
    if (!overlap(own, other)) continue
    if (isTooFull([own, other])) return true
    beside.push(other)
  }
  return isTooFull([own, ...beside])
}

function overlap(a: Places, b: Places): boolean {
  for (const [partition, set] of a.within)
    for (const [low, high] of set)
      if ((b.within.get(partition) ?? []).some(([from, to]) => from < high && low < to)) return true
  return false
}

function isTooFull(all: readonly Places[]): boolean {
  const within = new Map<number, Intervals>()
  let count = 0
  for (const places of all) {
    count += places.count
    for (const [partition, set] of places.within)
      for (const [from, to] of set)
        within.set(partition, union(within.get(partition) ?? [], from, to))
  }
  const room = [...within.values()].reduce((sum, set) => sum + sizeOf(set), 0)
  return count > room
}
