/** Causes of what a group did not read: its position went past it, or the log's start did. */
import { gaps, type Intervals, union } from '../../base/intervals.ts'
import type { FoundId } from '../../finding/finding.ts'
import { hopKey } from '../../hop/hop.ts'
import type { Place } from '../log.ts'
import { placeFact, rangesFact, searchFact } from './facts.ts'
import type { Ground } from './ground.ts'
import { namelessOf } from './messages.ts'
import { type CauseRule, likely, proven, type Told } from './rule.ts'
import { reachesBack } from './search.ts'
import { countWithin, holding, overlap, type Span, spansOf, touching } from './spans.ts'

/** Facts of as many spans are shown. */
const SPANS_MAX = 4

type PassedOver = 'offset_reset' | 'consumer_skipped'

// Rules C7 and C8 - its place lies in what one such jump passed over, and in no other. Without its place, all
// places at which the window's messages lie do. They exclude each other, so their order means nothing.
const jumped = (name: string, code: PassedOver): CauseRule => ({
  name,
  code,
  ofAll: (ground) => wholly(code, ground),
  of: (found, ground) => {
    const places = placesOf(found, ground)
    if (places.length === 0) return undefined
    const held = places.map((place) => heldBy(place, ground))
    if (!held.every((spans) => spans.length > 0 && spans.every((s) => s.code === code)))
      return undefined
    const proof = [...factsOf(held.flat()), ...places.slice(0, 1).map(placeFact)]
    return certain(ground, ...proof)
  },
  among: (ground) => spanned(spansOf(ground.once(byNumber), code), ground),
  excludes: (found, ground) => {
    const places = placesOf(found, ground)
    return (
      places.length > 0 &&
      !places.every((place) => heldBy(place, ground).some((s) => s.code === code))
    )
  },
})

export const reset: CauseRule = jumped('C7', 'offset_reset')
export const skipped: CauseRule = jumped('C8', 'consumer_skipped')

// Rule C9 - retention took it before the group had come so far. What is still in the log it did not take.
// What is not there it took, if the log was looked through from before the window on.
export const deletedUnread: CauseRule = {
  name: 'C9',
  code: 'deleted_unread',
  ofAll: (ground) => wholly('deleted_unread', ground),
  among: (ground) => spanned(spansOf(ground.forward, 'deleted_unread'), ground),
  excludes: (found, ground) => placesOf(found, ground).length > 0,
  proves: ({ id }, ground) => ground.readers.isEnd && ground.readers.isNoted && ground.isGone(id),
}

// Rule C10 - it was acknowledged, or read by the topic's agent, at an offset from which on the log is
// another one. Below C3: what was never acknowledged was not cut off. That it is gone the search proves; that
// nothing else took it, that all of the window had offsets and the log still begins below them.
export const truncated: CauseRule = {
  name: 'C10',
  code: 'truncated',
  among: (ground) => {
    const { finding, groups, writes, where } = ground
    const spans = touching(ground.gone, where)
    const { most } = countWithin(spans, where)
    // Sends without an offset were perhaps never written at all; outputs perhaps never sent.
    if (most === 0 || where.placeless > 0) return undefined
    if (writes && groups.length > 0 && namelessOf(finding) > 0) return undefined
    const searched = ground.topics.flatMap((topic) => ground.search.of(topic) ?? [])
    const proof = [...factsOf(spans), ...rangesOf(ground, spans), ...searched.map(searchFact)]
    return { most, least: 0, proof }
  },
  excludes: ({ id }, ground) => {
    if (placesOf({ id, times: 1 }, ground).length > 0) return true
    if (!ground.writes || ground.groups.length === 0) return false
    return !ground.sends('passed').ids.has(id)
  },
  proves: ({ id }, ground) => {
    const { where, writes, evidence, search, topics } = ground
    if (!ground.isGone(id)) return false
    if (evidence.verdict.findings.some((f) => f.code === 'compacted')) return false
    if (!writes && !ground.readers.isNoted) return false
    return topics.every((topic) => {
      const lows = [...(where.topics.get(hopKey(topic)) ?? [])].map(
        ([partition, set]) => [partition, set[0]?.[0] ?? 0] as const,
      )
      return reachesBack(search, topic, new Map(lows))
    })
  },
}

