/**
 * Rules 16 and 17: the same messages at two hops.
 *
 * All hops look at the same messages, so what one saw of a window can be subtracted from what the other saw:
 * but only where those at `to` are known to be among those at `from`. That is believed of a window if `to`
 * looked at no more than `from`, and the lowest ids that both keep agree. So messages that got new ids on
 * the way are never compared.
 */

import { byText } from '../../base/by-text.ts'
import type { WatchedEdge } from '../judge.ts'
import type { Variant } from '../shape.ts'
import { presentIn } from './present.ts'
import type { Seen, Sighting, Writing } from './sighting.ts'
import { sum } from './sum.ts'

/** What both ends of an edge saw of one window. */
interface Pair {
  readonly window: number
  readonly end: number
  readonly from: readonly Seen[]
  readonly to: readonly Seen[]
  readonly lookedFrom: number
  readonly lookedTo: number
}

export interface Places {
  at(hop: string): readonly Seen[]
  /** What audited producers wrote into a topic in one window. */
  written(topic: string, window: number, end: number): readonly Seen[]
}

/** @param accused whether rules 1–6 hit it: one fault is told once */
export function judgeEdge(
  edge: WatchedEdge,
  places: Places,
  accused: (seen: Seen) => boolean,
): Sighting[] {
  if (edge.keep.length === 0 && !edge.preserves) return []
  // Of several `to` one stands for the edge in all windows, or one fault would be several findings.
  const place = placeOf(edge.to.flatMap((hop) => places.at(hop)))
  return pairsOf(edge, places).flatMap((pair) => [
    ...edge.keep.flatMap((path) => droppedField(edge, pair, path, place, places)),
    ...(edge.preserves ? otherWriter(edge, pair, accused, places) : []),
  ])
}

/**
 * Rule 16 - a field that the edge promises to keep is in fewer messages at `to`. Counted is the least
 * number that can be: each message that is not at `to`, or could not be read there, may have held it.
 */
function droppedField(
  { edge }: WatchedEdge,
  pair: Pair,
  path: string,
  place: Seen | null,
  places: Places,
): Sighting[] {
  const before = sum(pair.from.map(({ variant }) => presentIn(variant, path).least))
  const after = sum(pair.to.map(({ variant }) => presentIn(variant, path).most))
  const absent = pair.lookedFrom - pair.lookedTo
  const count = before - after - absent
  if (count <= 0 || place === null) return []
  const { at, hop, shape } = place
  const ids = pair.to.flatMap(({ variant }) =>
    presentIn(variant, path).most === 0 ? variant.ids : [],
  )
  return [
    {
      ...({ code: 'field_dropped', path, count, ids, edge, writer: null } as const),
      ...{ at, topic: hop.topic, subject: hop.plan.subject ?? '', schema: '' },
      ...{ window: pair.window, end: pair.end, oneIn: shape.oneIn },
      args: { from: pair.from[0]?.hop.hop ?? '', before, after },
      // Those without the field, whether or not they should have it: the count is of both ends.
      by: [...new Set(pair.to.map((seen) => seen.hop.topic))].flatMap((topic) =>
        writings(places, topic, pair, (variant) =>
          Math.max(0, variant.count - presentIn(variant, path).most),
        ),
      ),
    },
  ]
}

/**
 * Rule 17 - the edge promises the value as it is, and messages name another schema at `to`. Only where both
 * looked at equally many. A schema that is wrong by itself at `to` is told by rules 1–6 there.
 */
