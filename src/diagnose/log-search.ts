/**
 * Looks for messages in the log of one topic, in one pass and within a budget.
 *
 * What it rests on: a record's time is not before the birth of its message by more than clocks may
 * disagree. So it begins at the offset of that time, and whoever is not in all that follows is not there.
 * Two things are seen that break this, and then nothing is said to be complete: a record whose time is
 * older than the birth in its id, and a log that begins later than it should be read from.
 */
import { QuipuError } from '../base/errors.ts'
import { type Intervals, union } from '../base/intervals.ts'
import { birthOf, hexOfWords, ID_BYTES, isId, wordsOfBytes } from '../message/id.ts'
import {
  FOREIGN_BYTES_MAX,
  foreignId,
  type IdentitySpec,
  identify,
  type TimeSpec,
} from '../message/identity.ts'
import { STAMP_HEADER } from '../message/stamp.ts'
import { traceContextOf } from '../message/trace-context.ts'
import type { LogPartition, LogReader, LogRecord, Place, Searched, Sieve } from './log.ts'
import { type Found, offsetsOf, type Sought, timesOf, toTheEnd, unread } from './search-ranges.ts'
import { WantedIds } from './wanted-ids.ts'

export type { Sought } from './search-ranges.ts'

export interface SearchTopic {
  readonly cluster: string
  readonly topic: string
  readonly identity: IdentitySpec
  readonly time: TimeSpec
}

export interface SearchBudget {
  readonly records: number
  readonly ms: number
}

export interface LogSearch {
  readonly reader: LogReader
  readonly topic: SearchTopic
  /** At most `SOUGHT_MAX`. */
  readonly sought: readonly Sought[]
  /** ms that a message may be under way, and that clocks may disagree. */
  readonly latenessMs: number
  readonly skewMs: number
  readonly budget: SearchBudget
  /**
   * `found`: enough once each was found, the nearest times first; `span`: all that the clocks allow; `end`: from there to the end of the log, which alone proves an absence.
   */
  readonly until: 'found' | 'span' | 'end'
  readonly signal?: AbortSignal
  /** Of what is found, its record too. */
  readonly onFound?: (id: string, place: Place, record: LogRecord) => void
  /** Records read so far. */
  readonly onProgress?: (records: number) => void
  /** ms */
  readonly clock?: () => number
}

export interface SearchResult {
  /**
   * By id, 32 hex digits. Each that was sought has an entry, empty where it was not found, but for those of
   * any birth; copies of them stand under ids of their own.
   */
  readonly places: ReadonlyMap<string, readonly Place[]>
  readonly searched: Searched
}

export const SOUGHT_MAX = 2_000
/** Of one id; a topic may hold any number. */
const PLACES_MAX = 1_000
/** Partitions that are read at the same time. */
const READS_MAX = 4

/** @throws QuipuError as the reader does where not even the topic is known */
export async function searchLog(search: LogSearch): Promise<SearchResult> {
  const { reader, topic } = search
  const partitions = await reader.partitions(topic.topic)
  const run = new Run(search, partitions)
  await run.all()
  return run.result()
}

class Run {
  readonly #search: LogSearch
  readonly #partitions: readonly LogPartition[]
  readonly #wanted: WantedIds
  readonly #places = new Map<string, Place[]>()
  readonly #read = new Map<number, Intervals>()
  readonly #why = new Set<string>()
  readonly #clock: () => number
  readonly #until: number
  readonly #sieve: Sieve | undefined
  #isOlder = false
  #records = 0
  #isEnded = false

  constructor(search: LogSearch, partitions: readonly LogPartition[]) {
    this.#search = search
    this.#partitions = partitions
    const sought = search.sought.slice(0, SOUGHT_MAX)
    this.#wanted = new WantedIds(sought)
    for (const { id, anyBirth } of sought) if (!anyBirth) this.#places.set(id, [])
    this.#clock = search.clock ?? Date.now
    this.#until = this.#clock() + search.budget.ms
    this.#sieve = this.#sieveFor(search.topic)
    if (search.sought.length > SOUGHT_MAX) this.#why.add(`only the first ${SOUGHT_MAX} were sought`)
  }

