/** Where a member of a group stands in each of its partitions, between two rebalances. */
import type { OffsetsByTopicPartition, TopicPartition } from 'kafkajs'
import type { MemoryGroup } from './memory-group.ts'
import type { LogPartition, MemoryLog } from './memory-log.ts'

export class MemoryOffsets {
  readonly #log: MemoryLog
  readonly #group: MemoryGroup
  readonly #autoCommit: boolean
  readonly #fromBeginning: ReadonlyMap<string, boolean>
  /** Asked where the log begins or ends. */
  readonly #onListed: () => void
  /** By topic and partition: the offset to read next, once something was resolved. */
  readonly #next = new Map<string, Map<number, number>>()

  constructor(
    log: MemoryLog,
    group: MemoryGroup,
    autoCommit: boolean,
    fromBeginning: ReadonlyMap<string, boolean>,
    onListed: () => void,
  ) {
    this.#log = log
    this.#group = group
    this.#autoCommit = autoCommit
    this.#fromBeginning = fromBeginning
    this.#onListed = onListed
  }

  /** Where to read; out of the log's range it silently starts over, as kafkajs does. */
  next(place: LogPartition): number {
    const { topic, partition } = place
    const next =
      this.#next.get(topic)?.get(partition) ??
      this.#group.committed.get(topic)?.get(partition)?.offset ??
      this.#default(place)
    if (next >= place.start && next <= place.end) {
      this.#set(topic, partition, next)
      return next
    }
    this.#group.forget(topic, partition)
    const reset = this.#default(place)
    this.#set(topic, partition, reset)
    return reset
  }

  resolve({ topic, partition }: TopicPartition, offset: string): void {
    this.#set(topic, partition, Number(offset) + 1)
  }

  /** kafkajs commits a seek, unless it does not commit by itself: then it takes −1 and −2 for 0. */
  seek(topic: string, partition: number, offset: number): void {
    if (!this.#autoCommit) {
      this.#set(topic, partition, Math.max(0, offset))
      return
    }
    this.#next.get(topic)?.delete(partition)
    if (offset >= 0) this.#group.commit(topic, partition, offset)
    else {
      this.#group.forget(topic, partition)
      const place = this.#log.partition(topic, partition)
      this.#set(topic, partition, offset === -2 ? place.start : place.lastStable)
    }
  }

  uncommitted(): OffsetsByTopicPartition {
    const topics = [...this.#next].map(([topic, partitions]) => {
      const committed = this.#group.committed.get(topic)
      const changed = [...partitions].filter(([p, next]) => committed?.get(p)?.offset !== next)
      return {
        topic,
        partitions: changed.map(([partition, next]) => ({ partition, offset: String(next) })),
      }
    })
    return { topics: topics.filter(({ partitions }) => partitions.length > 0) }
  }

  #default(place: LogPartition): number {
    this.#onListed()
    return this.#fromBeginning.get(place.topic) === true ? place.start : place.lastStable
  }

  #set(topic: string, partition: number, next: number): void {
    const partitions = this.#next.get(topic) ?? new Map()
    this.#next.set(topic, partitions.set(partition, next))
  }
}
