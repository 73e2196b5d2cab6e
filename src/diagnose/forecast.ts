/**
 * Whether a group will reach the start of its log, and lose what it has not read. Pure.
 *
 * Everything goes on as it went lately: the group, the writers, and whoever deletes. A log is deleted by
 * whole segments, so its start rests and jumps: its speed is taken over all that was seen, and may be off
 * by one jump at either end, which is the range that is told.
 *
 * Laws: who is not behind the start of a log that never moved is foretold no loss; of two groups that
 * differ in nothing but their speed the faster one never loses sooner.
 */
import { type HopKey, type HopRef, hopKey } from '../hop/hop.ts'
import { type LagRates, ratesOf, sinceAnew } from './lag-rates.ts'

/** One partition of a topic as one group stands to it at one time. */
export interface LagSample {
  /** ms */
  readonly at: number
  /** The first offset that the log still has. */
  readonly low: number
  /** One past its last record. */
  readonly high: number
  /** Where the group goes on: what it has committed. */
  readonly committed: number
}

export interface PartitionLags {
  readonly partition: number
  /** Ascending, at most `LAG_SAMPLES_MAX`. */
  readonly samples: readonly LagSample[]
}

/** A group that was asked; without partitions: it has committed nothing. */
export interface GroupLags {
  readonly group: HopRef
  /** The newest record of a key is never deleted, so offsets are no count of messages. */
  readonly isCompacted: boolean
  readonly partitions: readonly PartitionLags[]
}

export interface PartitionForecast {
  readonly partition: number
  /** Messages between the group and the log's end, and between the log's start and the group. */
  readonly lag: number
  readonly room: number
  /** Offsets a second: how fast the group, the start and the end of the log go. */
  readonly reads: number
  readonly deletes: number
  readonly writes: number
  /** ms from the newest sample until the log's start passes the group; null: it never does at these rates. */
  readonly lossInMs: number | null
}

export interface GroupForecast {
  readonly group: HopRef
  /** ms of the newest sample; 0: there is none */
  readonly at: number
  /** ms over which the rates were taken, at least */
  readonly spanMs: number
  readonly partitions: readonly PartitionForecast[]
  readonly lag: number
  /** The soonest; null: none. */
  readonly lossInMs: number | null
  /** Messages lost within `FORECAST_AHEAD_MS` after that, if nothing changes; at least and at most. */
  readonly willLose: { readonly low: number; readonly high: number } | null
  /** Why nothing is foretold, of some partitions or of all: `too few samples`, … */
  readonly why: string | null
  /** Every partition was foretold, or loses nothing by its age. */
  readonly isWhole: boolean
}

export const LAG_SAMPLES_MAX = 120
/** ms: an hour of going on as it is. */
export const FORECAST_AHEAD_MS = 3_600_000
/** Fewer samples, or of a shorter time (ms), are no rate. */
const SAMPLES_MIN = 3
const SPAN_MIN_MS = 10_000
/** ms: brokers look for what is to be deleted every five minutes, so one jump in less is no rate either. */
const JUMP_SPAN_MIN_MS = 300_000
/** ms: an older newest sample says nothing of what is to come. */
const STALE_MS = 900_000

const COMPACTED = 'its topic is compacted, not deleted by age'

interface Judged {
  readonly now: LagSample
  readonly rates: LagRates
  readonly forecast: PartitionForecast
}

/** In the order of the names of groups. */
export function forecastOf(lags: readonly GroupLags[], now: number): readonly GroupForecast[] {
  const byKey = new Map<HopKey, GroupLags>(lags.map((one) => [hopKey(one.group), one]))
  const keys = [...byKey.keys()].sort()
  return keys.map((key) => forecastOfGroup(byKey.get(key) as GroupLags, now))
}

function forecastOfGroup(
  { group, isCompacted, partitions }: GroupLags,
  now: number,
): GroupForecast {
  const judged: Judged[] = []
  const doubts = new Map<string, number>()
  for (const { partition, samples } of partitions) {
    const doubt = doubtOf(samples, isCompacted, now)
    if (doubt === null) judged.push(judgedOf(partition, sinceAnew(samples)))
    else doubts.set(doubt, (doubts.get(doubt) ?? 0) + 1)
  }
  const at = newest(partitions)
  const losses = judged.map(({ forecast }) => forecast.lossInMs).filter((ms) => ms !== null)
  const lossInMs = losses.length === 0 ? null : Math.min(...losses)
  return {
    ...{ group, at, lossInMs },
    spanMs: judged.length === 0 ? 0 : Math.min(...judged.map(({ rates }) => rates.spanMs)),
    partitions: judged.map(({ forecast }) => forecast),
    lag: judged.reduce((sum, { forecast }) => sum + forecast.lag, 0),
    willLose: lossInMs === null ? null : lostBetween(judged, lossInMs, isCompacted),
    why: partitions.length === 0 ? 'it has committed nothing' : whyOf(doubts, partitions.length),
    isWhole: partitions.length > 0 && [...doubts.keys()].every((doubt) => doubt === COMPACTED),
  }
}