  async all(): Promise<void> {
    const { sought, latenessMs, skewMs, until } = this.#search
    if (sought.length === 0) return
    const [near, due, allowed] = timesOf(sought, latenessMs, skewMs)
    for (const times of [near, due]) {
      const found = await this.#found(times)
      await this.#readAll((partition) => offsetsOf(partition, found))
      if (until !== 'found' || this.#wanted.missing.size > 0) continue
      this.#why.add('not read on once all were found')
      return
    }
    const found = await this.#found(allowed)
    for (const partition of this.#partitions) this.#checkStart(partition, found)
    await this.#readAll((partition) => offsetsOf(partition, found))
    if (until === 'span' || (until === 'found' && this.#wanted.missing.size === 0)) {
      const all = this.#partitions.flatMap((p) => unread(toTheEnd(p, found), this.#of(p)))
      if (all.length > 0) this.#why.add('not read to the end of the log')
      return
    }
    await this.#readAll((partition) => toTheEnd(partition, found))
  }

  result(): SearchResult {
    const { cluster, topic } = this.#search.topic
    const partitions = this.#partitions.flatMap((p) =>
      this.#of(p).map(([from, to]) => ({ partition: p.partition, from, to })),
    )
    const why = [...this.#why]
    for (const places of this.#places.values()) places.sort(byPlace)
    const searched = { cluster, topic, partitions, records: this.#records, why }
    return { places: this.#places, searched: { ...searched, isComplete: why.length === 0 } }
  }

  #of({ partition }: LogPartition): Intervals {
    return this.#read.get(partition) ?? []
  }

  async #found(times: Intervals): Promise<Found> {
    const { reader, topic } = this.#search
    return Promise.all(
      times.map(async ([from, to]) => {
        const first = await reader.offsetsAt(topic.topic, from)
        return [first, await reader.offsetsAt(topic.topic, to)] as const
      }),
    )
  }

  /** A log that begins in the middle of what is to be read may have held it. */
  #checkStart({ partition, low }: LogPartition, found: Found): void {
    const isCut = low > 0 && found.some(([from]) => (from.get(partition) ?? low) <= low)
    if (isCut) this.#why.add(`partition ${partition} begins at offset ${low}: the rest is deleted`)
  }

  async #readAll(wanted: (partition: LogPartition) => Intervals): Promise<void> {
    const left = this.#partitions.flatMap((p) =>
      unread(wanted(p), this.#of(p)).map(([from, to]) => ({ ...p, from, to })),
    )
    const worker = async (): Promise<void> => {
      for (let next = left.shift(); next !== undefined; next = left.shift())
        await this.#readRange(next.partition, next.from, next.to)
    }
    await Promise.all(Array.from({ length: READS_MAX }, worker))
  }

  async #readRange(partition: number, from: number, to: number): Promise<void> {
    const { reader, topic, onProgress } = this.#search
    for (let at = from; at < to; ) {
      if (this.#isOver()) return
      const reading = reader.read(topic.topic, partition, at, to, this.#sieve)
      const slice = await reading.catch((error: unknown) => {
        if (!(error instanceof QuipuError)) throw error
        this.#why.add(error.message)
        return null
      })
      if (slice === null) return
      if (slice.next <= at) {
        this.#why.add(`partition ${partition} could not be read beyond offset ${at}`)
        return
      }
      for (const record of slice.records) this.#look(record)
      this.#records += slice.looked
      onProgress?.(this.#records)
      this.#read.set(partition, union(this.#read.get(partition) ?? [], at, slice.next))
      at = slice.next
    }
  }

  #isOver(): boolean {
    const { budget, signal } = this.#search
    if (this.#isEnded) return true
    if (signal?.aborted) this.#why.add('stopped')
    else if (this.#records >= budget.records)
      this.#why.add(`stopped after ${budget.records} records`)
    else if (this.#clock() >= this.#until) this.#why.add(`stopped after ${budget.ms / 1000} s`)
    else return false
    this.#isEnded = true
    return true
  }

  /**
   * Keeps what `#look` has something to say of: by the bytes of an id alone, so that millions of records
   * need not be decoded to prove that one is not among them. Undefined: all must be.
   */
  #sieveFor({ identity, time }: SearchTopic): Sieve | undefined {
    const stamp: Sieve['keeps'] = (bytes, at, length, timestamp) =>
      length === ID_BYTES && this.#mayMatter(bytes, at, timestamp)
    if (identity.by === 'stamp') return { header: Buffer.from(STAMP_HEADER), keeps: stamp }
    // A birth from elsewhere may be younger than its record, and whoever is has to be seen.
    if (time.by !== 'timestamp') return undefined
    const foreign: Sieve['keeps'] = (bytes, at, length) =>
      length <= FOREIGN_BYTES_MAX &&
      this.#wanted.mayHold(foreignId(0, bytes.subarray(at, at + length))[3])
    if (identity.by === 'key') return { header: null, keeps: foreign }
    if (identity.by !== 'header') return undefined
    const keeps: Sieve['keeps'] = (bytes, at, length, timestamp) =>
      isId(bytes.subarray(at, at + length))
        ? this.#mayMatter(bytes, at, timestamp)
        : foreign(bytes, at, length, timestamp)
    return { header: Buffer.from(identity.name), keeps }
  }

  /** It may be sought, or says that records are older than their messages. */
  #mayMatter(bytes: Uint8Array, at: number, timestamp: number): boolean {
    const words = wordsOfBytes(bytes, at)
    if (this.#wanted.mayHold(words[3])) return true
    return !this.#isOlder && timestamp < birthOf(words[0], words[1]) - this.#search.skewMs
  }

  #look(record: LogRecord): void {
    const { topic, skewMs, onFound } = this.#search
    const { partition, offset, timestamp, leaderEpoch } = record
    const place = { cluster: topic.cluster, topic: topic.topic, partition, offset }
    const words = identify(record, topic.identity, topic.time, place)
    if (words === null) {
      if (record.hasMoreHeaders)
        this.#why.add(
          'it holds records with more headers than are read, which may have an id there',
        )
      return
    }
    if (timestamp < birthOf(words[0], words[1]) - skewMs) {
      this.#why.add('its records carry times of their own, older than their messages')
      this.#isOlder = true
    }
    if (!this.#wanted.take(words)) return
    const id = hexOfWords(words)
    const places = this.#places.get(id) ?? []
    if (places.length >= PLACES_MAX) {
      this.#why.add(`more than ${PLACES_MAX} records of one message`)
      return
    }
    const found = { topic: topic.topic, partition, offset, timestamp, leaderEpoch }
    const { traceId = '', spanId = '' } = traceContextOf(record.headers) ?? {}
    const whole = { ...found, traceId, spanId }
    places.push(whole)
    this.#places.set(id, places)
    onFound?.(id, whole, record)
  }
}

const byPlace = (a: Place, b: Place): number => a.partition - b.partition || a.offset - b.offset
