/**
 * Messages that were acknowledged, and whose places others have taken: the log was cut, and written again.
 *
 * Coverage cannot tell: offsets that were watched may have been those of either log. What stands at those
 * places now can, since two messages never have the same one. So where nothing but the two logs holds a
 * window back, the places are asked for, and who is at none of them is no longer in the log. Pure.
 */
import { type Intervals, union } from '../base/intervals.ts'
import { type HopKey, type HopRef, hopKey } from '../hop/hop.ts'
import { ID_ELEMENT } from '../hop/params.ts'
import type { HopDeclaration, Pipeline } from '../hop/pipeline.ts'
import type { PeeledId } from '../sketch/sketch.ts'
import { coveragePassage } from './coverage-passage.ts'
import { topicKeyOf, type WindowEvidence } from './evidence.ts'
import type { Judgement } from './judge-edge.ts'

export interface PlacesQuestion {
  readonly pipeline: string
  readonly edge: string
  readonly topic: HopRef
  /** ms: the end of the window. */
  readonly until: number
  /** How this pipeline finds ids there: another one may do so otherwise, and would find none of these. */
  readonly carried: NonNullable<HopDeclaration['identity']>
  /** Missing messages, 32 hex digits: all that the edge misses. */
  readonly ids: readonly string[]
  /** Per partition, where messages of the window were acknowledged: none of them lies elsewhere. */
  readonly where: ReadonlyMap<number, Intervals>
}

/**
 * What is to be asked of a window: nothing where something else is unknown of it as well, or where a log
 * that is compacted, as any may be of which nobody knows, may lack what was never lost.
 */
export function placesQuestions(
  { name: pipeline, edges, windowMs, latenessMs }: Pipeline,
  evidence: WindowEvidence,
  judgements: readonly Judgement[],
): readonly PlacesQuestion[] {
  if (evidence.now < evidence.window + windowMs + latenessMs) return []
  return judgements.flatMap((judgement) => {
    const edge = edges.find(({ name }) => name === judgement.edge)
    const [to, ...more] = edge?.to ?? []
    if (edge === undefined || to === undefined || more.length > 0 || judgement.oneIn > 1) return []
    if (to.hop.role !== 'topic' || !edge.from.every(({ hop }) => hop.role === 'producer')) return []
    if (!judgement.from.every(({ passage }) => passage === 'passed')) return []
    if (!judgement.to.every(({ passage }) => passage === 'hole')) return []
    const topic = to.hop
    if (evidence.uncompacted?.has(hopKey(topic)) !== true) return []
    if (coveragePassage(topic, ofEitherLog(evidence)).state !== 'passed') return []
    const ids = missingIn(judgement)
    const where = acknowledgedIn(topic, evidence)
    const carried = to.identity ?? STAMPED
    const until = evidence.window + windowMs
    if (ids === null || where === null) return []
    return [{ pipeline, edge: edge.name, topic, until, carried, ids, where }]
  })
}

const STAMPED = { identity: { by: 'stamp' }, time: { by: 'timestamp' } } as const

/** All that is missing, by name; null where not all of it has one, or nothing is missing. */
function missingIn({ findings }: Judgement): readonly string[] | null {
  const open = findings.filter(({ code }) => code === 'undetermined')
  const count = open.reduce((n, f) => n + f.count, 0)
  const ids = open.flatMap((f) => f.ids)
  const named = ids.reduce((n, { times }) => n + times, 0)
  return count === 0 || named < count ? null : ids.map(({ id }) => id)
}

/** Null: of some nobody knows where. */
function acknowledgedIn(
  topic: HopRef,
  { tallies, logTops }: WindowEvidence,
): ReadonlyMap<number, Intervals> | null {
  const key = hopKey(topic)
  // Nothing lies above where the log ends: that needs no look.
  const tops = logTops.get(key)
  const where = new Map<number, Intervals>()
  for (const { hop, channel, params, placeless, ranges } of tallies) {
    if (hop.role !== 'producer' || channel !== 'passed' || topicKeyOf(hop) !== key) continue
    if (params.element !== ID_ELEMENT) continue
    if (placeless > 0) return null
    for (const { partition, low, high } of ranges) {
      const to = Math.min(high + 1, tops?.get(partition) ?? Number.POSITIVE_INFINITY)
      if (low < to) where.set(partition, union(where.get(partition) ?? [], low, to))
    }
  }
  return where.size === 0 ? null : where
}

/** Every message that is missing, if any is, was cut off the log of this topic. */
export function isAllCutOff(
  topic: HopKey,
  missing: readonly PeeledId[],
  { cutOff }: WindowEvidence,
): boolean {
  const gone = cutOff?.get(topic)
  return gone !== undefined && missing.every(({ hex }) => gone.has(hex))
}

/** As if whatever was watched under the topic's name were the log in which the messages lie. */
export function ofEitherLog(evidence: WindowEvidence): WindowEvidence {
  const { watched } = evidence
  return { ...evidence, coverage: watched, logTorn: new Map(), isFound: true }
}
