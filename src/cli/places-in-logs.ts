/** What stands at some places of the logs that an auditor watches; opens a reader once one is asked for. */
import type { Kafka } from 'kafkajs'
import { messageOf } from '../base/errors.ts'
import type { Intervals } from '../base/intervals.ts'
import { type PlacesNow, placesNow } from '../collect/places-now.ts'
import type { HopRef } from '../hop/hop.ts'
import type { Pipeline } from '../hop/pipeline.ts'
import type { LogReader } from '../transport/log.ts'
import { readingOf } from './explain-sample.ts'

export class PlacesInLogs {
  readonly #kafkas: ReadonlyMap<string, Kafka>
  readonly #pipelines: readonly Pipeline[]
  readonly #onTrouble: (text: string) => void
  readonly #readers = new Map<string, LogReader>()

  constructor(
    kafkas: ReadonlyMap<string, Kafka>,
    pipelines: readonly Pipeline[],
    onTrouble: (text: string) => void,
  ) {
    this.#kafkas = kafkas
    this.#pipelines = pipelines
    this.#onTrouble = onTrouble
  }

  /** Null: not all of them can be seen, or nobody knows how. */
  async at(topic: HopRef, where: ReadonlyMap<number, Intervals>): Promise<PlacesNow | null> {
    const pipeline = this.#pipelines.find(({ hops }) =>
      hops.some(
        ({ hop }) =>
          hop.role === 'topic' && hop.cluster === topic.cluster && hop.topic === topic.topic,
      ),
    )
    const reader = await this.#reader(topic.cluster)
    if (pipeline === undefined || reader === null) return null
    try {
      return await placesNow(reader, topic, where, readingOf(pipeline, topic))
    } catch (error) {
      this.#onTrouble(`what stands in ${topic.topic}: not known now: ${messageOf(error)}`)
      return null
    }
  }

  async close(): Promise<void> {
    for (const reader of this.#readers.values()) await reader.close()
    this.#readers.clear()
  }

  async #reader(cluster: string): Promise<LogReader | null> {
    const known = this.#readers.get(cluster)
    const kafka = this.#kafkas.get(cluster)
    if (known !== undefined || kafka === undefined) return known ?? null
    const { kafkaLogReader } = await import('../transport/kafka-log.ts')
    const reader = kafkaLogReader({ kafka })
    this.#readers.set(cluster, reader)
    return reader
  }
}
