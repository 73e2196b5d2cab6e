/** Waits until a cluster answers as a whole, not merely until its ports are open. */

import { setTimeout as sleep } from 'node:timers/promises'
import { QuipuError } from '../base/errors.ts'

export interface Wanted {
  readonly brokers: readonly string[]
  /** Node ids the cluster must list as alive. Empty: any cluster that answers will do. */
  readonly nodes: readonly number[]
  /** Also wait for the coordinator of consumer groups, which is made at its first use. */
  readonly groups?: boolean
  /** True when waiting has become pointless: the process is gone. */
  readonly abandoned?: () => boolean
  readonly timeoutMs?: number
}

const pollMs = 50

export async function untilReady({
  brokers,
  nodes,
  groups = false,
  abandoned = () => false,
  timeoutMs = 60_000,
}: Wanted): Promise<void> {
  const { Kafka, logLevel } = await loadKafkajs()
  const deadline = Date.now() + timeoutMs
  let last: unknown
  while (!abandoned()) {
    // A new client each time: an old one may hold on to what it learnt of a half-started cluster.
    const admin = new Kafka({
      clientId: 'quipu-testbed',
      brokers: [...brokers],
      logLevel: logLevel.NOTHING,
      connectionTimeout: 1_000,
      requestTimeout: 3_000,
      retry: { retries: 0 },
    }).admin()
    try {
      await admin.connect()
      const cluster = await admin.describeCluster()
      await admin.listTopics()
      const alive = new Set(cluster.brokers.map((broker) => broker.nodeId))
      if (nodes.every((node) => alive.has(node))) {
        if (groups) await admin.fetchOffsets({ groupId: 'quipu-testbed', topics: [] })
        return
      }
      last = new Error(`the cluster lists brokers ${[...alive].join(', ')} only`)
    } catch (error) {
      last = error
    } finally {
      await admin.disconnect().catch(() => {})
    }
    if (Date.now() > deadline) {
      throw new QuipuError('CONNECTION', `No ready Kafka at ${brokers.join(',')}`, { cause: last })
    }
    await sleep(pollMs)
  }
  throw new QuipuError('CONNECTION', `The broker at ${brokers.join(',')} stopped while starting`)
}

/** kafkajs is an optional peer of the package. */
async function loadKafkajs(): Promise<typeof import('kafkajs')> {
  try {
    const module = await import('kafkajs')
    return module.default ?? module
  } catch (cause) {
    throw new QuipuError('MISSING_PART', 'Expected the package kafkajs', {
      hint: 'Run `npm install kafkajs`.',
      cause,
    })
  }
}
