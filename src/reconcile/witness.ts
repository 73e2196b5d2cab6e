/**
 * Minted but not here: what the dense sequences of a topic prove of a producer that fell silent.
 *
 * Where a producer reports, its tallies say what it sent, and the difference names what is lost. Where
 * it died before it could, the gaps in the sequences that did arrive still tell that more was minted.
 * Whether those sends failed or were acknowledged, nobody knows: they are unconfirmed, not lost.
 *
 * Every term errs towards less: repetitions fill gaps, and whatever is reported or named otherwise is
 * taken off. Only tags that a producer reported as minted into this topic count: the ids of other
 * topics, forwarded, have gaps by right.
 */
import { endOf, gaps } from '../base/intervals.ts'
import type { StoredTags } from '../hop/evidence.ts'
import { type HopRef, hopKey } from '../hop/hop.ts'
import type { TagSpan } from '../hop/tag-spans.ts'
import { partsOfWords, wordsOfHex } from '../message/id.ts'
import type { PeeledId } from '../sketch/sketch.ts'
import type { EdgeContext } from './edge-context.ts'
import { topicKeyOf, type WindowEvidence } from './evidence.ts'
import { knownHoles } from './passage.ts'

/**
 * Messages, at least. Call it where the topic has passed the window up to a polled end of its log.
 * @param missing ids missing by name, all of them
 */
export function mintedNotHere(
  { pipeline, edge, evidence }: EdgeContext,
  missing: readonly PeeledId[],
): number {
  const [to] = edge.to
  if (to === undefined || edge.to.length > 1 || to.hop.role !== 'topic') return 0
  if (!edge.from.every((d) => d.hop.role === 'producer')) return 0
  const topic = hopKey(to.hop)
  const isHere = (t: StoredTags): boolean => t.key === topic && t.channel === 'passed'
  const isSent = (t: StoredTags): boolean =>
    t.hop.role === 'producer' && t.origin === null && topicKeyOf(t.hop) === topic
  const { tallies, before, after } = evidence
  const all = [...before, ...tallies, ...after]
  // One tally that does not witness leaves gaps that mean nothing.
  if (tallies.some((t) => t.tags === null && (isHere(t) || isSent(t)))) return 0
  const isWholeBefore = wasWatched(to.hop, evidence, pipeline.windowMs)

  const own = new Set(all.filter(isSent).flatMap((t) => (t.tags ?? []).map(({ tag }) => tag)))
  const named = new Map<number, number>()
  for (const { hex, times } of missing) {
    if (times <= 0) continue
    const { tag } = partsOfWords(wordsOfHex(hex))
    named.set(tag, (named.get(tag) ?? 0) + times)
  }
  let count = 0
  for (const here of spansOf(tallies.filter(isHere))) {
    if (!own.has(here.tag)) continue
    const unsent = tallies.filter((t) => isSent(t) && t.channel !== 'passed')
    const explained = countOf(unsent, here.tag) + (named.get(here.tag) ?? 0)
    const within = here.high - here.low + 1 - here.count
    count += Math.max(0, within - explained)
    if (isWholeBefore) count += between(here, before, tallies, isHere, isSent)
  }
  return count
}

/**
 * Sequences between the last one of the window before and the first of this, minted in one of both.
 * Only where no producer reported any of them: then nothing else explains them.
 */
function between(
  here: TagSpan,
  before: readonly StoredTags[],
  now: readonly StoredTags[],
  isHere: (t: StoredTags) => boolean,
  isSent: (t: StoredTags) => boolean,
): number {
  if (before.filter(isHere).some((t) => t.tags === null)) return 0
  const last = spansOf(before.filter(isHere)).find(({ tag }) => tag === here.tag)
  if (last === undefined) return 0
  const sent = [...before, ...now].filter(isSent)
  if (sent.some((t) => t.tags === null)) return 0
  const isReported = sent
    .flatMap((t) => t.tags ?? [])
    .some(({ tag, low, high }) => tag === here.tag && high > last.high && low < here.low)
  return isReported ? 0 : Math.max(0, here.low - last.high - 1)
}

/** Whether the topic was watched without a break from the window before on. */
function wasWatched(topic: HopRef, evidence: WindowEvidence, windowMs: number): boolean {
  const earlier = { ...evidence, window: evidence.window - windowMs }
  if (knownHoles(topic, earlier).state !== 'passed') return false
  const key = hopKey(topic)
  const ranges = evidence.before.filter((t) => t.key === key).flatMap((t) => t.ranges)
  const covered = evidence.coverage.get(key)
  return ranges.every(({ partition, low }) => {
    const set = covered?.partitions.get(partition) ?? []
    return gaps(set, low, endOf(set) ?? low + 1).length === 0
  })
}

/** By tag, over all tallies. */
function spansOf(tallies: readonly StoredTags[]): TagSpan[] {
  const spans = new Map<number, TagSpan>()
  for (const { tag, low, high, count } of tallies.flatMap((t) => t.tags ?? [])) {
    const known = spans.get(tag)
    spans.set(tag, {
      tag,
      low: Math.min(low, known?.low ?? low),
      high: Math.max(high, known?.high ?? high),
      count: count + (known?.count ?? 0),
    })
  }
  return [...spans.values()]
}

function countOf(tallies: readonly StoredTags[], tag: number): number {
  return tallies
    .flatMap((t) => t.tags ?? [])
    .reduce((n, span) => (span.tag === tag ? n + span.count : n), 0)
}