// Rule C11 - the finding says so itself: as many offsets are empty. Never proven, since who lay there is gone.
export const compacted: CauseRule = {
  name: 'C11',
  code: 'compacted',
  ofAll: (ground) => {
    if (ground.finding.code !== 'compacted') return undefined
    const cut = ground.gone.filter(({ fact }) => fact.args.kind !== 'epoch')
    const others = touching([...cut, ...ground.forward], ground.where)
    return others.length > 0 ? undefined : likely()
  },
  excludes: (found, ground) => placesOf(found, ground).length > 0,
}

// Rule C13 - by exclusion, so the last: it lies in the log, the group's agents noted all that befell them, and
// no jump, no throw and no deletion is there. A commit ahead of what was handled leaves no other trace.
export const committedAhead: CauseRule = {
  name: 'C13',
  code: 'consumer_skipped',
  of: (found, ground) => {
    const { readers } = ground
    if (!readers.isEnd || !readers.isNoted) return undefined
    const [place, ...more] = placesOf(found, ground)
    if (place === undefined || more.length > 0 || heldBy(place, ground).length > 0) return undefined
    return likely(placeFact(place))
  },
}

function placesOf(
  { id }: Pick<FoundId, 'id'> & Partial<FoundId>,
  { topics, search }: Ground,
): readonly Place[] {
  return topics.flatMap((topic) => search.placesIn(topic, id) ?? [])
}

/** What still lies in the log was not deleted. */
function heldBy(place: Place, { topics, forward }: Ground): readonly Span[] {
  const [topic] = topics.filter((t) => t.topic === place.topic)
  if (topic === undefined) return []
  const key = hopKey(topic)
  return (['offset_reset', 'consumer_skipped'] as const).flatMap((code) =>
    holding(forward, code, key, place),
  )
}

/** All of the window's messages lie where this happened, and nothing else has touched them. */
function wholly(code: PassedOver | 'deleted_unread', ground: Ground): Told | undefined {
  const { where, gone } = ground
  const forward = ground.once(byNumber)
  const mine = spansOf(forward, code)
  if (where.placeless > 0 || !overlap(mine, where).isWhole) return undefined
  const others = [...forward.filter((s) => s.code !== code), ...gone]
  if (touching(others, where).length > 0) return undefined
  return certain(ground, ...factsOf(touching(mine, where)))
}

/**
 * What was passed over, for messages whose place nobody knows: that the group was sent on from offsets which
 * had been deleted is what came of the deletion.
 */
function byNumber({ forward }: Ground): readonly Span[] {
  const deleted = spansOf(forward, 'deleted_unread')
  return forward.flatMap((span) => {
    if (span.code !== 'offset_reset') return [span]
    const within = deleted
      .filter(({ topic, partition }) => topic === span.topic && partition === span.partition)
      .reduce<Intervals>((set, { from, to }) => union(set, from, to), [])
    return gaps(within, span.from, span.to).map(([from, to]) => ({ ...span, from, to }))
  })
}

function certain({ readers }: Ground, ...proof: Told['proof']): Told {
  return readers.isEnd && readers.isNoted ? proven(...proof) : likely(...proof)
}

function spanned(
  spans: readonly Span[],
  { where, countedElsewhere }: Ground,
): ReturnType<NonNullable<CauseRule['among']>> {
  const { most, least } = countWithin(spans, where)
  if (most === 0) return undefined
  const proof = factsOf(touching(spans, where))
  return { most, least: Math.max(0, least - countedElsewhere), proof }
}

/** Where messages of the window lay, in the partitions that were touched. */
function rangesOf({ topics, where }: Ground, spans: readonly Span[]): Told['proof'] {
  return topics.flatMap((topic) => {
    const key = hopKey(topic)
    const touched = new Set(spans.filter((s) => s.topic === key).map((s) => s.partition))
    const ranges = [...(where.topics.get(key) ?? [])]
      .filter(([partition]) => touched.has(partition))
      .flatMap(([partition, set]) => set.map(([low, to]) => ({ partition, low, high: to - 1 })))
    return ranges.length === 0 ? [] : [rangesFact(topic, ranges)]
  })
}

const factsOf = (spans: readonly Span[]): Told['proof'] =>
  [...new Set(spans.map(({ fact }) => fact))].slice(0, SPANS_MAX)
