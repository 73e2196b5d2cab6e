/** The id of a topic, as all leaders of its partitions tell it: kafkajs itself speaks no version that does. */
import type { Broker, Cluster } from 'kafkajs'
import { decodeTopicId, encodeTopicIdRequest, METADATA } from '../transport/kafka-topic-id.ts'

/** ms for one answer. */
const ANSWER_MS = 5_000

/** What kafkajs has of a broker, beyond its types. */
interface Asking {
  /** Which versions it knows, by the number of the request. */
  readonly versions?: Readonly<Record<number, { readonly maxVersion: number }>> | null
  readonly connectionPool?: {
    send(request: {
      readonly request: typeof METADATA & { encode(): Promise<{ buf: Buffer; buffer: Buffer }> }
      readonly response: {
        decode(payload: Buffer): Promise<string | null>
        parse(id: string | null): Promise<string | null>
      }
      readonly requestTimeout: number
      readonly logResponseError: boolean
    }): Promise<string | null>
  }
}

/**
 * Null: the client or a broker does not tell, or they do not agree, as while a topic is created anew.
 * @param cluster it is connected, and knows the topic
 */
export async function topicIdOf(cluster: Cluster, topic: string): Promise<string | null> {
  const leaders = new Set(cluster.findTopicPartitionMetadata(topic).map(({ leader }) => leader))
  const told = new Set<string | null>()
  for (const leader of leaders) {
    const broker: Broker & Asking = await cluster.findBroker({ nodeId: String(leader) })
    told.add(await idFrom(broker, topic))
  }
  const [id = null, ...others] = told
  return others.length > 0 ? null : id
}

async function idFrom({ versions, connectionPool }: Asking, topic: string): Promise<string | null> {
  // An older broker would hang up.
  const max = versions?.[METADATA.apiKey]?.maxVersion ?? 0
  if (connectionPool === undefined || max < METADATA.apiVersion) return null
  const bytes = encodeTopicIdRequest(topic)
  return connectionPool.send({
    request: { ...METADATA, encode: async () => ({ buf: bytes, buffer: bytes }) },
    response: {
      decode: async (payload) => decodeTopicId(payload, topic),
      parse: async (id) => id,
    },
    requestTimeout: ANSWER_MS,
    logResponseError: false,
  })
}
