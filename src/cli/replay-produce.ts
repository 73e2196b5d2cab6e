/**
 * Sends lost records again, each checked to be the message that is meant, with all its headers: so it
 * keeps its id. Only where a copy is what is missing (see diagnose/replay.ts), never faster than asked
 * for, and never what is there by now.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { IHeaders, Producer } from 'kafkajs'
import { messageOf } from '../base/errors.ts'
import { searchLog } from '../diagnose/log-search.ts'
import type { EdgeReplay, ReplayRange } from '../diagnose/replay.ts'
import { soughtOf } from '../diagnose/search-ranges.ts'
import { topicHop } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import { hexOfWords } from '../message/id.ts'
import { identify } from '../message/identity.ts'
import { DEFAULT_BOUNDS } from '../message/window.ts'
import type { LogHeaders, LogReader, LogRecord } from '../transport/log.ts'
import { readingOf } from './explain-sample.ts'

const BUDGET = { records: 2_000_000, ms: 30_000 }

export interface Sending {
  readonly pipelines: readonly Pipeline[]
  /** By cluster. */
  readonly readers: ReadonlyMap<string, LogReader>
  readonly producerOf: (cluster: string) => Promise<Producer>
  /** Messages a second. */
  readonly rate: number
}

export interface Sent {
  readonly sent: number
  /** In the topic already. */
  readonly there: number
  /** One line for each that was not sent. */
  readonly failed: readonly string[]
}

/** @param edge to be repaired by `produce`. Stops at the first send that fails. */
export async function sendAgain(edge: EdgeReplay, sending: Sending): Promise<Sent> {
  if (edge.repair.by !== 'produce') return { sent: 0, there: 0, failed: [] }
  const { cluster, topic } = edge.repair
  const pipeline = sending.pipelines.find(({ name }) => name === edge.pipeline) as Pipeline
  const target = sending.readers.get(cluster)
  if (target === undefined)
    return { sent: 0, there: 0, failed: [`no brokers of cluster ${cluster} answer`] }
  const ids = edge.ranges.flatMap((range) => range.ids)
  const known = await idsIn(target, pipeline, { cluster, topic }, ids)
  const partitions = (await target.partitions(topic)).length
  const producer = await sending.producerOf(cluster)
  const failed: string[] = []
  let sent = 0
  for (const range of edge.ranges) {
    const reader = sending.readers.get(range.cluster) as LogReader
    const isAlike = (await reader.partitions(range.topic)).length === partitions
    for await (const [id, record] of recordsOf(reader, pipeline, range)) {
      if (known.has(id)) continue
      if (typeof record === 'string') {
        failed.push(`${id}: ${record}`)
        continue
      }
      // Of so many a second each has its time; the first goes at once.
      if (sent > 0) await sleep(1_000 / sending.rate)
      const { key, value, headers, timestamp, partition } = record
      const message = { key, value, headers: headersOf(headers), timestamp: String(timestamp) }
      try {
        const messages = [isAlike ? { ...message, partition } : message]
        await producer.send({ topic, acks: -1, messages })
        sent++
      } catch (error) {
        failed.push(`${id}: ${messageOf(error)}; stopped`)
        return { sent, there: known.size, failed }
      }
    }
  }
  return { sent, there: known.size, failed }
}

/** Those that came meanwhile, or by an earlier run of this. */
async function idsIn(
  reader: LogReader,
  pipeline: Pipeline,
  { cluster, topic }: { readonly cluster: string; readonly topic: string },
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { identity, time } = readingOf(pipeline, topicHop(cluster, topic))
  const result = await searchLog({
    reader,
    topic: { cluster, topic, identity, time },
    sought: ids.map(soughtOf),
    latenessMs: pipeline.latenessMs,
    skewMs: DEFAULT_BOUNDS.skewMs,
    budget: BUDGET,
    until: 'end',
  })
  return new Set([...result.places].filter(([, places]) => places.length > 0).map(([id]) => id))
}

/** Read anew: the log may have changed since it was searched. */
async function* recordsOf(
  reader: LogReader,
  pipeline: Pipeline,
  { cluster, topic, partition, low, high, ids }: ReplayRange,
): AsyncGenerator<readonly [id: string, record: LogRecord | string]> {
  const { identity, time } = readingOf(pipeline, topicHop(cluster, topic))
  const records = new Map<number, LogRecord>()
  for (let at = low; at <= high; ) {
    const slice = await reader.read(topic, partition, at, high + 1)
    for (const record of slice.records) records.set(record.offset, record)
    if (slice.next <= at) break
    at = slice.next
  }
  for (const [i, id] of ids.entries()) {
    const offset = low + i
    const record = records.get(offset)
    const words =
      record === undefined
        ? null
        : identify(record, identity, time, { cluster, topic, partition, offset })
    if (record === undefined) yield [id, `no record at offset ${offset} any more`]
    else if (words === null || hexOfWords(words) !== id)
      yield [id, `another message is at offset ${offset} of partition ${partition} of ${topic}`]
    else yield [id, record]
  }
}

/** A header without a value stays one: kafkajs writes a null, though its types do not say so. */
const headersOf = (headers: LogHeaders): IHeaders => headers as unknown as IHeaders
