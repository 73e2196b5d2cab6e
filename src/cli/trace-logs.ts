/** The logs and the commits of the clusters of a pipeline file, or of `--brokers`, each opened when needed. */
import type { Admin, Kafka } from 'kafkajs'
import { QuipuError } from '../base/errors.ts'
import type { Cluster } from '../config/config.ts'
import { type OwnSockets, ownSockets } from '../transport/kafka/own-sockets.ts'
import type { LogReader } from '../transport/log.ts'
import { connectionOf } from './connection.ts'

/** What is asked of one cluster. */
export interface Looker {
  readonly log: LogReader
  /** By partition; null: nothing is committed. @throws what the client says */
  commits(group: string, topic: string): Promise<ReadonlyMap<number, number | null>>
  close(): Promise<void>
}

/** ms for the commits of one group. */
const COMMITS_MS = 5_000

/** @throws QuipuError MISSING_PART: kafkajs is not installed */
export async function lookersOf(
  clusters: Readonly<Record<string, Cluster>>,
): Promise<ReadonlyMap<string, Looker>> {
  const { Kafka, logLevel } = await import('kafkajs').catch((cause: unknown) => {
    throw new QuipuError('MISSING_PART', 'kafkajs is not installed', {
      hint: 'run: npm install kafkajs',
      cause,
    })
  })
  const { kafkaLogReader } = await import('../transport/kafka-log.ts')
  const out = new Map<string, Looker>()
  for (const [name, cluster] of Object.entries(clusters)) {
    const sockets = ownSockets()
    const kafka = new Kafka({
      ...{ clientId: 'quipu-trace', logLevel: logLevel.NOTHING, retry: { retries: 1 } },
      ...connectionOf(cluster),
      socketFactory: sockets.socketFactory,
    })
    const { brokers } = cluster
    out.set(name, lookerOf(kafka, kafkaLogReader({ kafka, brokers }), sockets))
  }
  return out
}

function lookerOf(kafka: Kafka, log: LogReader, sockets: OwnSockets): Looker {
  const admin = kafka.admin()
  let connected: Promise<void> | null = null
  return {
    log,
    commits: async (group, topic) => {
      connected ??= admin.connect()
      const [found] = await within(COMMITS_MS, ask(connected, admin, group, topic))
      return new Map(
        found?.partitions.map(({ partition, offset }) => [
          partition,
          Number(offset) < 0 ? null : Number(offset),
        ]),
      )
    },
    close: async () => {
      const closed = Promise.allSettled([log.close(), connected?.then(() => admin.disconnect())])
      await within(COMMITS_MS, closed).catch(() => [])
      sockets.destroy()
    },
  }
}

async function ask(connected: Promise<void>, admin: Admin, groupId: string, topic: string) {
  await connected
  return admin.fetchOffsets({ groupId, topics: [topic] })
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
