/**
 * What stands now at some places of a log: which messages, and of which leaders. Bounded in places and time:
 * what is not seen whole is not told.
 */
import type { Intervals } from '../base/intervals.ts'
import type { HopRef } from '../hop/hop.ts'
import { hexOfWords } from '../message/id.ts'
import { type IdentitySpec, identify, type TimeSpec } from '../message/identity.ts'
import type { LogReader } from '../transport/log.ts'

/** Records of one leader's epoch: from the first that was seen to one past the last. */
export interface EpochSpan {
  readonly epoch: number
  readonly from: number
  readonly to: number
}

export interface PlacesNow {
  /** 32 hex digits */
  readonly ids: ReadonlySet<string>
  /** Per partition, in the order of the log, from just before the first of the places on. */
  readonly epochs: ReadonlyMap<number, readonly EpochSpan[]>
}

/** Offsets that are looked at for one question. */
const PLACES_MAX = 20_000
/** ms for one question: all verdicts wait for the answer, and records may be as large as brokers let them be. */
const LOOK_MS = 10_000
/** Of one partition, the newest; an epoch is one election. */
const EPOCHS_MAX = 100

/** Null: not all of them could be seen. @throws QuipuError as the reader does */
export async function placesNow(
  reader: LogReader,
  { cluster, topic }: HopRef,
  where: ReadonlyMap<number, Intervals>,
  { identity, time }: { readonly identity: IdentitySpec; readonly time: TimeSpec },
  clock: () => number = Date.now,
): Promise<PlacesNow | null> {
  const spans = [...where].flatMap(([partition, set]) =>
    set.map(([from, to]) => ({ partition, from, to })),
  )
  if (spans.reduce((n, { from, to }) => n + to - from, 0) > PLACES_MAX) return null
  const until = clock() + LOOK_MS
  const ids = new Set<string>()
  const epochs = new Map<number, EpochSpan[]>()
  for (const { partition, from, to } of spans) {
    const known = epochs.get(partition) ?? []
    epochs.set(partition, known)
    // One more below: whose it is shows where another leader began.
    for (let at = Math.max(0, from - 1); at < to; ) {
      const { records, next } = await reader.read(topic, partition, at, to)
      if (next <= at || clock() >= until) return null
      for (const record of records) {
        const { offset } = record
        note(known, record.leaderEpoch, offset)
        const words = identify(record, identity, time, { cluster, topic, partition, offset })
        if (words !== null) ids.add(hexOfWords(words))
        else if (record.hasMoreHeaders) return null
      }
      at = next
    }
  }
  // Asked last, since a log's start only moves on: what lies below it was perhaps not seen.
  const lows = new Map((await reader.partitions(topic)).map((p) => [p.partition, p.low]))
  const isWhole = spans.every(({ partition, from }) => (lows.get(partition) ?? from + 1) <= from)
  return isWhole ? { ids, epochs } : null
}

function note(spans: EpochSpan[], epoch: number, offset: number): void {
  const last = spans.at(-1)
  if (last?.epoch === epoch) spans[spans.length - 1] = { ...last, to: offset + 1 }
  else spans.push({ epoch, from: offset, to: offset + 1 })
  if (spans.length > EPOCHS_MAX) spans.shift()
}
