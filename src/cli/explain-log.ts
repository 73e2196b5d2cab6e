/** What the logs say of bad messages: where they lie, and how they differ from all others. */
import { messageOf } from '../base/errors.ts'
import type { Window } from '../base/intervals.ts'
import type { LogEvidence, Place, Searched } from '../diagnose/log.ts'
import { SOUGHT_MAX, searchLog } from '../diagnose/log-search.ts'
import { soughtOf } from '../diagnose/search-ranges.ts'
import { parentOf } from '../diagnose/spread.ts'
import { type Sample, type SampledRecord, sampledOf } from '../diagnose/spread-sample.ts'
import { type HopKey, type HopRef, topicHop } from '../hop/hop.ts'
import type { EdgeDeclaration, Pipeline } from '../hop/pipeline.ts'
import { DEFAULT_BOUNDS } from '../message/window.ts'
import { topicKeyOf } from '../reconcile/evidence.ts'
import type { LogReader } from '../transport/log.ts'
import { readingOf, sampleOf } from './explain-sample.ts'

/** Of each topic: so much is read before a search gives up, and says so. */
const BUDGET = { records: 500_000, ms: 5_000 }

export interface LogQuestion {
  readonly pipeline: Pipeline
  readonly edge: EdgeDeclaration
  /** Bad messages by name, 32 hex digits. */
  readonly ids: readonly string[]
  /** Where they lie among others; null: nowhere. */
  readonly topic: HopRef | null
  /** ms: births of all messages of the windows. */
  readonly span: Window
}

export interface LogLook {
  /** Null: nothing was searched. */
  readonly evidence: LogEvidence | null
  /** Null: nothing is known of what was not bad. */
  readonly sample: Sample | null
  /** What was not looked at, and why. */
  readonly why: readonly string[]
}

/** Where messages of the edge may lie: what it reads and writes, and every topic of dead letters. */
export function topicsOf({ hops }: Pipeline, { from, to }: EdgeDeclaration): HopRef[] {
  const dead = hops.filter((d) => d.deadLetter)
  const topics = new Map<HopKey, HopRef>()
  for (const { hop } of [...from, ...to, ...dead])
    if (hop.topic !== '') topics.set(topicKeyOf(hop), topicHop(hop.cluster, hop.topic))
  return [...topics.values()]
}

/** @param readers by cluster */
export async function lookIntoLogs(
  readers: ReadonlyMap<string, LogReader>,
  question: LogQuestion,
): Promise<LogLook> {
  const { pipeline, edge, span, topic: before } = question
  const why: string[] = []
  const found = new Map<string, SampledRecord>()
  const places = new Map<string, Place[]>()
  const searched: Searched[] = []
  if (question.ids.length > 0)
    for (const topic of topicsOf(pipeline, edge)) {
      const reader = readers.get(topic.cluster)
      if (reader === undefined) continue
      const isBefore = before !== null && topicKeyOf(before) === topicKeyOf(topic)
      try {
        const result = await search(reader, topic, question, isBefore ? found : new Map())
        searched.push(result.searched)
        for (const [id, of] of result.places) places.set(id, [...(places.get(id) ?? []), ...of])
        if (!result.searched.isComplete)
          why.push(`not all of ${topic.topic} was searched: ${result.searched.why.join('; ')}`)
      } catch (error) {
        why.push(`${topic.topic} was not searched: ${messageOf(error)}`)
      }
    }
  // Sought in all that was searched, and in none of it.
  for (const id of question.ids.slice(0, SOUGHT_MAX)) if (!places.has(id)) places.set(id, [])
  const reader = before === null ? undefined : readers.get(before.cluster)
  const looked =
    before === null || reader === undefined
      ? null
      : await sampleOf(reader, { pipeline, topic: before, span, found })
  if (typeof looked === 'string') why.push(looked)
  return {
    evidence: searched.length === 0 ? null : { places, searched },
    sample: typeof looked === 'string' ? null : looked,
    why,
  }
}

async function search(
  reader: LogReader,
  topic: HopRef,
  { pipeline, ids }: LogQuestion,
  found: Map<string, SampledRecord>,
): ReturnType<typeof searchLog> {
  const { identity, time, framing } = readingOf(pipeline, topic)
  return searchLog({
    reader,
    topic: { cluster: topic.cluster, topic: topic.topic, identity, time },
    sought: ids.map(soughtOf),
    latenessMs: pipeline.latenessMs,
    skewMs: DEFAULT_BOUNDS.skewMs,
    budget: BUDGET,
    until: 'end',
    onFound: (id, _, record) => {
      const parent = parentOf(id)
      if (!found.has(parent)) found.set(parent, sampledOf(parent, record, framing))
    },
  })
}