const newest = (partitions: readonly PartitionLags[]): number =>
  Math.max(0, ...partitions.map(({ samples }) => samples.at(-1)?.at ?? 0))

function whyOf(doubts: ReadonlyMap<string, number>, all: number): string | null {
  if (doubts.size === 0) return null
  const some = [...doubts].map(([doubt, count]) =>
    count === all ? doubt : `${doubt} (${count} of ${all} partitions)`,
  )
  return some.join('; ')
}

/** Null: it can be foretold. */
function doubtOf(samples: readonly LagSample[], isCompacted: boolean, now: number): string | null {
  const [first, last] = [sinceAnew(samples)[0], samples.at(-1)]
  if (first === undefined || last === undefined) return 'too few samples'
  if (last.at < now - STALE_MS) return 'its newest sample is too old: no auditor runs'
  const isAnew = first !== samples[0]
  const count = sinceAnew(samples).length
  if (count < SAMPLES_MIN || last.at - first.at < SPAN_MIN_MS) {
    return isAnew ? 'its log began anew, too few samples since' : 'too few samples'
  }
  if (isCompacted && first.low === last.low) return COMPACTED
  // That the start has passed the group already needs no rate.
  const jumps = sinceAnew(samples).filter(({ low }, i, all) => low > (all[i - 1]?.low ?? low))
  const isOnce = jumps.length === 1 && last.at - first.at < JUMP_SPAN_MIN_MS
  return isOnce && last.low <= last.committed ? 'its log was cut once only, too few samples' : null
}

function judgedOf(partition: number, samples: readonly LagSample[]): Judged {
  const now = samples.at(-1) as LagSample
  const rates = ratesOf(samples)
  const { reads, deletes, writes } = rates
  const forecast = {
    ...{ partition, reads, deletes, writes },
    lag: Math.max(0, now.high - now.committed),
    room: Math.max(0, now.committed - now.low),
    lossInMs: lossIn(now, rates),
  }
  return { now, rates, forecast }
}

/**
 * ms until the start passes the group. At the log's end there is nothing to lose: who reads as fast as
 * others write never falls behind it, however fast it is deleted.
 */
function lossIn({ low, high, committed }: LagSample, rates: LagRates): number | null {
  const { reads, deletes, writes } = rates
  // Nothing is left to lose: what the start has passed may be markers of transactions, which nobody reads.
  if (low >= high) return null
  if (low > committed) return 0
  const closing = deletes - reads
  if (closing <= 0) return null
  const seconds = (committed - low) / closing
  // It has read all by then, and nothing was left to delete.
  const isReadUp = committed + reads * seconds >= high + writes * seconds && reads >= writes
  return isReadUp ? null : Math.round(1_000 * seconds)
}

/** Of all partitions in the time ahead of the first loss, with one jump of the start less and one more. */
function lostBetween(
  judged: readonly Judged[],
  fromMs: number,
  isCompacted: boolean,
): { readonly low: number; readonly high: number } {
  const untilS = (fromMs + FORECAST_AHEAD_MS) / 1_000
  let [low, high] = [0, 0]
  for (const { now, rates } of judged) {
    if (now.low >= now.high) continue
    low += Math.floor(lostUntil(now, rates, rates.deletesLow, untilS))
    high += Math.ceil(lostUntil(now, rates, rates.deletesHigh, untilS))
  }
  return { low: isCompacted ? 0 : low, high }
}

/** Offsets that the start has passed by then before the group had: never more than the log will have. */
function lostUntil(now: LagSample, rates: LagRates, deletes: number, seconds: number): number {
  const { reads, writes } = rates
  const lost = (s: number): number => {
    const end = now.high + writes * s
    return Math.min(now.low + deletes * s, end) - Math.min(now.committed + reads * s, end)
  }
  // From when all is deleted a fast group draws level: what it has lost by then stays lost.
  const emptyIn = deletes > writes ? (now.high - now.low) / (deletes - writes) : seconds
  return Math.max(0, lost(seconds), lost(Math.min(seconds, emptyIn)))
}
