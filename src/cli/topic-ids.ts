/** The id of a topic, as all leaders of its partitions tell it: kafkajs itself speaks no version that does. */
import type { Broker, Cluster } from 'kafkajs'
import { askBroker, connectionsOf } from '../transport/kafka/ask-broker.ts'
import { decodeTopicId, encodeTopicIdRequest, METADATA } from '../transport/kafka-topic-id.ts'

/** ms for one answer. */
const ANSWER_MS = 5_000

/** Which versions a broker knows, by the number of the request: kafkajs has them beyond its types. */
interface Versioned {
  readonly versions?: Readonly<Record<number, { readonly maxVersion: number }>> | null
}

/**
 * Null: the client or a broker does not tell, or they do not agree, as while a topic is created anew.
 * @param cluster it is connected, and knows the topic
 */
export async function topicIdOf(cluster: Cluster, topic: string): Promise<string | null> {
  const leaders = new Set(cluster.findTopicPartitionMetadata(topic).map(({ leader }) => leader))
  const told = new Set<string | null>()
  for (const leader of leaders) {
    told.add(await idFrom(await cluster.findBroker({ nodeId: String(leader) }), topic))
  }
  const [id = null, ...others] = told
  return others.length > 0 ? null : id
}

async function idFrom(broker: Broker & Versioned, topic: string): Promise<string | null> {
  const connections = connectionsOf(broker)
  // An older broker would hang up.
  const max = broker.versions?.[METADATA.apiKey]?.maxVersion ?? 0
  if (connections === null || max < METADATA.apiVersion) return null
  const decode = (payload: Buffer): string | null => decodeTopicId(payload, topic)
  return askBroker(connections, METADATA, encodeTopicIdRequest(topic), decode, ANSWER_MS)
}
