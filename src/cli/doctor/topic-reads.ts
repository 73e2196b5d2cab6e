/**
 * Whether a topic may be read: a fetch at its end, which waits for nothing and joins no group.
 *
 * A consumer that never runs: kafkajs hands its cluster to the assigners when the consumer is made.
 */
import { randomBytes } from 'node:crypto'
import type { Cluster, Consumer, Kafka } from 'kafkajs'

export class TopicReads {
  readonly #consumer: Consumer
  #cluster: Cluster | null = null

  constructor(kafka: Kafka) {
    this.#consumer = kafka.consumer({
      groupId: `quipu-doctor-${randomBytes(8).toString('hex')}`,
      allowAutoTopicCreation: false,
      retry: { retries: 1 },
      partitionAssigners: [
        ({ cluster }) => {
          this.#cluster = cluster
          return { name: 'none', version: 0, assign: async () => [], protocol: () => NOBODY }
        },
      ],
    })
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

const NOBODY = { name: 'none', metadata: Buffer.alloc(0) }
