/** The contract of transport/log.ts over the broker in memory, by structure: this folder imports no other. */
import { QuipuError } from '../base/errors.ts'
import type { MemoryBroker } from './memory-broker.ts'
import type { LogPartition as Partition } from './memory-log.ts'
import { copyHeaders, type WireHeaders } from './memory-wire.ts'

interface Partitioned {
  readonly partition: number
  readonly low: number
  readonly high: number
}

interface Slice {
  readonly records: readonly {
    readonly partition: number
    readonly offset: number
    readonly timestamp: number
    readonly key: Buffer | null
    readonly value: Buffer | null
    readonly headers: WireHeaders
    readonly leaderEpoch: number
  }[]
  readonly looked: number
  readonly next: number
}

interface Sieve {
  readonly header: Uint8Array | null
  readonly keeps: (bytes: Uint8Array, at: number, length: number, timestamp: number) => boolean
}

/** Of one slice. */
const BYTES_MAX = 2 ** 20

export class MemoryLogReader {
  readonly #broker: MemoryBroker

  constructor(broker: MemoryBroker) {
    this.#broker = broker
  }

  async partitions(topic: string): Promise<readonly Partitioned[]> {
    return this.#of(topic).map(({ partition, start, lastStable }) => ({
      ...{ partition, low: start, high: lastStable },
    }))
  }

  async offsetsAt(topic: string, at: number): Promise<ReadonlyMap<number, number>> {
    return new Map(this.#of(topic).map((p) => [p.partition, p.offsetAt(at) ?? p.lastStable]))
  }

  async read(
    topic: string,
    partition: number,
    from: number,
    to: number,
    sieve?: Sieve,
  ): Promise<Slice> {
    const place = this.#of(topic)[partition]
    if (place === undefined)
      throw new QuipuError('NOT_FOUND', `${topic} has no partition ${partition}`)
    const [start, end] = [Math.max(from, place.start), Math.min(to, place.lastStable)]
    if (start >= end)
      return { records: [], looked: 0, next: Math.min(Math.max(from, place.start), to) }
    const found = place.read(start, end, BYTES_MAX)
    const records = found
      .filter(
        ({ transaction, context }) => !context.isControlBatch && transaction?.state !== 'aborted',
      )
      .map(({ offset, timestamp, key, value, headers, context }) => ({
        ...{ partition, offset, key, value },
        timestamp: Number(timestamp),
        headers: copyHeaders(headers),
        leaderEpoch: context.partitionLeaderEpoch,
      }))
    // Behind the last one read there may be places that hold nothing.
    const last = found[found.length - 1]
    const more = last === undefined ? [] : place.read(last.offset + 1, end, 1)
    const kept = sieve === undefined ? records : records.filter((record) => isKept(record, sieve))
    return { records: kept, looked: records.length, next: more[0]?.offset ?? end }
  }

  async close(): Promise<void> {}

  #of(topic: string): readonly Partition[] {
    if (this.#broker.log.has(topic)) return this.#broker.log.partitions(topic)
    throw new QuipuError('NOT_FOUND', `the topic ${topic} does not exist`)
  }
}

function isKept({ key, headers, timestamp }: Slice['records'][number], { header, keeps }: Sieve) {
  const values = header === null ? [key] : [headers[Buffer.from(header).toString()]].flat()
  return values.some((value) => {
    if (value === undefined || value === null) return false
    const bytes = Buffer.from(value)
    return keeps(bytes, 0, bytes.length, timestamp)
  })
}
