/**
 * Whether a topic may be read: a fetch at its end, which waits for nothing and joins no group.
 */
import type { Cluster, Consumer, Kafka } from 'kafkajs'
import { idleConsumer } from '../../transport/kafka/idle-consumer.ts'

export class TopicReads {
  readonly #consumer: Consumer
  readonly #cluster: Cluster | null

  constructor(kafka: Kafka) {
    const { consumer, cluster } = idleConsumer(kafka, 'quipu-doctor', { retry: { retries: 1 } })
    this.#consumer = consumer
    this.#cluster = cluster
  }

  /** How many it has, all of which may be read. @throws what the broker says against it */
  async partitionsOf(topic: string): Promise<number> {
    const cluster = this.#cluster
    if (cluster === null) throw new Error('this version of kafkajs does not tell')
    if (!cluster.isConnected()) await cluster.connect()
    await cluster.addTargetTopic(topic)
    const partitions = cluster.findTopicPartitionMetadata(topic).map((p) => p.partitionId)
    const ends = await cluster.fetchTopicsOffset([
      { topic, partitions: partitions.map((partition) => ({ partition })), fromBeginning: false },
    ])
    const offsets = ends.flatMap((end) => end.partitions)
    for (const [nodeId, led] of Object.entries(
      cluster.findLeaderForPartitions(topic, partitions),
    )) {
      const broker = await cluster.findBroker({ nodeId })
      await broker.fetch({
        ...{ isolationLevel: 1, maxWaitTime: 1, minBytes: 1, maxBytes: 1 },
        topics: [
          {
            topic,
            partitions: offsets
              .filter(({ partition }) => led.includes(partition))
              .map(({ partition, offset }) => ({ partition, fetchOffset: offset, maxBytes: 1 })),
          },
        ],
      })
    }
    return partitions.length
  }

  async close(): Promise<void> {
    await this.#cluster?.disconnect()
    await this.#consumer.disconnect()
  }
}
