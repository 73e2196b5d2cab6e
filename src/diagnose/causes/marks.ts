/** Mishaps, cuts and deletions as spans of offsets, each with the cause that it stands for. */

import type { CauseCode } from '../../finding/cause.ts'
import { type HopRef, hopKey, topicHop } from '../../hop/hop.ts'
import type { StoredMishap } from '../../hop/mishap.ts'
import type { CauseEvidence } from '../cause-evidence.ts'
import { cutFact, deletedFact, mishapFact, overwrittenFact, wentBackFact } from './facts.ts'
import { mishapsAt, type Readers } from './readers.ts'
import type { Span } from './spans.ts'

/** Passed over by a reader, or deleted before it came. */
export function forwardSpans(evidence: CauseEvidence, readers: Readers): readonly Span[] {
  const spans: Span[] = []
  for (const reader of readers.hops) {
    for (const mishap of mishapsAt(hopKey(reader), evidence.mishaps)) {
      const code = forwardCode(mishap)
      if (code !== null) spans.push(...spanOf(mishap, code))
    }
    const topic = hopKey(topicHop(reader.cluster, reader.topic))
    for (const [partition, set] of evidence.deleted.get(hopKey(reader)) ?? [])
      for (const [from, to] of set) {
        const fact = deletedFact(reader, partition, from, to)
        spans.push({ code: 'deleted_unread', topic, partition, from, to, fact })
      }
  }
  return spans
}

function forwardCode({ kind, detail }: StoredMishap): CauseCode | null {
  if (detail !== FORWARD) return null
  return kind === 'sought' ? 'consumer_skipped' : kind === 'reset' ? 'offset_reset' : null
}

/** Handed out to a reader once more. */
export function backwardSpans(evidence: CauseEvidence, readers: Readers): readonly Span[] {
  return readers.hops.flatMap((reader) => [
    ...mishapsAt(hopKey(reader), evidence.mishaps).flatMap((mishap) => {
      const code = backwardCode(mishap)
      return code === null ? [] : spanOf(mishap, code)
    }),
    ...setBack(reader, evidence),
  ])
}

/** Since the window began. In a log that is another one, offsets of before say nothing. */
function setBack(reader: HopRef, evidence: CauseEvidence): readonly Span[] {
  const topic = hopKey(topicHop(reader.cluster, reader.topic))
  const others = [
    ...(evidence.cuts.get(topic) ?? []),
    ...(evidence.overwritten?.get(topic) ?? []),
  ].map(({ partition }) => partition)
  return [...(evidence.wentBack?.get(hopKey(reader)) ?? [])]
    .filter(([partition]) => !others.includes(partition))
    .flatMap(([partition, list]) =>
      list
        .filter(({ at }) => at >= evidence.verdict.window.start)
        .map((seen): Span => {
          const { from, to } = seen
          const fact = wentBackFact(reader, partition, seen)
          return { code: 'range_replayed', topic, partition, from, to, fact }
        }),
    )
}

function backwardCode({ kind, detail }: StoredMishap): CauseCode | null {
  if (kind === 'redelivered') return detail === SOUGHT ? 'range_replayed' : 'redelivered'
  return detail === BACKWARD && (kind === 'sought' || kind === 'reset') ? 'range_replayed' : null
}

/**
 * From the end of a log that was cut, and from the first offset of a new leader, on: what was acknowledged
 * there before is not what lies there now. What happened before the window began cannot have touched it.
 * Places at which others stand are known as far as somebody looked, for windows as late as those asked about.
 */
export function goneSpans(evidence: CauseEvidence, topics: readonly HopRef[]): readonly Span[] {
  const { cuts, overwritten, mishaps, verdict } = evidence
  const isEarly = (at: number): boolean => at < verdict.window.start
  const to = Number.POSITIVE_INFINITY
  return topics.flatMap((hop) => {
    const topic = hopKey(hop)
    const seen = (cuts.get(topic) ?? [])
      .filter(({ at }) => !isEarly(at))
      .map((cut): Span => {
        const { partition, end: from } = cut
        return { code: 'truncated', topic, partition, from, to, fact: cutFact(hop, cut) }
      })
    const taken = (overwritten?.get(topic) ?? [])
      .filter(({ at, until }) => verdict.window.start < (until ?? at))
      .map((one): Span => {
        const { partition, from, to } = one
        return { code: 'truncated', topic, partition, from, to, fact: overwrittenFact(hop, one) }
      })
    const noted = mishapsAt(topic, mishaps)
      .filter(({ kind, at }) => (kind === 'epoch' || kind === 'cut') && !isEarly(at))
      .flatMap((mishap) => spanOf(mishap, 'truncated'))
      .map((span) => ({ ...span, to }))
    return [...seen, ...taken, ...noted]
  })
}

const FORWARD = 'forward'
const BACKWARD = 'backward'
const SOUGHT = 'sought'

function spanOf(mishap: StoredMishap, code: CauseCode): readonly Span[] {
  const { hop, partition } = mishap
  const [from, to] = [Math.min(mishap.from, mishap.to), Math.max(mishap.from, mishap.to)]
  if (partition < 0 || from < 0) return []
  const topic = hopKey(topicHop(hop.cluster, hop.topic))
  return [{ code, topic, partition, from, to, fact: mishapFact(mishap) }]
}
