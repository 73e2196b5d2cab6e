/** The clusters of a command that may write, and plain producers into them: nothing of them is audited. */
import type { Producer } from 'kafkajs'
import { QuipuError } from '../base/errors.ts'
import type { Cluster } from '../config/config.ts'
import { findConfig } from '../config/find.ts'
import { loadConfig } from '../config/load.ts'
import { connectionOf } from './connection.ts'
import type { ClusterFlags } from './explain-clusters.ts'

/** @throws QuipuError CONFIG: a file that was named has mistakes */
export async function clustersOf({
  config,
  brokers,
}: ClusterFlags): Promise<Readonly<Record<string, Cluster>>> {
  const found = findConfig(config, process.env, process.cwd())
  const declared = found === null ? null : loadConfig(found, process.env, process.cwd()).kafka
  const clusters = declared?.clusters ?? {}
  if (brokers === undefined) return clusters
  const [first = 'default'] = Object.keys(clusters)
  return { [first]: { ...(clusters[first] ?? { ssl: false, sasl: null }), brokers } }
}

export interface Producers {
  /** Connected. @throws QuipuError CONFIG: no brokers are named for it */
  readonly producerOf: (cluster: string) => Promise<Producer>
  close(): Promise<void>
}

export async function producersOf(flags: ClusterFlags): Promise<Producers> {
  const clusters = await clustersOf(flags)
  const producers = new Map<string, Producer>()
  return {
    producerOf: async (name) => {
      const known = producers.get(name)
      if (known !== undefined) return known
      const cluster = clusters[name]
      if (cluster === undefined)
        throw new QuipuError('CONFIG', `no brokers are named for cluster ${name}`, {
          hint: 'use --brokers HOST:PORT, or --config FILE',
        })
      const { Kafka, logLevel } = await import('kafkajs')
      const kafka = new Kafka({
        ...{ clientId: 'quipu-replay', logLevel: logLevel.NOTHING },
        ...connectionOf(cluster),
      })
      // One at a time, and numbered: a retry of the client makes no second one.
      const producer = kafka.producer({ idempotent: true, allowAutoTopicCreation: false })
      await producer.connect()
      producers.set(name, producer)
      return producer
    },
    close: async () => {
      await Promise.all([...producers.values()].map((p) => p.disconnect().catch(() => undefined)))
    },
  }
}
