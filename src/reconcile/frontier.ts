/**
 * The frontier: per partition, the offsets of a window as known upstream.
 *
 * Producers know them from acknowledgements, topic agents from reading. A send without an offset
 * (unacknowledged, acks 0) raises the frontier to a log end polled after it resolved; as long as there
 * is no such poll the frontier is not final. No clock is trusted.
 */
import type { HopRef } from '../hop/hop.ts'
import { type LogEnds, producersInto, topicKeyOf, type WindowEvidence } from './evidence.ts'

interface Span {
  readonly low: number
  readonly high: number
  /** The lowest offset that somebody reported of a message of the window; infinite: nobody did. */
  readonly told: number
}

export interface Frontier {
  readonly partitions: ReadonlyMap<number, Span>
  /** False while sends without an offset wait for a poll of the log's end. */
  readonly final: boolean
  /**
   * There are messages whose place nobody knows: they may lie anywhere from these offsets on, or from
   * the start where none is given. Null: every place is known.
   */
  readonly placelessFrom: LogEnds | null
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const NO_ENDS: LogEnds = new Map()

/**
 * @param besides the hop that is judged: it is no witness for itself
 * @param toLogEnd upstream cannot say: only a polled log end will do
 */
export function frontierOf(
  topic: HopRef,
  besides: HopRef,
  evidence: WindowEvidence,
  toLogEnd = false,
): Frontier {
  const partitions = new Map<number, Mutable<Span>>()
  const raise = (partition: number, low: number, high: number, told = low): void => {
    const known = partitions.get(partition)
    if (known === undefined) partitions.set(partition, { low, high, told })
    else {
      known.told = Math.min(known.told, told)
      known.low = Math.min(known.low, low)
      known.high = Math.max(known.high, high)
    }
  }
  let placeless = 0
  for (const tally of evidence.tallies) {
    const { hop, channel } = tally
    if (hop.topic !== topic.topic || hop.cluster !== topic.cluster) continue
    if (hop.role === 'producer') {
      if (channel !== 'passed' && channel !== 'unconfirmed') continue
      for (const r of tally.ranges) raise(r.partition, r.low, r.high)
      placeless += tally.placeless
    } else if (hop.role === 'topic' && besides.role !== 'topic') {
      for (const r of tally.ranges) raise(r.partition, r.low, r.high)
    }
  }
  // A topic that no audited producer feeds is passed when its agent has read to a polled end.
  const needsPoll =
    toLogEnd ||
    placeless > 0 ||
    (besides.role === 'topic' && producersInto(topic, evidence).length === 0)
  if (!needsPoll) return { partitions, final: true, placelessFrom: null }
  const placelessFrom = evidence.logStarts.get(topicKeyOf(topic)) ?? NO_ENDS
  const ends = evidence.logEnds.get(topicKeyOf(topic))
  if (ends === undefined) return { partitions, final: false, placelessFrom }
  for (const [partition, end] of ends)
    if (end > 0) raise(partition, end - 1, end - 1, Number.POSITIVE_INFINITY)
  return { partitions, final: true, placelessFrom }
}