function otherWriter(
  { edge }: WatchedEdge,
  pair: Pair,
  accused: (seen: Seen) => boolean,
  places: Places,
): Sighting[] {
  if (pair.lookedFrom !== pair.lookedTo) return []
  const names = (seen: readonly Seen[]): Map<string, number> => {
    const counts = new Map<string, number>()
    for (const { variant } of seen) {
      const key = `${variant.claim} ${variant.schema}`
      counts.set(key, (counts.get(key) ?? 0) + variant.count)
    }
    return counts
  }
  const [before, after] = [names(pair.from), names(pair.to)]
  const gone = pair.from.filter(({ variant: { claim, schema } }) => {
    const key = `${claim} ${schema}`
    return (before.get(key) ?? 0) > (after.get(key) ?? 0)
  })
  const told = new Set<string>()
  return pair.to.flatMap((seen) => {
    const { variant, named, at, hop, shape } = seen
    const key = `${variant.claim} ${variant.schema}`
    const count = (after.get(key) ?? 0) - (before.get(key) ?? 0)
    if (count <= 0 || variant.schema === '' || told.has(key) || accused(seen)) return []
    told.add(key)
    const expected = [...new Set(gone.map((one) => one.named.schema))].filter((s) => s !== '')
    return [
      {
        ...({
          code: 'writer_differs',
          path: '',
          count,
          ids: variant.ids,
          edge,
          writer: null,
        } as const),
        ...{ at, topic: hop.topic, subject: named.subject, schema: named.schema },
        ...{ window: pair.window, end: pair.end, oneIn: shape.oneIn },
        args: { from: pair.from[0]?.hop.hop ?? '', before: expected.sort(byText) },
        by: writings(places, hop.topic, pair, (one) =>
          one.claim === variant.claim && one.schema === variant.schema ? one.count : 0,
        ),
      },
    ]
  })
}

function writings(
  { written }: Places,
  topic: string,
  { window, end }: Pair,
  countOf: (variant: Variant) => number,
): Writing[] {
  return written(topic, window, end).flatMap(({ writer, variant }) => {
    const count = countOf(variant)
    return writer === null || count === 0 ? [] : [{ writer, count }]
  })
}

function pairsOf({ from, to }: WatchedEdge, { at: seenAt }: Places): Pair[] {
  const [before, after] = [spans(from.flatMap(seenAt)), spans(to.flatMap(seenAt))]
  return [...after].flatMap(([span, seen]) => {
    const first = before.get(span)
    const place = seen[0]
    if (first === undefined || place === undefined) return []
    const pair: Pair = {
      ...{ window: place.window, end: place.end, from: first, to: seen },
      ...{ lookedFrom: looked(first), lookedTo: looked(seen) },
    }
    const isSame = [...first, ...seen].every((one) => one.shape.oneIn === place.shape.oneIn)
    return isSame && isAmong(pair) ? [pair] : []
  })
}

/** Every variant keeps its lowest ids: where messages are the same, so are those. */
function isAmong({ from, to, lookedFrom, lookedTo }: Pair): boolean {
  if (lookedTo > lookedFrom) return false
  const [before, after] = [lowest(from), lowest(to)]
  const known = after.all.filter((id) => before.full === null || id <= before.full)
  if (known.length === 0 || !known.every((id) => before.set.has(id))) return false
  if (lookedTo < lookedFrom) return true
  // As many, but one lost and one there twice: then they are not the same.
  return before.all.every((id) => (after.full !== null && id > after.full) || after.set.has(id))
}

/**
 * The ids of a window that are known without gaps: each variant keeps its lowest ones, so the sum of them
 * has all ids up to the lowest end of a list that is cut off.
 */
function lowest(seen: readonly Seen[]): {
  readonly all: readonly string[]
  readonly set: ReadonlySet<string>
  readonly full: string | null
} {
  const ends = seen
    .filter(({ variant }) => variant.count > variant.ids.length)
    .map(({ variant }) => variant.ids.at(-1) ?? '')
    .sort(byText)
  const full = ends[0] ?? null
  const all = seen
    .flatMap(({ variant }) => variant.ids)
    .filter((id) => full === null || id <= full)
    .sort(byText)
  return { all, set: new Set(all), full }
}

function spans(seen: readonly Seen[]): Map<string, Seen[]> {
  const all = new Map<string, Seen[]>()
  for (const one of seen) {
    const key = `${one.window}/${one.end}`
    const list = all.get(key)
    if (list === undefined) all.set(key, [one])
    else list.push(one)
  }
  return all
}

const looked = (seen: readonly Seen[]): number => sum(seen.map(({ variant }) => variant.count))
const placeOf = (seen: readonly Seen[]): Seen | null =>
  seen.reduce<Seen | null>((best, one) => (best === null || one.at < best.at ? one : best), null)
