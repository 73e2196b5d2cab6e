/**
 * A look into the log where messages still were before they went wrong: what all messages of that time
 * look like, and what the bad ones do. Bounded in records and time; a part is taken evenly, from every
 * partition by its length and from all of the time, since a beginning is no sample.
 */
import { messageOf } from '../base/errors.ts'
import type { Window } from '../base/intervals.ts'
import { parentOf } from '../diagnose/spread.ts'
import { type Sample, type SampledRecord, sampledOf } from '../diagnose/spread-sample.ts'
import type { Framing } from '../drift/shape.ts'
import type { HopRef } from '../hop/hop.ts'
import type { EdgeDeclaration, Pipeline } from '../hop/pipeline.ts'
import { birthOf, hexOfWords } from '../message/id.ts'
import { type IdentitySpec, identify, type TimeSpec } from '../message/identity.ts'
import { topicKeyOf } from '../reconcile/evidence.ts'
import type { LogReader } from '../transport/log.ts'

/** Records that are looked at; of a window of more, a part. */
const RECORDS_MAX = 5_000
/** Of a part, from so many times of each partition. */
const RUNS = 8
/** ms */
const LOOK_MS = 3_000
/** ms: a record is written a moment after its message was born. */
const WRITTEN_MS = 10_000

export interface SampleQuestion {
  readonly pipeline: Pipeline
  /** Where the messages still were. */
  readonly topic: HopRef
  /** ms: births of the messages that count. */
  readonly span: Window
  /** Bad messages that a search has found there, by id. */
  readonly found: ReadonlyMap<string, SampledRecord>
}

/**
 * The topic in which bad messages lie: where the edge begins, or, of one that begins at a producer, where it
 * leads to. Null: what a producer lost never reached a log.
 * @param isThere some of them have arrived: as copies, altered, or from elsewhere
 */
export function topicOf({ from, to }: EdgeDeclaration, isThere: boolean): HopRef | null {
  const isLog = ({ hop }: EdgeDeclaration['from'][number]): boolean =>
    hop.topic !== '' && hop.role !== 'producer'
  return (from.find(isLog) ?? (isThere ? to.find(isLog) : undefined))?.hop ?? null
}

/** What was seen, or why nothing was. */
export async function sampleOf(
  reader: LogReader,
  { pipeline, topic, span, found }: SampleQuestion,
): Promise<Sample | string> {
  const until = Date.now() + LOOK_MS
  const name = topic.topic
  const read = recordReader(reader, pipeline, topic)
  const records = [...found.values()]
  try {
    const starts = await reader.offsetsAt(name, span.start - WRITTEN_MS)
    const ends = await reader.offsetsAt(name, span.end + WRITTEN_MS)
    const spans = [...starts].flatMap(([partition, from]) => {
      const to = ends.get(partition) ?? from
      return to > from ? [{ partition, from, to }] : []
    })
    const total = spans.reduce((sum, { from, to }) => sum + to - from, 0)
    let isWhole = total <= RECORDS_MAX
    for (const run of spans.flatMap((s) => runsOf(s, total))) {
      if (Date.now() >= until) isWhole = false
      if (Date.now() >= until) break
      for (const { record, birth } of await read(run, until))
        if (birth >= span.start && birth < span.end) records.push(record)
    }
    return { topic: name, records, isWhole: isWhole && Date.now() < until }
  } catch (error) {
    return `the log of ${name} could not be looked at: ${messageOf(error)}`
  }
}

interface Run {
  readonly partition: number
  readonly from: number
  readonly to: number
}

/** All of it, or even parts of it: as many of all records as the partition has of them. */
function runsOf({ partition, from, to }: Run, total: number): Run[] {
  if (total <= RECORDS_MAX) return [{ partition, from, to }]
  const share = Math.max(1, Math.floor((RECORDS_MAX * (to - from)) / total / RUNS))
  const step = (to - from) / RUNS
  return Array.from({ length: RUNS }, (_, i) => {
    const start = Math.floor(from + i * step)
    return { partition, from: start, to: Math.min(to, start + share) }
  })
}

interface Found {
  readonly record: SampledRecord
  /** ms */
  readonly birth: number
}

function recordReader(
  reader: LogReader,
  pipeline: Pipeline,
  topic: HopRef,
): (run: Run, until: number) => Promise<Found[]> {
  const { identity, time, framing } = readingOf(pipeline, topic)
  return async ({ partition, from, to }, until) => {
    const found: Found[] = []
    for (let at = from; at < to && Date.now() < until; ) {
      const slice = await reader.read(topic.topic, partition, at, to)
      for (const record of slice.records) {
        const place = { cluster: topic.cluster, topic: topic.topic, ...record }
        const words = identify(record, identity, time, place)
        if (words === null) continue
        const id = parentOf(hexOfWords(words))
        found.push({ record: sampledOf(id, record, framing), birth: birthOf(words[0], words[1]) })
      }
      if (slice.next <= at) break
      at = slice.next
    }
    return found
  }
}

export interface Reading {
  readonly identity: IdentitySpec
  readonly time: TimeSpec
  readonly framing: Framing | null
}

/** How the messages of a topic are read, as the pipeline declares it. */
export function readingOf({ hops }: Pipeline, topic: HopRef): Reading {
  const key = topicKeyOf(topic)
  const declared = hops.find(({ hop }) => hop.role === 'topic' && topicKeyOf(hop) === key)
  const stamped = { identity: { by: 'stamp' }, time: { by: 'timestamp' } } as const
  return { ...(declared?.identity ?? stamped), framing: declared?.shape?.framing ?? null }
}
