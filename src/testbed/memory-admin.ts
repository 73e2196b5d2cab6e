/** The admin client of the in-memory Kafka: what the project and its users ask of one. */
import type {
  Admin,
  ITopicConfig,
  ITopicPartitionConfig,
  ResourceConfigQuery,
  SeekEntry,
} from 'kafkajs'
import type { MemoryBroker } from './memory-broker.ts'
import { describeGroup } from './memory-consumer.ts'
import { MemoryEmitter } from './memory-emitter.ts'
import { misuse } from './memory-errors.ts'
import { silentLogger } from './memory-logger.ts'
import { metadataOf } from './memory-producer.ts'

const events = {
  CONNECT: 'admin.connect',
  DISCONNECT: 'admin.disconnect',
  REQUEST: 'admin.network.request',
  REQUEST_TIMEOUT: 'admin.network.request_timeout',
  REQUEST_QUEUE_SIZE: 'admin.network.request_queue_size',
} as const

export function memoryAdmin(broker: MemoryBroker): Admin {
  const { log } = broker
  const emitter = new MemoryEmitter('admin', events, broker.clock)
  const metadata = (topic: string) => ({
    name: topic,
    partitions: log.partitions(topic).map(metadataOf),
  })
  const client = {
    connect: async () => emitter.emit(events.CONNECT),
    disconnect: async () => emitter.emit(events.DISCONNECT),
    events,
    on: emitter.on.bind(emitter),
    logger: silentLogger,

    listTopics: async () => [...log.topics],
    createTopics: async ({ topics }: { topics: ITopicConfig[] }) => {
      const fresh = topics.filter(({ topic }) => !log.has(topic))
      for (const { topic, numPartitions = 1 } of fresh) {
        log.grow(topic, Math.max(numPartitions, 1))
      }
      return fresh.length > 0
    },
    deleteTopics: async ({ topics }: { topics: string[] }) => {
      for (const topic of topics) log.delete(topic)
    },
    createPartitions: async ({ topicPartitions }: { topicPartitions: ITopicPartitionConfig[] }) => {
      for (const { topic, count } of topicPartitions) {
        if (count <= log.partitions(topic).length) throw misuse('Number of partitions is invalid')
        log.grow(topic, count)
      }
      return true
    },
    deleteTopicRecords: async ({ topic, partitions }: TopicSeeks) => {
      for (const { partition, offset } of partitions) {
        const place = log.partition(topic, partition)
        place.deleteBefore(offset === '-1' ? place.end : Number(offset))
      }
      log.changed()
    },

    fetchTopicMetadata: async ({ topics = [] }: { topics?: string[] } = {}) => ({
      topics: (topics.length > 0 ? topics : log.topics).map(metadata),
    }),
    fetchTopicOffsets: async (topic: string) =>
      log.partitions(topic).map(({ partition, start, lastStable }) => ({
        partition,
        // kafkajs lists read-committed ends: an open transaction holds them back.
        offset: String(lastStable),
        high: String(lastStable),
        low: String(start),
      })),
    fetchTopicOffsetsByTimestamp: async (topic: string, timestamp?: number) =>
      log.partitions(topic).map((place) => ({
        partition: place.partition,
        offset: String(
          (timestamp === undefined ? undefined : place.offsetAt(timestamp)) ?? place.lastStable,
        ),
      })),
    describeCluster: async () => ({
      brokers: [{ nodeId: 1, host: 'memory', port: 9092 }],
      controller: 1,
      clusterId: 'memory',
    }),

    fetchOffsets: async ({ groupId, topics }: { groupId: string; topics?: string[] }) => {
      const { committed } = broker.group(groupId)
      return (topics ?? [...committed.keys()]).map((topic) => ({
        topic,
        partitions: log.partitions(topic).map(({ partition }) => ({
          partition,
          offset: String(committed.get(topic)?.get(partition)?.offset ?? -1),
          metadata: committed.get(topic)?.get(partition)?.metadata ?? null,
        })),
      }))
    },
    setOffsets: async ({ groupId, topic, partitions }: { groupId: string } & TopicSeeks) => {
      const group = broker.group(groupId)
      checkEmpty(group.members)
      for (const { partition, offset } of partitions) group.commit(topic, partition, Number(offset))
    },
    resetOffsets: async ({
      groupId,
      topic,
      earliest,
    }: {
      groupId: string
      topic: string
      earliest: boolean
    }) => {
      const group = broker.group(groupId)
      checkEmpty(group.members)
      for (const { partition, start, lastStable } of log.partitions(topic)) {
        group.commit(topic, partition, earliest ? start : lastStable)
      }
    },
    // Nothing is ever compacted here.
    describeConfigs: async ({ resources }: { resources: readonly ResourceConfigQuery[] }) => ({
      resources: resources.map(({ type, name }) => ({
        ...{ errorCode: 0, errorMessage: '', resourceType: type, resourceName: name },
        configEntries: [{ configName: 'cleanup.policy', configValue: 'delete' }],
      })),
      throttleTime: 0,
    }),
    listGroups: async () => ({
      groups: [...broker.groups.keys()].map((groupId) => ({ groupId, protocolType: 'consumer' })),
    }),
    describeGroups: async (ids: string[]) => ({
      groups: ids.map((id) => describeGroup(broker.group(id))),
    }),
    deleteGroups: async (ids: string[]) =>
      ids.map((groupId) => {
        broker.groups.delete(groupId)
        return { groupId, errorCode: 0 }
      }),
  }
  return client as unknown as Admin
}

interface TopicSeeks {
  readonly topic: string
  readonly partitions: readonly SeekEntry[]
}

function checkEmpty(members: readonly string[]): void {
  if (members.length > 0) {
    throw misuse('The consumer group must have no running instances, current state: Stable')
  }
}
