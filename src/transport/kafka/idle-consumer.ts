/**
 * A consumer that never joins its group, for what only its cluster can be asked: kafkajs hands that to the
 * assigners when the consumer is made. A join would take 3 s and more.
 */
import { randomBytes } from 'node:crypto'
import type { Cluster, Consumer, ConsumerConfig, Kafka } from 'kafkajs'

export interface IdleConsumer {
  readonly consumer: Consumer
  /** Null: this version of the client does not hand it out. */
  readonly cluster: Cluster | null
}

/** @param name what its group begins with; nobody ever sees it */
export function idleConsumer(
  kafka: Kafka,
  name: string,
  config: Pick<ConsumerConfig, 'readUncommitted' | 'retry'>,
): IdleConsumer {
  let own: Cluster | null = null
  const consumer = kafka.consumer({
    ...config,
    groupId: `${name}-${randomBytes(8).toString('hex')}`,
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        own = cluster
        return { name: 'none', version: 0, assign: async () => [], protocol: () => NOBODY }
      },
    ],
  })
  return { consumer, cluster: own }
}

const NOBODY = { name: 'none', metadata: Buffer.alloc(0) }
