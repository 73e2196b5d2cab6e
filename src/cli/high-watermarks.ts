/**
 * Where logs end, open transactions included, and which logs they are. kafkajs's admin tells committed ends
 * only, which an open transaction holds back: that a log ends below what was acknowledged can be seen only
 * here.
 */
import type { Cluster, Consumer, Kafka } from 'kafkajs'
import type { LogEnds } from '../reconcile/evidence.ts'
import { idleConsumer } from '../transport/kafka/idle-consumer.ts'
import { topicIdOf } from './topic-ids.ts'

export class HighWatermarks {
  readonly #consumer: Consumer
  readonly #cluster: Cluster | null
  #connected: Promise<void> | null = null

  constructor(kafka: Kafka) {
    const { consumer, cluster } = idleConsumer(kafka, 'quipu-auditor', { readUncommitted: true })
    this.#consumer = consumer
    this.#cluster = cluster
  }

  /** Per partition one past the last record; null where the client does not tell. */
  async of(topic: string): Promise<LogEnds | null> {
    const cluster = await this.#ready(topic)
    if (cluster === null) return null
    const partitions = cluster
      .findTopicPartitionMetadata(topic)
      .map(({ partitionId }) => ({ partition: partitionId }))
    const found = await cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning: false }])
    const ends = found.flatMap((f) => f.partitions)
    return new Map(ends.map(({ partition, offset }) => [partition, Number(offset)]))
  }

  /** Its id, 32 hex digits; null where client or brokers do not tell. */
  async idOf(topic: string): Promise<string | null> {
    const cluster = await this.#ready(topic)
    return cluster === null ? null : topicIdOf(cluster, topic)
  }

  async #ready(topic: string): Promise<Cluster | null> {
    const cluster = this.#cluster
    if (cluster === null) return null
    this.#connected ??= cluster.connect().catch((error: unknown) => {
      this.#connected = null
      throw error
    })
    await this.#connected
    await cluster.addTargetTopic(topic)
    // Leaders move; what is known of them may be old.
    await cluster.refreshMetadataIfNecessary()
    return cluster
  }

  async close(): Promise<void> {
    await this.#consumer.disconnect()
  }
}
