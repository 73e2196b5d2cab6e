/** What stands at some places of the logs that an auditor watches; opens a reader once one is asked for. */
import type { Kafka } from 'kafkajs'
import { messageOf } from '../base/errors.ts'
import type { ReadPlaces } from '../collect/cut-offs.ts'
import { placesNow } from '../collect/places-now.ts'
import { hopKey } from '../hop/hop.ts'
import type { LogReader } from '../transport/log.ts'

export class PlacesInLogs {
  readonly #kafkas: ReadonlyMap<string, Kafka>
  readonly #onTrouble: (text: string) => void
  /** Per topic, what was told last: the same trouble is told once. */
  readonly #told = new Map<string, string>()
  readonly #readers = new Map<string, LogReader>()

  constructor(kafkas: ReadonlyMap<string, Kafka>, onTrouble: (text: string) => void) {
    this.#kafkas = kafkas
    this.#onTrouble = onTrouble
  }

  /** Null: not all of them can be seen, or nobody knows how. */
  readonly at: ReadPlaces = async (topic, where, carried) => {
    const name = hopKey(topic)
    try {
      const reader = await this.#reader(topic.cluster)
      const places = reader === null ? null : await placesNow(reader, topic, where, carried)
      this.#told.delete(name)
      return places
    } catch (error) {
      const trouble = `what stands in ${topic.topic}: not known now: ${messageOf(error)}`
      if (this.#told.get(name) !== trouble) this.#onTrouble(trouble)
      this.#told.set(name, trouble)
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
